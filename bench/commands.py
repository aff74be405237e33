"""Commands over loopback: one at a time, from several devices at once, and in batches as after a journey."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from uuid6 import uuid7

from bench.benchmark import Benchmark, Extent
from bench.data.plain import insert, writer
from bench.data.server import RunningRegion, Target
from bench.data.stage import Stage
from bench.figures import Budget, Figure, milliseconds, rate, side_by_side
from bench.plain_client import PlainClient, bodies, expect_applied, send_at_once
from cur_tui.contract.codec import encode_appeal
from cur_tui.contract.wire import BatchResult, CommandBatch, CommandEnvelope, Health
from storage.cache import Cache

BATCH: Final = 100
SINGLES: Final = 10
"""Single commands in each round."""
DEVICES: Final = 8
"""Devices that send at once, one command a request."""
ROUND_TRIP: Final = (Budget("p50", 8), Budget("p99", 30))
AT_ONCE: Final = Budget("p50", 250, at_least=True)
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


def send_one(region: RunningRegion, batch: CommandBatch) -> None:
    """Send ``batch``, all of which must be applied."""
    result = region.session.authorised(
        lambda token: region.transport.call("POST", "/v1/commands", BatchResult, body=batch, token=token)
    )
    assert all(one.status == "applied" for one in result.results), result.results[0]


def _health(region: RunningRegion) -> None:
    region.transport.call("GET", "/v1/health", Health)


def _on(region: RunningRegion, stage: Stage, engine: str, size: int, rounds: int) -> list[Figure]:
    greet(region, stage.folder)
    devices = [RunningRegion(region.url, region.database, region.pid) for _ in range(DEVICES)]
    for device in devices:
        greet(device, stage.folder)
    commands = rounds * (SINGLES + BATCH + (DEVICES + 1) * SINGLES)
    fresh: Iterator[Target] = iter(region.targets(commands))

    def round_trip() -> float:
        batch = note_on(region, [next(fresh)])
        return milliseconds(lambda: send_one(region, batch))

    single = side_by_side(round_trip, lambda: milliseconds(lambda: _health(region)), rounds * SINGLES)
    plain = _PlainWriter(stage, stage.folder / f"plain-commands-{engine}.db")

    def batch_rate() -> float:
        batch = note_on(region, [next(fresh) for _ in range(BATCH)])
        return rate(BATCH, lambda: send_one(region, batch))

    batches = side_by_side(batch_rate, plain.rate, rounds)
    clients = [PlainClient(device) for device in devices]

    def at_once_rate(number: int) -> float:
        targets = [[next(fresh) for _ in range(SINGLES)] for _ in range(number)]
        shares = [
            bodies([note_on(device, [target]) for target in share])
            for device, share in zip(devices[:number], targets, strict=True)
        ]
        answers: list[bytes] = []
        taken = rate(number * SINGLES, lambda: answers.extend(send_at_once(clients[:number], shares)))
        expect_applied(answers)
        return taken

    at_once = side_by_side(lambda: at_once_rate(DEVICES), lambda: at_once_rate(1), rounds)
    for client, device in zip(clients, devices, strict=True):
        client.close()
        device.transport.close()
    plain.close()
    return [
        Figure(
            "commands",
            f"round trip, {engine}",
            size,
            "ms",
            single[0],
            "GET /v1/health",
            single[1],
            ROUND_TRIP,
        ),
        Figure(
            *("commands", f"{DEVICES} devices at once, {engine}", size, "commands/s", at_once[0]),
            *("one device", at_once[1], (AT_ONCE,)),
            more_is_better=True,
        ),
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
        if region := stage.fresh_postgres_region(size):
            figures += _on(region, stage, "PostgreSQL", size, rounds)
    return figures


def _prepare(stage: Stage, size: int) -> None:
    stage.region_file(size)


COMMANDS: Final = Benchmark(
    *("commands", "commands over loopback, on each database that is installed", _prepare, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((6_000,), 20),
)
