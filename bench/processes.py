"""Several server processes on one PostgreSQL: commands a second, and how late others hear of them."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Final

import httpx

from bench.benchmark import Benchmark, Extent
from bench.commands import DEVICES, SINGLES, greet, note_on
from bench.data.server import RunningRegion, Target
from bench.data.stage import Stage
from bench.figures import Figure, Sample, rate
from bench.plain_client import PlainClient, bodies, expect_applied

PROCESSES: Final = 2
WAIT: Final = 20
"""Seconds that the reader's long poll is held."""


class _Reader(threading.Thread):
    """Follows the feed as a workstation does, and notes when it hears of each version."""

    def __init__(self, region: RunningRegion) -> None:
        super().__init__(daemon=True)
        token = region.session.authorised(lambda token: token)
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=region.url, trust_env=False, timeout=60, headers=headers)
        body = {"device": region.device, "app_version": "0.1.0", "schema": 1}
        self._cursor = self._http.post("/v1/hello", json=body).raise_for_status().json()["cursor"]
        self.heard: dict[tuple[str, int], float] = {}
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            asked = {"cursor": self._cursor, "wait": str(WAIT)}
            lines = self._http.get("/v1/changes", params=asked).raise_for_status().text.splitlines()
            moment = perf_counter()
            for line in map(json.loads, lines):
                if line["_"] == "put":
                    self.heard[line["row"][0], line["row"][2]] = moment
            self._cursor = json.loads(lines[-1])["cursor"]


def _round(
    devices: Mapping[PlainClient, RunningRegion], fresh: Iterator[Target], heard: dict[tuple[str, int], float]
) -> tuple[float, list[float]]:
    """Commands a second of all devices at once, and the milliseconds until the reader heard of each."""
    shares = []
    for device in devices.values():
        targets = [next(fresh) for _ in range(SINGLES)]
        notes = bodies([note_on(device, [target]) for target in targets])
        shares.append(list(zip(targets, notes, strict=True)))
    answered: dict[tuple[str, int], float] = {}
    answers: list[bytes] = []

    def send(client: PlainClient, share: Sequence[tuple[Target, bytes]]) -> None:
        for target, body in share:
            answers.append(client.send(body))
            answered[target.id, target.version + 1] = perf_counter()

    def all_of_them() -> None:
        with ThreadPoolExecutor(len(devices)) as threads:
            list(threads.map(send, devices, shares))

    taken = rate(len(devices) * SINGLES, all_of_them)
    expect_applied(answers)
    deadline = perf_counter() + WAIT
    while not answered.keys() <= heard.keys() and perf_counter() < deadline:
        threading.Event().wait(0.01)
    return taken, [max(0.0, heard[key] - moment) * 1_000 for key, moment in answered.items()]


def _on(stage: Stage, size: int, processes: int, rounds: int) -> tuple[Sample, Sample] | None:
    region = stage.fresh_postgres_region(size, processes)
    if region is None:
        return None
    devices = [RunningRegion(region.url, region.database, region.pid) for _ in range(DEVICES)]
    for device in devices:
        greet(device, stage.folder)
    clients = {PlainClient(device): device for device in devices}
    fresh = iter(region.targets(rounds * DEVICES * SINGLES))
    reader = _Reader(region)
    reader.start()
    taken = [_round(clients, fresh, reader.heard) for _ in range(rounds)]
    reader.over.set()
    for client, device in clients.items():
        client.close()
        device.transport.close()
    lags = tuple(lag for _, several in taken for lag in several)
    return Sample(tuple(one for one, _ in taken)), Sample(lags)


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    figures: list[Figure] = []
    for size in sizes:
        several, one = _on(stage, size, PROCESSES, rounds), _on(stage, size, 1, rounds)
        if several is None or one is None:
            return figures
        what = f"{DEVICES} devices at once, {PROCESSES} processes on PostgreSQL"
        figures += [
            Figure(
                *("processes", what, size, "commands/s", several[0], "one process", one[0]),
                more_is_better=True,
            ),
            Figure(
                *("processes", "from the answer until another workstation hears", size, "ms", several[1]),
                *("one process", one[1]),
            ),
        ]
    return figures


def _prepare(stage: Stage, size: int) -> None:
    """Commands change the database, so each run makes it anew."""


PROCESSES_BENCH: Final = Benchmark(
    *("processes", "several server processes on one PostgreSQL", _prepare, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((3_000,), 10),
)
