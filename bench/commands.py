"""Commands over loopback: one at a time, and in batches as after a journey without a network."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from uuid6 import uuid7

from bench.benchmark import Benchmark, Extent
from bench.data.plain import insert, writer
from bench.data.server import RunningRegion, Target
from bench.data.stage import Stage
from bench.figures import Figure, milliseconds, rate, side_by_side
from cur_tui.contract.codec import encode_appeal
from cur_tui.contract.wire import BatchResult, CommandBatch, CommandEnvelope, Health
from storage.cache import Cache

BATCH: Final = 100
SINGLES: Final = 10
"""Single commands in each round."""
JOURNAL: Final = "CREATE TABLE journal (seq INTEGER PRIMARY KEY, appeal TEXT, payload BLOB)"


def note_on(region: RunningRegion, targets: Sequence[Target]) -> CommandBatch:
    """A note on each of the ``targets``, as the device of ``region`` sends it."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    envelopes = []
    for target in targets:
        region.sent += 1
        arguments: dict[str, object] = {"text": "Позвонили заявителю, ждём снимки."}
        envelopes.append(
            CommandEnvelope(str(uuid7()), region.sent, "note", target.id, target.version, now, arguments)
        )
    return CommandBatch(region.device, tuple(envelopes))


def greet(region: RunningRegion, folder: Path) -> None:
    """Let the server know the device of ``region``."""
    cache = Cache.open(folder / f"{region.device}.db", bytes(32))
    region.engine(cache).hello()
    cache.close()


def _send(region: RunningRegion, batch: CommandBatch) -> None:
    result = region.session.authorised(
        lambda token: region.transport.call("POST", "/v1/commands", BatchResult, body=batch, token=token)
    )
    assert all(one.status == "applied" for one in result.results), result.results[0]


def _health(region: RunningRegion) -> None:
    region.transport.call("GET", "/v1/health", Health)


def _on(region: RunningRegion, stage: Stage, engine: str, size: int, rounds: int) -> list[Figure]:
    greet(region, stage.folder)
    fresh: Iterator[Target] = iter(region.targets(rounds * (SINGLES + BATCH)))

    def round_trip() -> float:
        batch = note_on(region, [next(fresh)])
        return milliseconds(lambda: _send(region, batch))

    single = side_by_side(round_trip, lambda: milliseconds(lambda: _health(region)), rounds * SINGLES)
    plain = _PlainWriter(stage, stage.folder / f"plain-commands-{engine}.db")

    def batch_rate() -> float:
        batch = note_on(region, [next(fresh) for _ in range(BATCH)])
        return rate(BATCH, lambda: _send(region, batch))

    batches = side_by_side(batch_rate, plain.rate, rounds)
    plain.close()
    return [
        Figure("commands", f"round trip, {engine}", size, "ms", single[0], "GET /v1/health", single[1]),
        Figure(
            *("commands", f"batch of {BATCH}, {engine}", size, "commands/s", batches[0]),
            *("sqlite3, document and journal", batches[1]),
            more_is_better=True,
        ),
    ]


class _PlainWriter:
    """What a command must at least write: its appeal's document and a line of a journal."""

    def __init__(self, stage: Stage, path: Path) -> None:
        self._connection = writer(path)
        self._connection.execute(JOURNAL)
        self._documents = [(encode_appeal(appeal), pk) for pk, appeal in enumerate(stage.appeals(BATCH))]
        insert(self._connection, "document", [(pk, doc, None) for doc, pk in self._documents])

    def rate(self) -> float:
        """Commands a second."""
        return rate(len(self._documents), self._write)

    def _write(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("UPDATE document SET doc=? WHERE pk=?", self._documents)
        lines = [(str(pk), doc[:200]) for doc, pk in self._documents]
        self._connection.executemany("INSERT INTO journal (appeal, payload) VALUES (?, ?)", lines)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    figures = []
    for size in sizes:
        figures += _on(stage.fresh_region(size), stage, "SQLite", size, rounds)
        if region := stage.postgres_region(size):
            figures += _on(region, stage, "PostgreSQL", size, rounds)
    return figures


def _prepare(stage: Stage, size: int) -> None:
    stage.region_file(size)


COMMANDS: Final = Benchmark(
    *("commands", "commands over loopback, on each database that is installed", _prepare, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((3_000,), 20),
)
