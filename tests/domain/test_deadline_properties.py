"""What holds for every term, and a slow reference that counts minute by minute and day by day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cur_tui.domain.profile.profile import WorkingHours
from cur_tui.domain.time.deadlines import CountFrom, EndRule, EndTime, deadline, deadline_with_pauses
from cur_tui.domain.time.working_time import WorkClock
from cur_tui.domain.vocabulary import TimeUnit
from tests.domain.hours import KALUGA, LUNCH, MOSCOW, NO_LUNCH, REGION, YAKUTSK, clock, intervals

SHIFTS = WorkingHours(week=(intervals("00:00-02:30", "08:15-12:00", "20:00-00:00"),) * 5)
CLOCKS = [clock(hours, tz) for hours in (REGION, LUNCH, NO_LUNCH, KALUGA, SHIFTS) for tz in (MOSCOW, YAKUTSK)]
DAY_UNITS = [TimeUnit.CALENDAR_DAY, TimeUnit.WORKING_DAY]

quick = settings(max_examples=100, deadline=None)
clocks = st.sampled_from(CLOCKS)
# From before the first loaded calendar to past the last one.
starts = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda n: datetime(2024, 10, 1, tzinfo=UTC) + timedelta(minutes=n)
)
amounts = st.integers(0, 90 * 24 * 60).map(lambda n: timedelta(minutes=n))
some_working_time = st.integers(1, 400 * 60).map(lambda n: timedelta(minutes=n))
units = st.sampled_from(TimeUnit)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, str]:
    return {
        "count_from": draw(st.sampled_from(CountFrom)).value,
        "end_rule": draw(st.sampled_from(EndRule)).value,
        "end_time": draw(st.sampled_from(EndTime)).value,
    }


@st.composite
def pause_lists(draw: st.DrawFn) -> list[tuple[datetime, datetime]]:
    begins = draw(st.lists(starts, max_size=4))
    return [(begin, begin + draw(amounts)) for begin in begins]


@quick
@given(clocks, starts, some_working_time)
def test_adding_and_measuring_are_inverse(time: WorkClock, start: datetime, amount: timedelta) -> None:
    assert time.working_between(start, time.add_working(start, amount)) == amount


@quick
@given(clocks, starts, some_working_time, some_working_time)
def test_adding_in_two_steps_is_adding_once(
    time: WorkClock, start: datetime, first: timedelta, second: timedelta
) -> None:
    assert time.add_working(time.add_working(start, first), second) == time.add_working(start, first + second)


@quick
@given(clocks, starts, amounts, amounts)
def test_measuring_is_additive(time: WorkClock, start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    parts = time.working_between(start, middle) + time.working_between(middle, end)
    assert time.working_between(start, end) == parts


@quick
@given(clocks, starts, some_working_time)
def test_working_time_never_ends_inside_a_pause_of_work(
    time: WorkClock, start: datetime, amount: timedelta
) -> None:
    due = time.add_working(start, amount)
    assert time.is_working(due - timedelta(microseconds=1))


@quick
@given(clocks, units, starts, amounts, st.integers(1, 40), policies())
def test_a_later_start_is_never_due_earlier(
    time: WorkClock, unit: TimeUnit, start: datetime, later: timedelta, amount: int, policy: dict[str, str]
) -> None:
    first = deadline(amount, unit, start, **policy, time=time)
    second = deadline(amount, unit, start + later, **policy, time=time)
    assert first.legal_due <= second.legal_due
    assert first.control_due <= second.control_due


@quick
@given(clocks, units, starts, st.integers(1, 40), st.integers(0, 10), policies())
def test_a_longer_term_is_never_due_earlier(
    time: WorkClock, unit: TimeUnit, start: datetime, amount: int, more: int, policy: dict[str, str]
) -> None:
    shorter = deadline(amount, unit, start, **policy, time=time)
    longer = deadline(amount + more, unit, start, **policy, time=time)
    assert shorter.legal_due <= longer.legal_due
    assert shorter.control_due <= longer.control_due
    assert longer.provisional or not shorter.provisional or unit is TimeUnit.CALENDAR_DAY


@quick
@given(clocks, units, starts, st.integers(1, 40), policies(), pause_lists())
def test_start_control_and_legal_date_are_in_order_and_pauses_only_give_time(
    time: WorkClock,
    unit: TimeUnit,
    start: datetime,
    amount: int,
    policy: dict[str, str],
    pauses: list[tuple[datetime, datetime]],
) -> None:
    plain = deadline(amount, unit, start, **policy, time=time)
    held = deadline_with_pauses(amount, unit, start, pauses, **policy, time=time)
    assert start <= held.control_due <= held.legal_due
    assert plain.control_due <= held.control_due
    assert plain.legal_due <= held.legal_due
    if unit not in DAY_UNITS:
        assert held.control_due == held.legal_due


@quick
@given(clocks, starts, st.integers(1, 200), st.integers(0, 20_000), amounts)
def test_after_a_pause_the_working_time_left_runs_on(
    time: WorkClock, start: datetime, amount: int, before: int, length: timedelta
) -> None:
    policy = {"count_from": "next_day", "end_rule": "following", "end_time": "end_of_day"}
    begins = start + timedelta(minutes=before)
    due = deadline(amount, TimeUnit.WORKING_HOUR, start, **policy, time=time).legal_due
    assume(begins < due)
    held = deadline_with_pauses(
        amount, TimeUnit.WORKING_HOUR, start, [(begins, begins + length)], **policy, time=time
    )
    left = time.working_between(begins, due)
    assert time.working_between(begins + length, held.legal_due) == left


def slow_is_working(time: WorkClock, hours: WorkingHours, instant: datetime) -> bool:
    """Working time from first principles: the wall clock, the day's intervals, an hour less on short days."""
    wall = instant.astimezone(ZoneInfo(time.tz))
    if hours.uses_production_calendar and not time.calendar.is_working_day(wall.date()):
        return False
    is_the_working_saturday = hours.uses_production_calendar and wall.date() == date(2025, 11, 1)
    weekday = 0 if is_the_working_saturday else wall.weekday()
    short = hours.uses_production_calendar and time.calendar.is_short_day(wall.date())
    day = hours.week[weekday] if weekday < len(hours.week) else ()
    minute = wall.hour * 60 + wall.minute
    closing = max((i.end.hour * 60 + i.end.minute for i in day), default=0) - 60 * short
    return any(
        i.start.hour * 60 + i.start.minute <= minute < min(closing, i.end.hour * 60 + i.end.minute)
        for i in day
    )


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([REGION, LUNCH, NO_LUNCH, KALUGA]),
    st.sampled_from([MOSCOW, YAKUTSK]),
    # Around days off, short days and the working Saturday the two could differ most.
    st.sampled_from(["2025-10-31", "2025-12-30", "2026-04-29", "2026-05-08", "2026-06-11", "2026-11-02"]),
    st.integers(0, 2 * 24 * 60),
    st.integers(1, 5 * 24 * 60),
)
def test_the_engine_agrees_with_counting_every_minute(
    hours: WorkingHours, tz: str, first: str, offset: int, minutes: int
) -> None:
    time = clock(hours, tz)
    start = datetime.fromisoformat(first).replace(tzinfo=UTC) + timedelta(minutes=offset)
    every_minute = [start + timedelta(minutes=n) for n in range(minutes)]
    worked = [instant for instant in every_minute if slow_is_working(time, hours, instant)]
    assert time.working_between(start, start + timedelta(minutes=minutes)) == timedelta(minutes=len(worked))
    if worked:
        due = time.add_working(start, timedelta(minutes=len(worked)))
        assert due == worked[-1] + timedelta(minutes=1)


@quick
@given(clocks, starts, st.integers(1, 30))
def test_working_days_agree_with_counting_every_day(time: WorkClock, start: datetime, amount: int) -> None:
    due = deadline(
        amount,
        TimeUnit.WORKING_DAY,
        start,
        count_from="next_day",
        end_rule="as_is",
        end_time="end_of_day",
        time=time,
    ).legal_due
    first, last = time.local_date(start), time.local_date(due)
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(map(time.is_working_day, between)) == amount
    assert time.is_working_day(last)


@pytest.mark.parametrize("unit", list(TimeUnit))
def test_a_deadline_is_the_same_in_whatever_zone_its_start_is_written(unit: TimeUnit) -> None:
    start = datetime(2026, 4, 29, 22, 30, tzinfo=UTC)
    policy = {"count_from": "next_day", "end_rule": "following", "end_time": "close_of_business"}
    time = clock(tz=YAKUTSK)
    here = deadline(5, unit, start, **policy, time=time)
    assert here == deadline(5, unit, start.astimezone(ZoneInfo("America/Los_Angeles")), **policy, time=time)
    assert here.legal_due.tzinfo is UTC
