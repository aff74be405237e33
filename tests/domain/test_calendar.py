"""The production calendar: its data, its rules and its refusal of wrong data."""

from datetime import date, timedelta
from importlib.resources import files

import pytest

from cur_tui.domain.time.calendar import as_utc, build_calendar, cur_week, load_calendar, region_date
from cur_tui.domain.time.calendar_load import CalendarError, parse_calendar_year
from tests.domain.hours import at

CALENDAR = load_calendar()


def packaged(year: int) -> str:
    return files("cur_tui.domain").joinpath("calendars", f"{year}.toml").read_text(encoding="utf-8")


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", [2025, 2026])
def test_each_packaged_year_has_247_working_days(year: int) -> None:
    assert sum(map(CALENDAR.is_working_day, days_of(year))) == 247


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2025, "01-01 01-02 01-03 01-06 01-07 01-08 05-01 05-02 05-08 05-09 06-12 06-13 11-03 11-04 12-31"),
        (2026, "01-01 01-02 01-05 01-06 01-07 01-08 01-09 02-23 03-09 05-01 05-11 06-12 11-04 12-31"),
    ],
)
def test_weekdays_off(year: int, expected: str) -> None:
    off = [f"{d:%m-%d}" for d in days_of(year) if d.weekday() < 5 and not CALENDAR.is_working_day(d)]
    assert off == expected.split()


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2025, "03-07 04-30 06-11 11-01"), (2026, "04-30 05-08 06-11 11-03")],
)
def test_short_days(year: int, expected: str) -> None:
    assert [f"{d:%m-%d}" for d in days_of(year) if CALENDAR.is_short_day(d)] == expected.split()


def test_the_only_working_weekend_day_takes_the_hours_of_the_monday_it_replaced() -> None:
    weekends = [d for d in days_of(2025) + days_of(2026) if d.weekday() >= 5 and CALENDAR.is_working_day(d)]
    assert weekends == [date(2025, 11, 1)]
    assert CALENDAR.schedule_weekday(date(2025, 11, 1)) == date(2025, 11, 3).weekday() == 0
    assert CALENDAR.schedule_weekday(date(2026, 4, 30)) == 3


def test_neighbouring_working_days_are_strictly_before_and_after() -> None:
    assert CALENDAR.next_working_day(date(2025, 12, 30)) == date(2026, 1, 12)
    assert CALENDAR.next_working_day(date(2026, 1, 12)) == date(2026, 1, 13)
    assert CALENDAR.previous_working_day(date(2026, 1, 12)) == date(2025, 12, 30)
    assert CALENDAR.next_working_day(date(2025, 10, 31)) == date(2025, 11, 1)
    assert CALENDAR.previous_working_day(date(2025, 11, 5)) == date(2025, 11, 1)


def test_horizon_is_the_last_loaded_day_and_both_ends_must_be_covered() -> None:
    assert CALENDAR.first == date(2025, 1, 1)
    assert CALENDAR.horizon == date(2026, 12, 31)
    assert CALENDAR.covers(date(2025, 1, 1), date(2026, 12, 31))
    assert not CALENDAR.covers(date(2026, 12, 31), date(2027, 1, 1))
    assert not CALENDAR.covers(date(2024, 12, 31), date(2025, 1, 1))


def test_past_the_horizon_the_holidays_of_the_law_are_known_and_nothing_else() -> None:
    assert not CALENDAR.is_working_day(date(2027, 1, 8))  # a Friday of the New Year holidays
    assert CALENDAR.next_working_day(date(2026, 12, 30)) == date(2027, 1, 11)
    assert CALENDAR.is_working_day(date(2027, 12, 31))
    assert not CALENDAR.is_short_day(date(2027, 11, 3))


