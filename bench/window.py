"""The rows that the queue asks for, in the process: our reader against the driver of the standard library."""

from typing import Final

from bench.benchmark import Benchmark
from bench.figures import Figure, milliseconds, side_by_side
from bench.plain import fetch, reader
from bench.stage import Stage
from storage.decoding import ROW_COLUMNS

QUERY: Final = "open"
ARCHIVE: Final = "closed sort:-registered"
SCREEN: Final = 40
"""Rows of a tall terminal."""
PAGE: Final = 128


def _measure(stage: Stage, size: int, rounds: int) -> list[Figure]:
    home = stage.home(size)
    view = home.view(QUERY, stage.now)
    first = view.select(ROW_COLUMNS, limit=True)
    page_sql = f"SELECT {ROW_COLUMNS} FROM appeal WHERE pk IN ({','.join('?' * PAGE)})"
    cache, plain = home.cache(), reader(stage.plain(size))
    try:
        pks = cache.reader.ids(home.view(ARCHIVE, stage.now))[:PAGE].tolist()
        pks += pks[:1] * (PAGE - len(pks))
        glimpse = side_by_side(
            lambda: milliseconds(lambda: cache.reader.first_rows(view, SCREEN)),
            lambda: milliseconds(lambda: fetch(plain, first, (*view.params, SCREEN))),
            rounds,
        )
        page = side_by_side(
            lambda: milliseconds(lambda: cache.reader.rows(pks)),
            lambda: milliseconds(lambda: fetch(plain, page_sql, pks)),
            rounds,
        )
    finally:
        cache.close()
        plain.close()
    return [
        Figure("window", f"first {SCREEN} rows", size, "ms", glimpse[0], "sqlite3, same plan", glimpse[1]),
        Figure("window", f"{PAGE} rows by key", size, "ms", page[0], "sqlite3, same plan", page[1]),
    ]


WINDOW: Final = Benchmark(
    "window",
    "the rows that the queue asks for, in the process",
    Stage.plain,
    _measure,
    (1_000,),
    (1_000, 100_000),
    200,
    500,
)
