"""Lists longer than what is read for the first paint: read beside the screen, kept true, moved in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from cur_tui.app import Workstation
from cur_tui.domain.query.query import Query
from cur_tui.services.exchange.exchange import Exchange
from cur_tui.services.lists import lists
from cur_tui.services.lists.window import GLIMPSE, Window
from screens import queue_actions
from screens.appeal import AppealScreen
from storage.entries import Count
from tests.interface.office import COLLEAGUE, NOW, Office, act
from tests.interface.test_queues import settled, toasts, until
from widgets.filter_line import FilterInput
from widgets.preview import Preview
from widgets.queue_table import QueueTable

COUNT = 3 * GLIMPSE
ALL_OPEN = "9"
Make = Callable[[], Workstation]


@pytest.fixture(scope="module")
def long_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose list of open appeals is three times as long as a first look at it."""
    made = Office.open(Path(tmp_path_factory.mktemp("long")), COUNT)
    yield made
    made.cache.close()


@pytest.fixture
def station(long_office: Office) -> Make:
    return lambda: Workstation(long_office.desk(), Exchange())


async def test_end_goes_to_the_last_row_of_all(station: Make) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN, "end")  # the worker may still be reading
        await until(pilot, lambda: screen.window is not None and screen.window.whole)
        await until(pilot, lambda: screen.table.cursor == COUNT - 1)
        assert screen.table.top == COUNT - screen.table.page


async def test_a_number_is_gone_to_within_its_list_and_opened_from_elsewhere(station: Make) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN)
        await settled(pilot)
        last = screen.window.row(COUNT - 1)  # type: ignore[union-attr]
        assert last is not None
        await pilot.press("ctrl+g", *last.row.number.lower(), "enter")
        await until(pilot, lambda: screen.table.cursor == COUNT - 1)
        assert pilot.app.screen is screen
        await pilot.press("1", "ctrl+g", *last.row.number.lower(), "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AppealScreen))


async def test_the_next_overdue_one_is_found_in_the_order_of_the_list(station: Make) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN, "slash", *"порядок:номер", "enter")
        await settled(pilot)
        window = screen.window
        assert window is not None
        rows = [window.row(index) for index in range(COUNT)]
        overdue = [
            at for at, row in enumerate(rows) if row and (row.row.control_due_at or 9e9) < NOW.timestamp()
        ]
        assert 1 < len(overdue) < COUNT
        for at in [at for at in overdue if at > 0][:2]:
            await pilot.press("щ")  # the key O in the Russian layout
            await until(pilot, lambda at=at: screen.table.cursor == at)  # type: ignore[misc]
        await pilot.press("end", "o")
        await until(pilot, lambda: screen.table.cursor == overdue[0])
        assert any("с начала" in said for said in toasts(pilot))


async def test_where_nothing_is_overdue_that_is_said(station: Make) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pilot.press(ALL_OPEN, "slash", *"-просрочено", "enter", "o")
        await until(pilot, lambda: any("просроч" in said for said in toasts(pilot)))


async def test_rows_follow_what_is_typed_and_go_with_escape(station: Make) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN)
        await settled(pilot)
        table: QueueTable = screen.table
        table.move_to(200)
        place = table.place
        await pilot.press("slash", *"лиф")
        await until(pilot, lambda: screen.shown_filter == "лиф")
        assert isinstance(pilot.app.focused, FilterInput)
        assert 0 < table.count < COUNT
        assert table.current is not None
        assert "Лифт" in table.current.row.title
        await pilot.press("escape")
        assert screen.shown_filter == ""
        assert table.place == place
        assert screen.focused is table


async def test_a_beginning_that_was_seen_to_find_rows_stays_a_beginning(station: Make) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN, "slash", *"фонар", "enter")
        await until(pilot, lambda: not screen.is_trying and screen.table.count > 0)
        await pilot.press("slash", *["backspace"] * 10, *"театра")
        await until(pilot, lambda: screen.shown_filter == "театра")
        await pilot.press("enter")
        await settled(pilot)
        assert screen.extra == "театра*"
        assert screen.table.count == COUNT


