"""A list is read anew when its members or their order can have changed, and never on a whim."""

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cur_tui.domain.model import Appeal
from cur_tui.domain.query.query import Query
from cur_tui.domain.vocabulary import State
from cur_tui.services.desk import Desk
from cur_tui.services.lists.pace import LEAST, SHARE, Pace
from cur_tui.services.lists.window import NEIGHBOURS, STRETCH, Window
from tests.interface.office import COLLEAGUE, Office, act


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office.open(tmp_path)
    yield made
    made.cache.close()


@pytest.fixture
def desk(office: Office) -> Desk:
    return office.desk()


Change = Callable[[Appeal], Appeal]


def reword(appeal: Appeal) -> Appeal:
    return act(appeal, "classify", COLLEAGUE, essence="Другая суть")


def close(appeal: Appeal) -> Appeal:
    return act(appeal, "forward", COLLEAGUE, to="ЖКХ", reason="не наше", notice="Передано")


def press(appeal: Appeal) -> Appeal:
    return act(appeal, "classify", COLLEAGUE, priority="emergency")


def changed(office: Office, desk: Desk, line: str, change: Change) -> tuple[Query, Window, int]:
    """The list of ``line``, after an appeal in it was changed on the server, and the key of that."""
    query = desk.lists.parse(line)
    window = desk.lists.open(query)
    assert window is not None
    rows = (window.row(index) for index in range(window.count // 2, window.count))
    row = next(row for row in rows if row is not None and row.row.state == State.DISTRIBUTION)
    appeal = office.cache.reader.appeal(row.row.id)
    assert appeal is not None
    office.server_says(change(appeal))
    return query, window, row.pk


def test_a_change_that_moves_nothing_leaves_the_list(office: Office, desk: Desk) -> None:
    query, window, pk = changed(office, desk, "open", reword)
    assert not desk.lists.stirred(query, window, frozenset({pk}))


def test_whoever_leaves_stirs_the_list(office: Office, desk: Desk) -> None:
    query, window, pk = changed(office, desk, "open", close)
    assert desk.lists.stirred(query, window, frozenset({pk}))


def test_whoever_comes_stirs_the_list(office: Office, desk: Desk) -> None:
    query = desk.lists.parse("closed")
    empty = desk.lists.open(query)
    assert empty is not None
    assert empty.count == 0
    _, _, pk = changed(office, desk, "open", close)
    assert desk.lists.stirred(query, empty, frozenset({pk}))
    assert not desk.lists.stirred(desk.lists.parse("mine"), empty, frozenset({pk}))


def test_whoever_moves_within_stirs_the_list(office: Office, desk: Desk) -> None:
    query, window, pk = changed(office, desk, "open sort:priority", press)
    assert desk.lists.stirred(query, window, frozenset({pk}))


def test_many_changes_are_not_looked_up_one_by_one(office: Office, desk: Desk) -> None:
    query = desk.lists.parse("open")
    window = desk.lists.open(query)
    assert window is not None
    assert desk.lists.stirred(query, window, frozenset(range(10_000, 10_100)))


def test_a_reading_that_nobody_waits_for_ends(desk: Desk) -> None:
    assert desk.lists.open(desk.lists.parse("open"), stop=lambda: True) is None


def test_keys_are_found_wherever_they_stand() -> None:
    keys = array("q", range(3 * STRETCH, 0, -1))
    window = Window(keys, lambda pks: [])
    for index in (0, NEIGHBOURS, STRETCH - 1, STRETCH, 3 * STRETCH - 1):
        assert window.index_of(keys[index]) == index
        assert window.index_of(keys[index], index + 5) == index
        assert window.index_of(keys[index], 2 * STRETCH) == index
    assert window.index_of(3 * STRETCH + 1, 7) is None
    assert window.indexes_of({1, STRETCH, 9 * STRETCH}) == {1: 3 * STRETCH - 1, STRETCH: 2 * STRETCH}


def test_the_longer_a_reading_takes_the_later_is_the_next() -> None:
    pace = Pace()
    assert pace.wait(100.0) == LEAST
    pace.begin(100.0)
    pace.end(102.0)
    assert pace.wait(102.0) == 2.0 * SHARE
    assert pace.wait(102.0 + 2.0 * SHARE) == LEAST
