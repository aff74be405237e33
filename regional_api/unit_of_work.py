"""The one way in which synced records change: gather, number, write, journal, commit.

The feed is read by number, so numbers must become visible in their order. A row of the counter, updated as
late as possible and locked until the commit, makes *order of numbers = order of commits* on PostgreSQL; on
SQLite, with its single writer, the same statement gives the same for free. Nobody but this module touches
the counter: taken early, it would hold every other writer back for the length of the transaction. For the
same reason everything that costs time (deciding, encoding) happens before it, and only prepared rows after.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from cur_tui.contract import MAX_LINE
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from regional_api.appeals.facts import changed_columns, facts_of, record_of
from regional_api.clock import now as server_now
from regional_api.clock import seconds
from regional_api.database.connections import Database
from regional_api.database.store import Stored, line_length, place_of
from regional_api.database.tables import (
    APPEAL,
    APPEAL_FILE,
    DELETED,
    FEED_CLOCK,
    FORMER,
    MOVED,
    ORIGINAL,
    REFERENCE,
)
from regional_api.delivering import book
from regional_api.edition import hold_editions, rulebook_in_force
from regional_api.lists import search_index
from regional_api.lists.search_index import Entry, docid_of, entry_of
from regional_api.record import journal

_REMEMBERED = tuple(column.name for column in FORMER.c if column.name not in ("n", "seq", "was"))
# Statements of every transaction are written once: writing one costs several times what it takes to run.
_NEXT_SEQ = (
    update(FEED_CLOCK)
    .where(FEED_CLOCK.c.shard == bindparam("of_shard"))
    .values(v=FEED_CLOCK.c.v + 1)
    .returning(FEED_CLOCK.c.v)
)
_HORIZON = select(FEED_CLOCK.c.v).where(FEED_CLOCK.c.shard == bindparam("of_shard"))
_REMEMBER = insert(FORMER).from_select(
    ["seq", "was", *_REMEMBERED],
    select(
        bindparam("now", type_=FORMER.c.seq.type), APPEAL.c.seq, *(APPEAL.c[name] for name in _REMEMBERED)
    ).where(APPEAL.c.pk.in_(bindparam("keys", expanding=True))),
)
_ADD = insert(APPEAL).returning(APPEAL.c.registered_at, APPEAL.c.pk, sort_by_parameter_order=True)
_CHANGE = update(APPEAL).where(APPEAL.c.pk == bindparam("_pk"))


class UnitOfWork:
    """What one transaction changes. Nothing is written before the end of the block that made it."""

    def __init__(self, connection: Connection, rulebook: Rulebook, now: datetime) -> None:
        self.connection = connection
        self.rulebook = rulebook
        self.now = now
        self.seq: int | None = None
        """The number of this transaction in the feed, once it has one."""
        self._added: list[dict[str, object]] = []
        self._changed: dict[int, dict[str, object]] = {}
        self._entries_added: list[Entry] = []
        self._entries_changed: dict[int, Entry] = {}
        self._exits: list[dict[str, object]] = []
        self._deleted: list[dict[str, object]] = []
        self._files: list[dict[str, object]] = []
        self._originals: list[dict[str, object]] = []
        self._references: list[dict[str, object]] = []
        self._entries: list[journal.Entry] = []
        self._deliveries = book.Changes()

    @property
    def shard(self) -> str:
        """The feed that this transaction belongs to: one for each region."""
        return self.rulebook.region.code

    def add(self, appeal: Appeal, original: dict[str, object] | None = None) -> None:
        """A new appeal, with the row of its original if there is one."""
        self._added.append(record_of(appeal, self.rulebook))
        self._deliveries.take(None, appeal, seconds(self.now))
        self._entries_added.append(entry_of(appeal, self.rulebook))
        self._files += [{"sha256": file.sha256, "appeal": appeal.id} for file in appeal.attachments]
        if original is not None:
            self._originals.append(original)

    def change(self, stored: Stored, after: Appeal, *, room: int = MAX_LINE) -> Stored:
        """The next version of an appeal; the result is what a further change must start from.

        Raises ``appeal_full`` when its line in the feed would be longer than ``room`` bytes: no client takes
        a longer one, so a single such appeal would keep all who may see it from reading on. Raises
        ``delivery_under_way`` when a text of it is to be taken back that is being sent now.
        """
        columns = record_of(after, self.rulebook)
        if line_length(columns) > room:
            raise Refused("appeal_full", number=after.number)
        self._change_deliveries(stored.appeal, after)
        place = place_of(after, self.rulebook)
        if place != stored.place:
            self._exits.append(self._exit(stored))
        known = {file.sha256 for file in stored.appeal.attachments}
        self._files += [
            {"sha256": file.sha256, "appeal": after.id}
            for file in after.attachments
            if file.sha256 not in known
        ]
        changed = changed_columns(columns, stored.appeal, self.rulebook)
        if place.restricted != stored.place.restricted:
            # Not told by the appeal alone: the topic may have become restricted with a newer profile.
            changed["restricted"] = int(place.restricted)
        self._changed.setdefault(stored.pk, {}).update(changed)
        entry = entry_of(after, self.rulebook)
        if entry != entry_of(stored.appeal, self.rulebook) or place.restricted != stored.place.restricted:
            self._entries_changed[docid_of(seconds(after.registered_at), stored.pk)] = entry
        return Stored(stored.pk, stored.seq, place, after)

    def refit(self, stored: Stored) -> None:
        """Put down anew what the profile tells of an appeal: who may see it, and its days. The appeal itself
        stays as it is, with its version.
        """
        place = place_of(stored.appeal, self.rulebook)
        if place != stored.place:
            self._exits.append(self._exit(stored))
        columns = {"restricted": int(place.restricted), **facts_of(stored.appeal, self.rulebook)}
        self._changed.setdefault(stored.pk, {}).update(columns)
        docid = docid_of(seconds(stored.appeal.registered_at), stored.pk)
        self._entries_changed[docid] = entry_of(stored.appeal, self.rulebook)

    def delete(self, stored: Stored) -> None:
        """Remove an appeal with its documents; a tombstone tells the readers, the journal keeps the act."""
        docid = docid_of(seconds(stored.appeal.registered_at), stored.pk)
        self._changed.pop(stored.pk, None)
        self._entries_changed.pop(docid, None)
        self._deliveries.deleted.append(stored.appeal.id)
        version = stored.appeal.version + 1
        self._deleted.append({**self._exit(stored), "version": version, "pk": stored.pk, "docid": docid})

    def refer(self, kind: str, id: str, version: int, document: object) -> None:
        """A new version of a document of reference data."""
        self._references.append(
            {"kind": kind, "id": id, "version": version, "doc": msgspec.json.encode(document)}
        )

    def record(self, entry: journal.Entry) -> None:
        """A line of the journal."""
        self._entries.append(entry)

    def flush(self) -> None:
        """Number the transaction and write it. Called once, immediately before the commit."""
        if self._originals:
            self.connection.execute(insert(ORIGINAL), self._originals)
        self._deliveries.write(self.connection, seconds(self.now))
        written = self._added or self._changed or self._deleted or self._references
        if not (written or self._entries):
            return
        self.seq = self.connection.execute(_NEXT_SEQ, {"of_shard": self.shard}).scalar_one()
        self._remember_former(self.seq)
        self._write_appeals(self.seq)
        self._write_exits(self.seq)
        self._write_references(self.seq)
        if self._entries:
            journal.append(self.connection, self.shard, self._entries)

    def _change_deliveries(self, before: Appeal, after: Appeal) -> None:
        if after.answers == before.answers and after.erased_at is None:
            return
        taken_back = self._deliveries.take(before, after, seconds(self.now))
        if taken_back:
            book.check_not_under_way(self.connection, taken_back, seconds(self.now))

    def _remember_former(self, seq: int) -> None:
        keys = [*self._changed, *(row["pk"] for row in self._deleted)]
        if keys:
            self.connection.execute(_REMEMBER, {"now": seq, "keys": keys})

    def _write_appeals(self, seq: int) -> None:
        if self._added:
            keys = self.connection.execute(_ADD, [{**row, "seq": seq} for row in self._added]).all()
            docids = (docid_of(registered_at, pk) for registered_at, pk in keys)
            search_index.put(self.connection, zip(docids, self._entries_added, strict=True))
        if self._changed:
            alike: dict[tuple[str, ...], list[dict[str, object]]] = {}
            for pk, row in self._changed.items():
                alike.setdefault(tuple(sorted(row)), []).append({**row, "seq": seq, "_pk": pk})
            for rows in alike.values():
                self.connection.execute(_CHANGE, rows)
        search_index.remove(self.connection, list(self._entries_changed))
        search_index.put(self.connection, self._entries_changed.items())
        if self._files:
            self.connection.execute(insert(APPEAL_FILE), self._files)

    def _write_exits(self, seq: int) -> None:
        if self._exits:
            self.connection.execute(insert(MOVED), [{**row, "seq": seq} for row in self._exits])
        for row in self._deleted:
            self.connection.execute(delete(APPEAL).where(APPEAL.c.pk == row.pop("pk")))
            search_index.remove(self.connection, [int(str(row.pop("docid")))])
            self.connection.execute(delete(ORIGINAL).where(ORIGINAL.c.appeal == row["id"]))
            self.connection.execute(delete(APPEAL_FILE).where(APPEAL_FILE.c.appeal == row["id"]))
            self.connection.execute(insert(DELETED), {**row, "seq": seq})

    def _write_references(self, seq: int) -> None:
        for row in self._references:
            self.connection.execute(
                delete(REFERENCE).where(REFERENCE.c.kind == row["kind"], REFERENCE.c.id == row["id"])
            )
            self.connection.execute(insert(REFERENCE), {**row, "seq": seq})

    def _exit(self, stored: Stored) -> dict[str, object]:
        return {
            "id": stored.appeal.id,
            "block": stored.place.block,
            "authority": stored.place.authority,
            "restricted": int(stored.place.restricted),
            "at": seconds(self.now),
        }


@contextmanager
def unit_of_work(
    database: Database, rulebook: Rulebook, now: datetime | None = None, *, alone: bool = False
) -> Iterator[UnitOfWork]:
    """One transaction of changes: flushed, committed and announced at the end of the block.

    It goes by the edition of the profile that is in force, which need not be ``rulebook`` any more.
    ``now``: the moment that it counts as, if not the present one. ``alone``: no other changes meanwhile.
    """
    with database.writing() as connection:
        if alone:
            hold_editions(connection)
        work = UnitOfWork(connection, rulebook_in_force(connection, rulebook), now or server_now())
        yield work
        work.flush()
    if work.seq is not None:
        database.bell.ring()


def horizon(connection: Connection, shard: str) -> int:
    """The number of the last committed transaction: everything up to it is complete."""
    return int(connection.execute(_HORIZON, {"of_shard": shard}).scalar_one())
