"""The supervisor's problems: the picture, a residual category taken apart, addresses that come up again."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.stage import Stage
from bench.figures import Figure, milliseconds, side_by_side
from bench.oversight import SECOND
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Role
from cur_tui.services.desk import Desk
from cur_tui.services.figures.problems import ProblemDesk

SUPERVISOR: Final = Actor("supervisor", "Радужная Е. Н.", Role.SUPERVISOR, frozenset(), None)
PERIODS: Final = ("last:month", "last:year")
GROUPED: Final = "sqlite3 GROUP BY block and topic, plain rows"
_PLAIN: Final = "SELECT block, topic, count(*) FROM appeal GROUP BY 1, 2"


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    figures = []
    for size in sizes:
        with stage.home(size).cache() as cache, closing(sqlite3.connect(stage.plain(size))) as plain:
            problems = ProblemDesk(Desk(cache, SUPERVISOR, clock=lambda: datetime.now(UTC)))
            for period in PERIODS:
                for what, look in (
                    ("picture", problems.picture),
                    ("residual", problems.residual),
                    ("addresses", problems.addresses),
                ):
                    ours, grouped = side_by_side(
                        lambda look=look, period=period: milliseconds(lambda: look(period)),  # type: ignore[misc]
                        lambda: milliseconds(lambda: plain.execute(_PLAIN).fetchall()),
                        rounds,
                    )
                    name = f"cache: {what}, {period}"
                    figures.append(Figure("problems", name, size, "ms", ours, GROUPED, grouped, SECOND))
    return figures


def _prepare(stage: Stage, size: int) -> None:
    stage.plain(size)


PROBLEMS: Final = Benchmark(
    *("problems", "the problems page, counted anew from the cache", _prepare, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((100_000, 1_000_000), 5),
)
