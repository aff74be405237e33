"""Everything that screens and the headless program read from the cache, by plain prepared SQL.

Each method is one consistent read. Lists come from :class:`storage.lists.list_reader.ListReader`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast
from zlib import crc32

import msgspec

from cur_tui.contract.row import LISTED, MEASURED, AppealRow
from storage.database.schema import UNREADABLE
from storage.decoding import (
    DRAFT_COLUMNS,
    OUTBOX_COLUMNS,
    OUTBOX_ORDER,
    UNSENT_COLUMNS,
    UPLOAD_COLUMNS,
    draft,
    outbox_entry,
    unsent_entry,
    upload,
)
from storage.entries import (
    CachedRow,
    Draft,
    OutboxEntry,
    ReferenceEntry,
    SavedView,
    UnsentEntry,
    Upload,
)
from storage.lists.facets import IS_CLOSED, TABLE
from storage.lists.list_reader import ListReader
from storage.read_connections import Snapshot

if TYPE_CHECKING:
    from cur_tui.domain.figures.sums import Measures
    from cur_tui.domain.figures.workload import FlowCell, OpenCell
    from cur_tui.domain.figures.workload_reckoning import Span
    from cur_tui.domain.model import Appeal
    from cur_tui.domain.profile.profile import Region
    from cur_tui.domain.query.query import TextTerm
    from storage.database.unreadable import SetAside
    from storage.figures.cells import CellRequest, Key
    from storage.figures.told import Told
    from storage.read_connections import Stop

_CLOSED_BELOW = f"SELECT count(*) FROM {TABLE} WHERE {TABLE} MATCH ? AND rowid<?"  # noqa: S608


class Reader(ListReader):
    """Reads one cache. Safe from any thread."""

    # --- one appeal -----------------------------------------------------------------------------------

    def position_key(self, number_or_id: str) -> int | None:
        """The key of one appeal by its number or id, to be found among :meth:`ids`."""
        found = self._read.one("SELECT pk FROM appeal WHERE id=?", (number_or_id,)) or self._read.one(
            "SELECT pk FROM appeal WHERE number=?", (number_or_id.upper(),)
        )
        return None if found is None else cast("int", found[0])

    def appeal(self, number_or_id: str) -> "Appeal | None":
        """The appeal as the operator sees it: the server's state with the pending commands applied."""
        pk = self.position_key(number_or_id)
        return None if pk is None else self._appeal("appeal_doc", pk)

    def server_appeal(self, number_or_id: str) -> "Appeal | None":
        """The appeal as the server last sent it."""
        pk = self.position_key(number_or_id)
        if pk is None:
            return None
        return self._appeal("shadow", pk) or self._appeal("appeal_doc", pk)

    def server_version(self, appeal_id: str) -> int | None:
        """The version of the appeal that the server last sent; None for an appeal that is not here."""
        sql = (
            "SELECT coalesce(shadow.version, appeal.version) "
            "FROM appeal LEFT JOIN shadow USING (pk) WHERE id=?"
        )
        found = self._read.one(sql, (appeal_id,))
        return None if found is None else cast("int", found[0])

    def row(self, number_or_id: str) -> CachedRow | None:
        """The list's row of one appeal."""
        pk = self.position_key(number_or_id)
        return None if pk is None else self.rows([pk])[0]

    def linked(self, appeal: "Appeal") -> list[CachedRow]:
        """The appeals that ``appeal`` is linked to and that are in the cache."""
        keys = [self.position_key(link.appeal) for link in appeal.links]
        return [row for row in self.rows([pk for pk in keys if pk is not None]) if row is not None]

    def cells(self, request: "CellRequest", *, stop: "Stop | None" = None) -> "dict[Key, Measures]":
        """The sums of a cut. Raises :class:`storage.errors.ReadStopped` soon after ``stop`` says so."""
        from storage.figures.cells import read_cells  # no list needs it

        with self._read.snapshot(stop=stop) as snapshot:
            return read_cells(snapshot, request)

    def workload(self, span: "Span") -> "tuple[list[OpenCell], list[FlowCell], list[FlowCell]]":
        """What is open, what came and what left, of one state of the cache. For a worker."""
        from storage.figures.workload import read_came, read_left, read_opened  # no list needs it

        with self._read.snapshot() as snapshot:
            return read_opened(snapshot, span), read_came(snapshot, span), read_left(snapshot, span)

    def ratings(self, first: int, until: int) -> list[tuple[str, int | None, int]]:
        """Answers delivered between two seconds: channel, rating if any, how many. For a worker."""
        from storage.figures.satisfaction import read_ratings  # no list needs it

        with self._read.snapshot() as snapshot:
            return read_ratings(snapshot, first, until)

    def median_answer(self, first: int, until: int) -> float | None:
        """The median seconds to the answer of what was done between two seconds. For a worker."""
        from storage.figures.board import read_median  # no list needs it

        with self._read.snapshot() as snapshot:
            return read_median(snapshot, first, until)

    def done_in(self, stretches: "Sequence[tuple[int, int]]", positive: int) -> "list[Measures]":
        """What was done in each stretch of time; see ``board.read_done``. For a worker."""
        from storage.figures.board import read_done  # no list needs it

        with self._read.snapshot() as snapshot:
            return read_done(snapshot, stretches, positive)

    def measured(self, pks: "Sequence[int]") -> "list[AppealRow]":
        """The rows with these keys and what was measured of them, in the same order; without those gone."""
        marks = ",".join("?" * len(pks))
        names = ", ".join((*(f"appeal.{name}" for name in LISTED), *(f"fact.{name}" for name in MEASURED)))
        sql = f"SELECT pk, {names} FROM appeal JOIN fact USING (pk) WHERE pk IN ({marks})"  # noqa: S608
        found = {stored[0]: AppealRow(*cast("Any", stored[1:])) for stored in self._read.all(sql, tuple(pks))}
        return [found[pk] for pk in pks if pk in found]

    def touched_since(self, second: int) -> list[str]:
        """The ids of the appeals in which something has happened since, in the order of their keys. For a
        worker: it looks at all of them.
        """
        sql = "SELECT id FROM appeal WHERE updated_at>=? ORDER BY pk"
        return [str(stored[0]) for stored in self._read.all(sql, (second,))]

    def told(self, pks: "Sequence[int]", *, stop: "Stop | None" = None) -> "list[Told]":
        """What the appeals with these keys tell, by key. Raises ``ReadStopped`` once ``stop`` says so."""
        from storage.figures.told import read_told  # no list needs it

        with self._read.snapshot(stop=stop) as snapshot:
            return read_told(snapshot, pks, stop=stop)

    # --- the operator's own work ------------------------------------------------------------------------

    def outbox(self) -> list[OutboxEntry]:
        """Commands that the server has not settled, in their order."""
        sql = f"SELECT {OUTBOX_COLUMNS} FROM outbox ORDER BY {OUTBOX_ORDER}"  # noqa: S608
        return [outbox_entry(stored) for stored in self._read.all(sql)]

    def unsent(self) -> list[UnsentEntry]:
        """Refused commands that wait for the operator's decision, the latest first."""
        sql = f"SELECT {UNSENT_COLUMNS} FROM unsent ORDER BY at DESC, cid DESC"  # noqa: S608
        return [unsent_entry(stored) for stored in self._read.all(sql)]

    def uploads(self, appeal_id: str | None = None) -> list[Upload]:
        """Files that wait to be sent, the oldest first: of one appeal, or all."""
        where, values = ("", ()) if appeal_id is None else (" WHERE appeal=?", (appeal_id,))
        sql = f"SELECT {UPLOAD_COLUMNS} FROM upload{where} ORDER BY at, id"  # noqa: S608
        return [upload(stored) for stored in self._read.all(sql, values)]

    def next_upload(self) -> Upload | None:
        """The oldest file that is to be sent and was not refused."""
        sql = f"SELECT {UPLOAD_COLUMNS} FROM upload WHERE code IS NULL ORDER BY at, id LIMIT 1"  # noqa: S608
        stored = self._read.one(sql)
        return None if stored is None else upload(stored)

    def upload_piece(self, upload_id: str, start: int, length: int) -> bytes:
        """A part of a waiting file; empty when it waits no more."""
        sql = "SELECT substr(data, ?, ?) FROM upload WHERE id=?"
        stored = self._read.one(sql, (start + 1, length, upload_id))
        return b"" if stored is None else cast("bytes", stored[0])

    def drafts(self) -> list[Draft]:
        """Every draft, the latest first."""
        sql = f"SELECT {DRAFT_COLUMNS} FROM draft ORDER BY saved_at DESC, appeal"  # noqa: S608
        return [draft(stored) for stored in self._read.all(sql)]

    def draft(self, appeal_id: str, kind: str = "final") -> Draft | None:
        """The draft of one kind for one appeal."""
        sql = f"SELECT {DRAFT_COLUMNS} FROM draft WHERE appeal=? AND kind=?"  # noqa: S608
        stored = self._read.one(sql, (appeal_id, kind))
        return None if stored is None else draft(stored)

    def saved_views(self) -> list[SavedView]:
        """The operator's own views in their order."""
        sql = "SELECT code, title, query, position FROM saved_view ORDER BY position, code"
        return [SavedView(*cast("tuple[Any, ...]", stored)) for stored in self._read.all(sql)]

    # --- reference data and state -------------------------------------------------------------------------

    def reference(self, kind: str, id: str) -> ReferenceEntry | None:
        """One document of reference data."""
        sql = "SELECT kind, id, version, doc FROM reference WHERE kind=? AND id=?"
        stored = self._read.one(sql, (kind, id))
        return None if stored is None else ReferenceEntry(*cast("tuple[Any, ...]", stored))

    def references(self, kind: str) -> list[ReferenceEntry]:
        """Every document of a kind, by id."""
        sql = "SELECT kind, id, version, doc FROM reference WHERE kind=? ORDER BY id"
        return [ReferenceEntry(*cast("tuple[Any, ...]", stored)) for stored in self._read.all(sql, (kind,))]

    def reference_stamp(self) -> str:
        """A text that changes whenever a document of reference data does, without reading the documents."""
        sql = "SELECT kind, id, version, length(doc) FROM reference ORDER BY kind, id"
        stamped = "\n".join(" ".join(map(str, row)) for row in self._read.all(sql))
        return f"{crc32(stamped.encode()):08x}{len(stamped):x}"

    def set_aside(self) -> "list[SetAside]":
        """The reference data that this program cannot read."""
        state = self.state(UNREADABLE)
        if not state:
            return []
        from storage.database.unreadable import set_aside_in  # there is hardly ever any

        return set_aside_in(state)

    def region(self) -> "Region | None":
        """The region profile that the server sent; None before the first synchronisation."""
        profiles = self.references("profile")
        if not profiles:
            return None
        from cur_tui.domain.profile.load import region_from_document

        return region_from_document(msgspec.json.decode(profiles[0].doc))

    def accounts(self) -> list[dict[str, Any]]:
        """The public entries of the colleagues, by account."""
        return [msgspec.json.decode(entry.doc, type=dict[str, Any]) for entry in self.references("account")]

    def state(self, key: str) -> str | None:
        """One value of the synchronisation's state, for example its cursor."""
        with self._read.snapshot() as snapshot:
            return _state(snapshot, key)

    def is_whole(self) -> bool:
        """Whether every page of the file is as it was written. Reads all of it: seconds for a large cache.

        Raises :class:`storage.errors.CacheError` ``cache_damaged`` where even that cannot be read.
        """
        broken = self._read.all("PRAGMA cipher_integrity_check")
        return not broken and self._read.all("PRAGMA quick_check") == [("ok",)]

    def unmeasured(self) -> int:
        """How many appeals, the oldest ones, cuts and rankings do not count yet."""
        from storage.figures.measuring import UNMEASURED

        with self._read.snapshot() as snapshot:
            below = _state(snapshot, UNMEASURED)
            return (
                0
                if below is None
                else max(_number(snapshot, "SELECT count(*) FROM appeal WHERE pk<?", (int(below),)), 1)
            )

    # --- search -------------------------------------------------------------------------------------------

    def unindexed(self) -> int:
        """How many archived appeals the search does not know yet, or knows by older rules only."""
        from storage.search.search_state import SEARCH_RULES, stale_below

        with self._read.snapshot() as snapshot:
            below = stale_below(_state(snapshot, SEARCH_RULES))
            new = _number(snapshot, "SELECT count(*) FROM appeal WHERE fts=0 AND pk>=?", (below,))
            if below == 0:
                return new
            # Below the mark all are made anew, whether they were ever indexed or not. What ends the work is
            # that the mark is taken away.
            return max(_number(snapshot, _CLOSED_BELOW, (IS_CLOSED, below)) + new, 1)

    def is_search_stale(self) -> bool:
        """Whether the search still has entries of the archive that were made by older rules."""
        from storage.search.search_state import SEARCH_RULES, stale_below

        return stale_below(self.state(SEARCH_RULES)) > 0

    def correction(self, term: "TextTerm") -> tuple[str, ...]:
        """What was probably meant by a term that finds nothing: texts to search for instead, the best first.

        None are offered while the index knows the words. For a worker: it takes some milliseconds.
        """
        from storage.search.corrections import corrections

        with self._read.snapshot() as snapshot:
            return corrections(snapshot, term)

    def settled_as(self, command: str) -> "tuple[str, bool] | None":
        """What became of a command of the last weeks: the number of its appeal, and whether it was refused.

        None while it waits, or for one that is not known here.
        """
        found = self._read.one("SELECT number, refused FROM settled WHERE cid=?", (command,))
        return None if found is None else (cast("str", found[0]), bool(found[1]))

    # --- inside -------------------------------------------------------------------------------------------

    def _appeal(self, table: str, pk: int) -> "Appeal | None":
        found = self._read.one(f"SELECT doc, applicant FROM {table} WHERE pk=?", (pk,))  # noqa: S608
        if found is None:
            return None
        stored, applicant = cast("tuple[bytes, bytes | None]", found)
        from storage.documents import appeal_of  # the aggregate, which no list needs

        with self._read.damage():
            return appeal_of(stored, applicant)


def _state(snapshot: Snapshot, key: str) -> str | None:
    found = snapshot.one("SELECT v FROM sync_state WHERE k=?", (key,))
    return None if found is None else cast("str", found[0])


def _number(snapshot: Snapshot, sql: str, params: Sequence[object]) -> int:
    (number,) = snapshot.one(sql, params) or (0,)
    return cast("int", number)
