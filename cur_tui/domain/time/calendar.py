"""Which days are worked: the production calendar of the Russian Federation, a region's days off, and weeks.

The years are data (``calendars/*.toml``), read by :mod:`cur_tui.domain.time.calendar_load`. Past the last
loaded year only the holidays fixed by law are known, because each year's transfers are decreed in the
autumn before it: whoever counts there must say that the answer is provisional
(:meth:`WorkCalendar.covers`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

from cur_tui.domain.time.calendar_load import (
    CalendarError,
    CalendarYear,
    parse_calendar_year,
    statutory_holidays,
)

_DAY = timedelta(days=1)
_THURSDAY = 3
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The loaded production calendars with a region's days off on top; immutable.

    Outside ``first``..``horizon`` it answers by the weekend and the statutory holidays alone.
    """

    first: date
    horizon: date
    """The last date with a decreed calendar."""
    days_off: frozenset[date]
    """Weekdays without work."""
    short_days: frozenset[date]
    working_weekends: Mapping[date, date]
    """Weekend days that are worked, each with the weekday whose work it took over."""
    region_days_off: frozenset[date] = field(default=frozenset())

    def with_days_off(self, dates: Iterable[date]) -> "WorkCalendar":
        """This calendar with the days off of a region added; they win over everything federal."""
        return replace(self, region_days_off=self.region_days_off | frozenset(dates))

    def covers(self, first: date, last: date) -> bool:
        """Whether every date from ``first`` to ``last`` lies in the loaded years."""
        return self.first <= first and last <= self.horizon

    def is_working_day(self, d: date) -> bool:
        """Whether ``d`` is a day of work for the five-day week."""
        if d in self.region_days_off or d in self.days_off:
            return False
        if d.weekday() >= _SATURDAY:
            return d in self.working_weekends
        return d not in statutory_holidays(d.year)

    def is_short_day(self, d: date) -> bool:
        """Whether work on ``d`` ends early, as before a holiday (Labour Code art. 95)."""
        return d in self.short_days and self.is_working_day(d)

    def schedule_weekday(self, d: date) -> int:
        """The weekday (0 = Monday) whose hours apply on ``d``.

        A worked weekend day has the hours of the weekday that became a day off instead of it.
        """
        return self.working_weekends.get(d, d).weekday()

    def next_working_day(self, d: date) -> date:
        """The first working day strictly after ``d``."""
        d += _DAY
        while not self.is_working_day(d):
            d += _DAY
        return d

    def previous_working_day(self, d: date) -> date:
        """The last working day strictly before ``d``."""
        d -= _DAY
        while not self.is_working_day(d):
            d -= _DAY
        return d


def build_calendar(years: Iterable[CalendarYear]) -> WorkCalendar:
    """One calendar out of consecutive years; :class:`CalendarError` when there is none or one is missing."""
    ordered = sorted(years, key=lambda year: year.year)
    if not ordered:
        raise CalendarError("calendars", "", "no production calendar is loaded")
    for earlier, later in pairwise(ordered):
        if later.year != earlier.year + 1:
            raise CalendarError(later.name, f"year {later.year}", f"does not follow {earlier.year}")
    return WorkCalendar(
        first=date(ordered[0].year, 1, 1),
        horizon=date(ordered[-1].year, 12, 31),
        days_off=frozenset().union(*(year.days_off for year in ordered)),
        short_days=frozenset().union(*(year.short_days for year in ordered)),
        working_weekends={day: instead for year in ordered for day, instead in year.working_weekends.items()},
    )


@cache
def load_calendar() -> WorkCalendar:
    """The calendars that come with the product; read and checked once.

    :class:`CalendarError` names the file and the entry that is wrong.
    """
    packaged = files("cur_tui.domain").joinpath("calendars").iterdir()
    return build_calendar(
        parse_calendar_year(entry.name, entry.read_text(encoding="utf-8"))
        for entry in packaged
        if entry.name.endswith(".toml")
    )


def cur_week(d: date) -> tuple[date, date]:
    """The ЦУР week that contains ``d``, both ends included: reports run from Thursday to Wednesday."""
    thursday = d - timedelta(days=(d.weekday() - _THURSDAY) % 7)
    return thursday, thursday + timedelta(days=6)


def as_utc(instant: datetime) -> datetime:
    """``instant`` in UTC; ValueError without a time zone, as its meaning would depend on the machine."""
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC)


def region_date(instant: datetime, tz: str) -> date:
    """The date that ``instant`` falls on in the time zone ``tz``: daily queues differ by region."""
    return as_utc(instant).astimezone(ZoneInfo(tz)).date()
