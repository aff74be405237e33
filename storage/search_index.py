"""The search index of the cache: which appeal stands in which of its tables, with which words.

It is changed in the transaction that changes the row, or, for an archive that was just loaded, later in
quiet moments.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

import msgspec

from cur_tui.contract.packing import unpack
from cur_tui.contract.row import AppealRow
from cur_tui.domain.stems import index_text
from storage.connection import Connection
from storage.schema import FTS_ARCHIVE, FTS_NONE, FTS_OPEN, FTS_TABLES, is_open


class Indexed(Protocol):
    """What the index wants to know of an appeal, and where it notes what it has done."""

    pk: int
    row: AppealRow
    doc: bytes
    """In its stored form."""
    fts: int
    words: int


class _Place(msgspec.Struct):
    address: str | None = None
    settlement: str | None = None


class _Searched(msgspec.Struct):
    """The parts of a document that the search reads. The applicant is not among them."""

    text: str = ""
    essence: str | None = None
    place: _Place | None = None


_searched = msgspec.json.Decoder(_Searched)


@dataclass(slots=True)
class Moves:
    """What has to leave the tables of the index, by key, and the words that come in."""

    removed: list[tuple[int, int]] = field(default_factory=list)
    added: list[tuple[int, int, str]] = field(default_factory=list)

    def apply(self, connection: Connection) -> None:
        """Change the tables of the index."""
        for index, name in FTS_TABLES.items():
            gone = [(pk,) for where, pk in self.removed if where == index]
            new = [(pk, words) for where, pk, words in self.added if where == index]
            if gone:
                connection.executemany(f"DELETE FROM {name} WHERE rowid=?", gone)  # noqa: S608
            if new:
                connection.executemany(f"INSERT INTO {name} (rowid, words) VALUES (?,?)", new)  # noqa: S608


def index_moves(records: Sequence[Indexed]) -> Moves:
    """How the index follows ``records``, which are about to be written; sets their ``fts`` and ``words``.

    An archived appeal that was never indexed is left for :func:`index_waiting`: a first load must not wait
    for the stems of a million texts.
    """
    moves = Moves()
    for record in records:
        wanted = FTS_OPEN if is_open(record.row) else FTS_ARCHIVE
        if record.fts == FTS_NONE and wanted == FTS_ARCHIVE:
            continue
        parts = _parts(record.row.number, record.doc)
        words = index_key(parts)
        if record.fts == wanted and record.words == words:
            continue
        if record.fts != FTS_NONE:
            moves.removed.append((record.fts, record.pk))
        moves.added.append((wanted, record.pk, index_text(parts)))
        record.fts, record.words = wanted, words
    return moves


def remove_from_index(connection: Connection, pks: Sequence[int]) -> None:
    """Wipe the words of appeals, wherever they stand."""
    keys = [(pk,) for pk in pks]
    for name in FTS_TABLES.values():
        connection.executemany(f"DELETE FROM {name} WHERE rowid=?", keys)  # noqa: S608


def index_waiting(connection: Connection, limit: int) -> int:
    """Put up to ``limit`` archived appeals into the search, the newest first; returns how many it was."""
    waiting = connection.execute(
        "SELECT pk, number, doc FROM appeal JOIN appeal_doc USING (pk) WHERE fts=0 ORDER BY pk DESC LIMIT ?",
        (limit,),
    ).fetchall()
    moves = Moves()
    marks: list[tuple[int, int]] = []
    for pk, number, doc in reversed(waiting):
        parts = _parts(number, doc)
        moves.added.append((FTS_ARCHIVE, pk, index_text(parts)))
        marks.append((index_key(parts), pk))
    moves.apply(connection)
    if marks:
        connection.executemany(f"UPDATE appeal SET fts={FTS_ARCHIVE}, words=? WHERE pk=?", marks)  # noqa: S608
    return len(marks)


def index_key(parts: Sequence[str | None]) -> int:
    """A digest of ``parts``: while it is the same, the index needs no new entry. Never 0."""
    digest = blake2b("\0".join(part or "" for part in parts).encode("utf-8", "surrogatepass"), digest_size=7)
    return int.from_bytes(digest.digest()) | 1


def _parts(number: str, doc: bytes) -> tuple[str | None, ...]:
    searched = _searched.decode(unpack(doc))
    place = searched.place or _Place()
    return searched.text, searched.essence, place.settlement, place.address, number
