"""The way from every released schema to the present one: forward only, and resumed where it was cut off.

The tables are changed in one transaction. What has to be worked out from the documents follows in short
ones, and their position is kept beside them: a process that dies half-way costs nothing but the time. Nobody
is served meanwhile, since a search that finds a part would pass for one that finds everything.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, select, text, update

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.domain.rulebook import Rulebook
from cur_tui.domain.stems import WORD_RULES
from regional_api import search_index
from regional_api.database import Database
from regional_api.facts import facts_of
from regional_api.indexes import INDEXES
from regional_api.log import log_event
from regional_api.schema import SCHEMA_VERSION, WORD_RULES_KEY, write_meta
from regional_api.search_index import docid_of, entry_of
from regional_api.tables import APPEAL, FORMER, META

_FILLED: Final = "filled"
"""Meta: the key of the last appeal that the newest columns and the search index know; gone when all are."""
_CHUNK: Final = 1_000
_TELL_EVERY: Final = 20_000


def bring_up_to_date(database: Database, rulebook: Rulebook) -> None:
    """Change the tables of an earlier schema and the index of earlier rules, and finish what was begun."""
    with database.writing() as connection:
        version = int(_locked(connection, "schema") or SCHEMA_VERSION)
        for step in range(version, SCHEMA_VERSION):
            _STEPS[step](connection)
        if version < SCHEMA_VERSION:
            write_meta(connection, "schema", str(SCHEMA_VERSION))
        if _locked(connection, WORD_RULES_KEY) != str(WORD_RULES):
            search_index.recreate(connection)
            write_meta(connection, WORD_RULES_KEY, str(WORD_RULES))
            write_meta(connection, _FILLED, "0")
        unfinished = _locked(connection, _FILLED) is not None
    if unfinished:
        _fill(database, rulebook)


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


_STEPS: Final[Mapping[int, Callable[[Connection], None]]] = {1: _to_2}
"""What leads from each version to the next."""


def _fill(database: Database, rulebook: Rulebook) -> None:
    with database.reading() as connection:
        total = connection.execute(select(func.count()).select_from(APPEAL)).scalar_one()
    done = 0
    while True:
        with database.writing() as connection:
            position = _locked(connection, _FILLED)
            filled = 0 if position is None else _fill_chunk(connection, rulebook, int(position))
            if not filled:
                for index in INDEXES:
                    index.create(connection, checkfirst=True)
                connection.execute(delete(META).where(META.c.key == _FILLED))
                break
        done += filled
        if done % _TELL_EVERY < _CHUNK:
            log_event("upgrade", done=done, total=total)
    log_event("upgraded", schema=SCHEMA_VERSION, appeals=total)


def _fill_chunk(connection: Connection, rulebook: Rulebook, position: int) -> int:
    rows = connection.execute(
        select(APPEAL.c.pk, APPEAL.c.registered_at, APPEAL.c.doc)
        .where(APPEAL.c.pk > position)
        .order_by(APPEAL.c.pk)
        .limit(_CHUNK)
    ).all()
    facts, entries = [], []
    for row in rows:
        appeal = decode_appeal(unpack(bytes(row.doc)))
        facts.append({**facts_of(appeal, rulebook), "_pk": row.pk})
        entries.append((docid_of(row.registered_at, row.pk), entry_of(appeal, rulebook)))
    if rows:
        connection.execute(update(APPEAL).where(APPEAL.c.pk == bindparam("_pk")), facts)
        search_index.put(connection, entries)
        write_meta(connection, _FILLED, str(rows[-1].pk))
    return len(rows)


def _locked(connection: Connection, key: str) -> str | None:
    """A single value, held until the transaction ends: two processes that begin together take turns."""
    query = select(META.c.value).where(META.c.key == key).with_for_update()
    return connection.execute(query).scalar_one_or_none()
