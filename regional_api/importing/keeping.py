"""The sink of a job: its bad rows go into the quarantine of the region, each once however often it comes."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Column, ColumnElement, select, update

from regional_api.clock import now, seconds
from regional_api.database.connections import Database, upsert
from regional_api.importers.base import Bad, Record
from regional_api.importers.cells import read_whole, rewritten_from_1904, unguarded
from regional_api.importers.quarantine import COLUMNS
from regional_api.importers.reading import Reader
from regional_api.importing.tables import QUARANTINE

OPEN: Final = "open"
MENDED: Final = "mended"
SET_ASIDE: Final = "set_aside"
NO_CELLS: Final = b"[]"
_TOGETHER: Final = 200
_OF: Final = QUARANTINE.c
_FIRST: Final = frozenset({_OF.mark, _OF.at})
"""What a row keeps from its first coming."""


class Keeper:
    """Keeps the bad rows that ``reader`` finds in the file of ``job``, without its quarantine columns."""

    def __init__(self, database: Database, job: str, reader: Reader) -> None:
        self._database = database
        self._job = job
        self._reader = reader
        self._form = reader.form.code
        self.header = tuple(name for name in reader.columns.header if name not in COLUMNS)
        self._foreign = {n for n, name in enumerate(reader.columns.header) if name in COLUMNS}
        self._equal: Counter[bytes] = Counter()
        self._waiting: list[dict[Column[Any], object]] = []

    def put(self, bad: Bad) -> None:
        """Keep a row; those of many equal ones are counted through, so that none is lost."""
        dates = self._reader.dates_from_1904
        cells = [
            unguarded(rewritten_from_1904(cell) if n in dates else cell)
            for n, cell in enumerate(bad.cells)
            if n not in self._foreign
        ]
        key = bad.key or read_whole(self._reader.columns.value("key", bad.cells))
        digest = hashlib.sha256(msgspec.json.encode((self._form, bad.key, self.header, cells))).digest()
        self._equal[digest] += 1
        self._waiting.append(
            {
                _OF.mark: f"{digest.hex()}-{self._equal[digest]}",
                _OF.job: self._job,
                _OF.form: self._form,
                _OF.key: key,
                _OF.row: bad.row,
                _OF.column_name: bad.column,
                _OF.reason: bad.reason,
                _OF.cells: msgspec.json.encode(cells),
                _OF.state: OPEN,
                _OF.number: "",
                _OF.at: seconds(now()),
            }
        )
        if len(self._waiting) >= _TOGETHER:
            self._store()

    def taken(self, records: Sequence[Record]) -> None:
        """Rows that came again and were taken: what lies here under their keys is mended."""
        mended = self._open([record.key for record in records])
        with self._database.writing() as connection:
            connection.execute(update(QUARANTINE).where(mended).values(state=MENDED, cells=NO_CELLS))

    def close(self) -> None:
        """Keep what still waits."""
        self._store()

    def _store(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        with self._database.writing() as connection:
            marks = select(_OF.mark).where(_OF.mark.in_([row[_OF.mark] for row in waiting]))
            known = set(connection.execute(marks).scalars())
            fresh = [row for row in waiting if row[_OF.mark] not in known]
            keys = self._open([str(row[_OF.key]) for row in fresh if row[_OF.key]])
            held = {row.key: row.n for row in connection.execute(select(QUARANTINE).where(keys))}
            for row in fresh:
                # Mended in a spreadsheet and still wrong: the row that lies here, and not one more.
                n = held.get(row[_OF.key])
                if n is None:
                    connection.execute(upsert(connection, QUARANTINE).values(row).on_conflict_do_nothing())
                else:
                    changed = {column: value for column, value in row.items() if column not in _FIRST}
                    connection.execute(update(QUARANTINE).where(_OF.n == n).values(changed))

    def _open(self, keys: Sequence[str]) -> ColumnElement[bool]:
        return _OF.key.in_(keys) & (_OF.form == self._form) & (_OF.state == OPEN)
