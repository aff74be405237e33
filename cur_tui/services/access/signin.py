"""Signing in and out of a profile, and starting again without asking for the password.

Who was signed in is kept in the cache, so that work starts at once and without a network; the server is asked
in the background, and says no there if it must.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cur_tui.services.access.profiles import ProfileError, Profiles
from cur_tui.services.secrets.vault import Ask, ProfileSecrets, Vault
from cur_tui.services.secrets.vault_problems import VaultError
from cur_tui.sync.person import remember_account, remembered_account
from storage.cache import Cache
from storage.errors import CacheError

if TYPE_CHECKING:
    from cur_tui.contract.wire import Account
    from cur_tui.paths import Home
    from cur_tui.services.access.sso import Prompt, Rest
    from cur_tui.settings import Profile
    from cur_tui.sync.clock import ServerClock
    from cur_tui.sync.engine import SyncEngine
    from cur_tui.sync.runner import SyncRunner
    from cur_tui.sync.session import TokenSession
    from cur_tui.sync.transport import Transport
    from storage.salvage.rebuild import Rescued

MAX_DEVICE_NAME: Final = 80


class Access:
    """Everything between one profile and its server; nothing of the network is loaded before it is used.

    Close it when done without a runner.
    """

    def __init__(self, name: str, profile: Profile, secrets: ProfileSecrets) -> None:
        self.name = name
        self.profile = profile
        self.secrets = secrets

    @cached_property
    def transport(self) -> Transport:
        """The connections to the server."""
        from cur_tui.sync.transport import Transport

        ca_file = self.profile.ca_file
        return Transport(self.profile.server, ca_file=Path(ca_file) if ca_file else None)

    @cached_property
    def session(self) -> TokenSession:
        """The person's tokens."""
        from cur_tui.sync.session import TokenSession

        device = self.profile.device
        return TokenSession(self.transport, self.secrets, device=device, device_name=device_name())

    def change_password(self, old: str, new: str) -> None:
        """A new password for the account; where the keyring keeps the key, it unlocks from now on."""
        self.session.change_password(old, new)
        if self.secrets.vault.kind == "keyring":
            from cur_tui.services.access.unlocking import signed_in_with

            signed_in_with(self.secrets, new)

    def engine(self, cache: Cache, clock: ServerClock | None = None) -> SyncEngine:
        """The steps of the exchange over ``cache``."""
        from cur_tui.sync.clock import ServerClock
        from cur_tui.sync.engine import SyncEngine

        return SyncEngine(
            cache, self.transport, self.session, clock=clock or ServerClock(), device=self.profile.device
        )

    def runner(self, cache: Cache, clock: ServerClock | None = None) -> SyncRunner:
        """The exchange of ``cache`` in the background; it closes the transport when it stops."""
        from cur_tui.sync.runner import SyncRunner

        return SyncRunner(self.engine(cache, clock), self.transport)

    def sign_in(self, user: str, password: str) -> Account:
        """Exchange a password for tokens; where the keyring keeps the key, it unlocks from now on."""
        account = self.session.sign_in(user, password)
        if self.secrets.vault.kind == "keyring":
            from cur_tui.services.access.unlocking import signed_in_with

            signed_in_with(self.secrets, password)
        return account

    def close(self) -> None:
        """Close the connections, if there are any, and forget the short-lived token. New ones can be made."""
        transport = self.__dict__.pop("transport", None)
        self.__dict__.pop("session", None)
        if transport is not None:
            transport.close()


