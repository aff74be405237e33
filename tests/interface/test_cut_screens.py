"""Cuts and the ranking on the screen: every number opens the queue behind it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from textual.coordinate import Coordinate
from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from cur_tui.app import Workstation
from cur_tui.domain.evolve import replace
from cur_tui.domain.figures.cuts import Cut, CutTable
from cur_tui.domain.model import Appeal
from cur_tui.domain.time.periods import Basis
from cur_tui.services.figures.cuts import CutDesk
from cur_tui.services.figures.ranking import RankingDesk
from screens.cuts import SCROLLBAR, CutGrid, CutScreen
from screens.form import FormScreen
from screens.picker import Picker
from screens.queues import QueuesScreen
from screens.ranking import RankingScreen
from tests.interface.appeals import drawn, told, until, until_drawn
from tests.interface.office import APPROVER, NOW, OPERATOR, SUPERVISOR, Office, act, appeals
from widgets.queue_table import QueueTable

Make = Callable[..., Workstation]


def answered() -> Iterator[Appeal]:
    """The appeals with a body that nobody holds: answered, delivered, and most of them rated."""
    at = NOW - timedelta(hours=3)
    free = (one for one in appeals(60) if one.authority is not None and one.claim is None)
    for n, appeal in enumerate(free):
        answer = {"answer": f"a{n}", "kind": "final", "text": "Сделано.", "outcome": "solved"}
        given = act(appeal, "submit", OPERATOR, at=at, **answer)
        given = act(given, "approve", APPROVER, at=at, answer=f"a{n}", digest=given.answers[-1].digest)
        given = act(given, "confirm_delivery", OPERATOR, at=at, answer=f"a{n}")
        yield replace(given, rating=(5, 1, None)[n % 3])


@pytest.fixture
def done(office: Office) -> Office:
    office.server_says(*answered())
    return office


async def opened(pilot: Pilot[None], key: str, kind: type[CutScreen] | type[RankingScreen]) -> None:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await until(pilot, lambda: pilot.app.screen.query_one(DataTable).row_count > 0)
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_a_cut_says_what_it_counts_and_marks_heat_by_signs(
    workstation: Make, done: Office, size: tuple[int, int]
) -> None:
    async with workstation(SUPERVISOR).run_test(size=size) as pilot:
        await opened(pilot, "f7", CutScreen)
        shown = drawn(pilot)
        for words in ("Блок × Состояние", "Обращения", "этот месяц", "Всего", "█", "Строки"):
            assert words in shown, words


def table_of(pilot: Pilot[None]) -> CutTable:
    screen = pilot.app.screen
    assert isinstance(screen, CutScreen)
    assert screen.figures is not None
    return screen.figures


async def put_cursor(pilot: Pilot[None], row: int, column: int) -> None:
    pilot.app.screen.query_one(DataTable).cursor_coordinate = Coordinate(row, column)
    await pilot.pause()


@pytest.mark.parametrize("where", ["cell", "row", "column", "table"])
async def test_enter_opens_exactly_the_appeals_of_a_number(
    workstation: Make, done: Office, where: str
) -> None:
    async with workstation(SUPERVISOR).run_test() as pilot:
        await opened(pilot, "f7", CutScreen)
        table = table_of(pilot)
        last_row = len(table.rows)
        # The name, the total with its share and its change, then the columns.
        at = {"cell": (0, 4), "row": (0, 1), "column": (last_row, 4), "table": (last_row, 1)}[where]
        number = {
            "cell": table.value(table.rows[0], table.columns[0]),
            "row": table.row_total(table.rows[0]).count,
            "column": table.column_total(table.columns[0]).count,
            "table": table.total.count,
        }[where]
        assert number
        await put_cursor(pilot, *at)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        await until(pilot, lambda: pilot.app.screen.query_one(QueueTable).count == number)


@pytest.mark.parametrize("width", [73, 80])
async def test_no_column_is_seen_in_part(workstation: Make, done: Office, width: int) -> None:
    async with workstation(SUPERVISOR).run_test(size=(width, 24)) as pilot:
        await opened(pilot, "f7", CutScreen)
        grid = pilot.app.screen.query_one(CutGrid)
        name, *numbers = [column.width for column in grid.ordered_columns]
        assert name + sum(numbers) > width, "there is something to be scrolled to"
        for _ in numbers[1:]:
            await pilot.press("right")
            await pilot.pause()
            seen = range(round(grid.scroll_x) + name, round(grid.scroll_x) + width - SCROLLBAR)
            for at in range(len(numbers)):
                start = name + sum(numbers[:at])
                told = {cell in seen for cell in range(start, start + numbers[at])}
                assert len(told) == 1, (at, grid.scroll_x)


async def chosen(pilot: Pilot[None], key: str, letters: str) -> None:
    """Press a key, type a few letters and take what is found first."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
    pilot.app.screen.query_one(Input).value = letters
    await pilot.pause()
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, CutScreen))


