"""When a term ends: two dates for every clock, in any of the units that the law and the regions use.

59-ФЗ does not say how its days are counted, and the two practices differ by a day. So each term has a legal
date, counted as the policy says, and a control date, counted the strictest way, which drives the work.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from cur_tui.domain.time.calendar import as_utc
from cur_tui.domain.time.working_time import Span, WorkClock, work_clock_for
from cur_tui.domain.vocabulary import TimeUnit

__all__ = [
    "CountFrom",
    "Deadline",
    "EndRule",
    "EndTime",
    "WorkClock",
    "deadline",
    "deadline_with_pauses",
    "overrun",
    "work_clock_for",
]

_DAY = timedelta(days=1)
_ZERO = timedelta(0)

_WORKING_UNITS = frozenset({TimeUnit.WORKING_DAY, TimeUnit.WORKING_HOUR, TimeUnit.WORKING_MINUTE})
_LENGTHS = {
    TimeUnit.WORKING_HOUR: timedelta(hours=1),
    TimeUnit.CLOCK_HOUR: timedelta(hours=1),
    TimeUnit.WORKING_MINUTE: timedelta(minutes=1),
}


class CountFrom(StrEnum):
    """Which day is the first of a term.

    In working days, ``REGISTRATION_DAY`` is the day of the event only while its working time is not over:
    after closing and on days off the first day is the next working day.
    """

    NEXT_DAY = "next_day"
    """The day after the event, by analogy with art. 191 of the Civil Code."""
    REGISTRATION_DAY = "registration_day"
    """The day of the event itself, «со дня регистрации» read word for word."""


class EndRule(StrEnum):
    """What happens to a term in calendar days whose last day is not a working one."""

    AS_IS = "as_is"
    PRECEDING = "preceding"
    """It ends on the working day before, as departmental instructions have it."""
    FOLLOWING = "following"
    """It ends on the next working day, by analogy with art. 193 of the Civil Code."""


class EndTime(StrEnum):
    """The moment of the last day at which a term in days ends."""

    END_OF_DAY = "end_of_day"
    CLOSE_OF_BUSINESS = "close_of_business"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The two ends of one term, in UTC; ``control_due`` is never later than ``legal_due``.

    ``provisional``: the count touched a date without a decreed calendar, so it will move when the calendar
    of that year is loaded. Terms in clock hours ask no calendar and are never provisional.
    """

    legal_due: datetime
    control_due: datetime
    provisional: bool


def deadline(
    rule_amount: int,
    unit: TimeUnit,
    started: datetime,
    *,
    count_from: str,
    end_rule: str,
    end_time: str,
    time: WorkClock,
) -> Deadline:
    """The deadline of ``rule_amount`` of ``unit`` counted from ``started``.

    ``count_from``, ``end_rule`` and ``end_time`` (:class:`CountFrom`, :class:`EndRule`, :class:`EndTime`)
    bear on terms in days only and shape the legal date. The control date of such a term is counted from the
    day of registration and ends no later than the last working day within; in hours and minutes both are one.
    ValueError for an amount below 1, an unknown word or a ``started`` without a time zone.
    """
    return deadline_with_pauses(
        rule_amount, unit, started, (), count_from=count_from, end_rule=end_rule, end_time=end_time, time=time
    )


def deadline_with_pauses(
    rule_amount: int,
    unit: TimeUnit,
    started: datetime,
    pauses: Sequence[tuple[datetime, datetime]],
    *,
    count_from: str,
    end_rule: str,
    end_time: str,
    time: WorkClock,
) -> Deadline:
    """The deadline of a term whose clock stood still during ``pauses``, replayed from its start.

    Time on hold is measured in the unit of the term itself, so a pause outside working time gives nothing to
    a term in working time. In days, a day is held when its end (for working days, its closing) is.
    Pauses may overlap; what lies before the start or begins at or after the deadline changes nothing.
    """
    if rule_amount < 1:
        raise ValueError("the amount of a term must be at least 1")
    started = as_utc(started)
    holds = _merged(pauses, started)
    if unit in _LENGTHS:
        due = _due_in_hours(rule_amount * _LENGTHS[unit], unit, started, holds, time)
        return Deadline(due, due, _is_provisional(unit, started, due, due, time))

    legal = _day_count(unit, count_from, end_rule, end_time, time)
    control = _day_count(unit, CountFrom.REGISTRATION_DAY, EndRule.PRECEDING, end_time, time)
    legal_due = legal.due(rule_amount, started, holds)
    control_due = control.due(rule_amount, started, holds)
    return Deadline(legal_due, control_due, _is_provisional(unit, started, control_due, legal_due, time))


