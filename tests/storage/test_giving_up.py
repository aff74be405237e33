"""Reads that take too long are given up, and a list read in pieces is a list of one moment."""

from array import array
from itertools import count

import msgspec
import pytest
from msgspec.structs import replace

from cur_tui.contract.wire import Gone, Put
from cur_tui.domain.query.parse import parse_query
from cur_tui.domain.query.words import default_vocabulary
from storage.cache import Cache
from storage.errors import ReadStopped, TooLong
from storage.lists import list_reader
from storage.lists.filters import CompiledView, compile_view
from tests.lazily import Lazily
from tests.storage.test_filters import ME_ACCOUNT, NOW, make_rows

ROWS = Lazily(lambda: (row for row, *_ in make_rows(11, 600)))
NONE_AT_ALL = 0.0


@pytest.fixture
def lists(cache: Cache) -> Cache:
    cache.writer.apply_page([Put(1, row, msgspec.Raw(b'{"text":"x"}')) for row in ROWS], "c")
    return cache


def view(text: str) -> CompiledView:
    return compile_view(parse_query(text, default_vocabulary()), now=NOW, me=ME_ACCOUNT)


def test_patience_ends_a_read_and_the_next_one_is_whole(
    lists: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.read_connections._STEPS_BETWEEN_LOOKS", 2_000)
    far_apart = view("open kind:complaint municipality:zeya tone:negative -overdue sort:number")
    with pytest.raises(TooLong):
        lists.reader.first_rows(far_apart, 50, patience=NONE_AT_ALL)
    assert len(lists.reader.first_rows(far_apart, 50)) > 0
    assert len(lists.reader.first_rows(far_apart, 50, patience=3_600.0)) > 0
    assert len(lists.reader.first_rows(view("open"), 5, patience=NONE_AT_ALL)) == 5
    with pytest.raises(TooLong):
        lists.reader.rows_after(
            view("open"), int(lists.reader.ids(view("open"))[0]), 600, patience=NONE_AT_ALL
        )


def test_what_is_no_longer_wanted_ends(lists: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_reader, "KEYS_AT_ONCE", 10)
    seen: list[int] = []
    calls = count()
    with pytest.raises(ReadStopped):
        lists.reader.ids(view(""), stop=lambda: next(calls) >= 3, grown=lambda keys: seen.append(len(keys)))
    assert seen == [10, 20, 30]
    assert len(lists.reader.ids(view(""))) == len(ROWS)


def test_a_statement_in_its_middle_ends_too(lists: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.read_connections._STEPS_BETWEEN_LOOKS", 500)
    calls = count()
    with pytest.raises(ReadStopped):
        # The first look is the caller's own, between two pieces.
        lists.reader.ids(view("open kind:complaint -overdue sort:number"), stop=lambda: next(calls) > 0)
    with pytest.raises(ReadStopped):
        lists.reader.count(view("open kind:complaint -overdue"), stop=lambda: True)


def test_the_pieces_of_a_list_are_of_one_moment(lists: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_reader, "KEYS_AT_ONCE", 50)
    before = lists.reader.ids(view("sort:registered"))

    def wipe(keys: "array[int]") -> None:
        if len(keys) == 50:
            lists.writer.apply_page([Gone(1, row.id, 9) for row in ROWS[::2]], "d")

    assert lists.reader.ids(view("sort:registered"), grown=wipe) == before
    assert len(lists.reader.ids(view("sort:registered"))) == len(ROWS) // 2


@pytest.mark.parametrize(
    "text",
    [
        "closed regime:fz59 sort:-number",
        "state:rejected sort:number",
        "block:roads sort:-number",
        "open kind:complaint",
        "open tone:negative sort:-due",
        "topic:roads.pit",
    ],
)
def test_few_rows_are_sorted_and_many_walked_with_one_result(lists: Cache, text: str) -> None:
    either = view(text)
    few = [leg.when_few for leg in either.legs if leg.when_few is not None]
    assert all(lists.reader.count(CompiledView((), way.counting)).number <= way.at_most for way in few)
    walked = CompiledView(tuple(replace(leg, when_few=None) for leg in either.legs), either.counting)
    assert lists.reader.ids(either) == lists.reader.ids(walked)
    assert lists.reader.first_rows(either, 9) == lists.reader.first_rows(walked, 9)
    first = int(lists.reader.ids(either)[0])
    assert lists.reader.rows_after(either, first, 9) == lists.reader.rows_after(walked, first, 9)
    assert len(few) > 0


def test_what_nothing_can_meet_is_neither_read_nor_counted(lists: Cache) -> None:
    nobody = compile_view(parse_query("mine", default_vocabulary()), now=NOW, me=None)
    assert (nobody.legs, lists.reader.count(nobody).number) == ((), 0)
    assert list(lists.reader.ids(nobody)) == lists.reader.first_rows(nobody, 5) == []
    assert lists.reader.rows_after(nobody, 1, 5) == []
