"""A workstation without a screen: the real cache, exchange and desk of one person."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx

from cur_tui.contract.wire import Account
from cur_tui.domain.model import Appeal
from cur_tui.services.access.workplace import actor_of
from cur_tui.services.answers.answering import AnswerDesk
from cur_tui.services.desk import Desk
from cur_tui.sync.clock import ServerClock
from cur_tui.sync.engine import SyncEngine
from cur_tui.sync.person import remembered_account
from cur_tui.sync.session import TokenSession
from cur_tui.sync.transport import Transport
from storage.cache import Cache
from tests.simulation.faults import Fuse, Turn
from tests.simulation.released_cache import RELEASES, set_back
from tests.simulation.server import PASSWORD
from tests.simulation.stage import Stage
from tests.storage.conftest import KEY

Carry = Callable[["Person", httpx.Request], httpx.Response]

FUSES: dict[Path, Fuse] = {}
"""The fuse of every cache file that is open for writing."""


class Pocket:
    """A token store that outlives the program."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token

    def load(self) -> str | None:
        return self.token

    def save(self, token: str | None) -> None:
        self.token = token

    def exclusive(self) -> AbstractContextManager[None]:
        return contextlib.nullcontext()


class Line(httpx.BaseTransport):
    """The way of one workstation's requests into the world."""

    def __init__(self, person: Person, carry: Carry) -> None:
        self._person = person
        self._carry = carry

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._carry(self._person, request)


@dataclass
class Typed:
    """A text that somebody typed, known by its mark."""

    mark: str
    command: str | None = None
    """The command it was given with last; None: it is a draft."""
    once: bool = True
    """Whether it can be in the record once at most; a second version of an answer brings its texts again."""
    given_up: bool = False
    """Whether the person has taken it back."""


@dataclass(frozen=True)
class Machine:
    """A workstation and whose it is."""

    name: str
    account: str


@dataclass
class Person:
    """Somebody at one workstation."""

    stage: Stage
    path: Path
    machine: Machine
    carry: Carry
    clock_error: timedelta = timedelta(0)
    pocket: Pocket = field(default_factory=Pocket)
    typed: dict[str, Typed] = field(default_factory=dict)
    is_bad: bool = False
    """Whether the network is bad at this moment."""
    is_outside: bool = False
    """Whether the server has said in the present step that the person's rights are others now."""
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Under which reading of everything, and in which version of the server's, each appeal was seen last."""

    @property
    def account(self) -> str:
        """Who the server knows here."""
        return self.machine.account

    @property
    def name(self) -> str:
        """The workstation's name, which is its device id too."""
        return self.machine.name

    def __post_init__(self) -> None:
        self.fuse = FUSES[self.path] = Fuse()
        self.open()

    # --- the program ------------------------------------------------------------------------------

    def open(self) -> None:
        """The program starts: nothing but the cache and the token is left of the one before."""
        self.fuse.set(0)
        self._update()
        self.cache = Cache.open(self.path, KEY)
        self.transport = Transport("http://127.0.0.1:1", inner=Line(self, self.carry))
        self.session = TokenSession(self.transport, self.pocket, device=self.name)
        self.engine = SyncEngine(
            self.cache,
            self.transport,
            self.session,
            clock=ServerClock(lambda: self.stage.now + self.clock_error),
            device=self.name,
        )
        # Two steps of one program may meet here, in one thread.
        self.session._lock = Turn()  # type: ignore[assignment]
        self.engine._pushing = Turn()  # type: ignore[assignment]
        self._desk: Desk | None = None
        self._known: Account | None = None
        self.desk()

    def _update(self) -> None:
        """Sometimes the program that ran until now was an earlier release; its cache is as that left it."""
        if self.stage.releases.random() < 0.15 and self.path.exists():
            release = self.stage.releases.choice(RELEASES)
            set_back(self.path, release)
            self.stage.tell(f"{self.name} is updated from a program with schema {release} of the cache")

    def close(self) -> None:
        """The program ends."""
        self.fuse.set(0)
        self.transport.close()
        self.cache.close()

    def restart(self) -> None:
        """The program ends, however it ends, and is started again."""
        self.close()
        self.open()

    def desk(self) -> Desk | None:
        """The desk of whoever the server last said is signed in; None before the first reading."""
        account = remembered_account(self.cache)
        if account is None:
            return None
        if self._desk is None or account != self._known:
            if not self.cache._connections.all("SELECT 1 FROM reference WHERE kind='profile'"):
                return None
            self._known = account
            self._desk = Desk(self.cache, actor_of(account), clock=self.engine.clock.now)
        return self._desk

    @property
    def answers(self) -> AnswerDesk:
        """The writing side of the desk."""
        desk = self.desk()
        assert desk is not None
        return AnswerDesk(desk)

    def appeals(self) -> list[Appeal]:
        """What the person has before them, with what is still unsent."""
        rows = self.cache._connections.all("SELECT id FROM appeal ORDER BY id")
        found = (self.cache.reader.appeal(str(id_)) for (id_,) in rows)
        return [appeal for appeal in found if appeal is not None]

    # --- the exchange -----------------------------------------------------------------------------

    def sign_in(self) -> None:
        """Type the password."""
        self.session.sign_in(self.account, PASSWORD)

    def greet(self) -> str:
        """Greet the server."""
        return f"greets, {self.engine.hello().last_dseq} are settled"

    def pull(self) -> str:
        """One step of reading; what it was."""
        if not self.engine.is_greeted and not self.engine.can_read:
            self.engine.hello()
        if self.engine.needs_bootstrap:
            step = self.engine.bootstrap_step()
            self.is_outside &= not step.total
            return f"reads {step.done}/{step.total}{' complete' if step.complete else ''}"
        pulled = self.engine.pull_once()
        self.is_outside &= pulled.renewed
        return f"pulls {pulled.lines}{' renewed' if pulled.renewed else ''}"

    def push(self) -> str:
        """One step of sending; what it was."""
        settled = self.engine.push_once().settled
        if settled is None:
            return "pushes nothing"
        refused = ",".join(entry.code for entry in settled.refused)
        return f"pushes: {len(settled.applied)} applied, refused [{refused}]"

    def exchange_all(self) -> None:
        """Exchange until there is nothing left, as a runner does with a good network."""
        if not self.engine.is_greeted:
            self.engine.hello()
        for _ in range(200):
            if self.engine.needs_bootstrap:
                self.engine.bootstrap_step()
            elif self.engine.push_once().more:
                continue
            elif not self.engine.pull_once().more:
                return
        raise AssertionError(f"{self.name}: the exchange does not come to its end")
