"""What the supervisor's board counts in the cache: open appeals by block and term, and the median answer."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from statistics import median
from typing import Final, cast

import msgspec

from cur_tui.domain.figures.sums import Measures
from storage.database.schema import NO_DUE
from storage.entries import BandCounts
from storage.figures.facts import FACT_TABLE
from storage.read_connections import Snapshot

BANDS: Final = f"""
WITH bands (band, low, high) AS (VALUES
    (0, 0, :now),
    (1, :now, :soon),
    (2, :soon, :today),
    (3, max(:soon, :today), :tomorrow),
    (4, max(:soon, :tomorrow), {NO_DUE}),
    (5, {NO_DUE}, {NO_DUE + 1}),
    (6, {NO_DUE}, {NO_DUE + 1})
)
SELECT block, band, (
    SELECT count(*) FROM appeal INDEXED BY open_block_due
    WHERE is_open=1 AND appeal.block IS queue.block AND due_rank>=low AND due_rank<high
        AND (band<5 OR (band=5)=(state='deferred'))
)
FROM (SELECT DISTINCT block FROM tally WHERE is_open=1 AND n>0) queue CROSS JOIN bands
"""  # noqa: S608
"""What is due soon counts there and not under its day, even when two working hours reach into next week."""

PROVISIONAL: Final = """
SELECT block, count(*) FROM appeal INDEXED BY open_due WHERE is_open=1 AND provisional=1 GROUP BY block
"""

MEDIAN: Final = f"""
SELECT json_group_array(answer_seconds) FROM {FACT_TABLE} INDEXED BY fact_done
WHERE done_at>=? AND done_at<? AND answer_seconds IS NOT NULL
"""  # noqa: S608
"""Sorted here, in a third of the time that the database takes for it."""

_numbers = msgspec.json.Decoder(list[int])
_SUMS: Final = ("done", "answered", "answer_seconds", "late", "rated", "positive", "reworked")
DONE: Final = f"""
SELECT count(*), count(answer_seconds), ifnull(sum(answer_seconds), 0), ifnull(sum(1-in_time), 0),
    count(rating), ifnull(sum(rating>=?), 0), ifnull(sum(reworks>0), 0)
FROM {FACT_TABLE} INDEXED BY fact_done WHERE done_at>=? AND done_at<?
"""  # noqa: S608
"""Of one stretch of time: a walk along the index, where a grouping would sort all of it."""


def read_bands(snapshot: Snapshot, now: datetime, soon: datetime) -> dict[str | None, BandCounts]:
    """Open appeals by block and by how soon they are due; ``now`` is in region time, ``soon`` not before it.

    The key None holds those that have no block yet.
    """
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    next_midnight = datetime.combine(now.date() + timedelta(days=2), time(), now.tzinfo)
    bounds = {
        "now": now.timestamp(),
        "soon": soon.timestamp(),
        "today": midnight.timestamp(),
        "tomorrow": next_midnight.timestamp(),
    }
    bands: dict[str | None, list[int]] = {}
    for block, band, n in cast("list[tuple[str | None, int, int]]", snapshot.all(BANDS, bounds)):
        bands.setdefault(block, [0] * 7)[band] = n
    uncertain = dict(cast("list[tuple[str | None, int]]", snapshot.all(PROVISIONAL)))
    return {block: BandCounts(*[*counted, uncertain.get(block, 0)]) for block, counted in bands.items()}


def read_done(snapshot: Snapshot, stretches: Sequence[tuple[int, int]], positive: int) -> list[Measures]:
    """What was done in each stretch, from a second until another. ``positive`` is the lowest rating
    of a satisfied applicant. Only the sums of :data:`DONE` are filled.
    """
    found = []
    for first, until in stretches:
        numbers = cast("tuple[int, ...]", snapshot.one(DONE, (positive, first, until)))
        found.append(Measures(**dict(zip(_SUMS, numbers, strict=True))))
    return found


def read_median(snapshot: Snapshot, first: int, until: int) -> float | None:
    """The median seconds from registration to the answer, of what was done from the second ``first`` until
    ``until``; None without any answer.
    """
    (listed,) = cast("tuple[str]", snapshot.one(MEDIAN, (first, until)))
    seconds = _numbers.decode(listed)
    return median(seconds) if seconds else None
