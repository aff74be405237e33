"""A new key for a profile's cache. The vault knows both keys until the file is under the new one for sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.database.lock import FileLock
from storage.database.rekeying import rekey

if TYPE_CHECKING:
    from cur_tui.services.access.signin import SignIn


def change_key(signin: SignIn, name: str) -> None:
    """Put the cache of the profile ``name`` under a new random key.

    A program that is stopped in between leaves a cache that opens with a key the vault knows
    (:meth:`cur_tui.services.access.signin.SignIn.open_cache`). Raises :class:`CacheError` (``cache_in_use``,
    ``cache_locked``, ``cache_full`` …) and :class:`VaultError`; the old key is in force then.
    """
    signin.open_cache(name).close()  # settles what an earlier attempt left open
    path = signin.profiles.cache_path(name)
    secrets = signin.secrets_of(name)
    lock = FileLock.take(path.with_name(path.name + ".lock"))
    try:
        old = secrets.cache_key(create=False)
        new = secrets.begin_new_key()
        rekey(path, old, new)
        secrets.settle_key(new)
    finally:
        lock.release()
