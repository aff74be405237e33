"""Periods of reports: a day, a week, the ЦУР week, a month, a quarter, a year, any range; what came before.

A period is written as a short text, which may be relative: ``cur_week`` is the week that is running,
``last:month`` the month before, ``2026-11``, ``2026-Q3`` and ``2026-11-01..2026-11-15`` are what they say.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum

from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.calendar import cur_week

_DAY = timedelta(days=1)
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEAR = re.compile(r"([0-9]{4})")
_LAST = "last:"
_RANGE = ".."
EVER = "all"
"""The text of no period at all."""


class PeriodKind(StrEnum):
    """The lengths that reports know; a ЦУР week runs from Thursday to Wednesday."""

    DAY = "day"
    WEEK = "week"
    CUR_WEEK = "cur_week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    RANGE = "range"


class Basis(StrEnum):
    """Which day of an appeal a period is about."""

    REGISTERED = "registered"
    DONE = "done"
    """When the final answer arrived, or the appeal was closed without one."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the region from ``first`` to ``last``, both included."""

    kind: PeriodKind
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> "Period":
        """The period of the same kind before; for a range the same number of days right before it."""
        if self.kind is PeriodKind.RANGE:
            last = self.first - _DAY
            return Period(self.kind, last - timedelta(days=self.days - 1), last)
        return period_of(self.kind, self.first - _DAY)

    def compared(self, today: date) -> "Period":
        """What it is compared with: the period before, and while it runs only as many of its days as are over
        or are ``today``. Half a month is not compared with a whole one.
        """
        before = self.previous
        if not self.first <= today < self.last:
            return before
        return Period(PeriodKind.RANGE, before.first, min(before.first + (today - self.first), before.last))

    def query(self, basis: Basis = Basis.REGISTERED) -> str:
        """The term of the query language that finds what belongs to it."""
        if self.first == self.last:
            return f"{basis}:{self.first}"
        return f"{basis}:{self.first}{_RANGE}{self.last}"

    def __str__(self) -> str:
        return f"{self.first}{_RANGE}{self.last}"


def period_of(kind: PeriodKind, day: date) -> Period:
    """The period of a ``kind`` that ``day`` is in; a range is the day alone."""
    match kind:
        case PeriodKind.WEEK:
            first = day - timedelta(days=day.weekday())
            return Period(kind, first, first + timedelta(days=6))
        case PeriodKind.CUR_WEEK:
            return Period(kind, *cur_week(day))
        case PeriodKind.MONTH:
            return Period(kind, day.replace(day=1), _end_of_month(day.year, day.month))
        case PeriodKind.QUARTER:
            month = (day.month - 1) // 3 * 3 + 1
            return Period(kind, date(day.year, month, 1), _end_of_month(day.year, month + 2))
        case PeriodKind.YEAR:
            return Period(kind, date(day.year, 1, 1), date(day.year, 12, 31))
        case _:
            return Period(kind, day, day)


def parse_period(text: str, today: date) -> Period | None:
    """The period that ``text`` names, seen from ``today`` in the region; None for ``all``.

    Raises :class:`Refused` ``invalid_value`` when it names none.
    """
    text = text.strip()
    if text == EVER:
        return None
    try:
        return _named(text, today) or _dated(text)
    except (ValueError, OverflowError):
        raise Refused("invalid_value", field="period", value=text[:80]) from None


def _named(text: str, today: date) -> Period | None:
    name = text.removeprefix(_LAST)
    if name not in set(PeriodKind) or name == PeriodKind.RANGE:
        return None
    period = period_of(PeriodKind(name), today)
    return period.previous if text.startswith(_LAST) else period


def _dated(text: str) -> Period:
    if _RANGE in text:
        first, last = (_day(part) for part in text.split(_RANGE, 1))
        if first > last:
            raise ValueError(text)
        return Period(PeriodKind.RANGE, first, last)
    if found := _QUARTER.fullmatch(text):
        return period_of(PeriodKind.QUARTER, _day(f"{found[1]}-{int(found[2]) * 3:02}-01"))
    if _MONTH.fullmatch(text):
        return period_of(PeriodKind.MONTH, _day(f"{text}-01"))
    if _YEAR.fullmatch(text):
        return period_of(PeriodKind.YEAR, _day(f"{text}-01-01"))
    return period_of(PeriodKind.DAY, _day(text))


def _day(text: str) -> date:
    day = date.fromisoformat(text.strip())
    if not MINYEAR + 1 < day.year < MAXYEAR - 1:
        raise ValueError(text)
    return day


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