class SignIn:
    """Who works with which profile of ``home``; secrets are in ``vault``. ``ask`` unlocks a locked profile,
    ``tell`` hears of a damaged cache that was made anew.

    Methods raise :class:`ProfileError`, :class:`SettingsError` and :class:`VaultError`, and those that speak
    to the server :class:`NoContact`, :class:`ServerProblem` and :class:`SignInNeeded`. All of them have a
    ``sentence``.
    """

    def __init__(
        self, home: Home, vault: Vault, *, ask: Ask | None = None, tell: Callable[[str], None] | None = None
    ) -> None:
        self._home = home
        self._vault = vault
        self._ask = ask
        self._tell = tell or (lambda sentence: None)
        self.profiles = Profiles(home)

    def access(self, name: str) -> Access:
        """The way to the server of the profile ``name``; nothing is sent yet."""
        return Access(name, self.profiles.get(name), self.secrets_of(name))

    def sign_in(self, name: str, user: str, password: str) -> Account:
        """Sign ``user`` in and remember them in the profile and its cache, which is made if it is not there.

        A profile belongs to the person who signed in first: its cache holds what *they* may see and what
        *they* have not sent yet. Raises :class:`ProfileError` ``profile_of_other`` for anybody else.
        """
        owner = self.profiles.get(name).user
        if owner is not None and owner != user:
            raise ProfileError("profile_of_other", {"name": name, "owner": owner})
        # Before the server is asked: a new session would end that of a workstation that is open.
        Cache.check_free(self.profiles.cache_path(name))
        access = self.access(name)
        try:
            account = access.sign_in(user, password)
        finally:
            access.close()
        self._settle(name, account, sso=False)
        return account

    def sign_in_through(self, name: str, show: Callable[[Prompt], None], rest: Rest) -> Account:
        """Sign somebody in at the region's identity provider; else like :meth:`sign_in`.

        ``show`` is told where the person has to go, and ``rest`` waits; see
        :mod:`cur_tui.services.access.sso`.
        """
        from cur_tui.services.access.sso import sign_in_through

        owner = self.profiles.get(name).user
        Cache.check_free(self.profiles.cache_path(name))
        access = self.access(name)
        try:
            account = sign_in_through(access, owner, show, rest)
        finally:
            access.close()
        self._settle(name, account, sso=True)
        return account

    def _settle(self, name: str, account: Account, *, sso: bool) -> None:
        """The profile is this person's from now on."""
        self.profiles.update(name, user=account.account, sso=sso)
        secrets = self.secrets_of(name)
        if secrets.locked is not None:  # whoever has signed in has shown who they are
            from cur_tui.services.access.unlocking import end_lock

            end_lock(secrets)
        cache = self.open_cache(name)
        try:
            remember_account(cache, account)
        finally:
            cache.close()

    def resume(self, name: str) -> Account | None:
        """Who works with the profile, known without a network; None before the first sign-in."""
        if not self.profiles.cache_path(name).exists():
            return None
        cache = self.open_cache(name, read_only=True)
        try:
            return remembered_account(cache)
        finally:
            cache.close()

    def sign_out(self, name: str) -> None:
        """End the session here in any case, and on the server if it can be reached. The cache stays."""
        from cur_tui.sync.faults import NoContact, ServerProblem

        access = self.access(name)
        try:
            access.session.sign_out()
        except (NoContact, ServerProblem):
            # What counts is that this machine has no token any more; the server's copy runs out by itself.
            pass
        finally:
            access.close()

    def open_cache(self, name: str, *, read_only: bool = False) -> Cache:
        """The profile's cache, made on the first time.

        Raises :class:`CacheError` too, and :class:`VaultError` when a cache is there but its key is not, or
        when the workstation was locked and nobody is there to unlock it.
        """
        path = self.profiles.cache_path(name)
        secrets = self.secrets_of(name)
        create = not path.exists()
        try:
            key = secrets.cache_key(create=create)
        except VaultError as error:
            if error.code != "profile_locked" or self._ask is None:
                raise
            key = self._admitted(secrets, self._ask, stay_locked=read_only)
        try:
            return self._open(path, key, read_only=read_only)
        except CacheError as error:
            # Its key was being changed, and the last step was cut off.
            following = secrets.next_key() if error.code == "cache_wrong_key" else None
            if following is None:
                raise
            cache = self._open(path, following, read_only=read_only)
            secrets.settle_key(following)
            return cache

    def repair(self, name: str) -> Rescued:
        """Make the profile's cache anew, damaged or not, with everything that was not sent.

        Raises like :meth:`open_cache`; ``Refused("not_signed_in")`` where there is none.
        """
        from cur_tui.domain.refusal import Refused
        from cur_tui.services.access.rescue import rescue
        from storage.salvage.pages import belongs_to

        path = self.profiles.cache_path(name)
        if not path.exists():
            raise Refused("not_signed_in", profile=name)
        secrets = self.secrets_of(name)
        key, following = secrets.cache_key(create=False), secrets.next_key()
        if following is not None and belongs_to(path, following):
            key = following
        return rescue(path, key, self._tell, whatever_it_is=True)

    def _open(self, path: Path, key: bytes, *, read_only: bool) -> Cache:
        """The cache; a damaged one is made anew first, unless it is only read."""
        try:
            return Cache.open(path, key, read_only=read_only)
        except CacheError as error:
            if error.code != "cache_damaged" or read_only:
                raise
        from cur_tui.services.access.rescue import rescue

        rescue(path, key, self._tell)
        return Cache.open(path, key)

    def _admitted(self, secrets: ProfileSecrets, ask: Ask, *, stay_locked: bool) -> bytes:
        """The key of a locked profile. Who only reads beside the workstation leaves that locked."""
        from cur_tui.services.access.unlocking import admit, end_lock

        admit(secrets, ask)
        key = secrets.cache_key(create=False, locked_too=True)
        if not stay_locked:
            end_lock(secrets)
        return key

    def secrets_of(self, name: str) -> ProfileSecrets:
        """The secrets of the profile ``name``."""
        return ProfileSecrets(self._vault, name, self._home.config_dir / f".{name}.lock")


def device_name() -> str:
    """What the server's list of devices calls this machine."""
    import platform

    return platform.node()[:MAX_DEVICE_NAME]
