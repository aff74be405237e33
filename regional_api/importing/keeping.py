"""The quarantine of the region: the bad rows of all imports, each once, whichever way and however often."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Row, or_, select, update

from regional_api.clock import now, seconds
from regional_api.database.connections import Database, upsert
from regional_api.importers.base import Bad, Record
from regional_api.importers.cells import read_whole, rewritten_from_1904, unguarded
from regional_api.importers.quarantine import COLUMNS, Kept, Standing
from regional_api.importers.reading import Reader
from regional_api.importing.tables import QUARANTINE

OPEN: Final = "open"
MENDED: Final = "mended"
SET_ASIDE: Final = "set_aside"
SUPERSEDED: Final = "superseded"
"""Only the mark of a row in whose place a newer one with its key lies; it is settled with that one."""
WAITING: Final = (OPEN, SUPERSEDED)
NO_CELLS: Final = b"[]"
_OF: Final = QUARANTINE.c
_FIRST: Final = frozenset({_OF.mark, _OF.at})
"""What a row keeps from its first coming, when it comes again mended and still wrong."""
Values = dict[Column[Any], object]


class Keeper:
    """Keeps the bad rows that ``reader`` finds in the file of ``job``, without its quarantine columns.

    A dry run keeps nothing and only says how the rows stand.
    """

    def __init__(self, database: Database, job: str, reader: Reader, *, dry_run: bool = False) -> None:
        self._database = database
        self._job = job
        self._reader = reader
        self._dry_run = dry_run
        self._form = reader.form.code
        self.header = tuple(name for name in reader.columns.header if name not in COLUMNS)
        self._foreign = {n for n, name in enumerate(reader.columns.header) if name in COLUMNS}
        self._equal: Counter[bytes] = Counter()
        self._brought: set[str] = set()
        """Marks of rows that were in quarantine and came again, still wrong."""

    def keep(self, rows: Sequence[Bad]) -> list[Kept]:
        """Keep rows; those of many equal ones are counted through, so that none is lost."""
        fresh = [self._values(bad) for bad in rows]
        marks = [str(values[_OF.mark]) for values in fresh] + [bad.mark for bad in rows if bad.mark]
        opening = self._database.reading if self._dry_run else self._database.writing
        with opening() as connection:
            known = {row.mark: row for row in self._rows(connection, _OF.mark.in_(marks))}
            keys = [str(values[_OF.key]) for values in fresh if values[_OF.key]]
            held = {row.key: row for row in self._rows(connection, _OF.key.in_(keys) & (_OF.state == OPEN))}
            kept = []
            for bad, values in zip(rows, fresh, strict=True):
                own, is_changed = values[_OF.mark], False
                if bad.mark in known and bad.mark not in self._brought:
                    self._brought.add(bad.mark)
                    values[_OF.mark], is_changed = bad.mark, bad.mark != own
                there = known.get(str(values[_OF.mark]))
                if not self._dry_run:
                    self._store(connection, values, there, held, is_changed=is_changed)
                state: Standing = "open" if there is None or there.state in WAITING else there.state
                kept.append(Kept(state, str(values[_OF.mark])))
        return kept

    def taken(self, records: Sequence[tuple[Record, str]]) -> None:
        """Rows that came again and were taken: what lies here under their keys or marks is mended."""
        if self._dry_run:
            return
        by_key = {record.key: number for record, number in records}
        by_mark = {record.mark: number for record, number in records if record.mark}
        waiting = _OF.state.in_(WAITING) & (_OF.key.in_(by_key) | _OF.mark.in_(by_mark))
        with self._database.reading() as connection:
            if not (found := self._rows(connection, waiting)):
                return
        with self._database.writing() as connection:
            for row in found:
                settle(connection, row, MENDED, number=by_key.get(row.key) or by_mark[row.mark])

    def close(self) -> tuple[()]:
        """Everything is kept already, and not in files."""
        return ()

    def _values(self, bad: Bad) -> Values:
        dates = self._reader.dates_from_1904
        cells = [
            unguarded(rewritten_from_1904(cell) if n in dates else cell)
            for n, cell in enumerate(bad.cells)
            if n not in self._foreign
        ]
        digest = hashlib.sha256(msgspec.json.encode((self._form, bad.key, self.header, cells))).digest()
        self._equal[digest] += 1
        return {
            _OF.mark: f"{digest.hex()}-{self._equal[digest]}",
            _OF.job: self._job,
            _OF.form: self._form,
            _OF.key: bad.key or read_whole(self._reader.columns.value("key", bad.cells)),
            _OF.row: bad.row,
            _OF.column_name: bad.column,
            _OF.reason: bad.reason,
            _OF.cells: msgspec.json.encode(cells),
            _OF.state: OPEN,
            _OF.number: "",
            _OF.at: seconds(now()),
        }

    def _store(
        self,
        connection: Connection,
        values: Values,
        there: Row[Any] | None,
        held: Mapping[str, Row[Any]],
        *,
        is_changed: bool,
    ) -> None:
        if there is not None:
            if is_changed:
                _change(connection, there.n, {c: value for c, value in values.items() if c not in _FIRST})
            return
        older = held.get(str(values[_OF.key]))
        if older is None:
            connection.execute(upsert(connection, QUARANTINE).values(values).on_conflict_do_nothing())
            return
        # The row that lies here is the newer one now, and not one more. The mark by which its first file
        # knows it stays, so that neither file brings it again once it is settled.
        _change(connection, older.n, {c: value for c, value in values.items() if c is not _OF.at})
        mark = {**values, _OF.mark: older.mark, _OF.job: older.job, _OF.row: older.row, _OF.at: older.at}
        mark |= {_OF.state: SUPERSEDED, _OF.cells: NO_CELLS}
        connection.execute(upsert(connection, QUARANTINE).values(mark).on_conflict_do_nothing())

    def _rows(self, connection: Connection, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
        columns = [_OF.n, _OF.mark, _OF.key, _OF.form, _OF.job, _OF.row, _OF.state, _OF.at]
        return connection.execute(select(*columns).where(which, _OF.form == self._form)).all()


def settle(connection: Connection, row: Row[Any], state: str, *, number: str = "") -> int:
    """A row waits no more, nor do the older ones of its key; how many did. Mended, it is in its appeal."""
    same = update(QUARANTINE).where(
        or_(_OF.n == row.n, (_OF.form == row.form) & (_OF.key == row.key) & (_OF.key != ""))
    )
    values: dict[str, object] = {"state": state, "number": number}
    if state == MENDED:
        values["cells"] = NO_CELLS
    settled = connection.execute(same.where(_OF.state == OPEN).values(values)).rowcount
    connection.execute(same.where(_OF.state == SUPERSEDED).values(state=state))
    return settled


def marks_only(states: Collection[str]) -> ColumnElement[bool]:
    """Rows in one of ``states`` of which nothing is left but the mark, which nobody need look at."""
    return _OF.state.in_(states) & (_OF.cells == NO_CELLS) & (_OF.number == "")


def _change(connection: Connection, n: int, values: Values) -> None:
    connection.execute(update(QUARANTINE).where(_OF.n == n, _OF.state == OPEN).values(values))
