"""Terms: the test vectors of the working calendar by number, then the rules behind them."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from cur_tui.domain.profile.profile import WorkingHours
from cur_tui.domain.time.calendar import load_calendar
from cur_tui.domain.time.deadlines import Deadline, deadline, deadline_with_pauses, overrun
from cur_tui.domain.time.working_time import WorkClock
from cur_tui.domain.vocabulary import TimeUnit
from tests.domain.hours import KALUGA, LUNCH, MOSCOW, NO_LUNCH, YAKUTSK, at, clock, intervals

DAY, WORKING_DAY = TimeUnit.CALENDAR_DAY, TimeUnit.WORKING_DAY
HOUR, CLOCK_HOUR, MINUTE = TimeUnit.WORKING_HOUR, TimeUnit.CLOCK_HOUR, TimeUnit.WORKING_MINUTE

term = partial(deadline, count_from="next_day", end_rule="following", end_time="end_of_day", time=clock())
paused_term = partial(
    deadline_with_pauses, count_from="next_day", end_rule="following", end_time="end_of_day", time=clock()
)
from_today = partial(term, count_from="registration_day")


def day(instant: datetime, tz: str = MOSCOW) -> str:
    """The wall date of a term that ends with its day."""
    date_text, time_text = f"{instant.astimezone(ZoneInfo(tz)):%Y-%m-%d %H:%M:%S}".split()
    assert time_text == "23:59:59"
    return date_text


@pytest.mark.parametrize(
    ("hours", "start", "amount", "expected"),
    [
        pytest.param(KALUGA, "2026-11-20 16:00", 24, "2026-11-25 13:00", id="vector-1"),
        pytest.param(NO_LUNCH, "2026-04-29 16:00", 8, "2026-04-30 15:00", id="vector-3"),
        pytest.param(NO_LUNCH, "2026-04-30 16:00", 4, "2026-05-04 12:00", id="vector-4"),
        pytest.param(NO_LUNCH, "2026-05-08 16:30", 4, "2026-05-12 12:30", id="vector-5"),
        pytest.param(NO_LUNCH, "2025-12-30 17:00", 8, "2026-01-12 16:00", id="vector-6"),
        pytest.param(NO_LUNCH, "2026-03-06 17:30", 8, "2026-03-10 16:30", id="vector-7"),
        pytest.param(NO_LUNCH, "2026-11-03 15:00", 8, "2026-11-05 15:00", id="vector-8-no-lunch"),
        pytest.param(LUNCH, "2026-11-03 15:00", 8, "2026-11-05 16:00", id="vector-8-lunch"),
        pytest.param(NO_LUNCH, "2026-06-14 12:00", 4, "2026-06-15 13:00", id="vector-9"),
    ],
)
def test_working_hours(hours: WorkingHours, start: str, amount: int, expected: str) -> None:
    assert clock(hours).add_working(at(start), timedelta(hours=amount)) == at(expected)
    due = term(amount, HOUR, at(start), time=clock(hours))
    assert due == Deadline(at(expected), at(expected), provisional=False)
    assert term(amount * 60, MINUTE, at(start), time=clock(hours)) == due


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-11-20 16:59", "2026-11-24 17:00"),
        ("2026-11-20 17:00", "2026-11-25 17:00"),
        ("2026-11-21 12:00", "2026-11-25 17:00"),
        ("2026-11-22 23:00", "2026-11-25 17:00"),
    ],
    ids=["vector-2-before-closing", "vector-2-after-closing", "vector-2-saturday", "vector-2-sunday"],
)
def test_kaluga_counts_the_day_itself_until_its_closing(start: str, expected: str) -> None:
    # The legacy rule fits count_from="registration_day": Friday is day 1 while the office is open, and from
    # closing or on the weekend day 1 is Monday.
    due = from_today(3, WORKING_DAY, at(start), end_time="close_of_business", time=clock(KALUGA))
    assert due == Deadline(at(expected), at(expected), provisional=False)


@pytest.mark.parametrize(
    ("start", "expected", "control"),
    [
        pytest.param("2025-12-30", "2026-01-14", "2026-01-13", id="vector-10-new-year"),
        pytest.param("2026-04-30", "2026-05-06", "2026-05-05", id="vector-10-first-of-may"),
        pytest.param("2026-05-08", "2026-05-14", "2026-05-13", id="vector-10-victory-day"),
        pytest.param("2026-11-03", "2026-11-09", "2026-11-06", id="vector-10-unity-day"),
        pytest.param("2025-12-30", "2026-01-14", "2026-01-13", id="vector-15-kursk-block-head"),
        pytest.param("2026-01-03", "2026-01-14", "2026-01-14", id="day-off"),
    ],
)
def test_working_days_count_from_the_next_one(start: str, expected: str, control: str) -> None:
    due = term(3, WORKING_DAY, at(f"{start} 12:00"))
    assert (day(due.legal_due), day(due.control_due)) == (expected, control)
    assert not due.provisional


@pytest.mark.parametrize(
    ("start", "as_is", "preceding", "following"),
    [
        pytest.param("2025-12-05", "2026-01-04", "2025-12-30", "2026-01-12", id="vector-11"),
        pytest.param("2026-04-03", "2026-05-03", "2026-04-30", "2026-05-04", id="vector-12"),
        pytest.param("2026-10-05", "2026-11-04", "2026-11-03", "2026-11-05", id="vector-13"),
    ],
)
def test_fz59_thirty_days_by_each_end_rule(start: str, as_is: str, preceding: str, following: str) -> None:
    started = at(f"{start} 11:00")
    ends = [
        day(term(30, DAY, started, end_rule=rule).legal_due) for rule in ("as_is", "preceding", "following")
    ]
    assert ends == [as_is, preceding, following]


def test_vector_13_counted_from_the_day_of_registration() -> None:
    started = at("2026-10-05 11:00")
    assert day(from_today(30, DAY, started, end_rule="as_is").legal_due) == "2026-11-03"
    assert day(term(30, DAY, started).control_due) == "2026-11-03"


@pytest.mark.parametrize("end_rule", ["as_is", "preceding", "following"])
def test_vector_14_fast_track_is_ten_calendar_days_across_the_holidays(end_rule: str) -> None:
    due = term(10, DAY, at("2026-01-06 15:20"), end_rule=end_rule)
    assert day(due.legal_due) == "2026-01-16"
    assert day(due.control_due) == "2026-01-15"


@pytest.mark.parametrize(
    ("amount", "unit", "start", "provisional"),
    [
        (30, DAY, "2026-12-01 10:00", True),  # 31 December is a day off, the legal date follows it into 2027
        (29, DAY, "2026-12-01 10:00", False),
        (30, DAY, "2026-12-09 10:00", True),
        (1, WORKING_DAY, "2026-12-29 10:00", False),
        (1, WORKING_DAY, "2026-12-30 10:00", True),
        (2, HOUR, "2026-12-30 16:00", False),
        (3, HOUR, "2026-12-30 16:00", True),
        (61, MINUTE, "2026-12-30 17:00", True),
        (1, HOUR, "2027-03-01 10:00", True),
        (1, HOUR, "2024-12-27 10:00", True),
        (3, WORKING_DAY, "2024-12-30 10:00", True),  # begun before the first calendar
        (30, DAY, "2024-12-20 10:00", False),  # begun before the first calendar, yet both its ends are in it
        (72, CLOCK_HOUR, "2026-12-30 10:00", False),  # exact whatever the calendar will say
    ],
)
def test_vector_17_past_the_loaded_calendar_a_deadline_is_provisional(
    amount: int, unit: TimeUnit, start: str, provisional: bool
) -> None:
    assert term(amount, unit, at(start)).provisional is provisional


def test_vector_17_is_no_monday_to_friday_answer() -> None:
    assert day(term(3, WORKING_DAY, at("2026-12-30 10:00")).legal_due) == "2027-01-13"


def test_a_regime_without_a_calendar_is_never_provisional() -> None:
    assert not term(24, HOUR, at("2027-01-04 10:00"), time=clock(KALUGA)).provisional


def test_days_are_those_of_the_region() -> None:
    # 21:30 in Moscow on the 20th is already the 21st in Blagoveshchensk.
    instant = at("2026-10-20 21:30")
    assert day(term(10, DAY, instant).legal_due) == "2026-10-30"
    assert day(term(10, DAY, instant, time=clock(tz=YAKUTSK)).legal_due, YAKUTSK) == "2026-11-02"


def test_close_of_business_knows_short_days_and_fridays() -> None:
    closing = partial(term, end_time="close_of_business")
    assert closing(1, WORKING_DAY, at("2026-04-29 10:00")).legal_due == at("2026-04-30 17:00")
    assert closing(1, WORKING_DAY, at("2026-04-23 10:00")).legal_due == at("2026-04-24 17:00")
    assert closing(3, DAY, at("2026-04-20 10:00")).legal_due == at("2026-04-23 18:00")
    assert closing(2, DAY, at("2026-04-23 10:00"), end_rule="as_is").legal_due == at("2026-04-25 23:59:59")


def test_a_working_saturday_has_the_hours_of_its_monday_less_the_short_hour() -> None:
    region = clock()
    assert region.spans(date(2025, 11, 1)) == (
        (at("2025-11-01 09:00"), at("2025-11-01 13:00")),
        (at("2025-11-01 14:00"), at("2025-11-01 17:00")),
    )
    assert region.add_working(at("2025-10-31 16:00"), timedelta(hours=8)) == at("2025-11-01 17:00")
    own_hours = WorkingHours(week=(*LUNCH.week, intervals("10:00-15:00")))
    assert clock(own_hours).close_of_business(date(2025, 11, 1)) == at("2025-11-01 14:00")


def test_a_short_day_is_cut_through_a_short_last_interval() -> None:
    hours = WorkingHours(week=(intervals("09:00-13:00", "14:00-14:30"),) * 5)
    assert clock(hours).close_of_business(date(2026, 4, 30)) == at("2026-04-30 12:30")


def test_round_the_clock_desks_close_at_midnight() -> None:
    desk = clock(WorkingHours(week=(intervals("00:00-00:00"),) * 7, uses_production_calendar=False))
    start = at("2026-12-30 10:00")
    assert desk.add_working(start, timedelta(days=400)) == start + timedelta(days=400)
    assert desk.is_working(at("2026-12-31 23:59:59"))


def test_opening_is_inside_and_closing_is_outside_working_time() -> None:
    region = clock()
    moments = ["08:59:59", "09:00", "12:59:59", "13:00", "14:00", "17:59:59", "18:00"]
    working = [region.is_working(at(f"2026-04-29 {moment}")) for moment in moments]
    assert working == [False, True, True, False, True, True, False]
    assert region.add_working(at("2026-04-29 18:00"), timedelta(minutes=1)) == at("2026-04-30 09:01")


@pytest.mark.parametrize("end_time", ["end_of_day", "close_of_business"])
@pytest.mark.parametrize("start", ["2026-01-03 12:00", "2026-11-20 20:00", "2026-11-20 23:59:59.900"])
def test_a_term_without_a_working_moment_does_not_end_before_it_starts(start: str, end_time: str) -> None:
    due = term(1, DAY, at(start), end_time=end_time)
    assert at(start) <= due.control_due <= due.legal_due
    assert clock().local_date(due.control_due) == clock().local_date(at(start))


def test_a_term_read_word_for_word_and_registered_after_closing_lasts_until_midnight() -> None:
    due = from_today(1, DAY, at("2026-11-18 19:00"), end_time="close_of_business")
    assert due.legal_due == at("2026-11-18 23:59:59")


def test_days_off_of_a_region_move_its_terms() -> None:
    regional = load_calendar().with_days_off([date(2026, 4, 21)])
    hours = WorkClock(regional, LUNCH, MOSCOW)
    assert day(term(1, WORKING_DAY, at("2026-04-20 10:00"), time=hours).legal_due) == "2026-04-22"


@pytest.mark.parametrize("unit", list(TimeUnit))
def test_overrun_is_measured_in_the_time_of_the_term(unit: TimeUnit) -> None:
    friday_closing = at("2026-11-20 17:00")
    sunday, monday = at("2026-11-22 12:00"), at("2026-11-23 10:00")
    expected = (43, 65) if unit in (CLOCK_HOUR, DAY) else (0, 1)
    late = [overrun(friday_closing, now, unit, clock()) for now in (sunday, monday)]
    assert late == [timedelta(hours=hours) for hours in expected]
    assert overrun(friday_closing, friday_closing, unit, clock()) == timedelta(0)
    assert overrun(monday, friday_closing, unit, clock()) == timedelta(0)


@pytest.mark.parametrize(
    ("unit", "amount", "pause", "expected"),
    [
        pytest.param(
            HOUR, 8, ("17:00", "2026-04-21 10:00"), "2026-04-21 12:00", id="hours-held-in-working-time"
        ),
        pytest.param(HOUR, 8, ("18:00", "2026-04-21 09:00"), "2026-04-21 10:00", id="a-night-gives-nothing"),
        pytest.param(HOUR, 8, ("13:00", "2026-04-20 14:00"), "2026-04-21 10:00", id="nor-does-lunch"),
        pytest.param(CLOCK_HOUR, 24, ("18:00", "2026-04-21 09:00"), "2026-04-22 01:00", id="clock-hours-do"),
        pytest.param(DAY, 7, ("17:00", "2026-04-22 10:00"), "2026-04-29 23:59:59", id="two-midnights"),
        pytest.param(DAY, 7, ("11:00", "2026-04-20 17:00"), "2026-04-27 23:59:59", id="within-a-day"),
        pytest.param(
            DAY, 3, ("11:00", "2026-04-22 11:00"), "2026-04-27 23:59:59", id="end-rule-applies-anew"
        ),
        pytest.param(WORKING_DAY, 3, ("17:00", "2026-04-22 10:00"), "2026-04-27 23:59:59", id="two-closings"),
        pytest.param(WORKING_DAY, 3, ("18:00", "2026-04-21 10:00"), "2026-04-23 23:59:59", id="no-closing"),
    ],
)
def test_time_on_hold_counts_in_the_unit_of_the_term(
    unit: TimeUnit, amount: int, pause: tuple[str, str], expected: str
) -> None:
    hold = (at(f"2026-04-20 {pause[0]}"), at(pause[1]))
    assert paused_term(amount, unit, at("2026-04-20 10:00"), [hold]).legal_due == at(expected)


def test_a_weekend_on_hold_gives_no_working_day() -> None:
    started, hold = at("2026-04-24 10:00"), (at("2026-04-24 17:30"), at("2026-04-27 09:30"))
    assert paused_term(3, WORKING_DAY, started, [hold]) == term(3, WORKING_DAY, started)


def test_overlapping_pauses_are_counted_once_and_order_does_not_matter() -> None:
    started = at("2026-04-20 10:00")
    pauses = [
        (at("2026-04-20 12:00"), at("2026-04-20 16:00")),
        (at("2026-04-20 11:00"), at("2026-04-20 15:00")),
        (at("2026-04-20 11:30"), at("2026-04-20 12:30")),
        (at("2026-04-19 11:00"), at("2026-04-20 10:30")),
    ]
    due = paused_term(4, HOUR, started, pauses).legal_due
    assert due == at("2026-04-21 10:30")  # worked 10:30-11:00 and 16:00-18:00 on the first day
    assert paused_term(4, HOUR, started, pauses[::-1]).legal_due == due


def test_a_pause_after_the_deadline_does_not_undo_the_breach() -> None:
    started, late = at("2026-04-20 10:00"), (at("2026-04-20 12:00"), at("2026-04-24 12:00"))
    assert paused_term(2, HOUR, started, [late]) == term(2, HOUR, started)
    month = term(30, DAY, started)
    between = (month.control_due + timedelta(hours=1), month.control_due + timedelta(days=3))
    held = paused_term(30, DAY, started, [between])
    assert held.control_due == month.control_due
    assert held.legal_due > month.legal_due


def test_a_long_pause_can_make_a_deadline_provisional() -> None:
    started, hold = at("2026-12-21 10:00"), (at("2026-12-22 10:00"), at("2026-12-30 10:00"))
    assert not term(3, WORKING_DAY, started).provisional
    assert paused_term(3, WORKING_DAY, started, [hold]).provisional


@pytest.mark.parametrize(
    "wrong",
    [
        {"rule_amount": 0},
        {"rule_amount": -1},
        {"count_from": "today"},
        {"end_rule": "nearest"},
        {"end_time": "18:00"},
        {"started": datetime(2026, 4, 20, 10, 0)},  # noqa: DTZ001 - the point of the case
        {"pauses": [(at("2026-04-21 10:00"), at("2026-04-20 10:00"))]},
    ],
    ids=str,
)
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    arguments: dict[str, object] = {
        "rule_amount": 3,
        "unit": DAY,
        "started": datetime(2026, 4, 20, 10, 0, tzinfo=UTC),
        "pauses": (),
    }
    with pytest.raises(ValueError, match=r"\w"):
        paused_term(**(arguments | wrong))  # type: ignore[arg-type]


def test_negative_working_time_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        clock().add_working(at("2026-04-20 10:00"), timedelta(minutes=-1))


@pytest.mark.parametrize(
    "hours",
    [
        WorkingHours(week=()),
        WorkingHours(week=((),) * 7),
        WorkingHours(week=(*((),) * 5, intervals("09:00-13:00"))),
        WorkingHours(week=(intervals("13:00-09:00"),) * 5),
        WorkingHours(week=(intervals("09:00-09:00"),) * 5),
        WorkingHours(week=(intervals("09:00-14:00", "13:00-18:00"),) * 5),
        WorkingHours(week=(intervals("14:00-18:00", "09:00-13:00"),) * 5),
        WorkingHours(week=(intervals("09:00-18:00"),) * 8),
        WorkingHours(week=(intervals("09:00-18:00"),) * 5, short_day_minutes=-60),
    ],
)
def test_impossible_working_hours_are_refused(hours: WorkingHours) -> None:
    with pytest.raises(ValueError, match="working"):
        clock(hours)
