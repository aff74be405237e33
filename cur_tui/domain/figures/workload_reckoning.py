"""Reckoning the workload: from what was counted of appeals and days to the load of blocks and operators."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from cur_tui.domain.figures.workload import (
    BlockLoad,
    Colleague,
    Counts,
    FlowCell,
    Forecast,
    OpenCell,
    Staffing,
    WorkerLoad,
    Workload,
)
from cur_tui.domain.profile.escalation import EVERY_BLOCK, StaffingNorm
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.rights import Permission, permissions_of
from cur_tui.domain.time.working_time import WorkClock
from cur_tui.domain.vocabulary import GENERAL_BLOCK

WINDOW = 28
"""Days that rates are taken from: four whole weeks up to yesterday, so every weekday counts alike."""
_DAY = timedelta(days=1)
_WEEK = 7
_MINUTE = timedelta(minutes=1)
_WORKS = (Permission.TRIAGE, Permission.ANSWER)


@dataclass(frozen=True, slots=True)
class Span:
    """What is counted: the days of the window, and the moments that bound them and the week."""

    now: datetime
    days: tuple[date, ...]
    week_end: datetime
    zone: ZoneInfo = field(repr=False)

    def bounds(self) -> tuple[tuple[date, int, int], ...]:
        """Each day of the window with its first second and that of the next day."""
        return tuple((day, _second(day, self.zone), _second(day + _DAY, self.zone)) for day in self.days)


def span_of(now: datetime, tz: str) -> Span:
    """The window of ``now``: four weeks up to yesterday, and the week that ends with the coming Sunday."""
    zone = ZoneInfo(tz)
    today = now.astimezone(zone).date()
    days = tuple(today - timedelta(days=n) for n in range(WINDOW, 0, -1))
    monday = today + timedelta(days=_WEEK - today.weekday())
    return Span(now, days, datetime.combine(monday, time(), zone), zone)


def workload_of(
    span: Span,
    opened: Iterable[OpenCell],
    came: Iterable[FlowCell],
    left: Iterable[FlowCell],
    *,
    region: Region,
    clock: WorkClock,
    colleagues: Iterable[Colleague],
) -> Workload:
    """The load of every block and operator from what was counted of them."""
    opened, came, left = tuple(opened), tuple(came), tuple(left)
    blocks = _by_block(opened, came, left)
    for block in region.blocks:
        blocks.setdefault(block.code, Counts())
    present = _present(region, colleagues)
    season = _Season.of(span, clock)

    def load(block: str | None, counts: Counts, staff: Fraction, norm: StaffingNorm | None) -> BlockLoad:
        flows = [cell for cell in came if block is None or (cell.block or GENERAL_BLOCK) == block]
        forecast = season.forecast(counts, flows)
        return BlockLoad(block, counts, forecast, _staffing(counts, season.minutes, staff, norm))

    loads = [
        load(code, counts, present.get(code, Fraction()), norm_of(region, code))
        for code, counts in blocks.items()
    ]
    total = sum(blocks.values(), Counts())
    whole = load(None, total, sum(present.values(), Fraction()), norm_of(region, EVERY_BLOCK))
    return Workload(
        first=span.days[0],
        last=span.days[-1],
        week_end=span.week_end,
        blocks=tuple(sorted(loads, key=lambda one: (-one.counts.open, one.block or ""))),
        total=whole,
        workers=_by_worker(opened, came, left),
    )


def norm_of(region: Region, block: str) -> StaffingNorm | None:
    """The norm of a block, or the one for every block."""
    norms = {norm.block: norm for norm in region.staffing}
    return norms.get(block) or norms.get(EVERY_BLOCK)


@dataclass(frozen=True, slots=True)
class _Season:
    """What the calendar says of the window and of the rest of the week; the same for every block."""

    works: Mapping[date, bool]
    minutes: int
    working_days_ahead: Fraction
    days_off_ahead: Fraction
    minutes_ahead: int

    @classmethod
    def of(cls, span: Span, clock: WorkClock) -> "_Season":
        works = {day: clock.is_working_day(day) for day in span.days}
        first, last = span.bounds()[0][1], span.bounds()[-1][2]
        ends = (datetime.fromtimestamp(second, span.zone) for second in (first, last))
        ahead = {True: Fraction(), False: Fraction()}
        day = span.now.astimezone(span.zone).date()
        while (begins := max(_second(day, span.zone), int(span.now.timestamp()))) < span.week_end.timestamp():
            # Of today only the part that is left: messages come around the clock.
            length = _second(day + _DAY, span.zone) - _second(day, span.zone)
            ahead[clock.is_working_day(day)] += Fraction(_second(day + _DAY, span.zone) - begins, length)
            day += _DAY
        return cls(
            works,
            clock.working_between(*ends) // _MINUTE,
            ahead[True],
            ahead[False],
            clock.working_between(span.now, span.week_end) // _MINUTE,
        )

    def forecast(self, counts: Counts, came: Sequence[FlowCell]) -> Forecast:
        """The forecast of what ``counts`` and ``came`` are about."""
        on_working_days = sum(cell.count for cell in came if self.works.get(cell.day))
        return Forecast(
            open_now=counts.open,
            came_on_working_days=on_working_days,
            working_days=sum(self.works.values()),
            came_on_days_off=sum(cell.count for cell in came) - on_working_days,
            days_off=len(self.works) - sum(self.works.values()),
            left=counts.left,
            working_minutes=self.minutes,
            working_days_ahead=self.working_days_ahead,
            days_off_ahead=self.days_off_ahead,
            working_minutes_ahead=self.minutes_ahead,
        )


def _by_block(
    opened: Sequence[OpenCell], came: Sequence[FlowCell], left: Sequence[FlowCell]
) -> dict[str, Counts]:
    return _gathered((cell.block or GENERAL_BLOCK, counts) for cell, counts in _counted(opened, came, left))


def _by_worker(
    opened: Sequence[OpenCell], came: Sequence[FlowCell], left: Sequence[FlowCell]
) -> tuple[WorkerLoad, ...]:
    found = _gathered((cell.worker or "", counts) for cell, counts in _counted(opened, came, left))
    loads = [WorkerLoad(worker or None, counts) for worker, counts in found.items()]
    return tuple(sorted(loads, key=lambda one: (-one.counts.open, -one.counts.left, one.worker or "")))


def _counted(
    opened: Sequence[OpenCell], came: Sequence[FlowCell], left: Sequence[FlowCell]
) -> Iterable[tuple[OpenCell | FlowCell, Counts]]:
    for one in opened:
        yield (
            one,
            Counts(
                open=one.count,
                overdue=one.overdue,
                due_this_week=one.due_this_week,
                age_seconds=one.age_seconds,
                backlog=one.backlog,
            ),
        )
    for cell in came:
        yield cell, Counts(came=cell.count)
    for cell in left:
        yield cell, Counts(left=cell.count, work_seconds=cell.seconds)


def _gathered(counted: Iterable[tuple[str, Counts]]) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for key, counts in counted:
        found[key] = found.get(key, Counts()) + counts
    return found


def _present(region: Region, colleagues: Iterable[Colleague]) -> dict[str, Fraction]:
    """People by block: whoever distributes or answers, and whose work is some blocks and not all."""
    present: dict[str, Fraction] = {}
    for one in colleagues:
        blocks = [block for block in one.blocks if block != EVERY_BLOCK]
        if not blocks or not permissions_of(region, one.role).intersection(_WORKS):
            continue
        for block in blocks:
            present[block] = present.get(block, Fraction()) + Fraction(1, len(blocks))
    return present


def _staffing(counts: Counts, minutes: int, present: Fraction, norm: StaffingNorm | None) -> Staffing | None:
    if norm is None:
        return None
    return Staffing(
        items=counts.came + counts.backlog,
        minutes_per_item=norm.minutes_per_item,
        working_minutes=minutes,
        utilisation=norm.utilisation,
        present=present,
    )


def _second(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())
