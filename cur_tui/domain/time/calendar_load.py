"""Reads one year of the production calendar and refuses data that contradicts itself or the Labour Code.

A wrong day here silently moves every deadline of the year, so each rule that a person could check by eye is
checked on loading: weekdays, transfers, holidays of art. 112 and the number of working days.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

_STATUTORY_HOLIDAYS = (
    *((1, day) for day in range(1, 9)),
    (2, 23),
    (3, 8),
    (5, 1),
    (5, 9),
    (6, 12),
    (11, 4),
)
_YEAR_KEYS = {"year", "working_days", "source", "days"}
_ENTRY_KEYS = {"date", "kind", "moved_from"}


class CalendarError(ValueError):
    """A production calendar that cannot be trusted; the message names the file and the entry."""

    def __init__(self, name: str, entry: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (name, entry, reason) if part))
        self.name = name
        self.entry = entry
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One checked year; ``name`` is the file it came from."""

    name: str
    year: int
    days_off: frozenset[date]
    """Weekdays without work."""
    short_days: frozenset[date]
    working_weekends: Mapping[date, date]
    """Weekend days that are worked, each with the weekday whose work it took over."""


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    day: date
    kind: str
    moved_from: date | None


@cache
def statutory_holidays(year: int) -> frozenset[date]:
    """The non-working holidays that the law fixes for any year (Labour Code art. 112)."""
    return frozenset(date(year, month, day) for month, day in _STATUTORY_HOLIDAYS)


def parse_calendar_year(name: str, text: str) -> CalendarYear:
    """Read the TOML ``text`` of the file ``name`` and check it; :class:`CalendarError` says what is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CalendarError(name, "", str(error)) from error
    unknown = data.keys() - _YEAR_KEYS
    if unknown:
        raise CalendarError(name, ", ".join(sorted(unknown)), "unknown key")
    year, count, listed = data.get("year"), data.get("working_days"), data.get("days")
    if not (isinstance(year, int) and isinstance(count, int) and isinstance(listed, list)):
        raise CalendarError(name, "", "year, working_days (whole numbers) and days (a list) are required")
    if not data.get("source"):
        raise CalendarError(name, "source", "the act that fixes the days is required")
    if name != f"{year}.toml":
        raise CalendarError(name, f"year {year}", "the file must be named after its year")

    entries: dict[date, _Entry] = {}
    for number, values in enumerate(listed, start=1):
        entry = _parse_entry(name, f"day {number}", values, year)
        if entry.day in entries:
            raise CalendarError(name, entry.label, "listed twice")
        entries[entry.day] = entry
    return _checked_year(name, year, count, entries)


def _parse_entry(name: str, label: str, values: object, year: int) -> _Entry:
    day = _date(values.get("date")) if isinstance(values, dict) else None
    if not isinstance(values, dict) or day is None:
        raise CalendarError(name, label, "needs a date")
    label = f"{label} ({day})"
    unknown = values.keys() - _ENTRY_KEYS
    if unknown:
        raise CalendarError(name, label, f"unknown key {', '.join(sorted(unknown))}")
    if day.year != year:
        raise CalendarError(name, label, f"is not in {year}")
    kind = values.get("kind")
    if kind not in ("day_off", "short", "working"):
        raise CalendarError(name, label, "kind must be day_off, short or working")
    if kind == "day_off" and _is_weekend(day):
        raise CalendarError(name, label, "is a weekend day and off already")
    if kind == "working" and not _is_weekend(day):
        raise CalendarError(name, label, "is a weekday and worked already")
    moved_from = _date(values.get("moved_from"))
    if "moved_from" in values and (kind != "day_off" or moved_from is None or moved_from.year != year):
        raise CalendarError(name, label, f"only a day off has moved_from, and that is a date in {year}")
    return _Entry(label, day, kind, moved_from)


def _date(value: object) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _checked_year(name: str, year: int, count: int, entries: dict[date, _Entry]) -> CalendarYear:
    days_off = frozenset(entry.day for entry in entries.values() if entry.kind == "day_off")
    working_weekends = _working_weekends(name, entries, days_off)
    for holiday in sorted(statutory_holidays(year)):
        if not _is_weekend(holiday) and holiday not in days_off:
            raise CalendarError(name, str(holiday), "is a holiday by art. 112 and must be a day off")
        if holiday in working_weekends:
            raise CalendarError(name, entries[holiday].label, "is a holiday by art. 112 and cannot be worked")

    every_day = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    weekdays = sum(day.year == year and not _is_weekend(day) for day in every_day)
    counted = weekdays - len(days_off) + len(working_weekends)
    if counted != count:
        raise CalendarError(name, "working_days", f"says {count}, the days listed give {counted}")
    short_days = frozenset(entry.day for entry in entries.values() if entry.kind == "short")
    return CalendarYear(name, year, days_off, short_days, working_weekends)


def _working_weekends(name: str, entries: dict[date, _Entry], days_off: frozenset[date]) -> dict[date, date]:
    """The weekend days that are worked, each with the weekday that became a day off instead."""
    moved: dict[date, date] = {}
    for entry in entries.values():
        if entry.moved_from is None:
            continue
        if entry.moved_from in moved or entry.moved_from in days_off:
            raise CalendarError(name, entry.label, f"{entry.moved_from} has no rest left to move")
        moved[entry.moved_from] = entry.day

    worked = [entry for entry in entries.values() if entry.kind != "day_off" and _is_weekend(entry.day)]
    for entry in worked:
        if entry.day not in moved:
            raise CalendarError(name, entry.label, "is worked, but no day off is moved from it")
    return {entry.day: moved[entry.day] for entry in worked}


def _is_weekend(day: date) -> bool:
    return day.weekday() >= 5
