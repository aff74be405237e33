"""The sink of a job: its bad rows go into the quarantine of the region, each once however often it comes."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, select, update

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
        self._waiting: list[dict[str, object]] = []

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
                "mark": f"{digest.hex()}-{self._equal[digest]}",
                "job": self._job,
                "form": self._form,
                "key": key,
                "row": bad.row,
                "column_name": bad.column,
                "reason": bad.reason,
                "cells": msgspec.json.encode(cells),
                "state": OPEN,
                "number": "",
                "at": seconds(now()),
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
            marks = select(QUARANTINE.c.mark).where(QUARANTINE.c.mark.in_([row["mark"] for row in waiting]))
            known = set(connection.execute(marks).scalars())
            fresh = [row for row in waiting if row["mark"] not in known]
            keys = self._open([str(row["key"]) for row in fresh if row["key"]])
            held = {row.key: row.n for row in connection.execute(select(QUARANTINE).where(keys))}
            for row in fresh:
                # Mended in a spreadsheet and still wrong: the row that lies here, and not one more.
                n = held.get(row["key"])
                if n is None:
                    connection.execute(upsert(connection, QUARANTINE).values(row).on_conflict_do_nothing())
                else:
                    changed = {name: value for name, value in row.items() if name not in ("mark", "at")}
                    connection.execute(update(QUARANTINE).where(QUARANTINE.c.n == n).values(changed))

    def _open(self, keys: Sequence[str]) -> ColumnElement[bool]:
        return QUARANTINE.c.key.in_(keys) & (QUARANTINE.c.form == self._form) & (QUARANTINE.c.state == OPEN)
