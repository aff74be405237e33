"""A region with a real server on loopback, and workstations without a screen that talk to it."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import uuid6
import uvicorn
from sqlalchemy import select, update

from cur_tui.contract.wire import Account
from cur_tui.domain.commands import AddNote, Arguments, Command
from cur_tui.domain.decisions import decide
from cur_tui.domain.intake import Incoming
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Regime, Role, Source
from cur_tui.sync.clock import ServerClock
from cur_tui.sync.engine import SyncEngine
from cur_tui.sync.runner import SyncRunner
from cur_tui.sync.session import TokenSession
from cur_tui.sync.transport import Timeouts, Transport
from regional_api.app import create_app
from regional_api.appeals.intake import Intake, Original
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.database.tables import ACCOUNT, APPEAL, SESSION, TOKEN
from regional_api.identity.accounts import NewAccount, add_account
from regional_api.settings import Settings
from regional_api.unit_of_work import unit_of_work
from storage.cache import Cache
from storage.database.connection import connect
from tests.factories import make_region
from tests.server.office import PromptServer, cheap_hashing

PASSWORD = "a long password"
KEY = bytes(range(32))
MakeNetwork = Callable[[], httpx.BaseTransport]


class Region:
    """The server's side: a database in a folder, served while it is started."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "region.db"
        self.database = Database(str(self.path))
        create_region(self.database, make_region())
        self.intake = Intake(self.database)
        self.port = 0
        self._server: PromptServer | None = None
        self._thread: threading.Thread | None = None
        self._signed_in: dict[str, tuple[str, Pocket]] = {}

    @property
    def rulebook(self) -> Rulebook:
        return self.intake.rulebook

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve on the same port as before, as a server does that comes back."""
        app = create_app(Settings(str(self.path), look_again=0.5))
        self.centre: Centre = app.state.centre
        # What this side registers is heard as from a sibling process: looking often costs more than tests do.
        self.database.bell.tell = self.centre.database.bell.wake
        # The protocol is named, since only then asyncio switches delayed sending off for what it accepts.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        self._server = PromptServer(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.005)

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self.centre.database.bell.stop()
            self._server.stop()
            self._thread.join(10)
            assert not self._thread.is_alive()
            self._server = self._thread = None

    def close(self) -> None:
        self.stop()
        self.database.close()

    def desk(
        self, path: Path, account: str, network: Callable[[], httpx.BaseTransport] | None = None
    ) -> "Desk":
        """A desk with an empty cache on a machine where ``account`` is signed in.

        Checking a password is slow on purpose, so machines are shared: one for each account.
        """
        if account not in self._signed_in:
            desk = Desk(self, path.with_suffix(".first"), account)
            desk.sign_in()
            self._signed_in[account] = (desk.device, desk.pocket)
            desk.close()
        device, pocket = self._signed_in[account]
        return Desk(self, path, account, device=device, pocket=pocket, network=network)

    def end_sessions(self) -> None:
        """Everybody has to sign in again."""
        with self.database.writing() as connection:
            connection.execute(update(SESSION).values(revoked_at=seconds(now())))
        self._signed_in.clear()

    def expire_tokens(self) -> None:
        """All access tokens run out."""
        with self.database.writing() as connection:
            connection.execute(update(TOKEN).where(TOKEN.c.kind == "access").values(expires_at=1))

    # --- what happens in the region -----------------------------------------------------------------------

    def hire(self, account: str, role: Role, *blocks: str) -> None:
        with cheap_hashing(), unit_of_work(self.database, self.rulebook) as work:
            name = f"Некто {account}"
            add_account(work, NewAccount(account, name, role, PASSWORD, blocks=blocks))

    def move_account(self, account: str, *blocks: str) -> None:
        with self.database.writing() as connection:
            connection.execute(
                update(ACCOUNT).where(ACCOUNT.c.account == account).values(blocks=" ".join(blocks))
            )

    def register(self, n: int, block: str = "utilities") -> list[str]:
        """``n`` new appeals; their numbers."""
        instant = datetime.now(UTC).replace(microsecond=0)
        incoming = [
            (
                Incoming(
                    regime=Regime.POS_MESSAGE,
                    source=Source.POS,
                    text=f"Сообщение {i}: нет воды.",
                    received_at=instant - timedelta(minutes=5),
                    registered_at=instant,
                    block=block,
                ),
                Original(b"x"),
            )
            for i in range(n)
        ]
        return list(self.intake.register(incoming))

    def appeals(self, *blocks: str) -> dict[str, int]:
        """Versions of all appeals by id, of these blocks or of all."""
        query = select(APPEAL.c.id, APPEAL.c.version)
        if blocks:
            query = query.where(APPEAL.c.block.in_(blocks))
        with self.database.reading() as connection:
            return {row.id: row.version for row in connection.execute(query)}

    def appeal(self, appeal_id: str) -> Appeal:
        from regional_api.database.store import load

        with self.database.reading() as connection:
            return load(connection, [appeal_id])[appeal_id].appeal


class Pocket:
    """A token store in memory."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.history: list[str | None] = []

    def load(self) -> str | None:
        return self.token

    def save(self, token: str | None) -> None:
        self.token = token
        self.history.append(token)

    def exclusive(self) -> AbstractContextManager[None]:
        return contextlib.nullcontext()


