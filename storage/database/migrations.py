"""The schema of the cache and the way from every released version to the present one, forward only.

The present schema is made from the SQLModel metadata plus what that cannot express: partial indexes
(:mod:`storage.database.indexes`) and the search (:mod:`storage.search.search_schema`). A migration
carries everything over, the outbox, the drafts and the unsent texts above all: nobody reads a million
appeals anew for an update.
"""

from collections.abc import Callable, Mapping
from functools import cache

from sqlalchemy import create_mock_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from storage.database.connection import Connection, user_version
from storage.database.indexes import APPEAL_INDEXES, INDEXES, REGISTER_STATEMENTS
from storage.database.schema import SCHEMA
from storage.database.tables import CacheTable, CodeTable, FactTable, TallyTable, UploadTable
from storage.errors import CacheError, driver_errors
from storage.figures.facts import CODE_INDEX, FACT_INDEX
from storage.figures.measuring import mark_unmeasured
from storage.search.search_schema import SEARCH_TABLES, search_to_2
from storage.writing.registers import register_all


@cache
def schema_statements() -> tuple[str, ...]:
    """The statements that make the present schema in an empty file."""
    statements: list[str] = []

    def collect(statement: object, *_: object, **__: object) -> None:
        compiled = statement.compile(dialect=engine.dialect)  # type: ignore[attr-defined]
        statements.append(str(compiled).strip())

    engine = create_mock_engine("sqlite://", collect)
    CacheTable.metadata.create_all(engine, checkfirst=False)
    return (*statements, *INDEXES, *SEARCH_TABLES)


def _create(connection: Connection) -> None:
    for statement in schema_statements():
        connection.execute(statement)


def _to_2(connection: Connection) -> None:
    """Lists and counts for a million appeals: other indexes, facets and a tally, a search that knows more."""
    _create_table(connection, TallyTable)
    _bring_indexes(connection)
    for statement in REGISTER_STATEMENTS:
        connection.execute(statement)
    register_all(connection)
    search_to_2(connection)


def _to_3(connection: Connection) -> None:
    """Files that wait to be sent."""
    _create_table(connection, UploadTable)


def _to_4(connection: Connection) -> None:
    """Alerts: the handful of appeals that have an open one. Cuts and rankings: what they add up."""
    _bring_indexes(connection)
    for table in (CodeTable, FactTable):
        _create_table(connection, table)
    for statement in (CODE_INDEX, FACT_INDEX):
        connection.execute(statement)
    mark_unmeasured(connection)


def _to_5(connection: Connection) -> None:
    """Settled commands by their order: a number of the server may stand for another one after a restore."""
    connection.execute("ALTER TABLE settled RENAME COLUMN dseq TO n")


def _from_1(connection: Connection) -> None:
    _to_2(connection)
    _from_2(connection)


def _from_2(connection: Connection) -> None:
    _to_3(connection)
    _from_3(connection)


def _from_3(connection: Connection) -> None:
    _to_4(connection)
    _to_5(connection)


def _create_table(connection: Connection, model: type[CacheTable]) -> None:
    table = model.__table__  # type: ignore[attr-defined]
    connection.execute(str(CreateTable(table)).strip())
    for index in table.indexes:
        connection.execute(str(CreateIndex(index)).strip())


def _bring_indexes(connection: Connection) -> None:
    """Give the file the present indexes; one that is there already is kept, since each reads every row."""
    there = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type='index' AND tbl_name='appeal' AND sql IS NOT NULL"
    ).fetchall()
    for name, sql in there:
        if sql not in APPEAL_INDEXES:
            connection.execute(f"DROP INDEX {name}")
    kept = {sql for _, sql in there}
    for statement in APPEAL_INDEXES:
        if statement not in kept:
            connection.execute(statement)


STEPS: Mapping[int, Callable[[Connection], None]] = {0: _create, 1: _from_1, 2: _from_2, 3: _from_3, 4: _to_5}
"""What leads from each version to the present one; 0 is an empty file."""


def migrate(connection: Connection) -> None:
    """Bring the file to :data:`storage.database.schema.SCHEMA` in one transaction.

    Raises :class:`CacheError` ``cache_newer`` for a file of a later version and leaves it untouched.
    """
    with driver_errors():
        found = user_version(connection)
        if found > SCHEMA:
            raise CacheError("cache_newer", found=str(found))
        if found == SCHEMA:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            STEPS[found](connection)
            connection.execute(f"PRAGMA user_version={SCHEMA}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
