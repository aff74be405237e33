"""When messages come in: days by weekday and by luck, hours by habit."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

_WEEKDAYS = (1.15, 1.1, 1.0, 1.0, 0.95, 0.5, 0.4)
_HOURS = (
    1, 0.5, 0.3, 0.2, 0.3, 0.8, 2, 4, 7, 9, 9, 8.5, 7.5, 7, 7, 7, 6.5, 6, 6, 6, 5.5, 4.5, 3.5, 2,
)  # fmt: skip
_HOUR_WEIGHTS = list(accumulate(_HOURS))
_PEAK_SHARE = 0.03
"""A day in about thirty brings a storm: snow, an accident, a wave of complaints."""
_PEAK = 2.6


def archive_days(first: date, last: date, count: int, rng: Random) -> Iterator[tuple[date, int]]:
    """Every day from ``first`` to ``last`` with its part of ``count`` messages, exactly ``count`` in all."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weights = [
        _WEEKDAYS[day.weekday()] * (_PEAK if rng.random() < _PEAK_SHARE else rng.uniform(0.8, 1.2))
        for day in days
    ]
    total, passed, given = sum(weights), 0.0, 0
    for day, weight in zip(days, weights, strict=True):
        passed += weight
        due = count if day == last else round(count * passed / total)
        yield day, due - given
        given = due


def times_of(day: date, count: int, zone: ZoneInfo, rng: Random) -> list[datetime]:
    """``count`` instants of the region's ``day`` in their order, whole seconds, UTC."""
    midnight = datetime.combine(day, time.min, zone).astimezone(UTC)
    hours = rng.choices(range(24), cum_weights=_HOUR_WEIGHTS, k=count)
    return sorted(midnight + timedelta(seconds=hour * 3600 + int(rng.random() * 3600)) for hour in hours)
