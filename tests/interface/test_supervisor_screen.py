"""The clocks by queue: its numbers are those of the queues behind them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.coordinate import Coordinate
from textual.pilot import Pilot
from textual.widgets import DataTable

from cur_tui.app import Workstation
from cur_tui.services.supervision import BANDS, board_of, cell_query
from screens.queues import QueuesScreen
from screens.supervisor import KpiTile, SupervisorScreen
from tests.interface.appeals import assert_harmless, assigned, drawn, in_review, until, until_drawn
from tests.interface.office import AMUR, SUPERVISOR, Office

Make = Callable[..., Workstation]


async def opened(pilot: Pilot[None]) -> SupervisorScreen:
    await pilot.press("f3")
    await until(pilot, lambda: isinstance(pilot.app.screen, SupervisorScreen))
    await until_drawn(pilot, "Жилищно")
    screen = pilot.app.screen
    assert isinstance(screen, SupervisorScreen)
    return screen


def test_every_number_is_what_its_query_finds(office: Office) -> None:
    desk = office.desk(SUPERVISOR)
    office.server_says(in_review())
    board = board_of(desk)
    for line in (*board.lines, board.total):
        for column in BANDS:
            found = desk.lists.open(desk.lists.parse(cell_query(desk, line.scope, column.band))).count
            assert line.number(column.band) == found, (line.scope, column.band)
        assert (
            line.number("total")
            == desk.lists.open(desk.lists.parse(cell_query(desk, line.scope, "total"))).count
        )
    assert board.total.number("total") == 61
    assert {kpi.query: kpi.number for kpi in board.kpis}["state:in_review"] == 1
    assert board.total.worst is not None


def test_a_region_without_blocks_is_looked_at_by_states(office: Office) -> None:
    office.server_says(in_review())
    office.region_changes(replace(AMUR.region, blocks=()))
    desk = office.desk(SUPERVISOR)
    board = board_of(desk)
    assert board.heading == "Состояние"
    assert {line.scope for line in board.lines} >= {"state:distribution", "state:assigned", "state:in_review"}
    for line in board.lines:
        for column in BANDS:
            found = desk.lists.open(desk.lists.parse(cell_query(desk, line.scope, column.band))).count
            assert line.number(column.band) == found, (line.scope, column.band)
    assert sum(line.number("total") for line in board.lines) == board.total.number("total") == 61


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_shows_all_bands_and_totals(workstation: Make, office: Office, size: tuple[int, int]) -> None:
    async with workstation(SUPERVISOR).run_test(size=size) as pilot:
        await opened(pilot)
        shown = drawn(pilot)
        for words in (
            "▲",
            "◆",
            "●",
            "○",
            "Всего",
            "Не назначено",
            "На согласовании",
            "просрочено на 2 дн.",
            "связи",
        ):
            assert words in shown, words
        assert "Enter Открыть" in shown
        assert_harmless(pilot)


async def test_a_cell_opens_its_queue(workstation: Make, office: Office) -> None:
    async with workstation(SUPERVISOR).run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        board = screen._board
        assert board is not None
        screen.query_one(DataTable).cursor_coordinate = Coordinate(0, 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        queues = pilot.app.screen
        assert isinstance(queues, QueuesScreen)
        await until(
            pilot, lambda: queues.window is not None and queues.window.count == board.lines[0].counts.overdue
        )


async def test_a_number_above_the_table_opens_its_queue(workstation: Make, office: Office) -> None:
    office.server_says(in_review())
    async with workstation(SUPERVISOR).run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        screen.query(KpiTile)[2].focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        await until_drawn(pilot, "0777")


async def test_the_board_is_live(workstation: Make, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screens.supervisor.CALM", 0.01)
    async with workstation(SUPERVISOR).run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        assert screen._board is not None
        before = screen._board.total.number("total")
        office.server_says(assigned())
        await until(
            pilot, lambda: screen._board is not None and screen._board.total.number("total") == before + 1
        )
