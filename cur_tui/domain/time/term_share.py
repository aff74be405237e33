"""When a part of a term has passed: in working time for terms of working time, else by the clock."""

from datetime import datetime, timedelta

from cur_tui.domain.model import Clock
from cur_tui.domain.time.calendar import as_utc
from cur_tui.domain.time.working_time import Span, WorkClock
from cur_tui.domain.vocabulary import TimeUnit

_WORKING_UNITS = frozenset({TimeUnit.WORKING_DAY, TimeUnit.WORKING_HOUR, TimeUnit.WORKING_MINUTE})
_WHOLE = 100


def share_moment(clock: Clock, share: int, time: WorkClock) -> datetime:
    """When ``share`` per cent of ``clock`` had passed or will have, up to its control date.

    What stood still does not count. A term that has no working time left in it has passed at its end.
    ValueError for a share below 1 or above 100.
    """
    if not 1 <= share <= _WHOLE:
        raise ValueError("a share is 1 to 100 per cent")
    if share == _WHOLE:
        return clock.control_due_at
    stretches = _running(clock)
    in_working_time = clock.unit in _WORKING_UNITS
    lengths = [
        time.working_between(*stretch) if in_working_time else stretch[1] - stretch[0]
        for stretch in stretches
    ]
    left = sum(lengths, timedelta()) * share / _WHOLE
    for (begins, _), length in zip(stretches, lengths, strict=True):
        if timedelta() < left <= length:
            return time.add_working(begins, left) if in_working_time else begins + left
        left -= length
    return clock.control_due_at


def _running(clock: Clock) -> list[Span]:
    """The stretches of the term, up to its control date, in which the clock ran."""
    stretches: list[Span] = []
    begins, end = as_utc(clock.started_at), as_utc(clock.control_due_at)
    for paused, resumed in sorted(clock.pauses):
        if begins < min(as_utc(paused), end):
            stretches.append((begins, min(as_utc(paused), end)))
        begins = max(begins, as_utc(resumed))
    if begins < end:
        stretches.append((begins, end))
    return stretches
