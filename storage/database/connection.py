"""Connections to the encrypted cache file, and the care for the file itself.

The engine is SQLCipher with a raw key: no key derivation per connection, and the key stands in no URL, no
argument list and no log. Pages stay at 4 KB: larger ones make single commits dearer.
"""

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import sqlcipher3.dbapi2 as driver

from storage.errors import CacheError, driver_errors

if TYPE_CHECKING:
    # The driver has no type information; its interface is the one of the standard library's module.
    from sqlite3 import Connection
else:
    Connection = driver.Connection

__all__ = [
    "ENGINE_VERSION",
    "REKEYED",
    "SALT",
    "Connection",
    "connect",
    "key_pragma",
    "narrow",
    "prepare_file",
    "user_version",
    "widen",
]

ENGINE_VERSION: Final[str] = driver.sqlite_version
"""Version of the SQLite inside the driver, for example "3.53.4"."""

KEY_BYTES: Final = 32
REKEYED: Final = ".rekeyed"
"""End of the name of the copy that is put under another key; see :mod:`storage.database.rekeying`."""

SALT: Final = b"cur-tui cache 01"
"""What a new file begins with, where the engine would put 16 random bytes and derive the signing of the pages
from them. A salt protects passphrases, and the key here is random itself; but without its salt no page of a
file could be told from noise, and one that is known outlives the file's first sector."""

PRIVATE_FILE: Final = 0o600

_READER_CACHE_KIB: Final = 2 * 1024
_WRITER_CACHE_KIB: Final = 8 * 1024
WIDE_CACHE_KIB: Final = 32 * 1024
"""The writer's pages while everything is being read: keys may come in any order."""

_WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    f"PRAGMA cache_size=-{_WRITER_CACHE_KIB}",
    "PRAGMA wal_autocheckpoint=4000",
    f"PRAGMA journal_size_limit={64 * 1024 * 1024}",
    # Deleted text leaves no trace in free pages.
    "PRAGMA secure_delete=ON",
)
_READER_PRAGMAS = (
    f"PRAGMA cache_size=-{_READER_CACHE_KIB}",
    # Checkpoints belong to the one writer.
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA query_only=ON",
)
_COMMON_PRAGMAS = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
)


def prepare_file(path: Path, *, create: bool) -> None:
    """Check the cache's place and make the file private; raises :class:`CacheError` for an unsafe one.

    The folder is made with mode 0700 if it is missing; a file that others may read is closed to them.
    """
    folder = path.parent
    if create:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place in (folder, path):
        try:
            info = place.lstat()
        except FileNotFoundError:
            if create and place is path:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE))
                return
            raise CacheError("cache_missing") from None
        if stat.S_ISLNK(info.st_mode):
            raise CacheError("cache_symlink", path=str(place))
        if os.name == "posix" and info.st_uid != os.geteuid():
            raise CacheError("cache_foreign_owner", path=str(place))
    if create and stat.S_IMODE(path.stat().st_mode) != PRIVATE_FILE:
        path.chmod(PRIVATE_FILE)


def connect(path: Path, key: bytes, *, writer: bool) -> Connection:
    """An open connection in autocommit mode, usable from any thread but by one at a time.

    Its ``-wal`` and ``-shm`` files take the mode of the cache file. Raises :class:`CacheError`:
    ``cache_wrong_key``, ``cache_damaged``, ``cache_locked``, ``cache_full`` or ``cache_unusable``.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("the cache's key has 32 bytes")
    with driver_errors(str(path)):
        connection = cast(
            "Connection",
            driver.connect(
                str(path), isolation_level=None, check_same_thread=False, cached_statements=256, timeout=5.0
            ),
        )
        try:
            # Before the key: a wrong one makes the library write to the terminal, across the screen.
            connection.execute("PRAGMA cipher_log_level=NONE")
            connection.execute(key_pragma("key", key if path.stat().st_size else key + SALT))
            for pragma in (*_COMMON_PRAGMAS, *(_WRITER_PRAGMAS if writer else _READER_PRAGMAS)):
                connection.execute(pragma)
            # The first read of the first page is where a wrong key shows.
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except BaseException:
            connection.close()
            raise
    return connection


def key_pragma(name: str, key: bytes) -> str:
    """The statement that gives a raw key: ``key`` to open a file, ``rekey`` to encrypt it anew.

    A new file takes the salt that follows the key; any other has its own.
    """
    return f"PRAGMA {name}=\"x'{key.hex()}'\""


def widen(connection: Connection) -> None:
    """Give a writer more pages for a bulk of rows."""
    connection.execute(f"PRAGMA cache_size=-{WIDE_CACHE_KIB}")


def narrow(connection: Connection) -> None:
    """Take the pages back, and give their memory back to the system."""
    connection.execute(f"PRAGMA cache_size=-{_WRITER_CACHE_KIB}")
    connection.execute("PRAGMA shrink_memory")


def user_version(connection: Connection) -> int:
    """The schema version that the file carries; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
