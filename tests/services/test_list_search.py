"""What a list of a search says of itself: whether it is whole, how many there are, what nobody waits for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cur_tui.domain.vocabulary import State
from cur_tui.services.lists.lists import Lists
from storage.entries import Count
from storage.search import search_view
from storage.search.search_state import SEARCH_RULES
from tests.factories import make_appeal, put
from tests.interface.office import Office

PITS = 9


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office.open(tmp_path)
    archive = [make_appeal(state=State.RESOLVED, text=f"гололедица {n}") for n in range(PITS)]
    made.cache.writer.apply_page([put(appeal) for appeal in archive], "c")
    while made.cache.writer.index_archive(100):
        pass
    yield made
    made.cache.close()


@pytest.fixture
def lists(office: Office) -> Lists:
    return office.desk().lists


@pytest.mark.parametrize("order", ["relevance", "number"])
def test_a_list_that_was_cut_is_not_called_whole(
    lists: Lists, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    query = lists.parse(f"гололедица closed sort:{order}")
    for bound, is_whole in ((PITS - 2, False), (PITS + 1, True)):
        monkeypatch.setattr(search_view, "RANKED", bound)
        monkeypatch.setattr(search_view, "SORTED", bound)
        window, counted = lists.glimpse(query, patient=True), lists.count(query)
        assert window is not None
        assert counted is not None
        assert (window.count, counted.number) == (min(bound, PITS), PITS)
        assert window.whole is is_whole


def test_counting_ends_when_nobody_waits_for_it(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.read_connections._STEPS_BETWEEN_LOOKS", 1)
    query = lists.parse("гололедица closed answered")
    assert lists.count(query, stop=lambda: True) is None
    assert lists.count(query, stop=lambda: False) is not None


def test_a_page_behind_a_number_that_the_search_does_not_find_is_empty(office: Office, lists: Lists) -> None:
    other = make_appeal(state=State.RESOLVED, text="о другом", number="INC-20260101-0999")
    office.cache.writer.apply_page([put(other)], "d")
    query = lists.parse("гололедица closed sort:relevance")
    assert lists.page(query, 5, after="INC-20260101-0999") == ([], False)


def test_a_search_is_asked_of_the_rows_while_its_index_is_made_anew(office: Office, lists: Lists) -> None:
    query = lists.parse("гололедица closed block:none")
    assert lists.count(query) == Count(0)
    connection = office.cache.writer._connection
    connection.execute("DELETE FROM sync_state WHERE k=?", (SEARCH_RULES,))
    connection.execute("UPDATE appeal SET block=NULL WHERE is_open=0")
    assert lists.count(query) == Count(PITS)
