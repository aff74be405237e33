"""Locking an opened workplace: its key is forgotten and its cache closed until its person is back.

What unlocks: the passphrase, where the secrets are in a file (its key is forgotten too, so there is no
other way); a password, where they are in the keyring. It is checked here
(:mod:`cur_tui.services.access.unlocking`), or by the server when the person asks for that.
"""

from __future__ import annotations

import contextlib
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from cur_tui.memory import show_memory
from cur_tui.services.access import unlocking
from cur_tui.services.access.signin import Access
from cur_tui.services.secrets.vault import ProfileSecrets, Vault
from cur_tui.services.secrets.vault_file import FileVault
from cur_tui.services.secrets.vault_problems import VaultError

if TYPE_CHECKING:
    from cur_tui.services.access.workplace import Workplace


class _SealedVault:
    """Stands where a vault was: knows its kind and nothing else."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get(self, name: str) -> bytes | None:
        raise VaultError("profile_locked")

    def set(self, name: str, secret: bytes) -> None:
        raise VaultError("profile_locked")

    def delete(self, name: str) -> None:
        raise VaultError("profile_locked")


class Lock:
    """The lock of one workplace. Everything here blocks and belongs into a worker.

    ``secrets_file`` is where the secrets lie under a passphrase, if they do.
    """

    def __init__(self, place: Workplace, secrets_file: Path) -> None:
        self._place = place
        self._secrets_file = secrets_file
        self._vault: Vault | None = None
        self._wrong = 0

    @property
    def by_passphrase(self) -> bool:
        """Whether the passphrase of this machine's secrets unlocks; else a password does."""
        return self._place.access.secrets.vault.kind == "file"

    def lock(self) -> None:
        """Close the cache and forget its key, the tokens and, with a passphrase, what opens the secrets.

        The exchange must have been stopped. Python may keep copies of what was freed until the memory is used
        again, so nobody else may look into it either.
        """
        access = self._place.access
        vault = access.secrets.vault
        if not self.by_passphrase:
            self._vault = vault  # the keyring itself holds no secret in this process
            with contextlib.suppress(VaultError):  # out of reach: then at least this process is closed
                unlocking.begin_lock(access.secrets)
        access.secrets.vault = _SealedVault(vault.kind)
        access.close()
        self._place.cache.seal()
        show_memory(to_others=False)
        gc.collect()

    def wait(self) -> float:
        """Seconds until the next attempt may be made, after the wrong ones so far.

        A keyring out of reach tells nothing; the attempts of this program are known all the same.
        """
        wrong = self._wrong
        if self._vault is not None:
            with contextlib.suppress(VaultError):
                wrong = max(wrong, unlocking.wrong_attempts(self._secrets(self._vault)))
        return unlocking.wait_after(wrong)

    def unlock(self, secret: str) -> None:
        """Open with the passphrase or the password; needs no network.

        Raises :class:`VaultError` (``wrong_passphrase``, ``unlocking_wrong``, ``unlocking_unset`` …) and
        :class:`storage.errors.CacheError`, and then everything stays locked.
        """
        vault = self._vault
        if vault is None:
            try:
                vault = FileVault.unlock(self._secrets_file, secret)
            except VaultError as error:
                self._wrong += error.code == "wrong_passphrase"
                raise
        elif not unlocking.is_right(self._secrets(vault), secret):
            self._wrong += 1
            unlocking.count_wrong(self._secrets(vault))
            raise VaultError("unlocking_wrong")
        self._open(vault)

    def sign_in(self, password: str) -> None:
        """Open with the account's password as the server knows it now; it unlocks from now on.

        Also raises what a sign-in raises.
        """
        if self._vault is None:
            raise VaultError("unlocking_in_file")
        secrets = self._secrets(self._vault)
        access = Access(secrets.profile, self._place.access.profile, secrets)
        try:
            access.sign_in(self._place.account.account, password)
        finally:
            access.close()
        self._open(self._vault)

    def _open(self, vault: Vault) -> None:
        secrets = self._secrets(vault)
        self._place.cache.unseal(secrets.cache_key(create=False, locked_too=True))
        try:
            if vault.kind == "keyring":
                unlocking.end_lock(secrets)
        except VaultError:
            self._place.cache.seal()  # nothing is open behind a lock that is told to have stayed
            raise
        self._place.access.secrets.vault = vault
        self._vault, self._wrong = None, 0
        show_memory(to_others=True)

    def _secrets(self, vault: Vault) -> ProfileSecrets:
        return self._place.access.secrets.with_vault(vault)
