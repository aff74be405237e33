"""Working hours fitted to what a source states: the hours under which most of its working times come out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta

from cur_tui.domain.profile.profile import Interval, WorkingHours
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.time.working_time import WorkClock
from regional_api.importers.causes import Span

_COARSE = 40
_LEAST = 10
_FINE = 400
_KEPT = 12
_MAX_DAYS = timedelta(days=30)
_OPENINGS = range(7 * 60, 11 * 60 + 1, 30)
_CLOSINGS = range(16 * 60, 20 * 60 + 1, 30)
_LUNCHES = tuple((start, length) for start in range(11 * 60 + 30, 14 * 60 + 1, 30) for length in (30, 45, 60))
_FRIDAY = 4
_EARLIER = (0, 15, 30, 45, 60)
_SHORT_DAYS = (60, 0)


@dataclass(frozen=True, slots=True)
class Fit:
    """Fitted hours, and how many of the ``tried`` working times agree with them and with the region's own."""

    hours: WorkingHours
    tried: int
    agree: int
    agree_now: int


def fit_hours(spans: Sequence[Span], rulebook: Rulebook, tolerance: timedelta) -> Fit | None:
    """The hours that explain most of ``spans``; None when there is too little to fit them to.

    Every opening, closing and lunch by the half hour is tried on a few spans, the best of them on many; then
    an earlier Friday and the length of days before holidays.
    """
    usable = [span for span in spans if span.working and span.ended - span.started <= _MAX_DAYS]
    if len(usable) < _COARSE:
        return None
    score = _Score(rulebook, tolerance)
    now = rulebook.region.working_hours
    # Fridays are often shorter, so the other days are fitted without them where there are enough others.
    calm = [span for span in usable if not _meets_friday(span, rulebook)]
    few, many = _spread(calm if len(calm) >= _LEAST else usable, _COARSE), _spread(usable, _FINE)
    weeks = _weeks(now.uses_production_calendar)
    best = sorted(weeks, key=lambda hours: -score.of(hours, few))[:_KEPT]
    found = max(best, key=lambda hours: score.of(hours, many))
    # The region's own hours come first: of equally good ones those stay.
    found = max((now, *_refined(found)), key=lambda hours: score.of(hours, many))
    return Fit(found, len(many), score.of(found, many), score.of(now, many))


def as_profile(hours: WorkingHours) -> str:
    """The hours as lines of a region profile."""
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    lines = ["[working_hours]"]
    for name, day in zip(names, hours.week, strict=False):
        if day:
            told = ", ".join(f'"{part.start:%H:%M}-{part.end:%H:%M}"' for part in day)
            lines.append(f"{name} = [{told}]")
    lines.append(f"short_day_minutes = {hours.short_day_minutes}")
    return "\n".join(lines)


class _Score:
    """Counts agreeing spans."""

    def __init__(self, rulebook: Rulebook, tolerance: timedelta) -> None:
        self._time = rulebook.time
        self._tolerance = tolerance

    def of(self, hours: WorkingHours, spans: Iterable[Span]) -> int:
        clock = WorkClock(self._time.calendar, hours, self._time.tz)
        found = (abs(clock.working_between(s.started, s.ended) - s.working) for s in spans)
        return sum(difference <= self._tolerance for difference in found)


def _weeks(uses_calendar: bool) -> Iterator[WorkingHours]:
    # Without a lunch first: of equally good hours the simpler ones are proposed.
    for lunch in (None, *_LUNCHES):
        for opens in _OPENINGS:
            for closes in _CLOSINGS:
                day = _day(opens, closes, lunch)
                yield WorkingHours((day,) * 5, uses_production_calendar=uses_calendar)


def _refined(hours: WorkingHours) -> Iterator[WorkingHours]:
    for earlier in _EARLIER:
        *week, friday = hours.week
        last = friday[-1]
        ends = last.end.hour * 60 + last.end.minute - earlier
        short = (*friday[:-1], Interval(last.start, time(*divmod(ends, 60))))
        for minutes in _SHORT_DAYS:
            yield replace(hours, week=(*week, short), short_day_minutes=minutes)


def _day(opens: int, closes: int, lunch: tuple[int, int] | None) -> tuple[Interval, ...]:
    edges = [opens, closes] if lunch is None else [opens, lunch[0], lunch[0] + lunch[1], closes]
    times = [time(*divmod(edge, 60)) for edge in edges]
    return tuple(Interval(start, end) for start, end in zip(times[::2], times[1::2], strict=True))


def _meets_friday(span: Span, rulebook: Rulebook) -> bool:
    first, last = rulebook.time.local_date(span.started), rulebook.time.local_date(span.ended)
    return (_FRIDAY - first.weekday()) % 7 <= (last - first).days


def _spread(spans: Sequence[Span], n: int) -> list[Span]:
    """At most ``n`` of ``spans``, evenly over the file."""
    step = max(len(spans) / n, 1.0)
    return [spans[int(i * step)] for i in range(min(n, len(spans)))]
