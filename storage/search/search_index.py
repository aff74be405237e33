"""The search index of the cache: which appeal stands in which of its tables, with which words.

It is changed in the transaction that changes the row, or, for an archive that was just loaded, later in
quiet moments. The archive's entries hold facets of the appeal as well: a common word with a rare filter is
found by walking the shorter of their lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, Protocol

import msgspec

from cur_tui.contract.packing import UnpackError, unpack
from cur_tui.contract.row import AppealRow
from cur_tui.domain.language.stems import index_text
from storage.database.connection import Connection
from storage.database.schema import FTS_ARCHIVE, FTS_NONE, FTS_OPEN, FTS_TABLES, is_open
from storage.lists.facets import FACET_COLUMNS, facet_words, facets_of_row
from storage.search.search import among_words
from storage.search.search_state import SEARCH_RULES, behind, is_stale, progress, stale_below

_WAITING: Final = (
    f"SELECT pk, fts, number, doc, {', '.join(FACET_COLUMNS)} FROM appeal JOIN appeal_doc USING (pk)"  # noqa: S608
)


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
        facets = facet_words(facets_of_row(record.row)) if wanted == FTS_ARCHIVE else ""
        words = index_key(parts, facets)
        if record.fts == wanted and record.words == words:
            continue
        if record.fts != FTS_NONE:
            moves.removed.append((record.fts, record.pk))
        moves.added.append((wanted, record.pk, _indexed(parts, facets)))
        record.fts, record.words = wanted, words
    return moves


def remove_from_index(connection: Connection, pks: Sequence[int]) -> None:
    """Wipe the words of appeals, wherever they stand."""
    keys = [(pk,) for pk in pks]
    for name in FTS_TABLES.values():
        connection.executemany(f"DELETE FROM {name} WHERE rowid=?", keys)  # noqa: S608


def index_waiting(connection: Connection, limit: int) -> int:
    """Put up to ``limit`` appeals into the search that wait for it; returns how many, 0 when none waits.

    First come open appeals whose words were made by older rules, then the archive, the newest first. There
    one walk takes what was indexed by older rules and what never was; what has arrived behind it goes before.
    Until then the old words are found, and filters are asked of the rows
    (:attr:`storage.search.search_view.Search.is_stale`).
    """
    return (
        _index_anew(connection, FTS_OPEN, limit)
        or _index_first(connection, limit)
        or _index_anew(connection, FTS_ARCHIVE, limit)
    )


def _index_first(connection: Connection, limit: int) -> int:
    """What was never indexed, where the walk of :func:`_index_anew` does not come by any more."""
    mark = stale_below(_state(connection))
    waiting = connection.execute(
        f"{_WAITING} WHERE fts={FTS_NONE} AND pk>=? ORDER BY pk DESC LIMIT ?", (mark, limit)
    )
    return _put(connection, FTS_ARCHIVE, waiting.fetchall())


def _state(connection: Connection) -> str | None:
    found = connection.execute("SELECT v FROM sync_state WHERE k=?", (SEARCH_RULES,)).fetchone()
    return None if found is None else str(found[0])


def _index_anew(connection: Connection, table: int, limit: int) -> int:
    """Go on making the words of one table by the present rules, by falling keys."""
    state = _state(connection)
    if not is_stale(state):
        return 0
    now, below = progress(state)
    if now != table:
        return 0
    # The plus: the open ones are read by their index of keys, the others where they lie.
    scope = f"is_open=1 AND +fts={table}" if table == FTS_OPEN else f"+fts IN ({FTS_NONE}, {table})"
    rows = connection.execute(
        f"{_WAITING} WHERE {scope} AND pk<? ORDER BY pk DESC LIMIT ?", (below, limit)
    ).fetchall()
    state = behind(table, rows[-1][0] if rows else None)
    connection.execute(
        "INSERT INTO sync_state (k, v) VALUES (?,?) ON CONFLICT (k) DO UPDATE SET v=excluded.v",
        (SEARCH_RULES, state),
    )
    return _put(connection, table, rows)


def _put(connection: Connection, table: int, rows: Sequence[tuple[Any, ...]]) -> int:
    moves = Moves()
    marks: list[tuple[int, int, int]] = []
    for pk, before, number, doc, *facets in reversed(rows):
        parts = _parts(number, doc)
        kept = facet_words(facets) if table == FTS_ARCHIVE else ""
        if before != FTS_NONE:
            moves.removed.append((before, pk))
        moves.added.append((table, pk, _indexed(parts, kept)))
        marks.append((table, index_key(parts, kept), pk))
    moves.apply(connection)
    connection.executemany("UPDATE appeal SET fts=?, words=? WHERE pk=?", marks)
    return len(marks)


def index_key(parts: Sequence[str | None], facets: str = "") -> int:
    """A digest of what is indexed: while it is the same, the index needs no new entry. Never 0."""
    text = "\0".join((*(part or "" for part in parts), facets))
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=7)
    return int.from_bytes(digest.digest()) | 1


def _indexed(parts: Sequence[str | None], facets: str) -> str:
    """The facets come first, where no phrase of the text can reach them."""
    words = index_text(parts)
    return f"{among_words(facets)} {words}" if facets else words


def _parts(number: str, doc: bytes) -> tuple[str | None, ...]:
    try:
        searched = _searched.decode(unpack(doc))
    except (UnpackError, UnicodeDecodeError, msgspec.DecodeError):
        return (number,)  # one that cannot be read must not keep all behind it out of the search
    place = searched.place or _Place()
    return searched.text, searched.essence, place.settlement, place.address, number
