"""Another key for a cache: a copy under the new key is made beside it, checked, and takes its place at once.

A process that is stopped at any moment leaves either the old file, which the old key opens, or the new one,
which the new key opens; never anything between. What a stopped attempt left beside it is noise under a key of
its own and is removed by the next opening. Needs room for a second file.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import sqlcipher3.dbapi2 as driver

from storage.database.connection import PRIVATE_FILE, REKEYED, Connection, connect, key_pragma
from storage.errors import CacheError, driver_errors

_NO_FOLLOW: Final[int] = getattr(os, "O_NOFOLLOW", 0)


def rekey(path: Path, old: bytes, new: bytes) -> None:
    """Put the cache in ``path`` under the key ``new``. The caller holds its lock.

    Raises :class:`CacheError` and changes nothing: ``cache_locked`` when another program reads it,
    ``cache_full``, ``cache_wrong_key``, ``cache_damaged``.
    """
    copy = path.with_name(path.name + REKEYED)
    copy.unlink(missing_ok=True)
    try:
        with driver_errors(str(path)), _alone(path, old) as file:
            _write_copy(file, copy)
            _change_key(copy, old, new)
            copy.replace(path)
            _sync(path.parent, os.O_RDONLY)
    except OSError as error:
        raise CacheError("cache_unusable", path=str(path), reason=error.strerror or "") from error
    finally:
        copy.unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(path: Path, key: bytes) -> Iterator[int]:
    """The file of a cache that nobody else has open, whole and without a log, kept so inside the block.

    The descriptor is opened before the database and closed after it: closing any descriptor of a file ends
    all locks that the process has on it.
    """
    descriptor = os.open(path, os.O_RDONLY | _NO_FOLLOW)
    try:
        connection = connect(path, key, writer=True)
        try:
            # Only who is alone may end the log; what was in it is in the file then.
            if connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":
                raise CacheError("cache_locked", path=str(path))
            connection.execute("BEGIN EXCLUSIVE")
            yield descriptor
        finally:
            connection.close()
    finally:
        os.close(descriptor)


def _write_copy(source: int, copy: Path) -> None:
    target = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, PRIVATE_FILE)
    with os.fdopen(source, "rb", closefd=False) as read, os.fdopen(target, "wb") as written:
        shutil.copyfileobj(read, written, 1024 * 1024)


def _change_key(copy: Path, old: bytes, new: bytes) -> None:
    """Encrypt every page of the copy anew, check every page, and bring it to the disk."""
    connection = _open_copy(copy, old)
    try:
        # Whatever goes wrong, the copy is thrown away: there is nothing to roll back to.
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(key_pragma("rekey", new))
    finally:
        connection.close()
    connection = _open_copy(copy, new)
    try:
        if connection.execute("PRAGMA cipher_integrity_check").fetchone() is not None:
            raise CacheError("cache_damaged", path=str(copy))
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    finally:
        connection.close()
    _sync(copy, os.O_RDWR)


def _open_copy(copy: Path, key: bytes) -> Connection:
    connection = cast("Connection", driver.connect(str(copy), isolation_level=None))
    connection.execute("PRAGMA cipher_log_level=NONE")
    connection.execute(key_pragma("key", key))
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def _sync(path: Path, flags: int) -> None:
    """Bring a file or, with its names, a folder to the disk."""
    if os.name != "posix" and path.is_dir():
        return  # a rename is durable there without this
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
