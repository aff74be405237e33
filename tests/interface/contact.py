"""A person's contact with a real server, for screens that ask it: no cache is filled by it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from cur_tui.services.exchange import Exchange
from cur_tui.sync.importing import ImportCalls
from cur_tui.sync.session import TokenSession
from cur_tui.sync.state import Phase, SyncState
from cur_tui.sync.transport import Transport
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
    """A runner that only answers what screens ask of the server."""

    is_paused = False
    ended = None

    def __init__(self, transport: Transport, session: TokenSession) -> None:
        self.state = SyncState(phase=Phase.IDLE)
        self.imports = ImportCalls(transport, session)
        self.poked = 0

    def start(self) -> None: ...

    def poke(self) -> None:
        self.poked += 1

    def stop(self) -> None: ...


@contextmanager
def contact(url: str, account: str) -> Iterator[Exchange]:
    """The exchange of ``account``, signed in."""
    transport = Transport(url)
    session = TokenSession(transport, _Tokens(), device="desk")
    session.sign_in(account, PASSWORD)
    yield Exchange(Contact(transport, session))  # type: ignore[arg-type]
    transport.close()
