"""Cuts and rankings: of the cache in the process, and of the server after a change."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bench.benchmark import Benchmark, Extent
from bench.data.home import ACTOR, FilledHome
from bench.data.server import RunningRegion
from bench.data.stage import Stage
from bench.figures import Figure, milliseconds, side_by_side
from bench.oversight import HEALTH, SECOND, beside_health, both_engines, prepare_both
from cur_tui.contract.wire import Statistics
from cur_tui.domain.figures.ranking import RankingTable, policy_in_force
from cur_tui.domain.figures.sums import FIELDS
from storage.figures.cells import CellRequest

CUTS_OF: Final = (("block", "state"), ("topic", "month"), ("authority", "done_cur_week"))
GROUPED: Final = "sqlite3 GROUP BY, plain rows"
_PERIODS: Final = ("last:month", "last:quarter", "last:year")


def _cell_request(home: FilledHome, rows: str, columns: str | None, wanted: frozenset[str]) -> CellRequest:
    now = datetime.now(ZoneInfo(home.rulebook.region.time_zone))
    return CellRequest(rows, columns, (), now, ACTOR.account, policy_in_force(home.rulebook.region), wanted)


def _of_the_cache(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    figures = []
    for size in sizes:
        home = stage.home(size)
        with home.cache() as cache, closing(sqlite3.connect(stage.plain(size))) as plain:
            for rows, columns in CUTS_OF:
                asked = _cell_request(home, rows, columns, frozenset({"count"}))
                ours, grouped = side_by_side(
                    lambda asked=asked: milliseconds(lambda: cache.reader.cells(asked)),  # type: ignore[misc]
                    _plainly(plain, "SELECT block, state, count(*) FROM appeal GROUP BY 1, 2"),
                    rounds,
                )
                what = f"cache: {rows} by {columns}"
                figures.append(Figure("cuts", what, size, "ms", ours, GROUPED, grouped, SECOND))
    return figures


def _plainly(plain: sqlite3.Connection, sql: str) -> Callable[[], float]:
    return lambda: milliseconds(lambda: plain.execute(sql).fetchall())


def _of_the_server(region: RunningRegion, engine: str, size: int, rounds: int) -> list[Figure]:
    """The first table counts everything, each later one what has changed since; both are asked for."""
    figures = []
    for rows, columns in CUTS_OF:
        path = f"statistics?rows={rows}&columns={columns}&sums=count"
        ours, health = beside_health(region, path, Statistics, rounds)
        what = f"{engine}: {rows} by {columns}"
        figures.append(Figure("cuts", what, size, "ms", ours, HEALTH, health, SECOND))
    return figures


def _ranked_by_the_server(region: RunningRegion, engine: str, size: int, rounds: int) -> list[Figure]:
    figures = []
    for period in _PERIODS:
        ours, health = beside_health(region, f"ranking?period={period}", RankingTable, rounds)
        figures.append(
            Figure("ranking", f"{engine}: authorities, {period}", size, "ms", ours, HEALTH, health, SECOND)
        )
    return figures


def _measure_cuts(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    figures = _of_the_cache(stage, sizes, rounds)
    for size in sizes:
        for engine, region in both_engines(stage, size):
            figures += _of_the_server(region, engine, size, rounds)
    return figures


def _measure_ranking(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    figures = []
    for size in sizes:
        home = stage.home(size)
        with home.cache() as cache, closing(sqlite3.connect(stage.plain(size))) as plain:
            asked = _cell_request(home, "authority", None, frozenset(FIELDS))
            ours, grouped = side_by_side(
                lambda asked=asked: milliseconds(lambda: cache.reader.cells(asked)),  # type: ignore[misc]
                _plainly(plain, "SELECT authority, count(*), sum(rating) FROM appeal GROUP BY 1"),
                rounds,
            )
            what = "cache: authorities, all time"
            figures.append(Figure("ranking", what, size, "ms", ours, GROUPED, grouped, SECOND))
        for engine, region in both_engines(stage, size):
            figures += _ranked_by_the_server(region, engine, size, rounds)
    return figures


CUTS: Final = Benchmark(
    *("cuts", "cuts of two dimensions, of the cache and of the server", prepare_both, _measure_cuts),
    quick=Extent((1_000,), 5),
    full=Extent((100_000, 1_000_000), 5),
)
RANKING: Final = Benchmark(
    *(
        "ranking",
        "the ranking of authorities, of the cache and of the server",
        prepare_both,
        _measure_ranking,
    ),
    quick=Extent((1_000,), 5),
    full=Extent((100_000, 1_000_000), 5),
)
