"""The load of blocks and operators: forecast and staffing by hand, and everything against a naive recount."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from cur_tui.domain.figures.workload import Colleague, Counts, FlowCell, OpenCell, Workload
from cur_tui.domain.figures.workload_reckoning import span_of, workload_of
from cur_tui.domain.profile.escalation import StaffingNorm
from cur_tui.domain.vocabulary import Role
from tests.factories import make_region, make_rulebook

ZONE = ZoneInfo("Asia/Yakutsk")
NORM = StaffingNorm("*", 30, 75, "проверка")
ROADS = StaffingNorm("roads", 60, 50, "проверка")
REGION = replace(make_region(), staffing=(NORM, ROADS))


def load(
    now: datetime,
    opened: list[OpenCell] | None = None,
    came: list[FlowCell] | None = None,
    left: list[FlowCell] | None = None,
    colleagues: list[Colleague] | None = None,
) -> Workload:
    return workload_of(
        span_of(now, "Asia/Yakutsk"),
        opened or [],
        came or [],
        left or [],
        region=REGION,
        clock=make_rulebook().time,
        colleagues=colleagues or [],
    )


def test_the_window_and_the_week() -> None:
    span = span_of(datetime(2026, 11, 18, 23, 30, tzinfo=ZONE), "Asia/Yakutsk")
    assert (span.days[0], span.days[-1], len(span.days)) == (date(2026, 10, 21), date(2026, 11, 17), 28)
    assert span.week_end == datetime(2026, 11, 23, tzinfo=ZONE)
    assert span.bounds()[0][2] == span.bounds()[1][1]


def test_the_forecast_by_hand() -> None:
    # Wednesday noon. The window of 28 days has 19 working days: 4 November is a holiday, the 3rd is short.
    now = datetime(2026, 11, 18, 12, 0, tzinfo=ZONE)
    came = [FlowCell(date(2026, 11, 16), "roads", None, 38), FlowCell(date(2026, 11, 15), "roads", None, 9)]
    result = load(
        now, [OpenCell("roads", None, 10, 0, 0, 0)], came, [FlowCell(date(2026, 11, 16), "roads", None, 50)]
    )
    roads = next(one for one in result.blocks if one.block == "roads")
    forecast = roads.forecast
    assert (forecast.working_days, forecast.days_off) == (19, 9)
    # 38 on 19 working days, 9 on 9 days off; half of Wednesday, Thursday, Friday, then two days off.
    assert forecast.will_come == 2 * Fraction(5, 2) + 1 * 2
    # Mondays to Thursdays 480 minutes, Fridays 420, an hour less on the 3rd of November.
    assert forecast.working_minutes == 15 * 480 + 4 * 420 - 60
    assert forecast.working_minutes_ahead == (60 + 240) + 480 + 420
    assert forecast.will_leave == Fraction(50, forecast.working_minutes) * 1200
    assert forecast.open_then == 10 + forecast.will_come - forecast.will_leave


def test_nothing_leaves_that_is_not_there_and_nobody_works_in_the_holidays() -> None:
    left = [FlowCell(date(2026, 11, 16), "roads", None, 5_000)]
    assert load(datetime(2026, 11, 18, 12, 0, tzinfo=ZONE), left=left).total.forecast.open_then == 0
    holidays = load(
        datetime(2026, 1, 1, 12, 0, tzinfo=ZONE), left=[FlowCell(date(2025, 12, 29), "roads", None, 5_000)]
    )
    assert holidays.total.forecast.working_minutes_ahead == 0
    assert holidays.total.forecast.working_days_ahead == 0


def test_staff_by_the_number_of_appeals() -> None:
    now = datetime(2026, 11, 18, 12, 0, tzinfo=ZONE)
    came = [FlowCell(date(2026, 11, 16), "roads", None, 200), FlowCell(date(2026, 11, 16), None, None, 30)]
    people = [
        Colleague("a", Role.BLOCK_OPERATOR, ("roads",)),
        Colleague("b", Role.BLOCK_OPERATOR, ("roads", "waste")),
        Colleague("c", Role.OBSERVER, ("roads",)),
        Colleague("d", Role.SUPERVISOR, ("*",)),
    ]
    result = load(now, [OpenCell("roads", "a", 40, 25, 0, 0, 20)], came, colleagues=people)
    roads = next(one for one in result.blocks if one.block == "roads").staffing
    assert roads is not None
    # 220 appeals of an hour each; of 8820 minutes half go into appeals.
    assert (roads.items, roads.minutes, roads.capacity) == (220, 13_200, Fraction(4_410))
    assert (roads.needed, roads.present, roads.proposal) == (3, Fraction(3, 2), 1)
    general = next(one for one in result.blocks if one.block == "general").staffing
    assert general is not None
    assert (general.items, general.needed, general.present, general.proposal) == (30, 1, Fraction(), 1)
    assert {one.block for one in result.blocks} == {block.code for block in REGION.blocks}


# --- against a naive recount -----------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    block: str | None
    worker: str | None
    registered: datetime
    done: datetime | None
    due: datetime | None


def cells(items: list[Item], now: datetime) -> tuple[list[OpenCell], list[FlowCell], list[FlowCell]]:
    """Split at random, as a database may group: the sums must not depend on it."""
    span = span_of(now, "Asia/Yakutsk")
    opened, came, left = [], [], []
    for item in items:
        if item.done is None:
            late = item.due is not None and item.due < now
            soon = item.due is not None and now <= item.due < span.week_end
            age = int((now - item.registered).total_seconds())
            opened.append(OpenCell(item.block, item.worker, 1, int(late), int(soon), age))
        if item.registered.astimezone(ZONE).date() in span.days:
            came.append(FlowCell(item.registered.astimezone(ZONE).date(), item.block, item.worker, 1))
        if item.done is not None and item.done.astimezone(ZONE).date() in span.days:
            worked = int((item.done - item.registered).total_seconds())
            left.append(FlowCell(item.done.astimezone(ZONE).date(), item.block, item.worker, 1, worked))
    return opened, came, left


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_everything_adds_up(seed: int) -> None:
    rng = random.Random(seed)
    now = datetime(2026, 1, 5, 9, 0, tzinfo=ZONE) + timedelta(minutes=rng.randrange(500_000))
    items = []
    for _ in range(rng.randrange(60)):
        registered = now - timedelta(minutes=rng.randrange(80_000))
        done = registered + timedelta(minutes=rng.randrange(80_000))
        due = registered + timedelta(minutes=rng.randrange(80_000))
        items.append(
            Item(
                rng.choice(["roads", "waste", None]),
                rng.choice(["a", "b", None]),
                registered,
                done if done <= now else None,
                rng.choice([due, None]),
            )
        )
    result = load(now, *cells(items, now))
    assert result.total.counts == sum((one.counts for one in result.blocks), Counts())
    assert result.total.counts == sum((one.counts for one in result.workers), Counts())
    by_block = Counter(item.block or "general" for item in items if item.done is None)
    assert {one.block: one.counts.open for one in result.blocks if one.counts.open} == dict(by_block)
    by_worker = Counter(item.worker for item in items if item.done is None)
    assert {one.worker: one.counts.open for one in result.workers if one.counts.open} == dict(by_worker)
    total = result.total.forecast
    assert total.came_on_working_days + total.came_on_days_off == result.total.counts.came
    assert total.working_days_ahead + total.days_off_ahead == Fraction(
        int((result.week_end - now).total_seconds()), 86_400
    )
    assert total.open_then >= 0
