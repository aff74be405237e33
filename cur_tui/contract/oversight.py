"""The workload and the satisfaction as they travel and as programs read them, calculations included."""

from datetime import datetime, timedelta

import msgspec

from cur_tui.domain.figures.satisfaction import ChannelRatings, Satisfaction
from cur_tui.domain.figures.workload import BlockLoad, Counts, Forecast, Staffing, Workload


class CountsEntry(msgspec.Struct, frozen=True):
    """What is counted of a block or an operator; ``backlog``: overdue from before the four weeks.

    Means are in seconds: of what is open, and of what left.
    """

    open: int
    overdue: int
    backlog: int
    due_this_week: int
    mean_age: int | None
    came: int
    left: int
    mean_work: int | None


class ForecastEntry(msgspec.Struct, frozen=True):
    """The forecast with everything that it was made of, see ``workload.Forecast``."""

    open_now: int
    came_on_working_days: int
    working_days: int
    came_on_days_off: int
    days_off: int
    left: int
    working_minutes: int
    working_days_ahead: float
    days_off_ahead: float
    working_minutes_ahead: int
    will_come: float
    will_leave: float
    open_then: float


class StaffingEntry(msgspec.Struct, frozen=True):
    """The proposal with everything that it was made of, see ``workload.Staffing``."""

    items: int
    minutes_per_item: int
    minutes: int
    working_minutes: int
    utilisation: int
    capacity: float
    needed: int
    present: float
    proposal: int


class BlockEntry(msgspec.Struct, frozen=True):
    """One block; ``block`` null: all of them."""

    block: str | None
    counts: CountsEntry
    forecast: ForecastEntry
    staffing: StaffingEntry | None


class WorkerEntry(msgspec.Struct, frozen=True):
    """One operator; ``worker`` null: what nobody holds."""

    worker: str | None
    counts: CountsEntry


class WorkloadAnswer(msgspec.Struct, frozen=True):
    """The load of the last four weeks, from ``first`` to ``last``, with the forecast until ``week_end``."""

    first: str
    last: str
    week_end: datetime
    blocks: tuple[BlockEntry, ...]
    total: BlockEntry
    workers: tuple[WorkerEntry, ...]


class ChannelEntry(msgspec.Struct, frozen=True):
    """One channel; ``source`` null: all. ``counts`` are of the ratings 1 to 5; shares are from 0 to 1."""

    source: str | None
    answered: int
    rated: int
    coverage: float | None
    mean: float | None
    positive: float | None
    counts: tuple[int, ...]


class SatisfactionAnswer(msgspec.Struct, frozen=True):
    """The ratings of answers delivered in a period."""

    first: str
    last: str
    channels: tuple[ChannelEntry, ...]
    total: ChannelEntry


def workload_answer(load: Workload) -> WorkloadAnswer:
    """``load`` as it travels."""
    return WorkloadAnswer(
        first=load.first.isoformat(),
        last=load.last.isoformat(),
        week_end=load.week_end,
        blocks=tuple(map(_block, load.blocks)),
        total=_block(load.total),
        workers=tuple(WorkerEntry(one.worker, _counts(one.counts)) for one in load.workers),
    )


def satisfaction_answer(known: Satisfaction, first: str, last: str) -> SatisfactionAnswer:
    """``known`` as it travels."""
    return SatisfactionAnswer(first, last, tuple(map(_channel, known.channels)), _channel(known.total))


def _block(one: BlockLoad) -> BlockEntry:
    staffing = None if one.staffing is None else _staffing(one.staffing)
    return BlockEntry(one.block, _counts(one.counts), _forecast(one.forecast), staffing)


def _counts(counts: Counts) -> CountsEntry:
    return CountsEntry(
        open=counts.open,
        overdue=counts.overdue,
        backlog=counts.backlog,
        due_this_week=counts.due_this_week,
        mean_age=_seconds(counts.age),
        came=counts.came,
        left=counts.left,
        mean_work=_seconds(counts.time_in_work),
    )


def _forecast(one: Forecast) -> ForecastEntry:
    return ForecastEntry(
        open_now=one.open_now,
        came_on_working_days=one.came_on_working_days,
        working_days=one.working_days,
        came_on_days_off=one.came_on_days_off,
        days_off=one.days_off,
        left=one.left,
        working_minutes=one.working_minutes,
        working_days_ahead=float(one.working_days_ahead),
        days_off_ahead=float(one.days_off_ahead),
        working_minutes_ahead=one.working_minutes_ahead,
        will_come=float(one.will_come),
        will_leave=float(one.will_leave),
        open_then=float(one.open_then),
    )


def _staffing(one: Staffing) -> StaffingEntry:
    return StaffingEntry(
        items=one.items,
        minutes_per_item=one.minutes_per_item,
        minutes=one.minutes,
        working_minutes=one.working_minutes,
        utilisation=one.utilisation,
        capacity=float(one.capacity),
        needed=one.needed,
        present=float(one.present),
        proposal=one.proposal,
    )


def _channel(one: ChannelRatings) -> ChannelEntry:
    return ChannelEntry(
        source=one.source,
        answered=one.answered,
        rated=one.rated,
        coverage=one.coverage,
        mean=one.mean,
        positive=one.positive,
        counts=one.counts,
    )


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else round(length.total_seconds())
