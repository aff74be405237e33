"""The reference for everything that reads or writes rows: the same tables in a plain SQLite file.

The search index is left out: its words cannot be read back from it. Our side does keep it.
"""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from storage.connection import connect
from storage.migrations import schema_statements

TABLES: Final = ("appeal", "appeal_doc")
_OF_TABLES: Final = re.compile(
    r"CREATE (TABLE (appeal|appeal_doc) |(UNIQUE )?INDEX \w+ ON (appeal|appeal_doc) )"
)

Row = tuple[object, ...]
Rows = dict[str, list[Row]]


def stored_rows(path: Path, key: bytes, tables: Sequence[str] = TABLES) -> Rows:
    """Every row of the large tables of a cache, as it is stored."""
    connection = connect(path, key, writer=False)
    try:
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    finally:
        connection.close()


def empty_file(path: Path) -> sqlite3.Connection:
    """A plain file with the cache's own tables and indexes, written as the cache is: WAL, no fsync."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", *_statements()):
        connection.execute(statement)
    return connection


def insert(connection: sqlite3.Connection, rows: Rows) -> None:
    """All rows in one transaction, by ``executemany``."""
    connection.execute("BEGIN")
    for table, stored in rows.items():
        marks = ",".join("?" * len(stored[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", stored)
    connection.execute("COMMIT")


def plain_copy(path: Path, rows: Rows) -> Path:
    """A plain file with ``rows``."""
    connection = empty_file(path)
    insert(connection, rows)
    connection.close()
    return path


def _statements() -> Iterable[str]:
    return [statement for statement in schema_statements() if _OF_TABLES.match(statement)]


def reader(path: Path) -> sqlite3.Connection:
    """A connection for reading, with the page cache that our readers have."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
    connection.execute("PRAGMA cache_size=-16384")
    return connection


def fetch(connection: sqlite3.Connection, sql: str, params: Sequence[object]) -> list[Row]:
    """All rows of a statement."""
    return connection.execute(sql, tuple(params)).fetchall()
