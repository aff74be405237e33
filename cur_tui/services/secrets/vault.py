"""Where secrets live: the system's keyring, else a file under a passphrase. Never plain text.

What is kept there for each profile: the key of the encrypted cache and the refresh token. The choice is made
once and remembered, since looking in the other place later would find nothing, make a new key and lose the
cache with its unsent work.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol

from cur_tui.files import UntrustedFileError, exclusive, read_private
from cur_tui.paths import Home
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.secrets.vault_problems import VaultError

if TYPE_CHECKING:
    from cur_tui.services.secrets.vault_file import FileVault, KdfCost
    from cur_tui.services.secrets.vault_keyring import KeyringVault

PASSPHRASE_FILE: Final = "CUR_PASSPHRASE_FILE"
CACHE_KEY_BYTES: Final = 32
MIN_PASSPHRASE: Final = 8
ATTEMPTS: Final = 3

Occasion = Literal["new", "unlock", "wrong", "locked", "locked_wrong"]
Ask = Callable[[Occasion], str | None]
"""Asks the person for the passphrase: a ``new`` one, the known one to ``unlock``, or again after a ``wrong``
one; ``locked`` asks for what unlocks a workstation that was locked. None when the person gives up."""


class Vault(Protocol):
    """A place for secrets. Methods raise :class:`VaultError`."""

    @property
    def kind(self) -> str:
        """``keyring`` or ``file``: what the settings remember."""
        ...

    def get(self, name: str) -> bytes | None:
        """The secret called ``name``, or None."""
        ...

    def set(self, name: str, secret: bytes) -> None:
        """Keep a secret, durably when this returns."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret; it need not be there."""
        ...


def open_vault(
    home: Home,
    *,
    ask: Ask | None = None,
    environ: Mapping[str, str] | None = None,
    cost: KdfCost | None = None,
    keyring: Callable[[], KeyringVault | None] | None = None,
) -> Vault:
    """The vault of this home: the remembered one, else the keyring if a real one answers, else the file.

    A passphrase in the file that ``CUR_PASSPHRASE_FILE`` names means the file, without looking for a keyring:
    a program without a person must not depend on whose desktop it happens to run in.
    Raises :class:`VaultError`.
    """
    home.prepare()
    profiles = Profiles(home)
    remembered = profiles.settings.vault
    given = _passphrase_of_environment(os.environ if environ is None else environ)
    file_exists = home.secrets_file.exists() or home.secrets_file.is_symlink()
    if remembered == "keyring" or (remembered is None and not file_exists and given is None):
        found = _find_keyring() if keyring is None else keyring()
        if found is not None:
            if remembered is None:
                profiles.remember_vault(found.kind)
            return found
        if remembered is not None:
            raise VaultError("keyring_unavailable")
    vault = _open_file(home.secrets_file, given, ask, cost)
    if remembered is None:
        profiles.remember_vault(vault.kind)
    return vault


def _find_keyring() -> KeyringVault | None:
    from cur_tui.services.secrets.vault_keyring import (
        find_keyring,  # not on machines that keep their secrets in the file
    )

    return find_keyring()


def _open_file(path: Path, given: str | None, ask: Ask | None, cost: KdfCost | None) -> FileVault:
    from cur_tui.services.secrets.vault_file import DEFAULT_COST, FileVault

    if not path.exists() and not path.is_symlink():
        return FileVault.create(path, long_enough(given or _asked(ask, "new")), cost or DEFAULT_COST)
    if given is not None:
        return FileVault.unlock(path, given)
    occasion: Occasion = "unlock"
    for _ in range(ATTEMPTS - 1):
        try:
            return FileVault.unlock(path, _asked(ask, occasion))
        except VaultError as error:
            if error.code != "wrong_passphrase":
                raise
            occasion = "wrong"
    return FileVault.unlock(path, _asked(ask, occasion))


def _asked(ask: Ask | None, occasion: Occasion) -> str:
    answer = ask(occasion) if ask is not None else None
    if answer is None:
        raise VaultError("passphrase_needed", {"variable": PASSPHRASE_FILE})
    return answer


def long_enough(passphrase: str) -> str:
    """The passphrase, if it may be used. Raises :class:`VaultError` ``passphrase_short``."""
    if len(passphrase) < MIN_PASSPHRASE:
        raise VaultError("passphrase_short", {"limit": str(MIN_PASSPHRASE)})
    return passphrase


