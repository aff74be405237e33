"""Writing appeals: the row, its documents and its place in the search index, always together."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from cur_tui.contract.row import AppealRow
from storage.schema import (
    APPEAL_COLUMNS,
    FTS_ARCHIVE,
    FTS_NONE,
    FTS_OPEN,
    FTS_TABLES,
    PK_BITS,
    due_rank,
    is_open,
    urgency,
)
from storage.search import index_key, index_text
from storage.writer_core import Unit

_UPDATES = ", ".join(f"{name}=excluded.{name}" for name in APPEAL_COLUMNS if name not in ("pk", "id"))
_PUT_ROW: Final = (
    f"INSERT INTO appeal ({', '.join(APPEAL_COLUMNS)}) VALUES ({','.join('?' * len(APPEAL_COLUMNS))}) "  # noqa: S608
    f"ON CONFLICT (pk) DO UPDATE SET {_UPDATES}"
)
_PUT_DOC: Final = (
    "INSERT INTO appeal_doc (pk, doc, applicant) VALUES (?,?,?) "
    "ON CONFLICT (pk) DO UPDATE SET doc=excluded.doc, applicant=excluded.applicant"
)
_KNOWN: Final = """
SELECT a.id, a.pk, a.generation, a.pending, a.conflict, a.fts, a.words, coalesce(s.version, a.version)
FROM appeal a LEFT JOIN shadow s USING (pk) WHERE a.id IN (SELECT value FROM json_each(?))
"""
_LAST_OF_SECOND: Final = "SELECT max(pk) FROM appeal WHERE pk >= ? AND pk < ?"
_TABLES_BY_PK: Final = ("appeal", "appeal_doc", "shadow")


class _Place(msgspec.Struct):
    address: str | None = None
    settlement: str | None = None


class _Searched(msgspec.Struct):
    """The parts of a document that the search reads. The applicant is not among them."""

    text: str = ""
    essence: str | None = None
    place: _Place | None = None


_searched = msgspec.json.Decoder(_Searched)


class Known(msgspec.Struct, frozen=True):
    """What the cache already holds of an appeal. ``version`` is the server's, not the optimistic one."""

    id: str
    pk: int
    generation: int
    pending: int
    conflict: int
    fts: int
    words: int
    version: int


class Record(msgspec.Struct):
    """An appeal about to be written."""

    pk: int
    row: AppealRow
    doc: bytes
    applicant: bytes | None
    generation: int
    pending: int = 0
    conflict: int = 0
    fts: int = FTS_NONE
    words: int = 0


def known_appeals(connection: Connection, ids: Iterable[str]) -> dict[str, Known]:
    """What the cache holds of the appeals with these ids."""
    asked = msgspec.json.encode(list(ids)).decode()
    return {row[0]: Known(*row) for row in connection.exec_driver_sql(_KNOWN, (asked,))}


def write(unit: Unit, records: Sequence[Record]) -> None:
    """Write ``records``, new or not, and keep the search index in step.

    An archived appeal that was never indexed only is marked for :func:`index_waiting`: a first load must not
    wait for the stems of a million texts.
    """
    # The search index takes rising keys without flushing after each.
    ordered = sorted(records, key=lambda record: record.pk)
    removed, added = _index_moves(ordered)
    connection = unit.connection
    if ordered:
        connection.exec_driver_sql(_PUT_ROW, [_row_values(record) for record in ordered])
        connection.exec_driver_sql(
            _PUT_DOC, [(record.pk, record.doc, record.applicant) for record in ordered]
        )
    _change_index(connection, removed, added)
    for record in ordered:
        unit.touch(record.pk)


def remove(unit: Unit, pks: Sequence[int]) -> None:
    """Wipe appeals with everything that was known of them; the operator's own texts are in other tables."""
    keys = [(pk,) for pk in pks]
    if not keys:
        return
    for table in (*_TABLES_BY_PK, *FTS_TABLES.values()):
        column = "rowid" if table.startswith("fts") else "pk"
        unit.connection.exec_driver_sql(f"DELETE FROM {table} WHERE {column}=?", keys)  # noqa: S608
    for pk in pks:
        unit.touch(pk)


