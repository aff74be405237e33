"""The plan of a region: which appeals there are, when they came, and where the open ones stand.

An appeal is a pure function of its :class:`Slot`, so a plan is small: a million slots are never in memory,
only those of the open appeals are, chosen so that every band of urgency has its share.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from random import Random
from zoneinfo import ZoneInfo

from cur_tui.domain.model import Clock
from cur_tui.domain.vocabulary import Priority, Regime, State
from regional_api.generate.mix import Shares
from regional_api.generate.moments import archive_days, times_of

DAYS_OF_ARCHIVE = 730
_ARCHIVE_A_DAY = 32
"""A small region; more appeals than that in two years make a bigger one."""
_SHORTEST_ARCHIVE = 60
_OPEN_SHARE = 0.36
_OPEN_BACKLOG = 1_500
_OPEN_SHARE_OF_THE_REST = 0.015
_TRIES = 6

_STATES = Shares(
    {
        State.DISTRIBUTION: 26,
        State.ASSIGNED: 15,
        State.IN_PROGRESS: 21,
        State.IN_REVIEW: 12,
        State.REVISION_REQUIRED: 7,
        State.INTERIM_PUBLISHED: 8,
        State.APPROVED: 7,
        State.DEFERRED: 4,
    }
)
_BANDS = Shares({"overdue": 11, "soon": 8, "today": 16, "tomorrow": 17, "later": 48})
_BANDS_OF_NEW = Shares({"overdue": 14, "soon": 26, "today": 36, "tomorrow": 14, "later": 10})
_PROVISIONAL = 0.03
SOON = timedelta(hours=2)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One appeal to be told. ``target`` None: the whole course, to its end."""

    registered_at: datetime
    seed: int
    target: State | None = None
    regime: Regime | None = None
    priority: Priority | None = None
    extended: bool = False


NearestClock = Callable[[Slot], Clock | None]
"""Tells the story of a slot and gives the clock that people work against."""


def band_of(clock: Clock | None, now: datetime, zone: ZoneInfo) -> str:
    """The band of urgency: ``overdue``, ``soon``, ``today``, ``tomorrow``, ``later`` or ``provisional``."""
    if clock is None:
        return "none"
    due = clock.control_due_at
    if due <= now:
        return "overdue"
    if due - now < SOON:
        return "soon"
    if clock.provisional:
        return "provisional"
    days = (due.astimezone(zone).date() - now.astimezone(zone).date()).days
    return ("today", "tomorrow")[days] if days < 2 else "later"


def open_count(count: int) -> int:
    """How many of ``count`` appeals are open: over a third of a small region, a backlog of a big one."""
    return min(round(count * _OPEN_SHARE), _OPEN_BACKLOG + round(count * _OPEN_SHARE_OF_THE_REST))


def plan(
    count: int, seed: int, now: datetime, zone: ZoneInfo, first_day: date, nearest: NearestClock
) -> Iterator[Slot]:
    """``count`` slots in the order of their registration. No archive day lies before ``first_day``."""
    rng = Random(f"plan:{seed}:{count}:{now.isoformat()}")  # noqa: S311 - data to look at, no secret
    open_slots = sorted(_open_slots(open_count(count), now, zone, nearest, rng))
    archive = count - len(open_slots)
    length = min(DAYS_OF_ARCHIVE, max(_SHORTEST_ARCHIVE, archive // _ARCHIVE_A_DAY))
    last = now.astimezone(zone).date() - timedelta(days=2)
    first = max(first_day, last - timedelta(days=length))
    return merge(open_slots, _archive_slots(archive, first, last, zone, rng))


def _archive_slots(count: int, first: date, last: date, zone: ZoneInfo, rng: Random) -> Iterator[Slot]:
    for day, n in archive_days(first, last, count, rng):
        for instant in times_of(day, n, zone, rng):
            yield Slot(instant, rng.getrandbits(48))


def _open_slots(
    count: int, now: datetime, zone: ZoneInfo, nearest: NearestClock, rng: Random
) -> Iterator[Slot]:
    """Open appeals. A band that the calendar does not allow now (nothing ends on a Sunday) stays short."""
    for _ in range(count):
        if rng.random() < _PROVISIONAL:
            yield _beyond_the_calendar(now, rng)
            continue
        state = _STATES.pick(rng)
        wanted = (_BANDS_OF_NEW if state is State.DISTRIBUTION else _BANDS).pick(rng)
        best: Slot | None = None
        for _ in range(_TRIES):
            slot = _candidate(state, wanted, now, rng)
            band = band_of(nearest(slot), now, zone)
            if best is None or band in (wanted, "later"):
                best = slot
            if band == wanted:
                break
        assert best is not None
        yield best


def _beyond_the_calendar(now: datetime, rng: Random) -> Slot:
    """A statutory appeal with a prolonged term: by autumn it ends in a year whose calendar is not out."""
    target = rng.choice((State.DEFERRED, State.APPROVED))
    registered = _before(now, rng.uniform(3, 29), rng)
    return Slot(registered, rng.getrandbits(48), target, Regime.FZ59, Priority.NORMAL, extended=True)


def _candidate(state: State, band: str, now: datetime, rng: Random) -> Slot:
    """A slot in ``state`` that is likely to be in ``band``."""
    seed = rng.getrandbits(48)
    if band == "soon" and rng.random() < 0.4:
        return Slot(_before(now, rng.uniform(0.005, 0.09), rng), seed, state, None, Priority.EMERGENCY)
    if state is State.DISTRIBUTION:
        # Untouched for long is rare; what has just come in after hours is due on the next working day.
        age = rng.expovariate(1.5) + 0.1 if band == "overdue" else rng.uniform(0.001, 0.7)
        return Slot(_before(now, age, rng), seed, state)
    days = {"overdue": 9.0, "soon": 5.0, "today": 6.0, "tomorrow": 6.0, "later": 6.0}[band]
    return Slot(_before(now, 0.02 + rng.expovariate(1 / days), rng), seed, state)


def _before(now: datetime, days: float, rng: Random) -> datetime:
    """An instant ``days`` before ``now``, give or take a minute; nothing waits longer than two months."""
    return now - timedelta(seconds=int(min(days, 55) * 86_400) + rng.randrange(1, 60))
