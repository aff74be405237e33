"""Everything that screens and the headless program read from the cache, by plain prepared SQL.

Each method is one consistent read. Lists are read by window: :meth:`Reader.first_rows` for the first paint,
:meth:`Reader.ids` for the whole order, :meth:`Reader.rows` for what is visible. There is no OFFSET anywhere.
"""

from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from zlib import crc32

import msgspec

from storage.decoding import (
    DRAFT_COLUMNS,
    OUTBOX_COLUMNS,
    OUTBOX_ORDER,
    ROW_COLUMNS,
    UNSENT_COLUMNS,
    cached_row,
    draft,
    outbox_entry,
    unsent_entry,
)
from storage.entries import (
    BandCounts,
    CachedRow,
    Count,
    Draft,
    OutboxEntry,
    ReferenceEntry,
    SavedView,
    UnsentEntry,
)
from storage.filters import CompiledView
from storage.read_connections import ReadConnections
from storage.schema import NO_DUE

if TYPE_CHECKING:
    from cur_tui.domain.model import Appeal
    from cur_tui.domain.profile import Region

COUNT_BOUND: Final = 10_000
"""Where :meth:`Reader.counts` stops: «more than so many» is all a person needs beside a queue."""

_BANDS = f"""
SELECT block,
       CASE WHEN due_rank >= {NO_DUE} THEN 5
            WHEN due_rank < :now THEN 0
            WHEN due_rank < :soon THEN 1
            WHEN due_rank < :today THEN 2
            WHEN due_rank < :tomorrow THEN 3
            ELSE 4 END AS band,
       count(*)
FROM appeal INDEXED BY open_block_due WHERE is_open=1 GROUP BY block, band
"""  # noqa: S608
SOON: Final = timedelta(hours=2)


