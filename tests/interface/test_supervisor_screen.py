"""The supervisor's board: its numbers are those of the queues behind them; one key each leads on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.coordinate import Coordinate
from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from cur_tui.app import Workstation
from cur_tui.services.figures.supervision import BANDS, PROVISIONAL, board_of, cell_query
from screens.alerts import AlertsScreen
from screens.cuts import CutScreen
from screens.form import FormScreen
from screens.queues import QueuesScreen
from screens.ranking import RankingScreen
from screens.satisfaction import SatisfactionScreen
from screens.supervisor import SupervisorScreen
from screens.workload import WorkloadScreen
from tests.interface.appeals import assert_harmless, assigned, drawn, in_review, until, until_drawn
from tests.interface.office import AMUR, SUPERVISOR, Office
from tests.interface.test_cut_screens import answered
from widgets.figure_tile import FigureTile

Make = Callable[..., Workstation]


async def opened(pilot: Pilot[None]) -> SupervisorScreen:
    await pilot.press("f3")
    await until(pilot, lambda: isinstance(pilot.app.screen, SupervisorScreen))
    await until_drawn(pilot, "Жилищно")
    screen = pilot.app.screen
    assert isinstance(screen, SupervisorScreen)
    return screen


@pytest.mark.parametrize("has_blocks", [True, False])
def test_every_number_is_what_its_query_finds(office: Office, has_blocks: bool) -> None:
    office.server_says(in_review(), *answered())
    if not has_blocks:
        office.region_changes(replace(AMUR.region, blocks=()))
    desk = office.desk(SUPERVISOR)
    board = board_of(desk)

    def found(query: str) -> int:
        window = desk.lists.open(desk.lists.parse(query))
        assert window is not None
        return window.count

    for line in (*board.lines, board.total):
        for band in (*(column.band for column in BANDS), PROVISIONAL.band, "total"):
            query = cell_query(desk, line.scope, band, board.soon)
            assert line.number(band) == found(query), (line.scope, band)
        assert sum(line.number(column.band) for column in BANDS) == line.number("total")
    assert sum(line.number("total") for line in board.lines) == board.total.number("total") == 54
    assert board.total.worst is not None
    for kpi in board.kpis:
        if kpi.query:
            assert kpi.number == found(kpi.query), kpi.code
    for trend in board.trends:
        assert trend.number == sum(trend.days) == found(trend.query), trend.code
    numbers = {kpi.code: kpi.number for kpi in board.kpis}
    assert numbers["in_review"] == 1
    assert numbers["answer"] == 7
    assert numbers["positive"] == 3


def test_a_region_without_blocks_is_looked_at_by_states(office: Office) -> None:
    office.server_says(in_review())
    office.region_changes(replace(AMUR.region, blocks=()))
    board = board_of(office.desk(SUPERVISOR))
    assert board.heading == "Состояние"
    assert {line.scope for line in board.lines} >= {"state:distribution", "state:assigned", "state:in_review"}


def test_the_mean_and_the_median_are_those_of_the_answers(office: Office) -> None:
    office.server_says(*answered())
    desk = office.desk(SUPERVISOR)
    rows = desk.lists.page(desk.lists.parse("answered"), 100)[0]
    seconds = sorted(one.row.answered_at - one.row.registered_at for one in rows if one.row.answered_at)
    middle = desk.cache.reader.median_answer(0, 2**40)
    assert middle == seconds[len(seconds) // 2]
    assert len(seconds) == 7
    (kpi,) = (one for one in board_of(desk).kpis if one.code == "answer")
    mean = sum(seconds) / len(seconds)
    assert kpi.words == f"{int(mean // 3600)} ч / {int(middle // 3600)} ч"


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_shows_all_bands_totals_numbers_and_trends(
    workstation: Make, office: Office, size: tuple[int, int]
) -> None:
    async with workstation(SUPERVISOR).run_test(size=size) as pilot:
        await opened(pilot)
        shown = drawn(pilot)
        for sign in "▲◆●○·‖≈▁█":
            assert sign in shown, sign
        for words in ("Всего", "На согл" if size[0] == 80 else "На согласовании", "Пришло", "связи"):
            assert words in shown, words
        # What the cursor is on stands in full below: signs in the headings alone say little.
        assert "▲ Просрочено: 27, самое давнее" in shown
        assert "Esc Назад" in shown
        assert_harmless(pilot)


async def test_a_cell_opens_its_queue(workstation: Make, office: Office) -> None:
    async with workstation(SUPERVISOR).run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        board = screen.figures
        assert board is not None
        screen.query_one(DataTable).cursor_coordinate = Coordinate(0, 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        queues = pilot.app.screen
        assert isinstance(queues, QueuesScreen)
        await until(
            pilot, lambda: queues.window is not None and queues.window.count == board.lines[0].counts.overdue
        )
        # And it says what it shows in the person's own words.
        assert "открыто просрочено" in queues.line_now()


async def test_a_tile_opens_its_queue_and_says_what_it_is(workstation: Make, office: Office) -> None:
    office.server_says(in_review())
    async with workstation(SUPERVISOR).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        screen.query_one("#kpi-5", FigureTile).focus()
        await until_drawn(pilot, "На согласовании: 1")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        await until_drawn(pilot, "0777")


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("ф", AlertsScreen),
        ("д", WorkloadScreen),
        ("к", RankingScreen),
        ("с", CutScreen),
        ("ы", SatisfactionScreen),
    ],
)
async def test_one_key_each_leads_on_in_the_russian_layout(
    workstation: Make, office: Office, key: str, place: type
) -> None:
    async with workstation(SUPERVISOR).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, place))


async def test_the_board_is_live(workstation: Make, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SupervisorScreen, "CALM", 0.01)
    async with workstation(SUPERVISOR).run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        assert screen.figures is not None
        before = screen.figures.total.number("total")
        office.server_says(assigned())
        pilot.app.publish_changes()  # type: ignore[attr-defined]
        await until(
            pilot, lambda: screen.figures is not None and screen.figures.total.number("total") == before + 1
        )


async def test_a_report_is_written_from_the_board(workstation: Make, tmp_path: Path) -> None:
    async with workstation(SUPERVISOR).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        days, *_, place = pilot.app.screen.query(Input)
        days.value, place.value = "2026-10-01..2026-10-02", str(tmp_path)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(list(tmp_path.glob("daily-2026-10-01_2026-10-02*.xlsx"))))
