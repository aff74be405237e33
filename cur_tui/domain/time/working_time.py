"""The working time of a region: from the production calendar and the region's hours to instants.

Instants come and go as aware datetimes, results in UTC. Working time is a set of half-open intervals: the
opening minute is inside, the closing minute is outside, yet a deadline may fall exactly on a closing.
The arithmetic walks days, never minutes, and keeps what it has found out about each day it has met.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cur_tui.domain.profile.profile import Interval, Region, WorkingHours
from cur_tui.domain.time.calendar import WorkCalendar, as_utc, load_calendar

Span = tuple[datetime, datetime]
"""A stretch of time: the first instant inside and the first instant outside, both UTC."""

_Offsets = tuple[tuple[timedelta, timedelta], ...]
"""The working intervals of a day as distances from its midnight."""

_DAY = timedelta(days=1)
_ZERO = timedelta(0)
_LAST_SECOND = time(23, 59, 59)
_DAYS_A_WEEK = 7
_WEEKDAYS = range(5)


class WorkClock:
    """Measures and adds working time in one region.

    ``tz`` is the IANA zone of the region, never that of the machine. ValueError for hours that overlap, run
    backwards or leave no working time at all.
    """

    def __init__(self, calendar: WorkCalendar, hours: WorkingHours, tz: str) -> None:
        self.tz = tz
        self.calendar = calendar
        self.uses_production_calendar = hours.uses_production_calendar
        self._zone = ZoneInfo(tz)
        cut = timedelta(minutes=hours.short_day_minutes)
        self._week = _week_offsets(hours)
        self._short_week = tuple(_shortened(day, cut) for day in self._week)
        self._spans: dict[date, tuple[Span, ...]] = {}
        self._ends: dict[date, datetime] = {}
        self._next: dict[date, date] = {}
        reachable = _WEEKDAYS if self.uses_production_calendar else range(_DAYS_A_WEEK)
        if not any(self._week[weekday] for weekday in reachable):
            raise ValueError("the working hours leave no working time")

    def local_date(self, instant: datetime) -> date:
        """The region's date at ``instant``."""
        return as_utc(instant).astimezone(self._zone).date()

    def is_working(self, instant: datetime) -> bool:
        """Whether ``instant`` is working time."""
        return any(opens <= instant < closes for opens, closes in self.spans(self.local_date(instant)))

    def is_working_day(self, d: date) -> bool:
        """Whether the region works at any time of ``d``."""
        return bool(self.spans(d))

    def next_working_day(self, d: date) -> date:
        """The first working day strictly after ``d``."""
        known = self._next.get(d)
        if known is None:
            known = d + _DAY
            while not self.is_working_day(known):
                known += _DAY
            self._next[d] = known
        return known

    def previous_working_day(self, d: date) -> date:
        """The last working day strictly before ``d``."""
        d -= _DAY
        while not self.is_working_day(d):
            d -= _DAY
        return d

    def end_of_day(self, d: date) -> datetime:
        """23:59:59 of ``d`` in the region: the whole of the day belongs to the term."""
        known = self._ends.get(d)
        if known is None:
            known = self._ends[d] = self._instant(d, _LAST_SECOND)
        return known

    def close_of_business(self, d: date) -> datetime:
        """The last closing on ``d``; the end of the day when nobody works on it."""
        spans = self.spans(d)
        return spans[-1][1] if spans else self.end_of_day(d)

    def covers(self, first: date, last: date) -> bool:
        """Whether answers about ``first``..``last`` are final: always so for regimes without a calendar."""
        return not self.uses_production_calendar or self.calendar.covers(first, last)

    def add_working(self, start: datetime, amount: timedelta) -> datetime:
        """The earliest instant by which ``amount`` of working time has passed since ``start``.

        Never inside non-working time, save that nothing added to ``start`` is ``start`` itself.
        ValueError for a negative amount.
        """
        if amount < _ZERO:
            raise ValueError("cannot add negative working time")
        start = as_utc(start)
        if not amount:
            return start
        day = self.local_date(start)
        while True:
            for opens, closes in self.spans(day):
                begins = max(opens, start)
                if closes - begins >= amount:
                    return begins + amount
                amount -= max(closes - begins, _ZERO)
            day += _DAY

    def working_between(self, earlier: datetime, later: datetime) -> timedelta:
        """The working time from ``earlier`` to ``later``; zero when they are the other way round."""
        earlier, later = as_utc(earlier), as_utc(later)
        total = _ZERO
        day, last = self.local_date(earlier), self.local_date(later)
        while day <= last:
            for opens, closes in self.spans(day):
                total += max(min(closes, later) - max(opens, earlier), _ZERO)
            day += _DAY
        return total

    def spans(self, d: date) -> tuple[Span, ...]:
        """The working intervals of ``d``, in order."""
        known = self._spans.get(d)
        if known is None:
            known = tuple(
                (self._after_midnight(d, a), self._after_midnight(d, b)) for a, b in self._hours_on(d)
            )
            self._spans[d] = known
        return known

    def _hours_on(self, d: date) -> _Offsets:
        if not self.uses_production_calendar:
            return self._week[d.weekday()]
        if not self.calendar.is_working_day(d):
            return ()
        week = self._short_week if self.calendar.is_short_day(d) else self._week
        # A region that states hours for Saturdays means them; otherwise a working Saturday keeps the hours of
        # the weekday whose rest was moved.
        return week[d.weekday()] or week[self.calendar.schedule_weekday(d)]

    def _after_midnight(self, d: date, offset: timedelta) -> datetime:
        wall = datetime.combine(d, time.min, UTC) + offset  # UTC only carries the wall time past 24:00
        return self._instant(wall.date(), wall.time())

    def _instant(self, d: date, wall: time) -> datetime:
        return datetime.combine(d, wall, self._zone).astimezone(UTC)


def work_clock_for(region: Region) -> WorkClock:
    """The working time of ``region`` on the packaged calendars; one clock for equal hours and days off."""
    return _work_clock(region.working_hours, region.time_zone, region.region_days_off)


@lru_cache(maxsize=32)
def _work_clock(hours: WorkingHours, tz: str, days_off: tuple[date, ...]) -> WorkClock:
    return WorkClock(load_calendar().with_days_off(days_off), hours, tz)


def _week_offsets(hours: WorkingHours) -> tuple[_Offsets, ...]:
    if len(hours.week) > _DAYS_A_WEEK or hours.short_day_minutes < 0:
        raise ValueError(
            "the working hours need at most seven days and a short day that cuts 0 minutes or more"
        )
    stated = tuple(tuple(map(_offsets, day)) for day in hours.week)
    for day in stated:
        edges = [edge for interval in day for edge in interval]
        if edges != sorted(edges) or any(start == end for start, end in day):
            raise ValueError("the working intervals of a day must be ordered and must not overlap")
    return stated + ((),) * (_DAYS_A_WEEK - len(stated))


def _offsets(interval: Interval) -> tuple[timedelta, timedelta]:
    # An end at 00:00 is the midnight that closes the day: a round-the-clock desk cannot say 24:00.
    return _since_midnight(interval.start), _since_midnight(interval.end) or _DAY


def _since_midnight(wall: time) -> timedelta:
    return timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second)


def _shortened(day: _Offsets, cut: timedelta) -> _Offsets:
    """``day`` with ``cut`` taken from its end, through the last interval into earlier ones if need be."""
    kept: list[tuple[timedelta, timedelta]] = []
    for start, end in reversed(day):
        taken = min(cut, end - start)
        cut -= taken
        if start < end - taken:
            kept.append((start, end - taken))
    return tuple(reversed(kept))
