"""The way from every released schema to the present one: forward only, and resumed where it was cut off.

The tables are changed in one transaction. What has to be worked out from the documents follows in short
ones, and their position is kept beside them: a process that dies half-way costs nothing but the time. Nobody
is served meanwhile, since a search that finds a part would pass for one that finds everything.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeVar

from sqlalchemy import Connection, Index, bindparam, delete, func, select, text, update
from sqlalchemy.exc import OperationalError

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.contract.row import MEASURED
from cur_tui.domain.language.stems import WORD_RULES
from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.appeals.facts import facts_of
from regional_api.clock import now, seconds
from regional_api.database.connections import Database
from regional_api.database.indexes import INDEXES, MEMBERS
from regional_api.database.schema import SCHEMA_VERSION, WORD_RULES_KEY, write_meta
from regional_api.database.store import columns_of
from regional_api.database.tables import APPEAL, ATTEMPT, BLOB_OWNER, BLOB_PART, FORMER, LARGE, LEASE, META
from regional_api.delivering.book import remember
from regional_api.delivering.tables import DELIVERY, DELIVERY_ATTEMPT
from regional_api.escalating.tables import ESCALATION_TABLES
from regional_api.importing.tables import IMPORT_JOB, IMPORT_PIECE, QUARANTINE
from regional_api.lists import search_index
from regional_api.lists.search_index import docid_of, entry_of
from regional_api.log import log_event
from regional_api.open311.tables import OPEN311_KEY, OPEN311_REQUEST, OPEN311_USE
from regional_api.related.tables import RELATED_TABLES
from regional_api.reporting.tables import REPORT_TABLES

T = TypeVar("T")

_FILLED: Final = "filled"
"""Meta: the key of the last appeal that the newest columns and the search index know; gone when all are."""
_CHUNK: Final = 1_000
_LOCKED: Final = frozenset({"55P03", "40P01"})
"""PostgreSQL's codes for a lock that does not come, and for two that wait for each other."""
_TELL_EVERY: Final = 20_000


def bring_up_to_date(database: Database, rulebook: Rulebook) -> None:
    """Change the tables of an earlier schema and the index of earlier rules, and finish what was begun."""
    if _in_turn(database, _change_tables):
        _fill(database, rulebook)


def _change_tables(connection: Connection) -> bool:
    """Whether there is anything to fill behind it."""
    version = int(_locked(connection, "schema") or SCHEMA_VERSION)
    for step in range(version, SCHEMA_VERSION):
        _STEPS[step](connection)
    if version < SCHEMA_VERSION:
        write_meta(connection, "schema", str(SCHEMA_VERSION))
    if _locked(connection, WORD_RULES_KEY) != str(WORD_RULES):
        search_index.recreate(connection)
        write_meta(connection, WORD_RULES_KEY, str(WORD_RULES))
        write_meta(connection, _FILLED, "0")
    return _locked(connection, _FILLED) is not None


def _to_2(connection: Connection) -> None:
    """Lists, search and statistics: facts beside the columns of the contract, an index of words."""
    for column in (
        "registered_day INTEGER NOT NULL DEFAULT 0",
        "registered_month INTEGER NOT NULL DEFAULT 0",
    ):
        connection.execute(text(f"ALTER TABLE appeal ADD COLUMN {column}"))
    connection.execute(text("ALTER TABLE appeal ADD COLUMN in_time INTEGER"))
    for name in ("appeal_next", "appeal_next_all"):
        connection.execute(text(f"DROP INDEX {name}"))
    FORMER.create(connection)


def _to_3(connection: Connection) -> None:
    """Identity: failed sign-ins that every process knows of, ends of sessions, single sign-on.

    Attachments: files that come in pieces.
    Personal data: erased appeals, masked titles, an index of words without anybody's name or number.
    """
    for column in (
        "appeal ADD COLUMN title_masked VARCHAR",
        f"appeal ADD COLUMN erased_at {LARGE.compile(connection.dialect)}",
        "account ADD COLUMN sso VARCHAR",
        "session ADD COLUMN by_office INTEGER NOT NULL DEFAULT 0",
        "session ADD COLUMN wipe INTEGER NOT NULL DEFAULT 0",
    ):
        connection.execute(text(f"ALTER TABLE {column}"))
    for table in (ATTEMPT, BLOB_PART):
        table.create(connection)
    connection.execute(text("CREATE UNIQUE INDEX ix_account_sso ON account (sso)"))
    search_index.recreate(connection)
    write_meta(connection, _FILLED, "0")


