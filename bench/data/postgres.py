"""A region on PostgreSQL with the rows of one on SQLite: copied by table, the indexes made behind them.

A million appeals come over in some minutes, where registering them takes PostgreSQL half an hour.
"""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import Table

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.database.connections import Database
from regional_api.database.schema import create_tables
from regional_api.database.tables import METADATA
from regional_api.lists import search_index
from tests.postgres import give_to_postgres, make_cluster, started

_DATA: Final = "data"
_NAME: Final = "region"
_PIECE: Final = 5_000
"""Entries of the index of words that are made and sent together."""
_WORK: Final = "SET maintenance_work_mem = '512MB'"
_INDEXES: Final = (
    "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
    "WHERE indrelid::regclass::text = ANY (%s) "
    "AND indexrelid NOT IN (SELECT conindid FROM pg_constraint) ORDER BY 1"
)
"""Those that no constraint needs."""
_TYPES: Final = "SELECT attname, atttypid FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"


def make_postgres(folder: Path, rulebook: Rulebook, region: Path) -> None:
    """Make a cluster in ``folder`` whose one database is a copy of the SQLite file ``region``."""
    data = folder.resolve() / _DATA
    give_to_postgres(folder)
    make_cluster(data)
    with started(data, leave="fast") as cluster:
        cluster.create(name=_NAME)
        address = cluster.url(_NAME)
        _make_tables(address)
        with closing(sqlite3.connect(region)) as source, psycopg.connect(address) as target:
            target.execute(_WORK)
            indexes = target.execute(_INDEXES, ([*METADATA.tables, "search_index"],)).fetchall()
            for name, _ in indexes:
                target.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
            for table in METADATA.sorted_tables:
                _copy(source, target, table)
            target.commit()
            _index_words(address, rulebook, source)
            for _, made in indexes:
                target.execute(made)
        with psycopg.connect(address, autocommit=True) as target:
            # What PostgreSQL does by itself within minutes of such a change.
            target.execute("VACUUM (ANALYZE)")


@contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """The address of the database that was made in ``folder``, while its cluster runs."""
    with started(folder.resolve() / _DATA, leave="fast") as cluster:
        yield cluster.url(_NAME)


def _make_tables(address: str) -> None:
    database = Database(address)
    try:
        with database.writing() as connection:
            create_tables(connection)
    finally:
        database.close()


def _copy(source: sqlite3.Connection, target: psycopg.Connection, table: Table) -> None:
    names = [column.name for column in table.columns]
    listed = ", ".join(f'"{name}"' for name in names)
    types: dict[str, int] = dict(target.execute(_TYPES, (table.name,)).fetchall())
    into = f'COPY "{table.name}" ({listed}) FROM STDIN (FORMAT BINARY)'
    with target.cursor() as cursor, cursor.copy(into.encode()) as copying:
        copying.set_types([types[name] for name in names])
        for row in source.execute(f'SELECT {listed} FROM "{table.name}"'):
            copying.write_row(row)
    for name in names:
        _go_on_behind(target, table.name, name)


def _go_on_behind(target: psycopg.Connection, table: str, column: str) -> None:
    """Let a numbered column go on behind its largest number."""
    [numbers] = target.execute("SELECT pg_get_serial_sequence(%s, %s)", (table, column)).fetchone() or (None,)
    if numbers is not None:
        largest = sql.SQL("SELECT setval({}, max({})) FROM {}").format(
            sql.Literal(numbers), sql.Identifier(column), sql.Identifier(table)
        )
        target.execute(largest)


def _index_words(address: str, rulebook: Rulebook, source: sqlite3.Connection) -> None:
    """Each engine has a form of its own for the same words, so they are read from the appeals again."""
    rows = source.execute("SELECT pk, registered_at, doc, applicant FROM appeal ORDER BY pk")
    database = Database(address)
    try:
        while piece := list(itertools.islice(rows, _PIECE)):
            entries = [
                (
                    search_index.docid_of(registered, pk),
                    search_index.entry_of(decode_appeal(unpack(doc), applicant), rulebook),
                )
                for pk, registered, doc, applicant in piece
            ]
            with database.writing() as connection:
                search_index.put(connection, entries)
    finally:
        database.close()
