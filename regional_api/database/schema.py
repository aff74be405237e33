"""The schema's life: made once, checked at every start, changed only forward."""

import secrets

from sqlalchemy import Connection, insert, inspect, select, update
from sqlalchemy.exc import DatabaseError, OperationalError

import regional_api.database.indexes
import regional_api.escalating.tables
import regional_api.importing.tables
import regional_api.open311.tables
import regional_api.related.tables
import regional_api.reporting.tables  # noqa: F401 - made with the other tables, as the indexes are
from cur_tui.domain.language.stems import WORD_RULES
from cur_tui.domain.profile.load import region_to_document
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.clock import now
from regional_api.database.connections import Database
from regional_api.database.tables import FEED_CLOCK, META, METADATA
from regional_api.lists import search_index
from regional_api.record import journal
from regional_api.setup_error import SetupError
from regional_api.unit_of_work import UnitOfWork

SCHEMA_VERSION = 4
"""Raised by every change of the tables; :mod:`~regional_api.database.upgrade` leads there from each one."""

WORD_RULES_KEY = "word_rules"
"""Meta: the rules that the search index was made by."""


def create_region(database: Database, region: Region) -> None:
    """Make the tables of an empty database and put ``region`` into it, in one transaction.

    Raises :class:`SetupError` (``exists``) and changes nothing when the database holds anything already.
    """
    if database.path is not None:
        # Made by us, so that nobody else may read it; SQLite gives its side files the same mode.
        database.path.touch(mode=0o600)
    try:
        with database.writing() as connection:
            if inspect(connection).get_table_names():
                raise SetupError("exists", database=shown_address(database))
            create_tables(connection)
            _found(connection, region)
    except OperationalError as error:
        raise _unreachable(database, error) from None


def create_tables(connection: Connection) -> None:
    """Make every table of a region with its indexes, all of them empty."""
    METADATA.create_all(connection, checkfirst=False)
    search_index.create(connection)


def check_schema(database: Database) -> None:
    """Raises :class:`SetupError` unless this database was made here, in this version or an earlier one."""
    path = database.path
    if path is not None and not path.exists():
        raise SetupError("missing", database=shown_address(database))
    try:
        with database.reading() as connection:
            tables = inspect(connection).get_table_names()
            if not tables:
                raise SetupError("missing", database=shown_address(database))
            if "meta" not in tables or "feed_clock" not in tables:
                raise SetupError("foreign", database=shown_address(database))
            version = int(read_meta(connection, "schema"))
    except OperationalError as error:
        raise _unreachable(database, error) from None
    except DatabaseError:
        raise SetupError("foreign", database=shown_address(database)) from None
    if version > SCHEMA_VERSION:
        raise SetupError("too_new", found=str(version), known=str(SCHEMA_VERSION))


def read_meta(connection: Connection, key: str) -> str:
    """A single value; LookupError when it was never set."""
    value = connection.execute(select(META.c.value).where(META.c.key == key)).scalar_one_or_none()
    if value is None:
        raise LookupError(key)
    return str(value)


def write_meta(connection: Connection, key: str, value: str) -> None:
    """Set a single value."""
    if connection.execute(update(META).where(META.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(insert(META).values(key=key, value=value))


def shown_address(database: Database) -> str:
    """The address without its password."""
    return str(database.path) if database.path else database.url.render_as_string(hide_password=True)


def _found(connection: Connection, region: Region) -> None:
    connection.execute(
        insert(META),
        [
            {"key": "schema", "value": str(SCHEMA_VERSION)},
            {"key": WORD_RULES_KEY, "value": str(WORD_RULES)},
            {"key": "region", "value": region.code},
            {"key": "epoch", "value": secrets.token_hex(8)},
            {"key": "cursor_key", "value": secrets.token_hex(32)},
        ],
    )
    connection.execute(insert(FEED_CLOCK).values(shard=region.code, v=0, floor=0))
    journal.start(connection, region.code)
    document = region_to_document(region)
    instant = now()
    work = UnitOfWork(connection, Rulebook(region), instant)
    work.refer("profile", region.code, region.version, document)
    facts = {"region": region.code, "profile_version": region.version}
    work.record(journal.entry_of(instant, "found_region", facts))
    work.flush()


def _unreachable(database: Database, error: OperationalError) -> SetupError:
    first_line = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "—"
    return SetupError("unreachable", database=shown_address(database), reason=first_line)