def overrun(due: datetime, now: datetime, unit: TimeUnit, time: WorkClock) -> timedelta:
    """How far ``now`` is past ``due``; zero before it.

    A term in working units is exceeded by working time only: zero while only non-working hours have passed.
    """
    if unit in _WORKING_UNITS:
        return time.working_between(due, now)
    return max(as_utc(now) - as_utc(due), _ZERO)


@dataclass(frozen=True, slots=True)
class _DayCount:
    """One way of counting a term in days."""

    unit: TimeUnit
    count_from: CountFrom
    end_rule: EndRule
    end_time: EndTime
    time: WorkClock

    def due(self, amount: int, started: datetime, holds: Sequence[Span]) -> datetime:
        count = self._calendar_due if self.unit is TimeUnit.CALENDAR_DAY else self._working_due
        held = self._calendar_days_held if self.unit is TimeUnit.CALENDAR_DAY else self._working_days_held
        due = count(amount, started)
        for hold in holds:
            if hold[0] >= due:
                break
            amount += held(hold)
            due = count(amount, started)
        return due

    def _calendar_due(self, amount: int, started: datetime) -> datetime:
        first = self.time.local_date(started)
        if self.count_from is CountFrom.NEXT_DAY:
            first += _DAY
        last = first + timedelta(days=amount - 1)
        due = self._end_of(self._moved(last))
        # A term of a few days may hold no working moment at all. It then ends with its last day as counted:
        # an end before the start would make the appeal overdue at birth.
        return due if due >= started else max(self.time.end_of_day(last), started)

    def _moved(self, last: date) -> date:
        if self.end_rule is EndRule.AS_IS or self.time.is_working_day(last):
            return last
        if self.end_rule is EndRule.FOLLOWING:
            return self.time.next_working_day(last)
        return self.time.previous_working_day(last)

    def _working_due(self, amount: int, started: datetime) -> datetime:
        day = self.time.local_date(started)
        counts_today = (
            self.count_from is CountFrom.REGISTRATION_DAY
            and self.time.is_working_day(day)
            and started < self.time.close_of_business(day)
        )
        for _ in range(amount - 1 if counts_today else amount):
            day = self.time.next_working_day(day)
        return self._end_of(day)

    def _calendar_days_held(self, hold: Span) -> int:
        return (self.time.local_date(hold[1]) - self.time.local_date(hold[0])).days

    def _working_days_held(self, hold: Span) -> int:
        day, last = self.time.local_date(hold[0]), self.time.local_date(hold[1])
        held = 0
        while day <= last:
            held += self.time.is_working_day(day) and hold[0] < self.time.close_of_business(day) <= hold[1]
            day += _DAY
        return held

    def _end_of(self, day: date) -> datetime:
        if self.end_time is EndTime.CLOSE_OF_BUSINESS:
            return self.time.close_of_business(day)
        return self.time.end_of_day(day)


@lru_cache(maxsize=256)
def _day_count(unit: TimeUnit, count_from: str, end_rule: str, end_time: str, time: WorkClock) -> _DayCount:
    """One count for equal words; a region has a handful of them and asks each many times."""
    return _DayCount(unit, CountFrom(count_from), EndRule(end_rule), EndTime(end_time), time)


def _due_in_hours(
    amount: timedelta, unit: TimeUnit, started: datetime, holds: Sequence[Span], time: WorkClock
) -> datetime:
    add: Callable[[datetime, timedelta], datetime] = (
        time.add_working if unit in _WORKING_UNITS else lambda start, length: start + length
    )
    due = add(started, amount)
    for begins, ends in holds:
        if begins >= due:
            break
        due = add(due, time.working_between(begins, ends) if unit in _WORKING_UNITS else ends - begins)
    return due


def _merged(pauses: Sequence[tuple[datetime, datetime]], started: datetime) -> list[Span]:
    """``pauses`` in order and from ``started`` on, without overlaps: no moment is given back twice."""
    merged: list[Span] = []
    for begins, ends in sorted((as_utc(begins), as_utc(ends)) for begins, ends in pauses):
        if ends < begins:
            raise ValueError("a pause cannot end before it begins")
        begins = max(begins, merged[-1][1] if merged else started)
        if begins < ends:
            merged.append((begins, ends))
    return merged


def _is_provisional(
    unit: TimeUnit, started: datetime, control_due: datetime, legal_due: datetime, time: WorkClock
) -> bool:
    if unit is TimeUnit.CLOCK_HOUR:
        return False
    # Working time asks the calendar about every day from the start; calendar days only about their end.
    first = started if unit in _WORKING_UNITS else control_due
    return not time.covers(time.local_date(first), time.local_date(legal_due))
