"""What the server sends: pages of records, results of commands, and the end of what it no longer knows."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from cur_tui.contract.packing import UnpackError, stored_form, unpack
from cur_tui.contract.wire import BatchResult, CommandResult, Gone, Out, Put, Reference, StreamLine
from storage.changes import Area
from storage.database.references import harmless_reference
from storage.database.schema import BOOTSTRAP, CURSOR, FTS_NONE, GENERATION, READING, SCOPES, SNAPSHOT_TOKEN
from storage.database.statements import insert
from storage.database.unreadable import arrived, readable_now, set_aside
from storage.decoding import OUTBOX_COLUMNS, outbox_entry, typed_text
from storage.entries import OutboxEntry, Settled, UnsentEntry
from storage.search.search_index import index_waiting
from storage.writing.core import LEFTOVERS, SERVER_DSEQ, Unit
from storage.writing.departures import Departures, appeals_in
from storage.writing.rebase import ServerState, load_server_state, rebase
from storage.writing.records import Keys, Known, Record, known_appeals, write
from storage.writing.texts import keep_as_draft

JOURNAL_DAYS: Final = 30
"""How long settled commands are kept to be offered again to a restored server."""

_PUT_REFERENCE: Final = """
INSERT INTO reference (kind, id, version, generation, doc) VALUES (?,?,?,?,?)
ON CONFLICT (kind, id)
DO UPDATE SET version=excluded.version, generation=excluded.generation, doc=excluded.doc
WHERE excluded.generation > reference.generation OR excluded.version > reference.version
"""
_REFUSE: Final = (
    insert("unsent", ["cid", "type", "appeal", "number", "code", "params", "detail", "document", "at"])
    + " ON CONFLICT DO NOTHING"
)
_JOURNAL: Final = """
INSERT INTO settled (cid, type, appeal, number, base, document, device_at, refused, at)
SELECT cid, type, appeal, number, base, document, device_at, ?, ?
FROM outbox WHERE cid=? AND dseq IS NOT NULL
"""


class ServerPages(Departures):
    """Applies what the server says. Rows and the mark of how far they reach are one transaction.

    A page belongs to the ``generation`` in which it was asked for; without one, to the present. When another
    has begun while the page was under way, nothing of it is written: its rows may be those of a server before
    it was restored, and its mark would make the new reading pass over what it has not read. A damaged
    document of an appeal raises :class:`cur_tui.contract.packing.UnpackError`, and nothing of its page is
    written either; one of reference data is set aside, since asking again would bring the same.
    """

    def apply_page(
        self,
        lines: Iterable[StreamLine],
        cursor: str,
        generation: int | None = None,
        scopes: Sequence[str] | None = None,
    ) -> bool:
        """A page of the change feed, complete with its last line's ``cursor`` and the ``scopes`` that this is
        for; whether it was written.
        """
        return self._apply_page(lines, CURSOR, cursor, generation, scopes)

    def apply_snapshot_page(
        self, lines: Iterable[StreamLine], token: str, generation: int | None = None
    ) -> bool:
        """A page of a snapshot with the ``token`` behind which it goes on; whether it was written.

        The token is empty after the last page.
        """
        self._widen()
        return self._apply_page(lines, SNAPSHOT_TOKEN, token, generation)

    def apply_record(self, record: Put, scopes: Sequence[str] | None = None) -> None:
        """One record that came outside the feed, as an answer to ``next``, shown for ``scopes``."""
        with self._transaction(durable=False) as unit:
            self._apply(unit, self._fitting(unit, [record], scopes))

    def begin_generation(self, cursor: str, scopes: Sequence[str] | None = None) -> int:
        """Start to read everything anew, the feed from ``cursor`` and for ``scopes`` afterwards; returns the
        new generation.

        From here on what the server sends wins over every older row, whatever the versions say: they may have
        gone back with a restored server. What it does not send again goes with :meth:`sweep`.
        """
        with self._transaction(durable=False) as unit:
            generation = unit.generation + 1
            unit.set_state(GENERATION, str(generation))
            unit.set_state(BOOTSTRAP, READING)
            unit.set_state(CURSOR, cursor)
            _keep_scopes(unit, scopes)
            unit.set_state(SNAPSHOT_TOKEN, "")
            # Into an empty cache comes nothing that would have to be swept: a million rows need no look.
            unit.set_state(LEFTOVERS, "1" if unit.one("SELECT 1 FROM appeal LIMIT 1") else "")
            self._forget_exits()
        return generation

    def settle(self, result: BatchResult) -> Settled:
        """What became of commands: they leave the outbox together with the arrival of their rows.

        A refused command goes to the unsent ones with everything typed in it; the text of an answer becomes a
        draft again. It blocks nothing: later commands on the appeal are replayed without it. Results of
        commands that are not in the outbox are taken for their record alone.
        """
        applied: list[str] = []
        refused: list[UnsentEntry] = []
        with self._transaction(durable=True) as unit:
            touched: dict[str, None] = {}
            for one in result.results:
                entry = self._entry_of(unit, one)
                if entry is None:
                    continue
                touched[entry.appeal] = None
                if one.problem is None:
                    applied.append(entry.id)
                else:
                    refused.append(self._refuse(unit, entry, one))
                self._journal(unit, entry, refused=one.problem is not None)
                if one.number is not None:
                    unit.connection.execute("UPDATE settled SET number=? WHERE cid=?", (one.number, entry.id))
            last = max((one.dseq for one in result.results), default=0)
            if last > int(unit.state(SERVER_DSEQ) or "0"):
                unit.set_state(SERVER_DSEQ, str(last))
            records = [one.record for one in result.results if one.record is not None]
            self._apply(unit, self._fitting(unit, records, result.scopes), again=touched)
            expired = int((datetime.now(UTC) - timedelta(days=JOURNAL_DAYS)).timestamp())
            unit.connection.execute("DELETE FROM settled WHERE at < ?", (expired,))
        return Settled(tuple(applied), tuple(refused))

    def read_set_aside(self) -> None:
        """Take the reference data that an earlier program could not read, as far as this one can."""
        with self._transaction(durable=False) as unit:
            for line in readable_now(unit):
                self._keep_reference(unit, line)

    def index_archive(self, limit: int = 500) -> int:
        """Put some archived appeals into the search; returns how many, 0 when the search knows them all.

        The first load leaves this for quiet moments. The number bounds the length of the transaction.
        """
        with self._transaction(durable=False) as unit:
            return index_waiting(unit.connection, limit)

    def measure_archive(self, limit: int = 500) -> int:
        """Give some appeals of an earlier program what cuts add up; returns how many, 0 when all have it.

        Listeners hear of the end and not of each part: only then are figures whole.
        """
        from storage.figures.measuring import (  # the region's profile comes with it
            UNMEASURED,
            measure_waiting,
        )

        with self._transaction(durable=False) as unit:
            was_waiting = unit.state(UNMEASURED) is not None
            measured = measure_waiting(unit.connection, limit)
            if was_waiting and unit.state(UNMEASURED) is None:
                unit.areas.add(Area.APPEALS)
            return measured

    # --- inside ---------------------------------------------------------------------------------------

    def _apply_page(
        self,
        lines: Iterable[StreamLine],
        mark: str,
        value: str,
        generation: int | None,
        scopes: Sequence[str] | None = None,
    ) -> bool:
        with self._transaction(durable=False) as unit:
            if generation not in (None, unit.generation):
                return False
            self._apply(unit, lines)
            unit.set_state(mark, value)
            _keep_scopes(unit, scopes)
        return True

    def _fitting(self, unit: Unit, records: Sequence[Put], scopes: Sequence[str] | None) -> list[Put]:
        """What of ``records`` that came outside the feed may be taken.

        Rights may have been others at that moment than those that the feed is read for. When they are given
        back before it is read again, nothing tells that those records are not to be here: no exit names what
        the feed never brought. What is left out for now comes by the feed, or with the reading of everything
        that other rights lead to.
        """
        if scopes is not None and unit.state(SCOPES) != _document(scopes):
            return []
        return [record for record in records if not self._has_left(record)]

    def _apply(self, unit: Unit, lines: Iterable[StreamLine], again: Iterable[str] = ()) -> None:
        """Apply ``lines`` in their order; the appeals ``again`` are rebased even if no line brings them."""
        latest: dict[str, Put | Out | Gone] = {}
        for line in lines:
            match line:
                case Put(row=row):
                    before = latest.get(row.id)
                    if not isinstance(before, Put) or before.row.version <= row.version:
                        latest[row.id] = line
                case Out(id=id_) | Gone(id=id_):
                    latest[id_] = line
                case Reference():
                    self._keep_reference(unit, line)
        known = known_appeals(unit.connection, {*latest, *again})
        generation = unit.generation
        puts = [line for line in latest.values() if isinstance(line, Put)]
        fresh = [put for put in puts if _is_newer(put, known.get(put.row.id), generation)]
        self._put(unit, fresh, known, generation)
        written = {put.row.id for put in fresh}
        for id_ in again:
            if id_ in known and id_ not in written:
                state = load_server_state(unit, known[id_])
                rebase(unit, known[id_], state, self._replay, known[id_].generation)
        exits = [line for line in latest.values() if not isinstance(line, Put)]
        self._remember_exits(exits)
        gone = [
            line.id
            for line in exits
            # An exit carries the record's version at that moment; a later put has brought it back.
            if (here := known.get(line.id)) and (here.generation < generation or here.version <= line.version)
        ]
        self._drop(unit, gone)

    def _put(self, unit: Unit, puts: Sequence[Put], known: dict[str, Known], generation: int) -> None:
        plain: list[Record] = []
        keys = Keys(unit.connection, (put.row.registered_at for put in puts if put.row.id not in known))
        queued = appeals_in(unit, "outbox")
        unsent = appeals_in(unit, "unsent")
        for put in puts:
            id_, version = put.row.id, put.row.version
            here = known.get(id_) or Known(
                id=id_,
                pk=keys.new(put.row.registered_at),
                generation=generation,
                pending=0,
                # What was refused or is still queued outlives the record's leaving and coming back.
                conflict=int(id_ in unsent),
                fts=FTS_NONE,
                words=0,
                version=version,
            )
            doc = stored_form(bytes(put.doc))
            applicant = None if put.applicant is None else bytes(put.applicant)
            if here.pending or id_ in queued:
                unpack(doc)  # what is damaged is found out while it is still the server's and not the cache's
                rebase(unit, here, ServerState(put.row, doc, applicant), self._replay, generation)
            else:
                record = Record(here.pk, put.row, doc, applicant, generation)
                record.conflict, record.fts, record.words = here.conflict, here.fts, here.words
                plain.append(record)
        write(unit, plain)

    def _keep_reference(self, unit: Unit, line: Reference) -> None:
        try:
            document = harmless_reference(line.kind, bytes(line.doc))
        except UnpackError:
            set_aside(unit, line)
            return
        arrived(unit, line)
        unit.connection.execute(_PUT_REFERENCE, (line.kind, line.id, line.version, unit.generation, document))
        unit.areas.add(Area.REFERENCE)

    def _entry_of(self, unit: Unit, one: CommandResult) -> OutboxEntry | None:
        found = unit.one(f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE cid=?", (one.id,))  # noqa: S608
        return None if found is None else outbox_entry(found)

    def _refuse(self, unit: Unit, entry: OutboxEntry, one: CommandResult) -> UnsentEntry:
        problem = one.problem
        assert problem is not None
        now = datetime.now(UTC)
        document = msgspec.json.encode(entry.arguments)
        params = msgspec.json.encode(problem.params).decode()
        unit.connection.execute(
            _REFUSE,
            (
                *(entry.id, entry.type, entry.appeal, entry.number),
                *(problem.code, params, problem.detail, document, int(now.timestamp())),
            ),
        )
        unit.areas.add(Area.UNSENT)
        keep_as_draft(unit, entry)
        unit.connection.execute("UPDATE appeal SET conflict=1 WHERE id=?", (entry.appeal,))
        return UnsentEntry(
            id=entry.id,
            type=entry.type,
            appeal=entry.appeal,
            number=entry.number,
            code=problem.code,
            params=problem.params,
            detail=problem.detail,
            text=typed_text(entry.arguments),
            arguments=entry.arguments,
            at=now,
        )

    def _journal(self, unit: Unit, entry: OutboxEntry, *, refused: bool) -> None:
        """Move a settled command from the outbox into the journal."""
        unit.connection.execute(_JOURNAL, (int(refused), int(datetime.now(UTC).timestamp()), entry.id))
        unit.connection.execute("DELETE FROM outbox WHERE cid=?", (entry.id,))
        unit.areas.add(Area.OUTBOX)


def _keep_scopes(unit: Unit, scopes: Sequence[str] | None) -> None:
    if scopes is not None and unit.state(SCOPES) != _document(scopes):
        unit.set_state(SCOPES, _document(scopes))


def _document(scopes: Sequence[str]) -> str:
    return msgspec.json.encode(sorted(scopes)).decode()


def _is_newer(put: Put, here: Known | None, generation: int) -> bool:
    """The version guard: pulls and answers to pushes overtake each other, and the older one must lose."""
    return here is None or (generation, put.row.version) > (here.generation, here.version)
