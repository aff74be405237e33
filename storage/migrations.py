"""The schema of the cache and the way from every released version to the present one, forward only.

Schema 1 is made from the SQLModel metadata plus what that cannot express: partial indexes and the search
indexes. A migration must carry the outbox, the drafts and the unsent texts over in any case; everything else
can be loaded from the server anew.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import create_mock_engine

from storage.connection import Connection, user_version
from storage.errors import CacheError, driver_errors
from storage.schema import DUE_FALLING, RATING_FALLING, RATING_RISING, SCHEMA
from storage.tables import CacheTable

_OPEN = "WHERE is_open=1"

_INDEXES = (
    # Open appeals: small indexes, one for each way the desks look at their work, covering what counts need.
    f"CREATE INDEX open_due ON appeal (due_rank, pk, block, state, worker) {_OPEN}",
    f"CREATE INDEX open_due_falling ON appeal ({DUE_FALLING}, pk) {_OPEN}",
    f"CREATE INDEX open_block_due ON appeal (block, due_rank, pk, state, worker) {_OPEN}",
    f"CREATE INDEX open_block_state_due ON appeal (block, state, due_rank, pk, worker) {_OPEN}",
    f"CREATE INDEX open_state_due ON appeal (state, due_rank, pk, block, worker) {_OPEN}",
    f"CREATE INDEX open_worker_due ON appeal (worker, due_rank, pk, block, state) {_OPEN}",
    f"CREATE INDEX open_authority_due ON appeal (authority, due_rank, pk, block, state) "
    f"{_OPEN} AND authority IS NOT NULL",
    f"CREATE INDEX open_fast_track_due ON appeal (due_rank, pk, block) {_OPEN} AND fast_track IS NOT NULL",
    f"CREATE INDEX open_urgency ON appeal (urgency, due_rank, pk) {_OPEN}",
    f"CREATE INDEX open_registered ON appeal (registered_at, pk) {_OPEN}",
    f"CREATE INDEX open_number ON appeal (number, pk) {_OPEN}",
    f"CREATE INDEX open_rating_rising ON appeal ({RATING_RISING}, pk) {_OPEN}",
    f"CREATE INDEX open_rating_falling ON appeal ({RATING_FALLING}, pk) {_OPEN}",
    # Everything, the archive included.
    "CREATE INDEX all_due ON appeal (due_rank, pk, is_open, block, state)",
    "CREATE INDEX all_block_registered ON appeal (block, registered_at, pk, is_open, state)",
    "CREATE INDEX all_urgency ON appeal (urgency, due_rank, pk)",
    "CREATE INDEX all_registered ON appeal (registered_at, pk, is_open, block, state)",
    "CREATE INDEX all_number ON appeal (number, pk)",
    # Handfuls that must be found without a search.
    "CREATE INDEX appeal_pending ON appeal (due_rank, pk) WHERE pending>0",
    "CREATE INDEX appeal_conflict ON appeal (due_rank, pk) WHERE conflict=1",
    "CREATE INDEX appeal_unindexed ON appeal (pk) WHERE fts=0",
    "CREATE INDEX appeal_mass ON appeal (mass_incident, due_rank, pk) WHERE mass_incident IS NOT NULL",
)

# Contentless: no second copy of the text. Stems are made by storage.search, so the tokenizer only splits.
_SEARCH = tuple(
    f"CREATE VIRTUAL TABLE {name} USING fts5(words, content='', contentless_delete=1, "
    "tokenize='unicode61 remove_diacritics 0')"
    for name in ("fts_open", "fts_archive")
)


def schema_statements() -> list[str]:
    """The statements that make the present schema in an empty file."""
    statements: list[str] = []

    def collect(statement: object, *_: object, **__: object) -> None:
        compiled = statement.compile(dialect=engine.dialect)  # type: ignore[attr-defined]
        statements.append(str(compiled).strip())

    engine = create_mock_engine("sqlite://", collect)
    CacheTable.metadata.create_all(engine, checkfirst=False)
    return [*statements, *_INDEXES, *_SEARCH]


def _create(connection: Connection) -> None:
    for statement in schema_statements():
        connection.execute(statement)


STEPS: Mapping[int, Callable[[Connection], None]] = {0: _create}
"""What leads from each version to the present one or to the next; 0 is an empty file."""


def migrate(connection: Connection) -> None:
    """Bring the file to :data:`storage.schema.SCHEMA` in one transaction.

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
