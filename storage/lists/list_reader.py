"""Reading lists: the first rows, the rows behind a row, the keys of all, and how many there are.

A list is read by window and never by OFFSET. What may take long can be given up: the screen's thread says how
long it can wait, a worker is told when nobody waits for it any more.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from time import monotonic
from typing import Final, cast

import msgspec

from storage.decoding import ROW_COLUMNS, cached_row
from storage.entries import BandCounts, CachedRow, Count
from storage.errors import ReadStopped, TooLong
from storage.lists.legs import ROWS, CompiledView, Counting, Leg, Scalar
from storage.read_connections import ReadConnections, Snapshot, Stop

COUNT_BOUND: Final = 10_000
"""Where :meth:`ListReader.counts` stops when it has to look at rows of the archive: «more than so many»."""

KEYS_AT_ONCE: Final = 5_000
"""How many keys one statement reads. More would hold up the screen's thread when they are taken over."""

_keys = msgspec.json.Decoder(list[int])


class ListReader:
    """Reads the lists of one cache. Safe from any thread."""

    def __init__(self, connections: ReadConnections) -> None:
        self._read = connections

    def ids(
        self,
        view: CompiledView,
        *,
        stop: Stop | None = None,
        grown: Callable[["array[int]"], None] | None = None,
        most: int | None = None,
    ) -> "array[int]":
        """The keys of the list in its order, all or the first ``most``: 8 bytes a row, for a worker thread.

        They are read in pieces, all of one state of the cache; after each, ``grown`` is called with the keys
        so far. Raises :class:`storage.errors.ReadStopped` soon after ``stop`` says so.
        """
        keys: array[int] = array("q")
        with self._read.snapshot(stop=stop) as snapshot:
            for leg in _chosen(snapshot, view.legs):
                behind: tuple[Scalar, ...] | None = None
                while True:
                    if stop is not None and stop():
                        raise ReadStopped
                    found = _read_keys(snapshot, leg, behind)
                    keys.extend(found)
                    if found and grown is not None:
                        grown(keys)
                    if most is not None and len(keys) >= most:
                        return keys[:most]
                    if len(found) < KEYS_AT_ONCE or (behind := _place(snapshot, leg, found[-1])) is None:
                        break
        return keys

    def first_rows(
        self, view: CompiledView, n: int, *, patience: float | None = None, stop: Stop | None = None
    ) -> list[CachedRow]:
        """The first ``n`` rows of the list: what the first paint needs.

        With ``patience``, in seconds, it raises :class:`storage.errors.TooLong` when a filter finds its rows
        too far apart: then a worker should look for them, until ``stop`` says that nobody waits.
        """
        with self._read.snapshot(patience=patience, stop=stop) as snapshot:
            return _rows_of(snapshot, _chosen(snapshot, view.legs), n)

    def rows_after(
        self, view: CompiledView, pk: int, n: int, *, patience: float | None = None
    ) -> list[CachedRow]:
        """The ``n`` rows that follow the row ``pk`` in the list.

        None if that row is gone, or is not among the finds of a list by relevance.
        """
        with self._read.snapshot(patience=patience) as snapshot:
            at = _leg_of(snapshot, view.legs, pk)
            if at is None:
                return []
            leg, *others = _chosen(snapshot, view.legs[at:])
            behind = _place(snapshot, leg, pk)
            if behind is None:
                return []
            found = _read_rows(snapshot, leg, n, behind)
            return found + _rows_of(snapshot, others, n - len(found))

    def rows(self, pks: Sequence[int]) -> list[CachedRow | None]:
        """The rows with these keys, in the same order; None for one that has left the cache since."""
        marks = ",".join("?" * len(pks))
        sql = f"SELECT {ROW_COLUMNS} FROM appeal WHERE pk IN ({marks})"  # noqa: S608
        found = {row.pk: row for row in self._window(sql, tuple(pks))}
        return [found.get(pk) for pk in pks]

    def count(self, view: CompiledView, bound: int | None = None, *, stop: Stop | None = None) -> Count:
        """How many rows the list has.

        It is counted up to ``bound``, if one is given, only where rows of the archive have to be looked at.
        """
        if view.counting is None:
            return Count(0)
        with self._read.snapshot(stop=stop) as snapshot:
            return _count(snapshot, view.counting, None if view.counting.is_short else bound)

    def count_at_once(self, view: CompiledView, bound: int, patience: float) -> Count | None:
        """How many rows the list has as far as that is known within ``patience`` seconds.

        More than ``bound`` are told as such where all of them take longer than half of that; None: not even
        that is known.
        """
        counting, begun = view.counting, monotonic()
        if counting is None:
            return Count(0)
        known = None
        for least, until in ((bound, patience), (None, patience / 2))[: 2 if counting.is_short else 1]:
            left = begun + until - monotonic()
            try:
                if left <= 0:
                    break
                with self._read.snapshot(patience=left) as snapshot:
                    known = _count(snapshot, counting, least)
            except TooLong:
                break
            if known.exact:
                break
        return known

    def counts(
        self, views: Iterable[CompiledView], bound: int = COUNT_BOUND, *, stop: Stop | None = None
    ) -> list[Count]:
        """How many rows each list has, at a bounded cost."""
        return [self.count(view, bound, stop=stop) for view in views]

    def clocks_by_queue(self, now: datetime, soon: datetime) -> dict[str | None, BandCounts]:
        """Open appeals by block and by how soon they are due; ``now``, not after ``soon``, is in region time.

        The key None holds those that have no block yet.
        """
        from storage.figures.board import read_bands  # no list needs it

        with self._read.snapshot() as snapshot:
            return read_bands(snapshot, now, soon)

    def mass_incident(self, number: str, n: int = 100) -> list[CachedRow]:
        """The first appeals, by term, that belong to the mass incident whose head has this number."""
        sql = f"SELECT {ROW_COLUMNS} FROM appeal WHERE mass_incident=? ORDER BY due_rank, pk LIMIT ?"  # noqa: S608
        return self._window(sql, (number, n))

    def members_of(self, number: str) -> int:
        """How many appeals belong to the mass incident whose head has this number."""
        (n,) = self._read.one("SELECT count(*) FROM appeal WHERE mass_incident=?", (number,)) or (0,)
        return cast("int", n)

    def _window(self, sql: str, params: Sequence[object]) -> list[CachedRow]:
        return [cached_row(stored) for stored in self._read.all(sql, params)]