def index_waiting(connection: Connection, limit: int) -> int:
    """Put up to ``limit`` archived appeals into the search, the newest first; returns how many it was."""
    waiting = connection.exec_driver_sql(
        "SELECT pk, number, doc FROM appeal JOIN appeal_doc USING (pk) WHERE fts=0 ORDER BY pk DESC LIMIT ?",
        (limit,),
    ).all()
    added: list[tuple[int, int, str]] = []
    marks: list[tuple[int, int]] = []
    for pk, number, doc in reversed(waiting):
        parts = _parts(number, doc)
        added.append((FTS_ARCHIVE, pk, index_text(parts)))
        marks.append((index_key(parts), pk))
    _change_index(connection, [], added)
    if marks:
        connection.exec_driver_sql(f"UPDATE appeal SET fts={FTS_ARCHIVE}, words=? WHERE pk=?", marks)  # noqa: S608
    return len(marks)


class Keys:
    """Gives new appeals their keys: by second of registration, or by the next one that is not full."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next: dict[int, int] = {}
        self._vacant: dict[int, int] = {}

    def new(self, registered_at: int) -> int:
        """A key that no appeal has yet."""
        second = self._vacant.get(registered_at, registered_at)
        while (pk := self._next.get(second) or self._free(second)) >> PK_BITS != second:
            second += 1
        self._next[second] = pk + 1
        self._vacant[registered_at] = second
        return pk

    def _free(self, second: int) -> int:
        """The first key behind those taken in ``second``, which may already belong to the next one."""
        start, end = second << PK_BITS, (second + 1) << PK_BITS
        last = self._connection.exec_driver_sql(_LAST_OF_SECOND, (start, end)).scalar()
        return start if last is None else int(last) + 1


def _row_values(record: Record) -> tuple[Any, ...]:
    row = record.row
    return (
        record.pk,
        record.generation,
        int(is_open(row)),
        record.pending,
        record.conflict,
        due_rank(row),
        urgency(row),
        record.fts,
        record.words,
        *msgspec.structs.astuple(row),
    )


def _index_moves(records: Sequence[Record]) -> tuple[list[tuple[int, int]], list[tuple[int, int, str]]]:
    """What to remove from and to add to the search indexes; sets the records' ``fts`` and ``words``."""
    removed: list[tuple[int, int]] = []
    added: list[tuple[int, int, str]] = []
    for record in records:
        wanted = FTS_OPEN if is_open(record.row) else FTS_ARCHIVE
        if record.fts == FTS_NONE and wanted == FTS_ARCHIVE:
            continue
        parts = _parts(record.row.number, record.doc)
        words = index_key(parts)
        if record.fts == wanted and record.words == words:
            continue
        if record.fts != FTS_NONE:
            removed.append((record.fts, record.pk))
        added.append((wanted, record.pk, index_text(parts)))
        record.fts, record.words = wanted, words
    return removed, added


def _change_index(
    connection: Connection, removed: Sequence[tuple[int, int]], added: Sequence[tuple[int, int, str]]
) -> None:
    for index, name in FTS_TABLES.items():
        gone = [(pk,) for where, pk in removed if where == index]
        new = [(pk, words) for where, pk, words in added if where == index]
        if gone:
            connection.exec_driver_sql(f"DELETE FROM {name} WHERE rowid=?", gone)  # noqa: S608
        if new:
            connection.exec_driver_sql(f"INSERT INTO {name} (rowid, words) VALUES (?,?)", new)  # noqa: S608


def _parts(number: str, doc: bytes) -> tuple[str | None, ...]:
    searched = _searched.decode(doc)
    place = searched.place or _Place()
    return searched.text, searched.essence, place.settlement, place.address, number
