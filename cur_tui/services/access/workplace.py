"""A workplace: one profile opened for work — its cache, its person, its desk, and the way to its server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from cur_tui.domain.refusal import Refused
from cur_tui.services.access.signin import Access, SignIn
from cur_tui.services.desk import Desk
from cur_tui.services.secrets.vault import Ask, open_vault
from cur_tui.sync.clock import ServerClock
from cur_tui.sync.person import actor_of, remembered_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType

    from cur_tui.contract.wire import Account
    from cur_tui.paths import Home
    from cur_tui.sync.engine import SyncEngine
    from cur_tui.sync.runner import SyncRunner
    from storage.cache import Cache


class Workplace:
    """An opened profile. Leaving it closes the cache and the connection; what was done is kept already."""

    def __init__(self, access: Access, cache: Cache, account: Account) -> None:
        self.access = access
        self.cache = cache
        self.account = account
        self.clock = ServerClock()
        self._desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        """The person's desk. Raises ``Refused("no_region")`` before the first sync."""
        if self._desk is None:
            self._desk = Desk(self.cache, actor_of(self.account), clock=self.now)
        return self._desk

    def now(self) -> datetime:
        """The estimated server time."""
        return self.clock.now()

    def engine(self) -> SyncEngine:
        """The steps of the exchange."""
        return self.access.engine(self.cache, self.clock)

    def runner(self) -> SyncRunner:
        """The exchange in the background."""
        return self.access.runner(self.cache, self.clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the cache and the connection."""
        self.cache.close()
        self.access.close()


def open_workplace(
    home: Home,
    profile: str | None = None,
    *,
    ask: Ask | None = None,
    tell: Callable[[str], None] | None = None,
    read_only: bool = False,
) -> Workplace:
    """Open the profile ``profile``, or the current one, as the person who signed in last.

    ``tell`` hears of a damaged cache that was made anew.

    Works without a network. Raises :class:`ProfileError`, :class:`VaultError`, :class:`CacheError`, and
    ``Refused("not_signed_in")`` when nobody has signed in here yet.
    """
    signin = SignIn(home, open_vault(home, ask=ask), ask=ask, tell=tell)
    return workplace_of(signin, profile or signin.profiles.current()[0], read_only=read_only)


def workplace_of(signin: SignIn, name: str, *, read_only: bool = False) -> Workplace:
    """The profile ``name`` with its secrets open already; raises like :func:`open_workplace`."""
    access = signin.access(name)
    if not signin.profiles.cache_path(name).exists():
        raise Refused("not_signed_in", profile=name)
    cache = signin.open_cache(name, read_only=read_only)
    account = remembered_account(cache)
    if account is None:
        cache.close()
        raise Refused("not_signed_in", profile=name)
    return Workplace(access, cache, account)
