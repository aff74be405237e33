"""A regional server as its own process on loopback, and a client of it without a screen."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from uuid6 import uuid7

from bench.data.home import PERSON
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.related.likeness import LIKENESS_RULES
from cur_tui.domain.vocabulary import Role
from cur_tui.sync.clock import ServerClock
from cur_tui.sync.engine import SyncEngine
from cur_tui.sync.session import TokenSession
from cur_tui.sync.transport import Transport
from regional_api.appeals.intake import Intake
from regional_api.database.connections import Database
from regional_api.database.schema import create_region, write_meta
from regional_api.database.tables import APPEAL, FEED_CLOCK
from regional_api.identity.accounts import NewAccount, add_account
from regional_api.related.follower import POSITION_KEY, RULES_KEY
from regional_api.related.tables import LIKENESS_SEEN
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


@dataclass(frozen=True, slots=True)
class Target:
    """An appeal that a command can be given on."""

    id: str
    version: int


@dataclass(slots=True)
class RunningRegion:
    """A server that answers at ``url`` from ``database``, and one device that is signed in to it."""

    url: str
    database: str
    pid: int
    device: str = field(default_factory=lambda: str(uuid7()))
    sent: int = 0
    """Commands sent so far; they are numbered without gaps."""
    transport: Transport = field(init=False)
    session: TokenSession = field(init=False)

    def __post_init__(self) -> None:
        self.transport = Transport(self.url)
        self.session = TokenSession(self.transport, Pocket(), device=self.device)
        self.session.sign_in(ACCOUNT, PASSWORD)

    def targets(self, count: int) -> list[Target]:
        """The ``count`` newest appeals, as they are now."""
        opened = Database(self.database)
        try:
            with opened.reading() as connection:
                newest = select(APPEAL.c.id, APPEAL.c.version).order_by(APPEAL.c.pk.desc()).limit(count)
                return [Target(*row) for row in connection.execute(newest)]
        finally:
            opened.close()

    def headers(self) -> dict[str, str]:
        """What a request of somebody who is signed in carries."""
        token = self.session.authorised(lambda token: token)
        return {"Authorization": f"Bearer {token}"}

    def engine(self, cache: Cache) -> SyncEngine:
        """The exchange of ``cache`` with this server."""
        return SyncEngine(cache, self.transport, self.session, clock=ServerClock(), device=self.device)


@contextlib.contextmanager
def serve(database: str, processes: int = 1) -> Iterator[RunningRegion]:
    """The region in ``database``, served by ``processes`` for the length of the block."""
    program = str(Path(sys.executable).with_name("regional-api"))
    server = subprocess.Popen(
        [
            *(program, "serve", "--database", database, "--port", "0", "--exit-with-parent"),
            *("--workers", str(processes)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        told = server.stdout.readline()
        if not told:
            raise RuntimeError(f"no server for {database}: {program} serve --database … says why")
        region = RunningRegion(json.loads(told)["url"], database, server.pid)
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


def make_region(database: str, rulebook: Rulebook, appeals: Iterable[Appeal]) -> None:
    """Make the region's tables in ``database``, an account for the benchmarks, and its ``appeals``."""
    opened = Database(database)
    try:
        create_region(opened, rulebook.region)
        with unit_of_work(opened, rulebook) as work:
            add_account(work, NewAccount(ACCOUNT, "Радужная Е. Н.", Role.SUPERVISOR, PASSWORD))
            add_account(work, NewAccount(PERSON.account, PERSON.name, Role.APPROVER, PASSWORD, PERSON.blocks))
        for _ in Intake(opened).store_prepared((appeal, None) for appeal in appeals):
            pass
        mark_compared(opened)
    finally:
        opened.close()


def mark_compared(region: Database) -> None:
    """Let the region be one that has been at work: its past was compared for doubles when it came in.

    Otherwise its server would do so beside everything that is measured, and copies are all alike.
    """
    with region.writing() as connection:
        connection.execute(delete(LIKENESS_SEEN))
        connection.execute(insert(LIKENESS_SEEN).from_select(["pk"], select(APPEAL.c.pk)))
        newest = APPEAL.c.seq.desc(), APPEAL.c.pk.desc()
        last = connection.execute(select(APPEAL.c.seq, APPEAL.c.pk).order_by(*newest).limit(1)).one()
        write_meta(connection, POSITION_KEY, f"{last.seq}:{last.pk}")
        write_meta(connection, RULES_KEY, str(LIKENESS_RULES))


TOUCHED_TOGETHER: Final = 1_000
"""Appeals that one transaction has changed, as the feed will tell it."""


def touch_everything(database: str) -> None:
    """Give every appeal its next version, so that a reading of changes brings all of them."""
    opened = Database(database)
    try:
        with opened.writing() as connection:
            last = connection.execute(select(FEED_CLOCK.c.v)).scalar_one()
            step = APPEAL.c.pk // TOUCHED_TOGETHER
            connection.execute(update(APPEAL).values(version=APPEAL.c.version + 1, seq=last + 1 + step))
            newest = connection.execute(select(func.max(APPEAL.c.seq))).scalar_one()
            connection.execute(update(FEED_CLOCK).values(v=newest))
    finally:
        opened.close()