class Reader:
    """Reads one cache. Safe from any thread."""

    def __init__(self, connections: ReadConnections) -> None:
        self._read = connections

    # --- lists ---------------------------------------------------------------------------------------

    def ids(self, view: CompiledView) -> "array[int]":
        """The keys of every row of the list in its order: 8 bytes a row, for a worker thread."""
        rows = cast("list[tuple[int]]", self._read.all(view.select("pk"), view.params))
        return array("q", [pk for (pk,) in rows])

    def first_rows(self, view: CompiledView, n: int) -> list[CachedRow]:
        """The first ``n`` rows of the list: what the first paint needs."""
        return self._window(view.select(ROW_COLUMNS, limit=True), (*view.params, n))

    def rows_after(self, view: CompiledView, pk: int, n: int) -> list[CachedRow]:
        """The ``n`` rows that follow the row ``pk`` in the list; none if that row is gone."""
        return self._window(view.select(ROW_COLUMNS, after=True, limit=True), (*view.params, pk, n))

    def rows(self, pks: Sequence[int]) -> list[CachedRow | None]:
        """The rows with these keys, in the same order; None for one that has left the cache since."""
        marks = ",".join("?" * len(pks))
        sql = f"SELECT {ROW_COLUMNS} FROM appeal WHERE pk IN ({marks})"  # noqa: S608
        found = {row.pk: row for row in self._window(sql, tuple(pks))}
        return [found.get(pk) for pk in pks]

    def position_key(self, number_or_id: str) -> int | None:
        """The key of one appeal by its number or id, to be found among :meth:`ids`."""
        found = self._read.one("SELECT pk FROM appeal WHERE id=?", (number_or_id,)) or self._read.one(
            "SELECT pk FROM appeal WHERE number=?", (number_or_id.upper(),)
        )
        return None if found is None else cast("int", found[0])

    def count(self, view: CompiledView, bound: int | None = None) -> Count:
        """How many rows the list has, counted up to ``bound`` when one is given."""
        if bound is None:
            sql, params = f"SELECT count(*) FROM {view.source} WHERE {view.where}", view.params  # noqa: S608
        else:
            inner = f"SELECT 1 FROM {view.source} WHERE {view.where} LIMIT ?"  # noqa: S608
            sql, params = f"SELECT count(*) FROM ({inner})", (*view.params, bound + 1)  # noqa: S608
        number = cast("int", self._required(sql, params)[0])
        return Count(number) if bound is None or number <= bound else Count(bound, exact=False)

    def counts(self, views: Iterable[CompiledView], bound: int = COUNT_BOUND) -> list[Count]:
        """How many rows each list has, at a bounded cost."""
        return [self.count(view, bound) for view in views]

    def clocks_by_queue(self, now: datetime) -> dict[str | None, BandCounts]:
        """Open appeals by block and by how soon they are due; ``now`` is in region time.

        The key None holds those that have no block yet.
        """
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
        next_midnight = datetime.combine(now.date() + timedelta(days=2), time(), now.tzinfo)
        # What is due within two hours counts there and not under its day.
        bounds = {
            "now": now.timestamp(),
            "soon": (now + SOON).timestamp(),
            "today": midnight.timestamp(),
            "tomorrow": next_midnight.timestamp(),
        }
        bands: dict[str | None, list[int]] = {}
        for block, band, n in cast("list[tuple[str | None, int, int]]", self._read.all(_BANDS, bounds)):
            bands.setdefault(block, [0] * 6)[band] = n
        return {block: BandCounts(*numbers) for block, numbers in bands.items()}

    def open_by_worker(self) -> dict[str | None, int]:
        """How many open appeals each account has in work; None for those that nobody has."""
        sql = "SELECT worker, count(*) FROM appeal WHERE is_open=1 GROUP BY worker"
        return dict(cast("list[tuple[str | None, int]]", self._read.all(sql)))

    # --- one appeal -----------------------------------------------------------------------------------

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

    def mass_incident(self, number: str, n: int = 100) -> list[CachedRow]:
        """The first appeals, by term, that belong to the mass incident whose head has this number."""
        sql = f"SELECT {ROW_COLUMNS} FROM appeal WHERE mass_incident=? ORDER BY due_rank, pk LIMIT ?"  # noqa: S608
        return self._window(sql, (number, n))

    def linked(self, appeal: "Appeal") -> list[CachedRow]:
        """The appeals that ``appeal`` is linked to and that are in the cache."""
        keys = [self.position_key(link.appeal) for link in appeal.links]
        return [row for row in self.rows([pk for pk in keys if pk is not None]) if row is not None]

    # --- the operator's own work ------------------------------------------------------------------------

    def outbox(self) -> list[OutboxEntry]:
        """Commands that the server has not settled, in their order."""
        sql = f"SELECT {OUTBOX_COLUMNS} FROM outbox ORDER BY {OUTBOX_ORDER}"  # noqa: S608
        return [outbox_entry(stored) for stored in self._read.all(sql)]

    def unsent(self) -> list[UnsentEntry]:
        """Refused commands that wait for the operator's decision, the latest first."""
        sql = f"SELECT {UNSENT_COLUMNS} FROM unsent ORDER BY at DESC, cid DESC"  # noqa: S608
        return [unsent_entry(stored) for stored in self._read.all(sql)]

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

    def region(self) -> "Region | None":
        """The region profile that the server sent; None before the first synchronisation."""
        profiles = self.references("profile")
        if not profiles:
            return None
        from cur_tui.domain.profile_load import region_from_document

        return region_from_document(msgspec.json.decode(profiles[0].doc))

    def accounts(self) -> list[dict[str, Any]]:
        """The public entries of the colleagues, by account."""
        return [msgspec.json.decode(entry.doc, type=dict[str, Any]) for entry in self.references("account")]

    def state(self, key: str) -> str | None:
        """One value of the synchronisation's state, for example its cursor."""
        found = self._read.one("SELECT v FROM sync_state WHERE k=?", (key,))
        return None if found is None else cast("str", found[0])

    def unindexed(self) -> int:
        """How many archived appeals the search does not know yet."""
        return cast("int", self._required("SELECT count(*) FROM appeal WHERE fts=0")[0])

    # --- inside -------------------------------------------------------------------------------------------

    def _window(self, sql: str, params: Sequence[object]) -> list[CachedRow]:
        return [cached_row(stored) for stored in self._read.all(sql, params)]

    def _appeal(self, table: str, pk: int) -> "Appeal | None":
        found = self._read.one(f"SELECT doc, applicant FROM {table} WHERE pk=?", (pk,))  # noqa: S608
        if found is None:
            return None
        stored, applicant = cast("tuple[bytes, bytes | None]", found)
        from cur_tui.contract.codec import decode_appeal  # the aggregate, which no list needs
        from cur_tui.contract.packing import unpack

        return decode_appeal(unpack(stored), applicant)

    def _required(self, sql: str, params: Sequence[object] = ()) -> tuple[object, ...]:
        found = self._read.one(sql, params)
        assert found is not None, "an aggregate always answers"
        return found