async def test_found_words_stand_out_in_list_preview_and_appeal(station: Make) -> None:
    async with station().run_test(size=(160, 45)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN, "slash", *"лифта", "enter")
        await settled(pilot)
        await until(pilot, lambda: "Лифт" in screen.query_one(Preview).plain)
        find = screen.window.find  # type: ignore[union-attr]
        assert find is not None
        assert [*find("Стоит лифт, нет лифтов")] == [(6, 10), (16, 22)]
        underlined = {
            segment.text
            for strip in screen.table.render_lines(screen.table.size.region)
            for segment in strip
            if segment.style is not None and segment.style.underline
        }
        assert underlined == {"Лифт"}
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AppealScreen))
        svg = pilot.app.export_screenshot()
        assert "Лифт" in svg


async def test_a_change_elsewhere_redraws_and_does_not_read_the_list_anew(
    station: Make, long_office: Office
) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN)
        await settled(pilot)
        window = screen.window
        assert window is not None
        listed = screen.table.current
        assert listed is not None
        appeal = long_office.cache.reader.appeal(listed.row.id)
        assert appeal is not None
        long_office.server_says(act(appeal, "classify", COLLEAGUE, essence="Новая суть"))
        await until(
            pilot, lambda: (row := screen.table.current) is not None and row.row.title == "Новая суть"
        )
        await until(pilot, lambda: screen._renewal is None)
        await settled(pilot)
        assert screen.window is window


async def test_typing_in_the_line_is_never_interrupted(station: Make) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN, "slash")
        for letter in "холодной воды":
            await pilot.press("space" if letter == " " else letter)
            await pilot.pause(0.05)
        assert screen.query_one(FilterInput).value == "холодной воды"
        assert isinstance(pilot.app.focused, Input)


async def test_a_slip_is_mended_with_one_key(station: Make) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN, "slash", *"батореи", "enter")
        await until(pilot, lambda: screen.correction is not None)
        assert screen.correction == "батареи"
        assert screen.table.count == 0
        await pilot.press("enter")
        await until(pilot, lambda: screen.table.count > 0)
        assert screen.extra == "батареи"


async def test_a_list_whose_first_rows_lie_far_apart_comes_from_the_worker(
    station: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PATIENCE", 0)  # everything lies too far apart
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN)
        await until(pilot, lambda: screen.window is not None and screen.window.whole)
        assert screen.table.count == COUNT
        assert screen.table.cursor == screen.table.top == 0


async def test_the_first_rows_of_a_filter_come_with_their_number(station: Make) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN)
        screen.set_filter("open")
        assert screen.window is not None
        assert not screen.window.whole
        assert screen.count_now == Count(COUNT)


async def test_enter_keeps_what_was_found_while_typing(
    station: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_for: list[Query] = []

    def glimpse(asked: lists.Lists, query: Query, **how: bool) -> Window | None:
        looked_for.append(query)
        return look(asked, query, **how)

    look = lists.Lists.glimpse
    monkeypatch.setattr(lists.Lists, "glimpse", glimpse)
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN, "slash", *"open")
        await until(pilot, lambda: screen.shown_filter == "open")
        assert screen.is_trying
        before = len(looked_for)
        await pilot.press("enter")
        await until(pilot, lambda: screen.window is not None and screen.window.whole)
        assert (screen.extra, screen.count_now, screen.is_trying) == ("open", Count(COUNT), False)
        assert len(looked_for) == before


async def test_another_list_ends_the_reading_of_the_one_before(station: Make) -> None:
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        for _ in range(5):
            await pilot.press(ALL_OPEN, "1")
        await settled(pilot)
        assert screen.view.code == "mine"
        assert screen.window is not None
        counted = screen.desk.lists.count(screen.query_now())
        assert counted is not None
        assert screen.window.count == counted.number


async def test_too_many_are_not_marked_at_once(station: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_actions, "MARKED_AT_MOST", COUNT - 1)
    async with station().run_test(size=(100, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press(ALL_OPEN)
        await settled(pilot)
        await pilot.press("ctrl+a")
        assert not screen.table.marked
        assert any("Отметить можно не больше" in said for said in toasts(pilot))
