"""The ranking at the server: the sums of statistics over what was done in a period, scored by the domain.

The period and the one before are counted at once, each by a connection of its own: counting a year of a large
region for the first time takes half a second, and two processors share the two.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cur_tui.domain.figures.ranking import (
    RankedBy,
    RankingTable,
    done_query,
    least_answers,
    overdue_query,
    policy_in_force,
    rank,
    weights_of,
    with_overdue,
)
from cur_tui.domain.figures.sums import STORED, Measures
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from cur_tui.domain.time.periods import Period, parse_period
from regional_api.centre import Centre
from regional_api.figures.statistics import Counted, StatisticsRequest, read_overdue, read_statistics
from regional_api.identity.callers import Caller

BODIES: Final = ("authority", "municipality")


@dataclass(frozen=True, slots=True)
class RankingRequest:
    """Whom to rank, over which period, among which appeals; whether with places of the period before."""

    by: RankedBy = "authority"
    period: str = "month"
    query: str = ""
    compare: bool = True


def read_ranking(
    centre: Centre, counted: Counted, caller: Caller, request: RankingRequest, instant: datetime
) -> RankingTable:
    """The ranking at ``instant``, within the caller's scope.

    Raises :class:`Refused`: ``not_permitted`` or ``invalid_value``.
    """
    caller.must(Permission.SUPERVISE, "ranking")
    today = instant.astimezone(ZoneInfo(caller.region.time_zone)).date()
    period = parse_period(request.period, today)
    if period is None:
        raise Refused("invalid_value", field="period", value=request.period[:80])

    def sums_of(one: Period) -> Mapping[str | None, Measures]:
        done = StatisticsRequest(request.by, None, done_query(one, request.query), frozenset(STORED))
        table = read_statistics(centre, counted, caller, done, instant)
        over = StatisticsRequest(request.by, None, overdue_query(one, request.query))
        return with_overdue(
            {cell.row: cell.measures for cell in table.cells}, read_overdue(centre, caller, over, instant)
        )

    policy = policy_in_force(caller.region)
    weights, minimum = weights_of(policy), least_answers(policy, period)
    against = period.compared(today)
    with ThreadPoolExecutor(1, thread_name_prefix="ranking") as beside:
        counting = beside.submit(sums_of, against) if request.compare else None
        now = sums_of(period)
        before = None if counting is None else counting.result()
    lines, total = rank(now, before, policy, weights, minimum)
    return RankingTable(
        by=request.by,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        query=request.query,
        policy=policy.id,
        weights=weights,
        minimum=minimum,
        lines=lines,
        total=total,
        against=(against.first.isoformat(), against.last.isoformat()) if request.compare else None,
    )
