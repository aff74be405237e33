"""Connections to the regional database: embedded SQLite or PostgreSQL behind one interface.

A transaction is always short and always one of two kinds: reading or writing. SQLite has a single writer,
so its write transactions begin IMMEDIATE and queue up in this process (:mod:`regional_api.database.writers`)
before they ever ask the file for its lock: waiting there is fair, polling a busy file is not.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, Index, Select, Table, event, make_url
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from regional_api.database.home import Home
from regional_api.database.writers import Writers
from regional_api.feed.wake import Bell

T = TypeVar("T", bound=tuple[Any, ...])

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-32768",
    "PRAGMA journal_size_limit=67108864",
)
_POSTGRES_SESSION = (
    "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c timezone=UTC -c jit=off"
)
"""Compiling a statement to machine code takes longer than any of ours takes to run."""
_STATEMENTS: Final[Mapping[str, Any]] = {"isolation_level": "AUTOCOMMIT"}
_TRUSTED: Final = 1.0
"""Seconds after its last use in which a connection to PostgreSQL is taken for alive without asking it."""


class UnknownAddressError(ValueError):
    """The address names no database that the server can use."""


def parse_address(address: str) -> URL:
    """The database that ``address`` names: a path, ``sqlite:///path`` or ``postgresql://…``."""
    if "://" not in address:
        if not address.strip():
            raise UnknownAddressError(address)
        return URL.create("sqlite", database=str(Path(address).expanduser().absolute()))
    scheme, _, _ = address.partition("://")
    family = scheme.partition("+")[0]
    try:
        url = make_url(address)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise UnknownAddressError(scheme) from None
    if family == "sqlite" and url.database and url.database != ":memory:":
        return URL.create("sqlite", database=str(Path(url.database).expanduser().absolute()))
    if family in ("postgres", "postgresql") and url.database:
        return url.set(drivername="postgresql+psycopg")
    raise UnknownAddressError(scheme)


class Database:
    """One regional database. Safe to share between threads; close it when the process is done with it."""

    def __init__(self, address: str | URL) -> None:
        self.url = parse_address(address) if isinstance(address, str) else address
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.home = Home()
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url, self.home)
        self.bell = Bell()
        """Rung after every commit of this process that the feed carries."""
        self._writers = Writers(self.engine) if self.is_sqlite else None
        # On PostgreSQL each statement of a reading sees what is committed when it begins, in a transaction or
        # not; without one it takes one way to the server and back instead of three.
        self._readers = self.engine if self.is_sqlite else self.engine.execution_options(**_STATEMENTS)

    @property
    def path(self) -> Path | None:
        """The database file, or None on PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A short transaction that writes nothing; on PostgreSQL one for each statement."""
        with self._readers.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Like :meth:`reading`, with all statements seeing the same state, as they always do on SQLite."""
        if self.is_sqlite:
            with self.reading() as connection:
                yield connection
            return
        with self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction: committed at the end of the block, rolled back by any exception.

        Raises SQLAlchemy's ``TimeoutError`` when its turn on SQLite does not come.
        Only :mod:`regional_api.unit_of_work` and the tables that no feed carries may use it directly.
        """
        with self.engine.begin() if self._writers is None else self._writers.writing() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def upsert(connection: Connection, table: Table) -> PostgresInsert | SqliteInsert:
    """An INSERT that knows ``on_conflict_do_update`` and its sibling; both engines write them alike."""
    return PostgresInsert(table) if connection.dialect.name == "postgresql" else SqliteInsert(table)


def follow(statement: Select[T], table: Table, index: Index | None) -> Select[T]:
    """``statement`` with the index that it follows. SQLite keeps no statistics and is told; PostgreSQL keeps
    them and finds it.
    """
    if index is None:
        return statement
    return statement.with_hint(table, f"INDEXED BY {index.name}", "sqlite")


class _Compiler(SQLiteCompiler):
    """Writes the hints that :func:`follow` gives; SQLAlchemy's own leaves them out."""

    def get_from_hint_text(self, table: object, text: str | None) -> str | None:
        return text


def _sqlite_engine(url: URL) -> Engine:
    # The encrypting build without a key is plain SQLite of a version that is past the WAL-reset bug, which
    # the interpreter's own library may still have.
    import sqlcipher3.dbapi2 as driver

    engine = sqlalchemy.create_engine(
        url, module=driver, hide_parameters=True, pool_size=16, max_overflow=32, pool_timeout=10
    )
    engine.dialect.statement_compiler = _Compiler

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, _: object) -> None:
        dbapi_connection.isolation_level = None  # transactions begin where we say so
        cursor = dbapi_connection.cursor()
        for pragma in _SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _postgres_engine(url: URL, home: Home) -> Engine:
    engine = sqlalchemy.create_engine(
        url,
        hide_parameters=True,
        pool_size=16,
        max_overflow=16,
        pool_timeout=10,
        connect_args={"options": _POSTGRES_SESSION, "application_name": "regional-api", "connect_timeout": 5},
    )

    @event.listens_for(engine, "connect")
    def look_where_it_leads(dbapi_connection: Any, _: object) -> None:
        home.check(dbapi_connection, engine.dialect.loaded_dbapi)

    @event.listens_for(engine, "checkin")
    def used(_: object, record: ConnectionPoolEntry) -> None:
        record.info["used"] = monotonic()

    @event.listens_for(engine, "checkout")
    def ask(dbapi_connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        if monotonic() - record.info.get("used", 0.0) > _TRUSTED:
            try:
                engine.dialect.do_ping(dbapi_connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error  # the pool makes another one

    return engine
