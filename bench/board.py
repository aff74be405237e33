"""The supervisor's board: its numbers and trends of the cache in the process, its load of the server."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.home import ACTOR
from bench.data.stage import Stage
from bench.figures import Figure, milliseconds, side_by_side
from bench.oversight import HEALTH, SECOND, beside_health, both_engines, prepare_both
from cur_tui.services.desk import Desk
from cur_tui.services.figures.supervision import board_of
from cur_tui.services.figures.workload import workload_of

GROUPED: Final = "sqlite3 GROUP BY block, plain open rows"
_PLAIN: Final = "SELECT block, count(*), sum(due_rank<?) FROM appeal WHERE is_open=1 GROUP BY block"


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    figures = []
    for size in sizes:
        with stage.home(size).cache() as cache, closing(sqlite3.connect(stage.plain(size))) as plain:
            desk = Desk(cache, ACTOR, clock=lambda: datetime.now(UTC))
            now = int(desk.now().timestamp())
            for what, count in (("board", board_of), ("load", workload_of)):
                ours, grouped = side_by_side(
                    lambda count=count, desk=desk: milliseconds(lambda: count(desk)),  # type: ignore[misc]
                    lambda now=now: milliseconds(lambda: plain.execute(_PLAIN, (now,)).fetchall()),  # type: ignore[misc]
                    rounds,
                )
                figures.append(Figure("board", f"cache: {what}", size, "ms", ours, GROUPED, grouped, SECOND))
        for engine, region in both_engines(stage, size):
            ours, health = beside_health(region, "workload", dict, rounds)
            figures.append(Figure("board", f"{engine}: load", size, "ms", ours, HEALTH, health, SECOND))
    return figures


BOARD: Final = Benchmark(
    *(
        "board",
        "the supervisor's board and the load, counted anew, of the cache and of the server",
        prepare_both,
        _measure,
    ),
    quick=Extent((1_000,), 5),
    full=Extent((100_000, 1_000_000), 9),
)
