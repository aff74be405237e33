"""The first reading, and a reading of changes, over loopback: rows a second into the encrypted cache.

The reference writes the same rows, those of the lists, the JSON documents as they are received and the facts
that cuts add up, with the same indexes, into a plain file. It neither packs nor encrypts nor indexes words or
facets, which the cache does as well, and nobody sends it anything.
"""

import itertools
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.plain import Row, insert, stored_rows, writer
from bench.data.server import KEY, RunningRegion, touch_everything
from bench.data.stage import Stage
from bench.figures import Budget, Figure, rate, side_by_side
from storage.cache import Cache
from storage.figures.facts import FACT_TABLE

REFERENCE: Final = "sqlite3 executemany"
BUDGET: Final = Budget("ratio", 0.5, at_least=True)


class _Plain:
    """The reference: the rows of the ``sample`` and their documents into a plain file."""

    def __init__(self, stage: Stage, size: int, sample: Path) -> None:
        self._rows = list(stored_rows(sample, KEY))
        self._facts = list(stored_rows(sample, KEY, table=FACT_TABLE))
        self._documents: list[Row] = [
            (pk, bytes(line.doc), bytes(line.applicant or b"")) for pk, line in enumerate(stage.records(size))
        ]

    def write(self, path: Path, verb: str) -> None:
        """Write everything into ``path``, which is made if it is not there."""
        connection = writer(path)
        try:
            insert(connection, "appeal", self._rows, verb)
            insert(connection, "document", self._documents, verb)
            insert(connection, FACT_TABLE, self._facts, verb)
        finally:
            connection.close()


def _read_everything(region: RunningRegion, path: Path) -> None:
    cache = Cache.open(path, KEY)
    try:
        engine = region.engine(cache)
        engine.hello()
        while engine.needs_bootstrap:
            engine.bootstrap_step()
    finally:
        cache.close()


def _read_changes(region: RunningRegion, path: Path) -> None:
    cache = Cache.open(path, KEY)
    try:
        engine = region.engine(cache)
        engine.hello()
        while engine.pull_once().more:
            pass
    finally:
        cache.close()


def _measure_one(stage: Stage, size: int, rounds: int) -> list[Figure]:
    region = stage.fresh_region(size)
    names = itertools.count()
    sample, plain_sample = stage.folder / f"sample-{size}.db", stage.folder / f"plain-{size}.db"
    _read_everything(region, sample)  # also brings the writer's libraries, which are the start's affair
    plain = _Plain(stage, size, sample)
    plain.write(plain_sample, "INSERT")

    def timed(read: Callable[[Path], None], start: Path | None = None) -> Callable[[], float]:
        def once() -> float:
            path = stage.folder / f"{size}-{next(names)}.db"
            if start is not None:
                shutil.copyfile(start, path)
            taken = rate(size, lambda: read(path))
            for file in path.parent.glob(f"{path.name}*"):
                file.unlink()
            return taken

        return once

    first = side_by_side(
        timed(lambda path: _read_everything(region, path)),
        timed(lambda path: plain.write(path, "INSERT")),
        rounds,
    )
    touch_everything(region.database)
    changes = side_by_side(
        timed(lambda path: _read_changes(region, path), sample),
        timed(lambda path: plain.write(path, "INSERT OR REPLACE"), plain_sample),
        rounds,
    )
    return [
        Figure(
            *("bootstrap", what, size, "rows/s", ours, REFERENCE, reference, (BUDGET,)),
            more_is_better=True,
        )
        for what, (ours, reference) in (("first reading", first), ("changes of everything", changes))
    ]


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    return [figure for size in sizes for figure in _measure_one(stage, size, rounds)]


def _prepare(stage: Stage, size: int) -> None:
    stage.region_file(size)


BOOTSTRAP: Final = Benchmark(
    *("bootstrap", "the first reading and the reading of changes", _prepare, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((20_000, 100_000), 5),
)
