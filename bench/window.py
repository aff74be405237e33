"""The rows and numbers that the queues ask for, in the process, against the standard library's driver."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.plain import fetch, reader
from bench.data.stage import Stage
from bench.figures import Figure, growth, in_turns, milliseconds
from bench.fill import ARCHIVE
from cur_tui.services.lists.window import GLIMPSE, PAGE
from storage.decoding import ROW_COLUMNS

REFERENCE: Final = "sqlite3, the same rows"
GROWTH: Final = 1.2
LISTS: Final = {
    "open": f"SELECT {ROW_COLUMNS} FROM appeal WHERE is_open=1 ORDER BY due_rank, pk LIMIT {GLIMPSE}",
    ARCHIVE: f"SELECT {ROW_COLUMNS} FROM appeal WHERE is_open=0 ORDER BY pk DESC LIMIT {GLIMPSE}",
}
"""Queues, and what they are in plain SQL. A key rises with the time of registration."""
BY_KEY: Final = f"SELECT {ROW_COLUMNS} FROM appeal WHERE pk IN ({','.join('?' * PAGE)})"
BY_QUEUE: Final = "SELECT is_open, state, count(*) FROM appeal GROUP BY is_open, state"
"""What the counts of all queues need at least. Those of terms and people are left out."""

Calls = dict[str, tuple[Callable[[], object], Callable[[], object]]]


def _calls(stage: Stage, size: int, running: ExitStack) -> Calls:
    lists = running.enter_context(stage.home(size).lists())
    plain = reader(stage.plain(size))
    running.callback(plain.close)
    calls: Calls = {}
    for line, sql in LISTS.items():
        query = lists.parse(line)
        calls[f"first {GLIMPSE} rows: {line}"] = (
            partial(lists.glimpse, query, patient=True),
            partial(fetch, plain, sql, ()),
        )
    pks = [int(str(pk)) for (pk,) in fetch(plain, f"SELECT pk FROM appeal LIMIT {PAGE}", ())]
    pks += pks[:1] * (PAGE - len(pks))
    views = lists.views()
    calls[f"{PAGE} rows by key"] = (
        partial(lists.ids_of, pks),
        partial(fetch, plain, BY_KEY, pks),
    )
    calls[f"counts of {len(views)} queues"] = (
        partial(lists.counts, views),
        partial(fetch, plain, BY_QUEUE, ()),
    )
    return calls


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    with ExitStack() as running:
        calls = {size: _calls(stage, size, running) for size in sizes}
        turns = {
            f"{size} {who} {what}": partial(milliseconds, call)
            for size, things in calls.items()
            for what, both in things.items()
            for who, call in zip(("ours", "reference"), both, strict=True)
        }
        taken = in_turns(turns, rounds)
    figures = [
        Figure(
            *("window", what, size, "ms", taken[f"{size} ours {what}"]),
            *(REFERENCE, taken[f"{size} reference {what}"]),
        )
        for size in sizes
        for what in calls[size]
    ]
    return figures + growth(figures, GROWTH)


def _prepare(stage: Stage, size: int) -> None:
    stage.plain(size)


WINDOW: Final = Benchmark(
    *("window", "the rows and numbers that the queues ask for, in the process", _prepare, _measure),
    quick=Extent((1_000,), 100),
    full=Extent((1_000, 1_000_000), 300),
)
