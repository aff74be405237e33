"""Alerts, load and satisfaction on the screen: every number opens its queue; alerts are taken on at once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from textual.coordinate import Coordinate
from textual.pilot import Pilot
from textual.widgets import DataTable

from cur_tui.app import Workstation
from cur_tui.domain.alerts import Alert, open_alerts
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal
from cur_tui.domain.vocabulary import EscalationEvent, Role
from cur_tui.services.desk import Failed
from cur_tui.services.figures.satisfaction import ratings_query, satisfaction_of
from cur_tui.services.figures.workload import block_scope, number_query, worker_scope, workload_of
from cur_tui.services.permitted import refusing
from screens.alerts import AlertsScreen
from screens.figures import FiguresScreen
from screens.form import FormScreen
from screens.picker import Picker
from screens.queues import QueuesScreen
from screens.satisfaction import SatisfactionScreen
from screens.workload import NUMBERS, WorkloadScreen
from tests.interface.appeals import drawn, until, until_drawn
from tests.interface.office import NOW, SUPERVISOR, Office, appeals
from tests.interface.test_cut_screens import answered
from widgets.queue_table import QueueTable

Make = Callable[..., Workstation]


def reworked() -> Iterator[Appeal]:
    """Three appeals of which escalation has told the supervisors."""
    for n, appeal in enumerate(list(appeals(40))[9:30:10]):
        alert = Alert(
            f"a{n}", "sent_back", EscalationEvent.REWORKED, "rework#2", NOW, NOW - timedelta(minutes=n),
            (Role.SUPERVISOR,), params={"times": "2"},
        )  # fmt: skip
        yield replace(appeal, alerts=(alert,), version=appeal.version + 1)


@pytest.fixture
def done(office: Office) -> Office:
    office.server_says(*answered(), *reworked())
    return office


async def opened(pilot: Pilot[None], key: str, kind: type[FiguresScreen[Any]]) -> None:
    await pilot.press("f3", key)
    await until(pilot, lambda: isinstance(pilot.app.screen, kind) and pilot.app.screen.figures is not None)
    await until(pilot, lambda: pilot.app.screen.query_one(DataTable).row_count > 0)


def found(office: Office, query: str) -> int:
    lists = office.desk(SUPERVISOR).lists
    window = lists.open(lists.parse(query))
    assert window is not None
    return window.count


def test_every_number_of_the_load_is_what_its_query_finds(done: Office) -> None:
    load = workload_of(done.desk(SUPERVISOR))
    lines = [(block_scope(line.block), line.counts) for line in (*load.blocks, load.total)]
    lines += [(worker_scope(line.worker), line.counts) for line in load.workers]
    for scope, counts in lines:
        for number in NUMBERS:
            query = number_query(load, scope, number)
            assert getattr(counts, number) == found(done, query), query
    assert load.total.counts.overdue > load.total.counts.due_this_week > 0


def test_every_number_of_the_ratings_is_what_its_query_finds(done: Office) -> None:
    desk = done.desk(SUPERVISOR)
    period = SatisfactionScreen.period_of(desk, "month")
    ratings = satisfaction_of(desk, period.first, period.last)
    for line in (*ratings.channels, ratings.total):
        assert line.answered == found(done, ratings_query(period, line.source))
        assert line.rated == found(done, ratings_query(period, line.source, "any"))
        assert sum(line.counts[3:]) == found(done, ratings_query(period, line.source, "positive"))
        for star, number in enumerate(line.counts, 1):
            assert number == found(done, ratings_query(period, line.source, str(star)))
    assert ratings.total.counts == (2, 0, 0, 0, 3)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_load_shows_its_calculation_and_opens_its_queues(
    workstation: Make, done: Office, size: tuple[int, int]
) -> None:
    async with workstation(SUPERVISOR).run_test(size=size) as pilot:
        await opened(pilot, "l", WorkloadScreen)
        await until_drawn(pilot, "с округлением вверх")
        assert "Предложение" in drawn(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, WorkloadScreen)
        assert screen.figures is not None
        overdue = screen.figures.blocks[0].counts.overdue
        screen.query_one(DataTable).cursor_coordinate = Coordinate(0, 2)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        await until(pilot, lambda: pilot.app.screen.query_one(QueueTable).count == overdue)


async def test_the_load_of_operators_names_them(workstation: Make, done: Office) -> None:
    async with workstation(SUPERVISOR).run_test(size=(80, 24)) as pilot:
        await opened(pilot, "l", WorkloadScreen)
        await pilot.press("ь")
        await until_drawn(pilot, "Юдин П. С.")
        assert "(ни за кем)" in drawn(pilot)


async def test_alerts_are_marked_and_taken_on_together_and_given_back(
    workstation: Make, done: Office
) -> None:
    def open_now() -> int:
        return sum(len(open_alerts(done.desk(SUPERVISOR).appeal(one.id))) for one in reworked())

    async with workstation(SUPERVISOR).run_test(size=(80, 24)) as pilot:
        await opened(pilot, "a", AlertsScreen)
        assert open_now() == 3
        await pilot.press("space", "space")
        await until_drawn(pilot, "отмечено: 2")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, AlertsScreen) and open_now() == 1)
        await pilot.press("u")
        await until(pilot, lambda: open_now() == 3)


async def test_low_ratings_are_read_and_each_opens_its_appeal(workstation: Make, done: Office) -> None:
    low = next(one for one in answered() if one.rating == 1)
    done.server_says(replace(low, version=low.version + 1, rating_comment="Ничего [b]не сделали[/b]"))
    async with workstation(SUPERVISOR).run_test(size=(80, 24)) as pilot:
        await opened(pilot, "s", SatisfactionScreen)
        await until_drawn(pilot, "60 %")
        await pilot.press("д")
        await until_drawn(pilot, "Ничего [b]не сделали[/b]")
        assert "▲ прочитать" in drawn(pilot)


async def test_many_are_reminded_after_being_asked_and_it_is_one_act(workstation: Make, done: Office) -> None:
    def reminded() -> int:
        return found(done, "escalated open")

    async with workstation(SUPERVISOR).run_test(size=(120, 40)) as pilot:
        before = reminded()
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        pilot.app.open_queue("state:resolved,assigned sort:number")  # type: ignore[attr-defined]
        table = pilot.app.screen.query_one(QueueTable)
        many = found(done, "state:resolved,assigned")
        await until(pilot, lambda: table.count == many)
        await pilot.press("ctrl+a")
        pilot.app.screen._give("remind")  # type: ignore[attr-defined]
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        # What is answered already is not reminded of, and that is said beforehand.
        await until_drawn(pilot, "откажут: 7")
        await pilot.press("enter")
        await until(pilot, lambda: reminded() == before + many - 7)
        await until_drawn(pilot, "отказ")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        await pilot.press("u")
        await until(pilot, lambda: reminded() == before)


async def test_many_are_offered_what_any_of_them_takes_and_no_text_that_greets_one(
    workstation: Make, done: Office
) -> None:
    def urgent() -> int:
        return found(done, "block:roads state:resolved,distribution priority:emergency")

    async with workstation(SUPERVISOR).run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        pilot.app.open_queue("block:roads state:resolved,distribution sort:-number")  # type: ignore[attr-defined]
        table = pilot.app.screen.query_one(QueueTable)
        many, before = found(done, "block:roads state:resolved,distribution"), urgent()
        takes = found(done, "block:roads state:distribution -claimed")
        await until(pilot, lambda: table.count == many)
        await pilot.press("ctrl+a", "ч")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await until_drawn(pilot, f"Изменить важность  {takes} из {many}")
        await pilot.press(*"важность", "enter")
        await until_drawn(pilot, f"откажут: {many - takes}")
        await pilot.press(*"авария", "enter")
        await until(pilot, lambda: urgent() == takes)
        await until_drawn(pilot, "отказ")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        await pilot.press("u")
        await until(pilot, lambda: urgent() == before)
        pilot.app.open_queue("state:distribution")  # type: ignore[attr-defined]
        await until(pilot, lambda: table.count == found(done, "state:distribution"))
        for greets in (True, False):
            await pilot.press("space")
            pilot.app.screen._give("forward")  # type: ignore[attr-defined]
            await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
            await until_drawn(pilot, "Уведомление заявителю")
            assert ("Здравствуйте" in drawn(pilot)) is greets
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))


@pytest.mark.parametrize(
    ("command", "values"),
    [
        ("assign", {"authority": "amur_transport", "reason": "Нужно быстрее"}),
        ("classify", {"priority": "emergency"}),
        ("extend", {"days": 10, "reason": "Нужен осмотр", "notice": "Срок продлён: нужен осмотр."}),
        ("remind", {}),
    ],
)
def test_an_act_on_everything_behind_a_number_is_foretold_and_taken_back_as_one(
    done: Office, command: str, values: dict[str, object]
) -> None:
    desk = done.desk(SUPERVISOR)
    keys = [listed.row.id for listed in desk.lists.page(desk.lists.parse(""), 100)[0]]
    assert len(keys) == 60
    here = [desk.appeal(key) for key in keys]
    foretold = refusing(command, here, desk.actor, desk.rulebook, desk.now())
    outcome = list(desk.each(command, keys, **values))
    failed = [one for one in outcome if isinstance(one, Failed)]
    assert 0 < len(failed) < len(keys)
    assert len(failed) == foretold
    assert len(desk.outbox()) == len(keys) - len(failed)
    assert len(desk.undo()) == len(keys) - len(failed)
    assert desk.outbox() == []
    assert [desk.appeal(key) for key in keys] == here


async def test_no_number_is_hidden_behind_the_edge(workstation: Make, done: Office) -> None:
    async with workstation(SUPERVISOR).run_test(size=(80, 24)) as pilot:
        for place in ("supervisor", "workload"):
            pilot.app.switch_mode(place)
            await until(pilot, lambda: pilot.app.screen.query_one(DataTable).row_count > 0)
            for width in (110, 80):
                await pilot.resize_terminal(width, 24)
                await pilot.pause()
                assert pilot.app.screen.query_one(DataTable).max_scroll_x == 0, (place, width)
