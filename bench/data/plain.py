"""The reference for everything that reads or writes rows: the same tables in a plain SQLite file.

The search index is left out: it has a reference of its own. Our side does keep it.
"""

import itertools
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from storage.database.connection import connect
from storage.database.migrations import schema_statements

DOCUMENTS: Final = "CREATE TABLE document (pk INTEGER PRIMARY KEY, doc BLOB NOT NULL, applicant BLOB)"
"""The documents as they are received: JSON, neither packed nor encrypted."""
_OF_ROWS: Final = re.compile(r"CREATE (TABLE (appeal|fact) |(UNIQUE )?INDEX \w+ ON (appeal|fact) )")
_CHUNK: Final = 20_000

Row = tuple[object, ...]


def stored_rows(path: Path, key: bytes, columns: str = "*", table: str = "appeal") -> Iterator[Row]:
    """The rows of a cache's list, or of its ``fact`` table, as they are stored."""
    connection = connect(path, key, writer=False)
    try:
        yield from connection.execute(f"SELECT {columns} FROM {table}")
    finally:
        connection.close()


def writer(path: Path) -> sqlite3.Connection:
    """A plain file with the cache's own rows and indexes, written as the cache is: WAL, no fsync.

    The file is made when it is not there.
    """
    is_new = not path.exists()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    if is_new:
        for statement in (DOCUMENTS, *filter(_OF_ROWS.match, schema_statements())):
            connection.execute(statement)
    return connection


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row], verb: str = "INSERT") -> None:
    """All rows by ``executemany``, in transactions of 20,000."""
    source = iter(rows)
    while chunk := list(itertools.islice(source, _CHUNK)):
        connection.execute("BEGIN")
        marks = ",".join("?" * len(chunk[0]))
        connection.executemany(f"{verb} INTO {table} VALUES ({marks})", chunk)
        connection.execute("COMMIT")


def plain_copy(path: Path, rows: Iterable[Row]) -> None:
    """A plain file with the list's ``rows``."""
    connection = writer(path)
    connection.execute("PRAGMA cache_size=-262144")
    insert(connection, "appeal", rows)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def reader(path: Path) -> sqlite3.Connection:
    """A connection for reading, with a page cache of 16 MiB: eight times what our readers have."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
    connection.execute("PRAGMA cache_size=-16384")
    return connection


def fetch(connection: sqlite3.Connection, sql: str, params: Sequence[object]) -> list[Row]:
    """All rows of a statement."""
    return connection.execute(sql, tuple(params)).fetchall()