class Desk:
    """The client's side: a cache, its engine, and a person who gives commands."""

    def __init__(
        self,
        region: Region,
        path: Path,
        account: str,
        *,
        device: str | None = None,
        pocket: Pocket | None = None,
        network: MakeNetwork | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.region = region
        self.path = path
        self.account = account
        self.device = device or str(uuid6.uuid7())
        self.pocket = pocket or Pocket()
        self._network = network
        self._timeouts = timeouts or Timeouts(connect=2, read=10, write=10)
        self.clock = ServerClock()
        self._open()

    def _open(self) -> None:
        self.cache = Cache.open(self.path, KEY)
        self.transport = Transport(
            self.region.address, timeouts=self._timeouts, inner=self._network() if self._network else None
        )
        self.session = TokenSession(self.transport, self.pocket, device=self.device)
        self.engine = SyncEngine(
            self.cache, self.transport, self.session, clock=self.clock, device=self.device
        )
        self._actor = self.who()
        self.cache.replay_with(self.replay)

    def close(self) -> None:
        self.transport.close()
        self.cache.close()

    def restart(self) -> None:
        """The program ends, however it ends, and is started again: only the cache and the secrets remain."""
        self.close()
        self._open()

    def sign_in(self) -> Account:
        return self.session.sign_in(self.account, PASSWORD)

    def runner(self, *, poll: float = 25.0) -> SyncRunner:
        return SyncRunner(self.engine, self.transport, poll=poll, scale=0.02)

    def who(self) -> Actor:
        from regional_api.identity.callers import find_actor

        with self.region.database.reading() as connection:
            found = find_actor(connection, self.account, self.region.rulebook.region)
        assert found is not None
        return found

    def replay(self, appeal: Appeal, command: Command) -> Appeal:
        return decide(appeal, command, self._actor, self.region.rulebook, self.clock.now())

    def do(self, appeal_id: str, arguments: Arguments) -> Command:
        """Give a command as a person does: on what the cache shows."""
        appeal = self.cache.reader.appeal(appeal_id)
        assert appeal is not None
        command = Command(str(uuid6.uuid7()), appeal.id, arguments, appeal.version, datetime.now(UTC))
        self.cache.writer.apply_local(command, self.replay(appeal, command))
        return command

    def note(self, appeal_id: str, text: str) -> Command:
        return self.do(appeal_id, AddNote(text))

    # --- the exchange until nothing is left to do ---

    def load(self) -> None:
        """Read everything, and then what changed meanwhile."""
        if not self.engine.is_greeted:
            self.engine.hello()
        while self.engine.needs_bootstrap:
            self.engine.bootstrap_step()
        self.pull()

    def pull(self) -> None:
        while (pulled := self.engine.pull_once()).more:
            if pulled.renewed:
                self.load()
                return

    def push(self) -> None:
        while self.engine.push_once().more:
            pass

    def sync(self) -> None:
        self.load()
        self.push()
        self.pull()

    def shown(self) -> dict[str, int]:
        """Versions of all appeals in the cache by id."""
        connection = connect(self.path, KEY, writer=False)
        try:
            return dict(connection.execute("SELECT id, version FROM appeal").fetchall())
        finally:
            connection.close()


@contextlib.contextmanager
def region_in(folder: Path) -> Iterator[Region]:
    region = Region(folder)
    region.hire("operator", Role.BLOCK_OPERATOR, "utilities", "roads")
    region.hire("supervisor", Role.SUPERVISOR, "*")
    region.start()
    try:
        yield region
    finally:
        region.close()