async def test_all_of_a_cut_is_chosen_by_keys_in_either_layout(workstation: Make, done: Office) -> None:
    async with workstation(SUPERVISOR).run_test(size=(160, 45)) as pilot:
        await opened(pilot, "f7", CutScreen)
        await chosen(pilot, "к", "Муниципалитет")
        await chosen(pilot, "с", "Без столбцов")
        await chosen(pilot, "ь", "Оценено на 4")
        await chosen(pilot, "з", "2026-Q4")
        await pilot.press("и", "м")
        wanted = Cut("municipality", None, "positive", period="2026-Q4", basis=Basis.DONE)
        await until(pilot, lambda: table_of(pilot).cut == wanted)
        assert table_of(pilot).total.positive == sum(one.rating == 5 for one in answered())
        await until_drawn(pilot, "по завершению")


async def test_a_cut_is_kept_and_opened_again(workstation: Make, done: Office) -> None:
    async with workstation(SUPERVISOR).run_test() as pilot:
        await opened(pilot, "f7", CutScreen)
        await chosen(pilot, "c", "Месяц регистрации")
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        pilot.app.screen.query_one(Input).value = "По месяцам"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, CutScreen))
        saved = CutDesk(done.desk(SUPERVISOR)).find("По месяцам")
        assert saved.cut.columns == "month"
        await chosen(pilot, "c", "Без столбцов")
        await chosen(pilot, "o", "По месяцам")
        await until(pilot, lambda: table_of(pilot).cut == saved.cut)
        await until_drawn(pilot, "По месяцам: Блок × Месяц регистрации")


async def test_a_score_is_opened_down_to_its_appeals(workstation: Make, done: Office) -> None:
    ranking = RankingDesk(done.desk(SUPERVISOR))
    table = ranking.table()
    derived = ranking.derivation(table, table.lines[0], "ru")
    async with workstation(SUPERVISOR).run_test() as pilot:
        await opened(pilot, "f7", CutScreen)
        await opened(pilot, "g", RankingScreen)
        await until_drawn(pilot, "ranking_v1")
        assert "●" in drawn(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        number = derived.everything.value
        assert number > 3
        await until(pilot, lambda: pilot.app.screen.query_one(QueueTable).count == number)


async def test_weights_are_a_setting_and_empty_ones_are_those_of_the_policy(
    workstation: Make, done: Office
) -> None:
    desk = done.desk(SUPERVISOR)
    before = RankingDesk(desk).table().lines[0].score
    async with workstation(SUPERVISOR).run_test() as pilot:
        await opened(pilot, "f7", CutScreen)
        await opened(pilot, "g", RankingScreen)
        for typed, speed in (("0,0,100,0", 0), ("", 30)):
            await pilot.press("w")
            await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
            pilot.app.screen.query_one(Input).value = typed
            await pilot.press("ctrl+s")
            await until(pilot, lambda: isinstance(pilot.app.screen, RankingScreen))
            table = RankingDesk(desk).table()
            assert table.weights.speed == speed
            assert (table.lines[0].score == before) is (speed == 30)


async def test_who_does_not_supervise_is_told_so(workstation: Make, done: Office) -> None:
    async with workstation(OPERATOR).run_test() as pilot:
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(pilot.app.screen, CutScreen))
        await until(pilot, lambda: bool(told(pilot)))
        assert pilot.app.screen.query_one(DataTable).row_count == 0
