"""Writing appeals: the row, its documents and its place in the search index, always together."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from cur_tui.contract.row import LISTED, AppealRow
from storage.database.connection import Connection
from storage.database.schema import (
    APPEAL_COLUMNS,
    FTS_NONE,
    PK_BITS,
    due_rank,
    is_open,
    urgency,
)
from storage.database.statements import upsert
from storage.figures.facts import FACT_TABLE, enter_facts
from storage.search.search_index import index_moves, remove_from_index
from storage.writing.core import Unit
from storage.writing.registers import Registers

_PUT_ROW: Final = upsert("appeal", APPEAL_COLUMNS, ["pk"], kept=["id"])
_PUT_DOC: Final = upsert("appeal_doc", ["pk", "doc", "applicant"], ["pk"])
_KNOWN: Final = """
SELECT a.id, a.pk, a.generation, a.pending, a.conflict, a.fts, a.words, coalesce(s.version, a.version)
FROM appeal a LEFT JOIN shadow s USING (pk) WHERE a.id IN (SELECT value FROM json_each(?))
"""
_LAST_OF_SECONDS: Final = f"""
SELECT value, (SELECT max(pk) FROM appeal WHERE pk >= value << {PK_BITS} AND pk < (value + 1) << {PK_BITS})
FROM json_each(?)
"""  # noqa: S608
_TABLES_BY_PK: Final = ("appeal", "appeal_doc", "shadow", FACT_TABLE)


class Known(msgspec.Struct, frozen=True, gc=False):
    """What the cache already holds of an appeal. ``version`` is the server's, not the optimistic one."""

    id: str
    pk: int
    generation: int
    pending: int
    conflict: int
    fts: int
    words: int
    version: int


class Record(msgspec.Struct, gc=False):
    """An appeal about to be written."""

    pk: int
    row: AppealRow
    doc: bytes
    """In its stored form (:mod:`cur_tui.contract.packing`)."""
    applicant: bytes | None
    generation: int
    pending: int = 0
    conflict: int = 0
    fts: int = FTS_NONE
    words: int = 0


def known_appeals(connection: Connection, ids: Iterable[str]) -> dict[str, Known]:
    """What the cache holds of the appeals with these ids."""
    asked = msgspec.json.encode(list(ids)).decode()
    return {row[0]: Known(*row) for row in connection.execute(_KNOWN, (asked,))}


def write(unit: Unit, records: Sequence[Record]) -> None:
    """Write ``records``, new or not, and keep the search index in step.

    An archived appeal that was never indexed waits for :func:`storage.search.search_index.index_waiting`.
    """
    # The search index takes rising keys without flushing after each.
    ordered = sorted(records, key=lambda record: record.pk)
    moves = index_moves(ordered)
    connection = unit.connection
    registers = Registers(connection, [record.pk for record in ordered])
    if ordered:
        connection.executemany(_PUT_ROW, [_row_values(record) for record in ordered])
        connection.executemany(_PUT_DOC, [(record.pk, record.doc, record.applicant) for record in ordered])
    moves.apply(connection)
    registers.enter((record.pk, record.row) for record in ordered)
    enter_facts(connection, [(record.pk, record.row) for record in ordered])
    unit.touch(record.pk for record in ordered)


def remove(unit: Unit, pks: Sequence[int]) -> None:
    """Wipe appeals with everything that was known of them; the operator's own texts are in other tables."""
    keys = [(pk,) for pk in pks]
    if not keys:
        return
    registers = Registers(unit.connection, pks)
    for table in _TABLES_BY_PK:
        unit.connection.executemany(f"DELETE FROM {table} WHERE pk=?", keys)  # noqa: S608
    remove_from_index(unit.connection, pks)
    registers.strike()
    unit.touch(pks)


class Keys:
    """Gives new appeals their keys: by second of registration, or by the next one that is not full.

    ``seconds`` are those that will be asked for: they are looked up together.
    """

    def __init__(self, connection: Connection, seconds: Iterable[int]) -> None:
        self._connection = connection
        self._next: dict[int, int] = {}
        self._vacant: dict[int, int] = {}
        self._look_up(seconds)

    def new(self, registered_at: int) -> int:
        """A key that no appeal has yet."""
        second = self._vacant.get(registered_at, registered_at)
        while (pk := self._free(second)) >> PK_BITS != second:
            second += 1
        self._next[second] = pk + 1
        self._vacant[registered_at] = second
        return pk

    def _free(self, second: int) -> int:
        """The first key behind those taken in ``second``, which may already belong to the next one."""
        if second not in self._next:
            self._look_up([second])
        return self._next[second]

    def _look_up(self, seconds: Iterable[int]) -> None:
        asked = msgspec.json.encode(list(set(seconds))).decode()
        for second, last in self._connection.execute(_LAST_OF_SECONDS, (asked,)):
            self._next[second] = second << PK_BITS if last is None else last + 1


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
        *msgspec.structs.astuple(row)[: len(LISTED)],
    )
