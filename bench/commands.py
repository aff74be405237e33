"""Commands over loopback: one at a time, and in batches as after a journey without a network."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Final

from uuid6 import uuid7

from bench.benchmark import Benchmark
from bench.figures import Figure, milliseconds, side_by_side
from bench.plain import empty_file, insert
from bench.server import RunningRegion
from bench.stage import Stage
from cur_tui.contract.codec import encode_appeal
from cur_tui.contract.wire import BatchResult, CommandBatch, CommandEnvelope, Health
from cur_tui.domain.model import Appeal
from storage.cache import Cache

BATCH: Final = 100
SINGLES: Final = 10
"""Single commands in each round."""
JOURNAL: Final = "CREATE TABLE journal (seq INTEGER PRIMARY KEY, appeal TEXT, payload BLOB)"


def _notes(region: RunningRegion, appeals: Sequence[Appeal]) -> CommandBatch:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    envelopes = []
    for appeal in appeals:
        region.sent += 1
        arguments: dict[str, object] = {"text": "Позвонили заявителю, ждём снимки."}
        envelopes.append(
            CommandEnvelope(str(uuid7()), region.sent, "note", appeal.id, appeal.version, now, arguments)
        )
    return CommandBatch(region.device, tuple(envelopes))


def _send(region: RunningRegion, batch: CommandBatch) -> None:
    result = region.session.authorised(
        lambda token: region.transport.call("POST", "/v1/commands", BatchResult, body=batch, token=token)
    )
    assert all(one.status == "applied" for one in result.results), result.results[0]


def _health(region: RunningRegion) -> None:
    region.transport.call("GET", "/v1/health", Health)


def _on(region: RunningRegion, stage: Stage, engine: str, size: int, rounds: int) -> list[Figure]:
    fresh: Iterator[Appeal] = iter(region.appeals)

    def round_trip() -> float:
        batch = _notes(region, [next(fresh)])
        return milliseconds(lambda: _send(region, batch))

    single = side_by_side(
        round_trip,
        lambda: milliseconds(lambda: _health(region)),
        rounds * SINGLES,
    )
    plain = _PlainWriter(stage.folder / f"plain-commands-{engine}.db", list(region.appeals)[:BATCH])

    def batch_rate() -> float:
        batch = _notes(region, [next(fresh) for _ in range(BATCH)])
        begun = perf_counter()
        _send(region, batch)
        return BATCH / (perf_counter() - begun)

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

    def __init__(self, path: Path, appeals: Sequence[Appeal]) -> None:
        self._connection = empty_file(path)
        self._connection.execute(JOURNAL)
        self._documents = [(encode_appeal(appeal), pk) for pk, appeal in enumerate(appeals)]
        insert(self._connection, {"appeal_doc": [(pk, doc, None) for doc, pk in self._documents]})

    def rate(self) -> float:
        begun = perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("UPDATE appeal_doc SET doc=? WHERE pk=?", self._documents)
        lines = [(str(pk), doc[:200]) for doc, pk in self._documents]
        self._connection.executemany("INSERT INTO journal (appeal, payload) VALUES (?, ?)", lines)
        self._connection.execute("COMMIT")
        return len(self._documents) / (perf_counter() - begun)

    def close(self) -> None:
        self._connection.close()


def _measure(stage: Stage, size: int, rounds: int) -> list[Figure]:
    figures = _on(_greeted(stage.region(size), stage), stage, "SQLite", size, rounds)
    address = stage.postgres()
    if address is not None:
        region = _greeted(stage.region(size, address), stage)
        figures += _on(region, stage, "PostgreSQL", size, rounds)
    return figures


def _greeted(region: RunningRegion, stage: Stage) -> RunningRegion:
    cache = Cache.open(stage.folder / f"{region.device}.db", bytes(32))
    region.engine(cache).hello()
    cache.close()
    return region


COMMANDS: Final = Benchmark(
    "commands", "commands over loopback, on each database that is installed", Stage.region, _measure,
    (1_000,), (3_000,), 5, 20,
)  # fmt: skip
