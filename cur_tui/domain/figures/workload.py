"""Workload accounting: what lies on a block or an operator, the forecast for the week, the people it needs.

Sources: accounting of occupancy by blocks with proposals to strengthen the staff (ЕАО cl. 4.1(8)); staff by
the number of appeals (Kursk 958-па cl. 3.5, ЕАО cl. 3.1(5в)). Everything is made of counts and of sums of
seconds that add up, so a workstation without contact and the server come to the same figures.
:mod:`cur_tui.domain.figures.workload_reckoning` makes these values.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil

from cur_tui.domain.vocabulary import Role


@dataclass(frozen=True, slots=True)
class OpenCell:
    """The open appeals of one block and worker. ``age_seconds``: from registration to now, over all."""

    block: str | None
    worker: str | None
    count: int
    overdue: int
    due_this_week: int
    age_seconds: int
    backlog: int = 0
    """Overdue, and from before the window."""


@dataclass(frozen=True, slots=True)
class FlowCell:
    """Appeals of one block and worker that came or left on one day; ``seconds``: in work, over all."""

    day: date
    block: str | None
    worker: str | None
    count: int
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of a block or a worker.

    ``age_seconds`` is over the open ones, ``work_seconds`` over those that left, from registration to the
    answer or the closing. ``due_this_week``: open, not overdue, and due by the end of the week.
    """

    open: int = 0
    overdue: int = 0
    due_this_week: int = 0
    age_seconds: int = 0
    came: int = 0
    left: int = 0
    work_seconds: int = 0
    backlog: int = 0
    """Overdue, and registered before the window: not among those that came in it."""

    @property
    def age(self) -> timedelta | None:
        """The mean age of what is open."""
        return _mean(self.age_seconds, self.open)

    @property
    def time_in_work(self) -> timedelta | None:
        """The mean time in work of what left."""
        return _mean(self.work_seconds, self.left)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.open + other.open,
            self.overdue + other.overdue,
            self.due_this_week + other.due_this_week,
            self.age_seconds + other.age_seconds,
            self.came + other.came,
            self.left + other.left,
            self.work_seconds + other.work_seconds,
            self.backlog + other.backlog,
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many will be open at the end of the week, if all goes on as in the window.

    Messages come on working days and on days off at rates of their own; work is done in working time only.
    """

    open_now: int
    came_on_working_days: int
    working_days: int
    came_on_days_off: int
    days_off: int
    left: int
    working_minutes: int
    """Of the window, like everything before."""
    working_days_ahead: Fraction
    days_off_ahead: Fraction
    working_minutes_ahead: int

    @property
    def will_come(self) -> Fraction:
        """What will be registered until then."""
        return _rate(self.came_on_working_days, self.working_days) * self.working_days_ahead + (
            _rate(self.came_on_days_off, self.days_off) * self.days_off_ahead
        )

    @property
    def will_leave(self) -> Fraction:
        """What will be answered or closed until then: never more than there is."""
        done = _rate(self.left, self.working_minutes) * self.working_minutes_ahead
        return min(done, self.open_now + self.will_come)

    @property
    def open_then(self) -> Fraction:
        """What will be open."""
        return self.open_now + self.will_come - self.will_leave


@dataclass(frozen=True, slots=True)
class Staffing:
    """How many people a block needs, by the number of its appeals, and what is proposed.

    ``items``: what came in the window, and what is overdue from before and must be caught up with.
    ``present`` counts an account that works for several blocks by its share.
    """

    items: int
    minutes_per_item: int
    working_minutes: int
    utilisation: int
    present: Fraction

    @property
    def minutes(self) -> int:
        """The working minutes that the items take."""
        return self.items * self.minutes_per_item

    @property
    def capacity(self) -> Fraction:
        """The minutes that one person has for appeals in the window."""
        return Fraction(self.working_minutes * self.utilisation, 100)

    @property
    def needed(self) -> int:
        """People, rounded up: half a person answers nobody."""
        return ceil(self.minutes / self.capacity) if self.capacity else 0

    @property
    def proposal(self) -> int:
        """How many to add, or to give to other blocks when negative."""
        return self.needed - ceil(self.present)


@dataclass(frozen=True, slots=True)
class BlockLoad:
    """One block's load; ``block`` None: the whole region."""

    block: str | None
    counts: Counts
    forecast: Forecast
    staffing: Staffing | None
    """None where the profile has no norm."""


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """One operator's load; ``worker`` None: held by nobody."""

    worker: str | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class Workload:
    """The load at one moment. ``first``, ``last``: days of the window; ``week_end``: end of the forecast."""

    first: date
    last: date
    week_end: datetime
    blocks: tuple[BlockLoad, ...]
    total: BlockLoad
    workers: tuple[WorkerLoad, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account as everybody knows it: whom it works for."""

    account: str
    role: Role
    blocks: tuple[str, ...]


def _rate(amount: int, per: int) -> Fraction:
    return Fraction(amount, per) if per else Fraction()


def _mean(seconds: int, amount: int) -> timedelta | None:
    return timedelta(seconds=seconds / amount) if amount else None