def _count(snapshot: Snapshot, counting: Counting, bound: int | None) -> Count:
    number = cast("int", _required(snapshot.one(*counting.statement(bound)))[0])
    if bound is not None and number > bound and counting.what == ROWS:
        return Count(bound, exact=False)
    if counting.minus is not None:
        number -= _count(snapshot, counting.minus, None).number
    return Count(number)


def _chosen(snapshot: Snapshot, legs: Sequence[Leg]) -> list[Leg]:
    """The way that is better for each stretch."""
    return [
        few.leg if (few := leg.when_few) and _count(snapshot, few.counting, few.at_most).exact else leg
        for leg in legs
    ]


def _rows_of(snapshot: Snapshot, legs: Sequence[Leg], n: int) -> list[CachedRow]:
    rows: list[CachedRow] = []
    for leg in legs:
        if len(rows) >= n:
            break
        rows += _read_rows(snapshot, leg, n - len(rows))
    return rows


def _read_rows(
    snapshot: Snapshot, leg: Leg, n: int, behind: tuple[Scalar, ...] | None = None
) -> list[CachedRow]:
    if not leg.rows_last:
        return [cached_row(stored) for stored in snapshot.all(*leg.select(ROW_COLUMNS, n, behind))]
    keys = [cast("int", stored[0]) for stored in snapshot.all(*leg.select_keys(n, behind))]
    sql = f"SELECT {ROW_COLUMNS} FROM appeal WHERE pk IN ({','.join('?' * len(keys))})"  # noqa: S608
    found = {row.pk: row for row in map(cached_row, snapshot.all(sql, keys))}
    return [found[key] for key in keys]


def _read_keys(snapshot: Snapshot, leg: Leg, behind: tuple[Scalar, ...] | None) -> list[int]:
    """Keys as one text: the driver makes no object for each row and holds no other thread up."""
    sql, params = leg.select_keys(KEYS_AT_ONCE, behind)
    (text,) = _required(snapshot.one(f"SELECT json_group_array(pk) FROM ({sql})", params))  # noqa: S608
    return _keys.decode(cast("str", text))


def _leg_of(snapshot: Snapshot, legs: Sequence[Leg], pk: int) -> int | None:
    """In which stretch of its list the appeal stands; None if it is not in the cache."""
    if not legs:
        return None
    cases = " ".join(f"WHEN {leg.guard} THEN {at}" for at, leg in enumerate(legs))
    found = snapshot.one(f"SELECT CASE {cases} ELSE {len(legs) - 1} END FROM appeal WHERE pk=?", (pk,))  # noqa: S608
    return None if found is None else cast("int", found[0])


def _place(snapshot: Snapshot, leg: Leg, pk: int) -> tuple[Scalar, ...] | None:
    """Where the appeal stands in the order of its stretch; None if it has no place there."""
    if not leg.keys:
        return (pk,)
    found = snapshot.one(*leg.place(pk))
    return None if found is None else (*cast("tuple[Scalar, ...]", found), pk)


def _required(found: tuple[object, ...] | None) -> tuple[object, ...]:
    assert found is not None, "an aggregate always answers"
    return found
