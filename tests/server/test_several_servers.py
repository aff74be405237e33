"""Several server processes on one PostgreSQL database, one of them killed: nothing missed, nothing twice."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.database.store import load
from regional_api.database.tables import APPEAL
from regional_api.record import journal
from tests.server.office import Mirror, Seat, register

SERVERS = 2
WRITERS = ("op.zarechnaya", "op.roshchin", "ap.ozerova", "su.polev")
NOTES = 300 if os.environ.get("CUR_SOAK") else 6
"""Notes of each writer."""
KILLED_AFTER = NOTES // 3

pytestmark = pytest.mark.parametrize("address", ["postgresql"], indirect=True)


@contextmanager
def serving(address: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server process of its own; gives its URL."""
    command = [
        str(Path(sys.executable).with_name("regional-api")),
        "serve",
        "--database",
        address,
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"], process
        finally:
            process.kill()


class Writer(threading.Thread):
    """Gives notes one at a time; when the server of its choice is away it asks the next one, with the same
    command.
    """

    def __init__(
        self, urls: list[str], place: int, account: str, appeals: list[str], killer: "Killer"
    ) -> None:
        super().__init__()
        self._urls, self._place, self._killer = urls, place, killer
        self._seat = Seat.take(urls[place % len(urls)], account)
        self._appeals = appeals
        self.said: list[str] = []
        self.turns = 0

    def run(self) -> None:
        self._seat.hello()
        for n in range(NOTES):
            text = f"{self._seat.account}: заметка {n}"
            self._give(
                self._seat.envelope(
                    "note", self._appeals[(n + self._place) % len(self._appeals)], 1, text=text
                )
            )
            self.said.append(text)
            self._killer.one_more()
        self._seat.http.close()

    def _give(self, command: dict[str, Any]) -> None:
        while True:
            try:
                answer = self._seat.send(command)
            except httpx.TransportError:
                self._place += 1
                self.turns += 1
                self._seat.http.base_url = httpx.URL(self._urls[self._place % len(self._urls)])
                continue
            assert answer.status_code == 200, answer.text
            assert answer.json()["results"][0]["status"] in ("applied", "duplicate"), answer.text
            return


class Killer:
    """Kills a server once enough was said."""

    def __init__(self, victim: subprocess.Popen[str]) -> None:
        self._victim, self._said, self._lock = victim, 0, threading.Lock()

    def one_more(self) -> None:
        """Something was said."""
        with self._lock:
            self._said += 1
            if self._said == KILLED_AFTER * len(WRITERS):
                self._victim.send_signal(signal.SIGKILL)


@pytest.mark.failure(7, 23)
def test_writers_move_on_to_another_server_and_readers_miss_nothing(address: str) -> None:
    register(address, 8)
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(address)) for _ in range(SERVERS)]
        urls = [url for url, _ in servers]
        reader = Seat.take(urls[1], "su.polev")
        mirror = Mirror()
        cursor = mirror.follow(reader, reader.hello()["cursor"])
        database = Database(address)
        stack.callback(database.close)
        with database.reading() as connection:
            appeals = list(connection.execute(select(APPEAL.c.id).order_by(APPEAL.c.id)).scalars())
        killer = Killer(servers[0][1])
        writers = [Writer(urls, place, name, appeals, killer) for place, name in enumerate(WRITERS)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            cursor = mirror.follow(reader, cursor, limit=5)
        mirror.follow(reader, cursor, limit=5)
        reader.http.close()
        assert sum(writer.turns for writer in writers) > 0, "nobody noticed that a server was killed"
        with database.reading() as connection:
            stored = load(connection, appeals)
        verdict = journal.verify(database, open_centre(database).shard)
    assert verdict.ok
    assert mirror.versions == {id: one.appeal.version for id, one in stored.items() if one.appeal.version > 1}
    found = Counter(note.text for one in stored.values() for note in one.appeal.notes)
    said = Counter(text for writer in writers for text in writer.said)
    assert len(said) == NOTES * len(WRITERS)
    assert {text: found[text] for text in said} == said
