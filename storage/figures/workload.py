"""The workload from the cache: what is open, what came and what left, by block and worker."""

from typing import Final, cast

from cur_tui.domain.figures.workload import FlowCell, OpenCell
from cur_tui.domain.figures.workload_reckoning import Span
from storage.database.schema import PK_BITS
from storage.figures.facts import CODE_TABLE, FACT_TABLE
from storage.lists.asked import LONGEST_SPILL
from storage.read_connections import Snapshot

_OPENED: Final = """
SELECT block, worker, count(*), sum(due_rank<:now), sum(due_rank>=:now AND due_rank<:until),
    sum(:now-registered_at), sum(due_rank<:now AND registered_at<:before)
FROM appeal INDEXED BY open_registered WHERE is_open=1 GROUP BY block, worker
"""
_PLACE: Final = (
    f"(SELECT code FROM {CODE_TABLE} WHERE id=block), (SELECT code FROM {CODE_TABLE} WHERE id=worker)"  # noqa: S608
)
_CAME: Final = (
    f"SELECT {_PLACE}, count(*) FROM {FACT_TABLE} "  # noqa: S608
    f"WHERE pk>=(:first<<{PK_BITS}) AND pk<((:until+{LONGEST_SPILL})<<{PK_BITS}) "
    "AND registered_at>=:first AND registered_at<:until GROUP BY block, worker"
)
_LEFT: Final = (
    f"SELECT {_PLACE}, count(*), sum(done_at-registered_at) FROM {FACT_TABLE} INDEXED BY fact_done "  # noqa: S608
    "WHERE done_at>=:first AND done_at<:until GROUP BY block, worker"
)


def read_opened(snapshot: Snapshot, span: Span) -> list[OpenCell]:
    """What is open now."""
    moments = {
        "now": int(span.now.timestamp()),
        "until": int(span.week_end.timestamp()),
        "before": span.bounds()[0][1],
    }
    rows = cast(
        "list[tuple[str | None, str | None, int, int, int, int, int]]", snapshot.all(_OPENED, moments)
    )
    return [OpenCell(*row) for row in rows]


def read_came(snapshot: Snapshot, span: Span) -> list[FlowCell]:
    """What was registered on each day of the window."""
    return _flow(snapshot, span, _CAME)


def read_left(snapshot: Snapshot, span: Span) -> list[FlowCell]:
    """What was answered or closed on each day of the window."""
    return _flow(snapshot, span, _LEFT)


def _flow(snapshot: Snapshot, span: Span, sql: str) -> list[FlowCell]:
    found = []
    for day, first, until in span.bounds():
        rows = snapshot.all(sql, {"first": first, "until": until})
        for block, worker, *numbers in cast("list[tuple[str | None, str | None, int, int]]", rows):
            found.append(FlowCell(day, block, worker, *numbers))
    return found