def _to_4(connection: Connection) -> None:
    """Open311: applications with their keys, how often they call, and what they submitted.

    What belongs together: keys of texts, pairs that are alike, mass incidents.

    Imports from the workstation: jobs, pieces of their files, rows that could not be taken.

    Deliveries: the book of the texts that leave, with those that wait already. Leases of the work that one
    process does at a time.

    Attachments: when a file was last sent, so that those that nobody attaches can go.

    Reports by schedule: which were made, and the letters that take them.

    Rankings: what is measured of an appeal that is done. Former rows serve tables in memory, which no upgrade
    outlives.
    """
    for table in RELATED_TABLES:
        table.create(connection)
    MEMBERS.create(connection, checkfirst=True)
    for table in (IMPORT_JOB, IMPORT_PIECE, QUARANTINE):
        table.create(connection)
    for table in (OPEN311_KEY, OPEN311_USE, OPEN311_REQUEST):
        table.create(connection)
    for table in ESCALATION_TABLES:
        table.create(connection)
    for table in (DELIVERY, DELIVERY_ATTEMPT, LEASE):
        table.create(connection)
    for table in REPORT_TABLES:
        table.create(connection)
    for column in (
        f"done_at {LARGE.compile(connection.dialect)}",
        *("done_day INTEGER", "done_month INTEGER", "spent INTEGER", "allowed INTEGER", "complete INTEGER"),
        "reworks INTEGER NOT NULL DEFAULT 0",
    ):
        connection.execute(text(f"ALTER TABLE appeal ADD COLUMN {column}"))
    connection.execute(
        text(f"ALTER TABLE blob_owner ADD COLUMN at {LARGE.compile(connection.dialect)} NOT NULL DEFAULT 0")
    )
    connection.execute(update(BLOB_OWNER).values(at=seconds(now())))
    for index in ("appeal_registered", "appeal_open_registered"):  # they carry what is measured now
        connection.execute(text(f"DROP INDEX IF EXISTS {index}"))
    FORMER.drop(connection)
    FORMER.create(connection)
    write_meta(connection, _FILLED, "0")


_STEPS: Final[Mapping[int, Callable[[Connection], None]]] = {1: _to_2, 2: _to_3, 3: _to_4}
"""What leads from each version to the next."""


def _fill(database: Database, rulebook: Rulebook) -> None:
    with database.reading() as connection:
        total = connection.execute(select(func.count()).select_from(APPEAL)).scalar_one()
    done = 0
    while filled := _in_turn(database, partial(_fill_chunk, rulebook=rulebook)):
        done += filled
        if done % _TELL_EVERY < _CHUNK:
            log_event("upgrade", done=done, total=total)
    for index in INDEXES:
        _in_turn(database, partial(_add_index, index=index))
    _in_turn(database, _finish)
    log_event("upgraded", schema=SCHEMA_VERSION, appeals=total)


def _fill_chunk(connection: Connection, rulebook: Rulebook) -> int:
    position = _locked(connection, _FILLED)
    if position is None:  # another process has finished it
        return 0
    rows = connection.execute(
        select(APPEAL.c.pk, APPEAL.c.registered_at, APPEAL.c.doc, APPEAL.c.applicant)
        .where(APPEAL.c.pk > int(position))
        .order_by(APPEAL.c.pk)
        .limit(_CHUNK)
    ).all()
    facts, entries, appeals = [], [], []
    for row in rows:
        appeal = decode_appeal(unpack(bytes(row.doc)), bytes(row.applicant))
        appeals.append(appeal)
        columns = columns_of(appeal, rulebook)
        measured = {name: columns[name] for name in MEASURED}
        facts.append({**measured, **facts_of(appeal, rulebook), "_pk": row.pk})
        entries.append((docid_of(row.registered_at, row.pk), entry_of(appeal, rulebook)))
    if rows:
        connection.execute(update(APPEAL).where(APPEAL.c.pk == bindparam("_pk")), facts)
        # What another process changed meanwhile is in the index already.
        search_index.remove(connection, [docid for docid, _ in entries])
        search_index.put(connection, entries)
        remember(connection, appeals, seconds(now()))
        write_meta(connection, _FILLED, str(rows[-1].pk))
    return len(rows)


def _add_index(connection: Connection, index: Index) -> None:
    _locked(connection, _FILLED)
    index.create(connection, checkfirst=True)


def _finish(connection: Connection) -> None:
    connection.execute(delete(META).where(META.c.key == _FILLED))


def _in_turn(database: Database, step: Callable[[Connection], T]) -> T:
    """What ``step`` gives in a transaction of its own; tried again, and told, while another holds it up."""
    while True:
        try:
            with database.writing() as connection:
                return step(connection)
        except OperationalError as error:
            # Each engine has waited for seconds before it says so.
            if not _says_locked(error):
                raise
            log_event("upgrade_waits", reason="locked")


def _says_locked(error: OperationalError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in _LOCKED if state else "is locked" in str(error.orig)


def _locked(connection: Connection, key: str) -> str | None:
    """A single value, held until the transaction ends: two processes that begin together take turns."""
    query = select(META.c.value).where(META.c.key == key).with_for_update()
    return connection.execute(query).scalar_one_or_none()
