"""Erasure of personal data: the record, its original, its files, what the journal was told, the search.

The document is replaced by one without texts and goes to every workstation through the feed, as any change.
The journal's lines stay with the digests of what is gone, so the chain holds; a line ``erase`` vouches for
the absence of the payloads before it. Statistics do not change: everything that they count stays.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, exists, select, text, update
from uuid6 import uuid7

from cur_tui.domain.model import Applicant
from cur_tui.domain.privacy.erasure import ERASE, erased
from cur_tui.domain.refusal import Refused
from cur_tui.domain.related.applicants import same_person
from regional_api.appeals.commands import ERASED
from regional_api.centre import Centre
from regional_api.database.connections import Database
from regional_api.database.lease import take_turns
from regional_api.database.store import load
from regional_api.database.tables import (
    APPEAL,
    APPEAL_FILE,
    BLOB,
    BLOB_OWNER,
    BLOB_PART,
    JOURNAL,
    JOURNAL_PAYLOAD,
    ORIGINAL,
    SETTLED,
)
from regional_api.delivering.tables import DELIVERY
from regional_api.importing.forgetting import forget_rows
from regional_api.importing.tables import IMPORT_JOB, IMPORT_PIECE, QUARANTINE
from regional_api.open311.tables import OPEN311_REQUEST
from regional_api.record import journal
from regional_api.related import alike
from regional_api.related.tables import LIKENESS_KEY
from regional_api.unit_of_work import UnitOfWork, unit_of_work

CHUNK: Final = 200
"""Appeals of one transaction."""
_SCAN: Final = 5_000
_MERGED_PAGES: Final = 500
_PATIENCE: Final = 30_000
"""Milliseconds that readers of an earlier state may keep the log from being emptied."""
_HOLDS_TEXTS: Final = (
    *(APPEAL, ORIGINAL, BLOB, BLOB_PART, JOURNAL_PAYLOAD, SETTLED, DELIVERY, OPEN311_REQUEST),
    *(LIKENESS_KEY, IMPORT_JOB, IMPORT_PIECE, QUARANTINE),
)


@dataclass(frozen=True, slots=True)
class Found:
    """An appeal that is meant, by number and id. ``refused`` is the code of why it cannot be erased."""

    id: str
    number: str
    refused: str | None = None


def find(centre: Centre, number: str, *, same_applicant: bool = False) -> list[Found]:
    """The appeal ``number``, with ``same_applicant`` all that its applicant wrote. Raises ``not_found``."""
    query = select(APPEAL.c.id, APPEAL.c.number, APPEAL.c.is_open, APPEAL.c.erased_at, APPEAL.c.applicant)
    with centre.database.reading() as connection:
        one = connection.execute(query.where(APPEAL.c.number == number)).one_or_none()
    if one is None:
        raise Refused("not_found", number=number)
    if not same_applicant:
        return [_found(one)]
    author = _decode(bytes(one.applicant))
    found, last = [_found(one)], 0
    while True:
        with centre.database.reading() as connection:
            rows = connection.execute(
                query.add_columns(APPEAL.c.pk).where(APPEAL.c.pk > last).order_by(APPEAL.c.pk).limit(_SCAN)
            ).all()
        found += [
            _found(row)
            for row in rows
            if row.id != one.id and same_person(author, _decode(bytes(row.applicant)))
        ]
        if len(rows) < _SCAN:
            return found
        last = rows[-1].pk


def erase(centre: Centre, ids: Iterable[str], reason: str, act: str = ERASE) -> int:
    """Erase appeals that are closed, in short transactions; returns how many were.

    ``reason`` stays in the journal: it should name a decision and no person. Those that have been opened or
    erased since they were looked for are left alone. :func:`forget_traces` belongs behind it.
    """
    wanted, done = list(ids), 0
    for start in range(0, len(wanted), CHUNK):
        with unit_of_work(centre.database, centre.rulebook) as work:
            done += _erase(work, wanted[start : start + CHUNK], reason, act)
    return done


def _erase(work: UnitOfWork, ids: Sequence[str], reason: str, act: str) -> int:
    gone = []
    take_turns(work.connection)  # what is being compared with others is written before or not at all
    for stored in load(work.connection, ids, lock=True).values():
        command = str(uuid7())
        try:
            after = erased(stored.appeal, command=command, now=work.now)
        except Refused:
            continue
        work.change(stored, after)
        work.record(
            journal.entry_of(
                work.now,
                ERASE,
                {"act": act, "reason": reason},
                appeal=after.id,
                number=after.number,
                before=stored.appeal.version,
                after=after.version,
                command=command,
            )
        )
        alike.forget(work.connection, stored.pk, stored.appeal, work.rulebook)
        forget_rows(work.connection, stored.appeal)
        gone.append(after.id)
    _remove_beside(work.connection, gone)
    return len(gone)


def _remove_beside(connection: Connection, ids: Sequence[str]) -> None:
    """What lies beside the records of these appeals."""
    connection.execute(delete(ORIGINAL).where(ORIGINAL.c.appeal.in_(ids)))
    files = select(APPEAL_FILE.c.sha256).where(APPEAL_FILE.c.appeal.in_(ids))
    digests = connection.execute(files).scalars().all()
    connection.execute(delete(APPEAL_FILE).where(APPEAL_FILE.c.appeal.in_(ids)))
    for table in (BLOB, BLOB_PART, BLOB_OWNER):
        # The same file may belong to an appeal that stays.
        kept = exists().where(APPEAL_FILE.c.sha256 == table.c.sha256)
        connection.execute(delete(table).where(table.c.sha256.in_(digests), ~kept))
    connection.execute(
        update(OPEN311_REQUEST)
        .where(OPEN311_REQUEST.c.appeal.in_(ids))
        .values(lat=None, long=None, fingerprint="", repeat_key=None)
    )
    lines = select(JOURNAL.c.n).where(JOURNAL.c.appeal.in_(ids))
    connection.execute(delete(JOURNAL_PAYLOAD).where(JOURNAL_PAYLOAD.c.n.in_(lines)))
    # By its fingerprint a text could still be recognised that somebody only guesses.
    connection.execute(update(SETTLED).where(SETTLED.c.appeal.in_(ids)).values(fingerprint=ERASED))
    # A refusal repeats what was typed; whoever repeats the command is told that the texts are gone.
    connection.execute(
        update(SETTLED)
        .where(SETTLED.c.appeal.in_(ids), SETTLED.c.code.is_not(None))
        .values(code="appeal_erased", params="{}")
    )


def forget_traces(database: Database, *, compact: bool) -> bool:
    """Rid the engine of what it still holds of rows that are gone: words in the search index, its log.

    ``compact`` writes the tables anew, since free space inside their pages may hold copies of rows. Nobody
    can write meanwhile. False when readers kept the log from being emptied: it is to be repeated.
    """
    if database.is_sqlite:
        _merge_index(database)
        # Outside of any transaction, which both would wait for.
        with contextlib.closing(database.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            if compact:
                cursor.execute("VACUUM")
            cursor.execute(f"PRAGMA busy_timeout={_PATIENCE}")
            # That it could not be emptied is no error to SQLite: the first column says so.
            return not cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    how = "VACUUM FULL" if compact else "VACUUM"
    with database.engine.connect() as plain:
        outside = plain.execution_options(isolation_level="AUTOCOMMIT")
        for name in (*(table.name for table in _HOLDS_TEXTS), "search_index"):
            outside.execute(text(f"{how} {name}"))
    return True


def _merge_index(database: Database) -> None:
    """Until the index is merged, an entry that was taken out is only marked so. Others write in between."""
    pages = -_MERGED_PAGES  # the sign asks for everything to become one part, as it does only the first time
    while True:
        with database.writing() as connection:
            before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
            connection.exec_driver_sql(
                "INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)", (pages,)
            )
            after = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        if after - before < 2:
            return
        pages = _MERGED_PAGES


def _found(row: Row[*tuple[Any, ...]]) -> Found:
    refused = "appeal_erased" if row.erased_at is not None else "appeal_open" if row.is_open else None
    return Found(row.id, row.number, refused)


_decode = msgspec.json.Decoder(Applicant).decode
