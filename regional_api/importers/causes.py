"""Why a source counts otherwise: each cause is a way of counting that would give its figure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from cur_tui.domain.profile.profile import ClockRule, Interval, SlaPolicy, WorkingHours
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.time.clocks import make_clock
from cur_tui.domain.time.working_time import WorkClock

UNKNOWN = "unknown"
_HOUR = timedelta(hours=1)
_ZONES = tuple(n for n in range(-9, 10) if n)
_LONGEST_TERM = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant to another, with the working time that a source counts between them."""

    started: datetime
    ended: datetime
    working: timedelta


def causes_of_time(span: Span, rulebook: Rulebook, tolerance: timedelta) -> tuple[str, ...]:
    """Every cause by which the source's working time would come out, or the one that remains."""

    def agrees(found: timedelta) -> bool:
        return abs(found - span.working) <= tolerance

    found = ["clock_time"] if agrees(span.ended - span.started) else []
    for cause, clock in _other_clocks(rulebook):
        if agrees(clock.working_between(span.started, span.ended)):
            found.append(cause)
    for hours in _ZONES:
        shift = hours * _HOUR
        if agrees(rulebook.time.working_between(span.started + shift, span.ended + shift)):
            found.append("other_zone")
            break
    if found:
        return tuple(found)
    return (UNKNOWN if span.working > span.ended - span.started + tolerance else "other_hours",)


def causes_of_term(
    registered: datetime, planned: date, rule: ClockRule, policy: SlaPolicy, rulebook: Rulebook
) -> tuple[str, ...]:
    """Every cause by which the source's planned date would come out, or the one that remains."""
    found = [
        cause
        for cause, other in _other_counts(policy)
        if rulebook.time.local_date(make_clock(rule, other, registered, rulebook).due_at) == planned
    ]
    if found:
        return tuple(dict.fromkeys(found))
    term = planned - rulebook.time.local_date(registered)
    return ("other_term" if timedelta(0) <= term <= _LONGEST_TERM else UNKNOWN,)


def _other_counts(policy: SlaPolicy) -> Iterator[tuple[str, SlaPolicy]]:
    yield "end_not_moved", replace(policy, end_rule="as_is")
    yield "end_moved_forward", replace(policy, end_rule="following")
    yield "end_moved_back", replace(policy, end_rule="preceding")
    for end in ("as_is", "following", "preceding"):
        yield "counts_from_registration", replace(policy, count_from="registration_day", end_rule=end)
        yield "counts_from_next_day", replace(policy, count_from="next_day", end_rule=end)


def _other_clocks(rulebook: Rulebook) -> tuple[tuple[str, WorkClock], ...]:
    hours = rulebook.region.working_hours
    whole = replace(hours, week=tuple(map(without_lunch, hours.week)))
    return _clocks(
        (
            ("no_lunch_there", whole),
            ("no_calendar_there", replace(hours, uses_production_calendar=False)),
            ("no_short_days_there", replace(hours, short_day_minutes=0)),
            ("no_lunch_no_calendar_there", replace(whole, uses_production_calendar=False)),
        ),
        rulebook,
    )


@lru_cache(maxsize=8)
def _clocks(
    ways: tuple[tuple[str, WorkingHours], ...], rulebook: Rulebook
) -> tuple[tuple[str, WorkClock], ...]:
    time = rulebook.time
    return tuple((cause, WorkClock(time.calendar, hours, time.tz)) for cause, hours in ways)


def without_lunch(day: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """The day from its first opening to its last closing."""
    return (Interval(day[0].start, day[-1].end),) if day else ()
