"""The same cache without its encryption. It exists here only: the program has no way to open such a file."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import storage.database.connection
from bench.data.home import FilledHome
from storage.database.connection import connect, user_version

NO_KEY: Final = bytes(32)
"""Given where a key is asked for; nothing is done with it."""


def decrypt(home: FilledHome, path: Path) -> None:
    """Write the cache of ``home`` into ``path`` in plain, page by page the same."""
    connection = connect(home.cache_path, home.cache_key, writer=False)
    try:
        connection.execute("PRAGMA query_only=OFF")
        connection.execute("ATTACH ? AS plain KEY ''", (str(path),))
        connection.execute("SELECT sqlcipher_export('plain')")
        connection.execute(f"PRAGMA plain.user_version={user_version(connection)}")
        connection.execute("DETACH plain")
    finally:
        connection.close()
    path.chmod(0o600)


@contextlib.contextmanager
def without_keys() -> Iterator[None]:
    """Inside the block the program's own code opens files without encryption."""
    real = storage.database.connection.key_pragma
    storage.database.connection.key_pragma = lambda name, key: "SELECT 1"
    try:
        yield
    finally:
        storage.database.connection.key_pragma = real
