"""Records into the regional database: each registered once, brought in line when its row has changed."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from regional_api.appeals.intake import Original, import_entry, imprint_of, original_row, take_numbers
from regional_api.clock import now as server_now
from regional_api.database.connections import Database
from regional_api.database.store import Stored, load
from regional_api.importers.base import REASONS, Bad, Record
from regional_api.importers.interpreting import Interpreter
from regional_api.importers.merge import fingerprint_of, merged
from regional_api.importers.reading import RowError
from regional_api.record import journal
from regional_api.unit_of_work import UnitOfWork, unit_of_work

_NAMESPACE = uuid.UUID("7f1d1c0a-3a55-5c1e-9f5e-0c3c5d1b6a01")
_IMPORTS = 0x63_75_72_69
"""The advisory lock of imports."""
CHUNK = 500
"""Records of one transaction."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a record. ``fields`` are the changed ones; ``text_kept``: the row has another text."""

    row: int
    became: Literal["new", "changed", "same"]
    number: str
    fields: tuple[str, ...] = ()
    text_kept: bool = False


class Ledger:
    """Settles records of one source. ``file_digest`` names the file in the journal, ``by`` who imports it."""

    def __init__(
        self,
        database: Database,
        rulebook: Rulebook,
        interpreter: Interpreter,
        namespace: str,
        file_digest: str,
        by: str = "",
    ) -> None:
        self._database = database
        self._rulebook = rulebook
        self._interpreter = interpreter
        self._namespace = namespace
        self._file_digest = file_digest
        self._by = by
        self._zone = ZoneInfo(rulebook.region.time_zone)

    def settle(self, records: Sequence[Record], *, dry_run: bool) -> list[Settled | Bad]:
        """Store ``records`` in one transaction and say what became of each; a dry run stores nothing."""
        with self._transaction(dry_run) as (connection, work):
            if work is not None:
                _wait_for_other_imports(connection)
            now = work.now if work is not None else server_now()
            chunk = _Chunk(self._interpreter, now)
            by_id = {self._id_of(record.key): record for record in records}
            known = load(connection, by_id, lock=work is not None)
            for id, record in by_id.items():
                if id in known:
                    chunk.compare(record, known[id])
                else:
                    chunk.make(record, id)
            numbers = self._numbers(connection if work is not None else None, chunk.fresh)
            return self._store(chunk, numbers, work)

    @contextmanager
    def _transaction(self, dry_run: bool) -> Iterator[tuple[Connection, UnitOfWork | None]]:
        if dry_run:
            with self._database.reading() as connection:
                yield connection, None
        else:
            with unit_of_work(self._database, self._rulebook) as work:
                yield work.connection, work

    def _store(self, chunk: "_Chunk", numbers: Iterator[str], work: UnitOfWork | None) -> list[Settled | Bad]:
        stored: list[Appeal] = []
        imprints: list[tuple[str, str]] = []
        for record, draft in chunk.fresh:
            appeal = replace(draft, number=next(numbers))
            chunk.told.append(Settled(record.row, "new", appeal.number))
            if work is not None:
                row = original_row(appeal.id, Original(record.original, record.media_type))
                work.add(appeal, row)
                imprints.append(imprint_of(appeal, row))
                stored.append(appeal)
        for record, before, after, settled in chunk.changes:
            try:
                if work is not None:
                    work.change(before, after)
                    stored.append(after)
            except Refused as error:
                chunk.told.append(_bad(record, error))
            else:
                chunk.told.append(settled)
        if work is not None and stored:
            work.record(self._entry(work.now, stored, imprints))
        return chunk.told

    def _numbers(
        self, connection: Connection | None, fresh: Iterable[tuple[Record, Appeal]]
    ) -> Iterator[str]:
        """A number for each new appeal, by the region's date of its registration; empty ones in a dry run."""
        days = [appeal.registered_at.astimezone(self._zone).date() for _, appeal in fresh]
        if connection is None:
            return iter([""] * len(days))
        return iter(take_numbers(connection, days))

    def _entry(
        self, now: datetime, stored: Sequence[Appeal], imprints: Sequence[tuple[str, str]]
    ) -> journal.Entry:
        facts = {
            "source": self._namespace,
            "file_sha256": self._file_digest,
            "new": len(imprints),
            "changed": len(stored) - len(imprints),
            **({"by": self._by} if self._by else {}),
        }
        return import_entry(now, stored, facts, imprints)

    def _id_of(self, key: str) -> str:
        region = self._rulebook.region.code
        return str(uuid.uuid5(_NAMESPACE, f"{region}\n{self._namespace}\n{key}"))


class _Chunk:
    """The records of one transaction, sorted into new, changed and the rest."""

    def __init__(self, interpreter: Interpreter, now: datetime) -> None:
        self._interpreter = interpreter
        self._now = now
        self.fresh: list[tuple[Record, Appeal]] = []
        self.changes: list[tuple[Record, Stored, Appeal, Settled]] = []
        self.told: list[Settled | Bad] = []

    def make(self, record: Record, id: str) -> None:
        """A record that is not known yet."""
        try:
            appeal = self._interpreter.appeal(record, id=id, number="", now=self._now)
            self.fresh.append((record, appeal))
        except (RowError, Refused) as error:
            self.told.append(_bad(record, error))

    def compare(self, record: Record, stored: Stored) -> None:
        """A record whose appeal is stored."""
        old = stored.appeal
        if fingerprint_of(old) == record.fingerprint or old.erased_at is not None:
            self.told.append(Settled(record.row, "same", old.number))
            return
        try:
            fresh = self._interpreter.appeal(record, id=old.id, number=old.number, now=self._now, old=old)
            after, fields = merged(old, fresh, record.fingerprint, self._now)
        except (RowError, Refused) as error:
            self.told.append(_bad(record, error))
            return
        text_kept = fresh.text != old.text and not record.media_type.startswith("application/json")
        if fields:
            settled = Settled(record.row, "changed", old.number, fields, text_kept)
            self.changes.append((record, stored, after, settled))
        else:
            self.told.append(Settled(record.row, "same", old.number, text_kept=text_kept))


def _bad(record: Record, error: RowError | Refused) -> Bad:
    if isinstance(error, RowError):
        return Bad(record.row, error.reason, error.field, record.cells, record.made_key, record.mark)
    reason = error.code if error.code in REASONS else "rule_refused"
    return Bad(record.row, reason, "", record.cells, record.made_key, record.mark)


def _wait_for_other_imports(connection: Connection) -> None:
    """Until the end of the transaction no other import stores anything, so none makes the same appeals anew.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_IMPORTS)))