def _passphrase_of_environment(environ: Mapping[str, str]) -> str | None:
    """The first line of the file that the environment names. A file that others may read is refused."""
    name = environ.get(PASSPHRASE_FILE)
    if not name:
        return None
    path = Path(name)
    try:
        info = path.stat()
        if os.name == "posix" and stat.S_IMODE(info.st_mode) & 0o077:
            raise VaultError("passphrase_file_open", {"path": name})
        content = read_private(path)
        passphrase = (content or b"").decode().split("\n", 1)[0].removesuffix("\r")
    except UntrustedFileError as error:
        raise VaultError("vault_untrusted", {"path": name}) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise VaultError("vault_unusable", {"path": name, "reason": reason or ""}) from error
    if not passphrase:
        raise VaultError("vault_unusable", {"path": name, "reason": "—"})
    return passphrase


class ProfileSecrets:
    """The secrets of one profile. Methods raise :class:`VaultError`."""

    def __init__(self, vault: Vault, profile: str, lock_file: Path) -> None:
        self.vault = vault
        self.profile = profile
        self._lock_file = lock_file

    def with_vault(self, vault: Vault) -> ProfileSecrets:
        """The same profile's secrets in ``vault``."""
        return ProfileSecrets(vault, self.profile, self._lock_file)

    @property
    def locked(self) -> bytes | None:
        """What a locked workstation has written down, if this profile is locked.

        Only where the keyring keeps the key: a file is closed to everybody without its passphrase anyway.
        """
        return self.vault.get(self.name_of("locked")) if self.vault.kind == "keyring" else None

    def cache_key(self, *, create: bool, locked_too: bool = False) -> bytes:
        """The key of the profile's cache; a new random one when ``create`` is set and there is none.

        Raises :class:`VaultError` ``cache_key_missing`` when a cache exists but its key does not, or when
        what stands in its place is no key; ``profile_locked`` when the workstation was locked, unless
        ``locked_too``.
        """
        if not locked_too and self.locked is not None:
            raise VaultError("profile_locked", {"profile": self.profile})
        name = self.name_of("cache-key")
        known = self.vault.get(name)
        if known is None and create:
            known = self._new_cache_key(name)
        return self._checked(known)

    def _new_cache_key(self, name: str) -> bytes:
        # Of two programs that begin at once, the second must not lock the first one out of its cache.
        with self.exclusive():
            key = self.vault.get(name)
            if key is None:
                key = _new_key()
                self.vault.set(name, key)
        return key

    def begin_new_key(self) -> bytes:
        """A key that the cache is about to get, known here before any file is under it."""
        key = _new_key()
        self.vault.set(self.name_of("next-cache-key"), key)
        return key

    def next_key(self) -> bytes | None:
        """The key that a cache was about to get when that was cut off."""
        return self.vault.get(self.name_of("next-cache-key"))

    def settle_key(self, key: bytes) -> None:
        """The cache is under ``key`` now."""
        self.vault.set(self.name_of("cache-key"), self._checked(key))
        self.vault.delete(self.name_of("next-cache-key"))

    def load(self) -> str | None:
        """The refresh token."""
        token = self.vault.get(self.name_of("refresh-token"))
        return None if token is None else token.decode()

    def save(self, token: str | None) -> None:
        """Keep a new refresh token durably, or forget it."""
        name = self.name_of("refresh-token")
        if token is None:
            self.vault.delete(name)
        else:
            self.vault.set(name, token.encode())

    def exclusive(self) -> AbstractContextManager[None]:
        """One program at a time exchanges the refresh token, since each works once."""
        return exclusive(self._lock_file)

    def forget(self) -> None:
        """Destroy everything of this profile, the keys first: without them the cache is noise."""
        for what in ("cache-key", "next-cache-key", "refresh-token", "unlocking", "locked"):
            self.vault.delete(self.name_of(what))

    def name_of(self, what: str) -> str:
        """Under which name the vault keeps a secret of this profile."""
        return f"{self.profile}/{what}"

    def _checked(self, key: bytes | None) -> bytes:
        if key is None or len(key) != CACHE_KEY_BYTES:
            raise VaultError("cache_key_missing", {"profile": self.profile})
        return key


def _new_key() -> bytes:
    from secrets import token_bytes

    return token_bytes(CACHE_KEY_BYTES)
