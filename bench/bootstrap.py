"""The first reading over loopback: rows a second into the encrypted cache, with its search index."""

import itertools
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

from bench.benchmark import Benchmark
from bench.figures import Figure, side_by_side
from bench.plain import empty_file, insert, stored_rows
from bench.server import KEY, RunningRegion
from bench.stage import Stage
from storage.cache import Cache


def _rate(size: int, call: Callable[[], object]) -> float:
    begun = perf_counter()
    call()
    return size / (perf_counter() - begun)


def _read_everything(region: RunningRegion, path: Path) -> None:
    cache = Cache.open(path, KEY)
    try:
        engine = region.engine(cache)
        engine.hello()
        while engine.needs_bootstrap:
            engine.bootstrap_step()
    finally:
        cache.close()


def _measure(stage: Stage, size: int, rounds: int) -> list[Figure]:
    region = stage.region(size)
    names = itertools.count()

    def fresh(kind: str) -> Path:
        return stage.folder / f"{kind}-{size}-{next(names)}.db"

    sample = fresh("first")
    _read_everything(region, sample)  # also brings the writer's libraries, which are the start's affair
    rows = stored_rows(sample, KEY)

    def plain() -> float:
        connection = empty_file(fresh("raw"))
        try:
            return _rate(size, lambda: insert(connection, rows))
        finally:
            connection.close()

    ours, reference = side_by_side(
        lambda: _rate(size, lambda: _read_everything(region, fresh("cache"))), plain, rounds
    )
    return [
        Figure(
            *("bootstrap", "first reading over loopback", size, "rows/s", ours),
            *("sqlite3 executemany", reference),
            budget=0.5,
            more_is_better=True,
        )
    ]


BOOTSTRAP: Final = Benchmark(
    "bootstrap", "the first reading against the bare insertion of the same rows", Stage.region, _measure,
    (2_000,), (20_000,), 5, 5,
)  # fmt: skip
