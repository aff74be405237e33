"""A person's contact with a real server, for screens that ask it: no cache is filled by it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from cur_tui.services.exchange.exchange import Exchange
from cur_tui.sync.clock import ServerClock
from cur_tui.sync.engine import SyncEngine
from cur_tui.sync.person import remember_account
from cur_tui.sync.session import TokenSession
from cur_tui.sync.state import Phase, SyncState
from cur_tui.sync.transport import Transport
from storage.cache import Cache
from tests.server.office import PASSWORD


class _Tokens:
    """A refresh token in memory."""

    def __init__(self) -> None:
        self._token: str | None = None

    def load(self) -> str | None:
        return self._token

    def save(self, token: str | None) -> None:
        self._token = token

    def exclusive(self) -> nullcontext[None]:
        return nullcontext()


class Contact:
    """A runner that only answers what screens ask of the server; ``engine`` exchanges when a test says so."""

    is_paused = False
    ended = None

    def __init__(self, engine: SyncEngine) -> None:
        self.state = SyncState(phase=Phase.IDLE)
        self.imports = engine.imports
        self.related = engine.related
        self.cuts = engine.cuts

    def start(self) -> None: ...

    def poke(self) -> None: ...

    def stop(self) -> None: ...


@contextmanager
def engine_at(url: str, account: str, cache: Cache) -> Iterator[SyncEngine]:
    """The steps of the exchange of ``account``, signed in."""
    transport = Transport(url)
    session = TokenSession(transport, _Tokens(), device="desk")
    remember_account(cache, session.sign_in(account, PASSWORD))
    yield SyncEngine(cache, transport, session, clock=ServerClock(), device="desk")
    transport.close()


def read_all(engine: SyncEngine) -> None:
    """Bring everything that the server has into the cache."""
    engine.hello()
    while engine.needs_bootstrap:
        engine.bootstrap_step()
    while engine.pull_once().more:
        pass


@contextmanager
def contact(url: str, account: str, cache: Cache) -> Iterator[Exchange]:
    """The exchange of ``account`` over a cache that is not read into."""
    with engine_at(url, account, cache) as engine:
        yield Exchange(Contact(engine))  # type: ignore[arg-type]
