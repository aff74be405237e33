"""A region behind a failing network, its processes, and the account of every text that was typed."""

import json
import os
import random
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from cur_tui.domain.intake import Incoming
from cur_tui.domain.model import Applicant
from cur_tui.domain.vocabulary import Regime, Source
from cur_tui.paths import Home
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.access.workplace import open_workplace
from cur_tui.services.secrets.vault import ProfileSecrets, open_vault
from regional_api.appeals.intake import Intake, Original
from regional_api.database.connections import Database
from storage.cache import Cache
from storage.database.connection import connect
from tests.crash.proxy import Proxy
from tests.e2e.region import BIN, Client, Region, running_region

SEED = int(os.environ.get("CUR_SEED", "4"))
"""Of the network's failures and of the moments at which programs are killed."""


@dataclass(slots=True)
class FarRegion(Region):
    """A region that people reach through the proxy alone."""

    proxy: Proxy | None = None

    @property
    def url(self) -> str:
        """Address of the proxy."""
        assert self.proxy is not None
        return f"http://127.0.0.1:{self.proxy.port}"

    def appeals(self) -> dict[str, int]:
        """Version of every appeal that is not restricted."""
        with sqlite3.connect(self.database) as connection:
            return dict(connection.execute("SELECT id, version FROM appeal WHERE restricted=0"))

    def register(self, many: int) -> None:
        """New appeals from outside, past the running server."""
        database = Database(self.database)
        try:
            instant = datetime.now(UTC).replace(microsecond=0)
            incoming = Incoming(
                regime=Regime.POS_MESSAGE,
                source=Source.POS,
                text="Во дворе дома глубокая яма, машины объезжают её по газону.",
                received_at=instant,
                registered_at=instant,
                applicant=Applicant(name="Ветрова Алла Кузьминична"),
                block="roads",
            )
            for _ in Intake(database).register([(incoming, Original(b"x"))] * many):
                pass
        finally:
            database.close()


@contextmanager
def far_region(folder: Path, seed: int, appeals: int = 60) -> Iterator[FarRegion]:
    """A running region with its proxy, which is calm."""
    with running_region(folder, appeals) as near, Proxy(near.port, seed) as proxy:
        far = FarRegion(near.folder, near.port, near.server, near.logs, proxy)
        near.server = None
        try:
            yield far
        finally:
            far.stop()


@dataclass(slots=True)
class Account:
    """What was typed on one machine: every text, and those of them that a program said it has kept."""

    client: Client
    typed: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    _key: bytes = b""

    def start(self, *command: str) -> subprocess.Popen[str]:
        """``cur`` in a process of its own."""
        return subprocess.Popen(
            [str(BIN / "cur"), *command],
            env={**os.environ, **self.client.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def give(self, text: str, *command: str, kill_after: float | None = None) -> None:
        """Give a command with a text; acknowledged when the program has said so before it was killed."""
        self.typed.append(text)
        output = ended(self.start("do", *command, "--text", text, "--json"), kill_after)
        with suppress(json.JSONDecodeError):  # nothing, or a part of it: the program was killed before
            json.loads(output)
            self.acknowledged.append(text)

    @property
    def path(self) -> Path:
        """The cache's file."""
        home = Home.at(self.client.home)
        return Profiles(home).cache_path(Profiles(home).current()[0])

    @property
    def key(self) -> bytes:
        """The cache's key, as the program gets it; asked for once, since a passphrase is made slow to try."""
        if not self._key:
            home = Home.at(self.client.home)
            with mock.patch.dict(os.environ, self.client.env):
                name = Profiles(home).current()[0]
                secrets = ProfileSecrets(open_vault(home), name, home.config_dir / f".{name}.lock")
                self._key = secrets.cache_key(create=False)
        return self._key

    def do(self, number: str, *commands: tuple[str, dict[str, object]]) -> None:
        """Commands on one appeal, one after another."""
        with mock.patch.dict(os.environ, self.client.env), open_workplace(Home.at(self.client.home)) as place:
            for name, values in commands:
                place.desk.do(name, number, **values)

    def kept_here(self) -> Counter[str]:
        """Texts in the outbox, among the drafts and the refused commands."""
        cache = Cache.open(self.path, self.key, read_only=True)
        try:
            reader = cache.reader
            return Counter(
                [
                    *(str(entry.arguments.get("text")) for entry in reader.outbox()),
                    *(entry.text for entry in reader.unsent()),
                    *(draft.text for draft in reader.drafts()),
                ]
            )
        finally:
            cache.close()

    def in_the_record(self) -> Counter[str]:
        """Texts of notes and answers that the server has sent to this machine, how often each."""
        cache = Cache.open(self.path, self.key, read_only=True)
        try:
            appeals = [cache.reader.server_appeal(id_) for id_ in self._ids(cache)]
            texts = [note.text for appeal in appeals if appeal for note in appeal.notes]
            return Counter(texts + [a.text for appeal in appeals if appeal for a in appeal.answers])
        finally:
            cache.close()

    def check_cache(self) -> None:
        """The file is whole and holds what the person may see, each appeal as the server has it."""
        connection = connect(self.path, self.key, writer=True)
        try:
            assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == []
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            here = dict(connection.execute("SELECT id, version FROM appeal").fetchall())
        finally:
            connection.close()
        region = self.client.region
        assert isinstance(region, FarRegion)
        assert here == region.appeals()

    def _ids(self, cache: Cache) -> list[str]:
        connection = connect(cache.path, self.key, writer=False)
        try:
            return [id_ for (id_,) in connection.execute("SELECT id FROM appeal")]
        finally:
            connection.close()


def ended(process: subprocess.Popen[str], kill_after: float | None = None) -> str:
    """What a process has said until it ended, or was killed ``kill_after`` seconds from now."""
    try:
        output, _ = process.communicate(timeout=120 if kill_after is None else kill_after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        output, _ = process.communicate(timeout=30)
    return output


def moment(chance: random.Random, longest: float) -> float:
    """A moment until ``longest`` seconds from now."""
    return chance.uniform(0.02, longest)
