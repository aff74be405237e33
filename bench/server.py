"""A regional server as its own process on loopback, and a client of it without a screen."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from uuid6 import uuid7

from cur_tui.domain.model import Appeal
from cur_tui.domain.rulebook import Rulebook
from cur_tui.domain.vocabulary import Role
from cur_tui.sync.clock import ServerClock
from cur_tui.sync.engine import SyncEngine
from cur_tui.sync.session import TokenSession
from cur_tui.sync.transport import Transport
from regional_api.accounts import NewAccount, add_account
from regional_api.database import Database
from regional_api.intake import Intake
from regional_api.schema import create_region
from regional_api.unit_of_work import unit_of_work
from storage.cache import Cache

ACCOUNT: Final = "supervisor"
PASSWORD: Final = "a long password of nobody"
KEY: Final = bytes(range(32))


class Pocket:
    """A token store in memory."""

    def __init__(self) -> None:
        self._token: str | None = None

    def load(self) -> str | None:
        """The refresh token."""
        return self._token

    def save(self, token: str | None) -> None:
        """Keep a new one."""
        self._token = token

    def exclusive(self) -> AbstractContextManager[None]:
        """Nobody else is here."""
        return contextlib.nullcontext()


@dataclass(slots=True)
class RunningRegion:
    """A server that answers at ``url``, one device that is signed in to it, and its appeals."""

    url: str
    appeals: Sequence[Appeal]
    device: str = field(default_factory=lambda: str(uuid7()))
    sent: int = 0
    """Commands sent so far; they are numbered without gaps."""
    transport: Transport = field(init=False)
    session: TokenSession = field(init=False)

    def __post_init__(self) -> None:
        self.transport = Transport(self.url)
        self.session = TokenSession(self.transport, Pocket(), device=self.device)
        self.session.sign_in(ACCOUNT, PASSWORD)

    def engine(self, cache: Cache) -> SyncEngine:
        """The exchange of ``cache`` with this server."""
        return SyncEngine(cache, self.transport, self.session, clock=ServerClock(), device=self.device)


@contextlib.contextmanager
def running_region(database: str, rulebook: Rulebook, appeals: Sequence[Appeal]) -> Iterator[RunningRegion]:
    """A region made in ``database`` with ``appeals``, served for the length of the block."""
    _make(database, rulebook, appeals)
    command = [
        str(Path(sys.executable).with_name("regional-api")),
        "serve",
        "--database",
        database,
        "--port",
        "0",
    ]
    server = subprocess.Popen(
        [*command, "--exit-with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        region = RunningRegion(json.loads(server.stdout.readline())["url"], appeals)
        yield region
        region.transport.close()
    finally:
        server.stdin.close()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        server.stdout.close()


def _make(database: str, rulebook: Rulebook, appeals: Sequence[Appeal]) -> None:
    opened = Database(database)
    try:
        create_region(opened, rulebook.region)
        with unit_of_work(opened, rulebook) as work:
            add_account(work, NewAccount(ACCOUNT, "Радужная Е. Н.", Role.SUPERVISOR, PASSWORD))
        for _ in Intake(opened).store_prepared((appeal, None) for appeal in appeals):
            pass
    finally:
        opened.close()