def test_days_off_of_a_region_are_a_layer_of_their_own() -> None:
    radonitsa, short = date(2026, 4, 21), date(2026, 4, 30)
    regional = CALENDAR.with_days_off([radonitsa]).with_days_off([short])
    assert not regional.is_working_day(radonitsa)
    assert not regional.is_working_day(short)
    assert not regional.is_short_day(short)
    assert regional.next_working_day(date(2026, 4, 20)) == date(2026, 4, 22)
    assert CALENDAR.is_working_day(radonitsa)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2026-01-09, kind = ", "2026-01-09, kind : ", r"2026\.toml: .*line \d+"),
        ("year = 2026", "year = 2027", r"2026\.toml: year 2027: the file must be named after its year"),
        ("working_days = 247", "working_days = 248", r"working_days: says 248, the days listed give 247"),
        ("working_days = 247", "working_days = '247'", r"2026\.toml: year, working_days"),
        ("source = ", "sources = ", r"sources: unknown key"),
        ("2026-02-23", "2026-02-24", r"2026-02-23: is a holiday by art\. 112 and must be a day off"),
        ("2026-02-23", "2025-02-24", r"day 8 \(2025-02-24\): is not in 2026"),
        ("2026-02-23", "'2026-02-23'", r"day 8: needs a date"),
        ("2026-02-23", "2026-02-23T10:00:00", r"day 8: needs a date"),
        ("2026-02-23", "2026-01-09", r"day 8 \(2026-01-09\): listed twice"),
        ("2026-02-23", "2026-02-22", r"day 8 \(2026-02-22\): is a weekend day and off already"),
        ('2026-04-30, kind = "short"', '2026-04-30, kind = "working"', r"day 10 .* worked already"),
        ('2026-04-30, kind = "short"', '2026-04-30, kind = "half"', r"day 10 .* kind must be"),
        (
            '2026-04-30, kind = "short"',
            '2026-04-25, kind = "short"',
            r"day 10 .* no day off is moved from it",
        ),
        ('2026-04-30, kind = "short"', '2026-05-09, kind = "short"', r"2026-05-09\): .* cannot be worked"),
        ('"short" }', '"short", moved_from = 2026-01-10 }', r"day 10 .* only a day off has moved_from"),
        ("moved_from = 2026-01-03", "moved_from = 2025-01-04", r"day 7 .* only a day off has moved_from"),
        ("moved_from = 2026-01-03", "moved_from = 2026-01-04", r"day 18 .* has no rest left to move"),
        ("moved_from = 2026-01-03", "moved = 2026-01-03", r"day 7 .* unknown key moved"),
    ],
)
def test_wrong_data_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    text = packaged(2026)
    assert old in text
    with pytest.raises(CalendarError, match=message):
        parse_calendar_year("2026.toml", text.replace(old, new))


def test_a_source_is_required() -> None:
    text = "\n".join(line for line in packaged(2026).splitlines() if not line.startswith("source"))
    with pytest.raises(CalendarError, match=r"2026\.toml: source"):
        parse_calendar_year("2026.toml", text)


def test_years_must_follow_each_other() -> None:
    year = parse_calendar_year("2025.toml", packaged(2025))
    with pytest.raises(CalendarError, match="no production calendar"):
        build_calendar([])
    with pytest.raises(CalendarError, match=r"2025\.toml: year 2025: does not follow 2025"):
        build_calendar([year, year])
    assert build_calendar([year]).horizon == date(2025, 12, 31)


@pytest.mark.parametrize("day", [date(2026, 11, 19) + timedelta(days=n) for n in range(7)])
def test_cur_week_runs_from_thursday_to_wednesday(day: date) -> None:
    assert cur_week(day) == (date(2026, 11, 19), date(2026, 11, 25))


def test_cur_week_changes_between_wednesday_and_thursday() -> None:
    assert cur_week(date(2026, 11, 18)) == (date(2026, 11, 12), date(2026, 11, 18))


def test_vector_16_one_instant_is_two_dates_in_two_regions() -> None:
    instant = at("2026-11-21 21:30", "Europe/Moscow")
    assert instant == at("2026-11-22 03:30", "Asia/Yakutsk")
    assert region_date(instant, "Europe/Moscow") == date(2026, 11, 21)
    assert region_date(instant, "Asia/Yakutsk") == date(2026, 11, 22)


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = at("2026-11-21 21:30").replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        as_utc(naive)
    with pytest.raises(ValueError, match="time zone"):
        region_date(naive, "Asia/Yakutsk")
