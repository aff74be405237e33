"""The change feed: the tables themselves, read in the order of their numbers.

A record appears once, in its latest state, however often it changed; so a month away costs one line for each
record that changed. A page ends at a number, never inside one. Rows that move to a higher number while a page
is being read drop out of it and come with a later page, so a page may be read in several short transactions.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    Subquery,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    true,
    union_all,
    update,
)

from cur_tui.contract.wire import Gone, Out, Put, Reference
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.database.store import put_columns, put_of
from regional_api.database.tables import APPEAL, DELETED, FEED_CLOCK, MOVED, REFERENCE
from regional_api.feed.cursor import Cursor, read_cursor, write_cursor
from regional_api.identity.callers import Caller, Scope
from regional_api.problems import RefusedWith

CHUNK = 500
"""Lines read in one transaction."""
MAX_OUT = 50_000
"""More ids than this are not named to a reader whose scope changed: a fresh snapshot is cheaper."""
KEEP_EXITS = 90 * 86_400
"""Seconds for which exits and tombstones are kept; an older cursor must start anew."""
_SCOPES: Final = 512
"""Scopes whose statements are kept: to make one costs more than to run it, and a region has a few dozen."""

_AFTER: Final[BindParameter[int]] = bindparam("after")
_UPTO: Final[BindParameter[int]] = bindparam("upto")
_FEED_ENDS: Final = select(FEED_CLOCK.c.floor, FEED_CLOCK.c.v).where(FEED_CLOCK.c.shard == bindparam("shard"))


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer of the feed covers: everything after ``after`` up to and including ``upto``."""

    scope: Scope
    after: int
    upto: int
    more: bool

    @property
    def is_empty(self) -> bool:
        """Whether no number lies inside."""
        return self.upto <= self.after


def ends(connection: Connection, centre: Centre) -> tuple[int, int]:
    """The floor and the last number of the feed."""
    row = connection.execute(_FEED_ENDS, {"shard": centre.shard}).one()
    return row.floor, row.v


def open_cursor(connection: Connection, centre: Centre, caller: Caller, value: str) -> Cursor:
    """The caller's position. Raises ``resync`` for a bad cursor, ``scope_changed`` after other rights."""
    floor, last = ends(connection, centre)
    cursor = read_cursor(centre, value, last, floor)
    if cursor.scopes != caller.scope.keys:
        raise _scope_changed(connection, centre, caller, cursor)
    return cursor


def next_page(connection: Connection, centre: Centre, caller: Caller, value: str, limit: int) -> Page:
    """The page that follows the cursor ``value``: at least ``limit`` lines if there are so many."""
    cursor = open_cursor(connection, centre, caller, value)
    _, last = ends(connection, centre)
    within = {"after": cursor.seq, "upto": last, "most": limit, "before": limit - 1}
    cut = connection.execute(_last_number(caller.scope), within).scalar_one_or_none()
    upto = last if cut is None else cut
    return Page(caller.scope, cursor.seq, upto, more=upto < last)


def has_news(connection: Connection, page: Page) -> bool:
    """Whether any line of the page concerns its reader; what happens elsewhere wakes nobody."""
    within = {"after": page.after, "upto": page.upto, "most": 1}
    return connection.execute(_any_number(page.scope), within).first() is not None


def lines(
    centre: Centre, page: Page, dictionaries: Container[int] = ()
) -> Iterator[list[Reference | Gone | Out | Put]]:
    """The lines of a page, a chunk for each short transaction; documents as in :func:`put_of`."""
    if page.is_empty:
        return
    with centre.database.reading() as connection:
        small: list[Reference | Gone | Out | Put] = [
            *references(connection, page.after, page.upto),
            *_gone(connection, page),
        ]
    if small:
        yield small
    yield from _outs(centre, page)
    yield from _puts(centre, page, dictionaries)


def references(connection: Connection, after: int, upto: int) -> list[Reference]:
    """The documents of reference data that changed."""
    rows = connection.execute(
        select(REFERENCE.c.seq, REFERENCE.c.kind, REFERENCE.c.id, REFERENCE.c.version, REFERENCE.c.doc)
        .where(REFERENCE.c.seq > after, REFERENCE.c.seq <= upto)
        .order_by(REFERENCE.c.seq, REFERENCE.c.kind, REFERENCE.c.id)
    )
    return [Reference(row.seq, row.kind, row.id, row.version, msgspec.Raw(row.doc)) for row in rows]


def forget_exits(centre: Centre, before: int) -> None:
    """Drop exits and tombstones made before ``before``; cursors from that time must start anew."""
    with centre.database.writing() as connection:
        oldest = [
            connection.execute(select(func.max(table.c.seq)).where(table.c.at < before)).scalar_one_or_none()
            for table in (MOVED, DELETED)
        ]
        floor = max((seq for seq in oldest if seq is not None), default=0)
        if floor:
            for table in (MOVED, DELETED):
                connection.execute(delete(table).where(table.c.seq <= floor))
            connection.execute(
                update(FEED_CLOCK)
                .where(FEED_CLOCK.c.shard == centre.shard, FEED_CLOCK.c.floor < floor)
                .values(floor=floor)
            )


@lru_cache(_SCOPES)
def _last_number(scope: Scope) -> Select[int]:
    """The number of the line behind ``before`` others."""
    numbers = _numbers(scope)
    return select(numbers.c.seq).order_by(numbers.c.seq).offset(bindparam("before")).limit(1)


@lru_cache(_SCOPES)
def _any_number(scope: Scope) -> Select[int]:
    return select(_numbers(scope).c.seq).limit(1)


def _numbers(scope: Scope) -> Subquery:
    """The lowest numbers of lines that the reader would get, at least ``most`` of them if there are so many.

    Exits are counted generously, by their old place. Each table is cut by itself: its index then gives the
    first numbers at once, however much has changed.
    """
    exits = [
        (table.c.seq, scope.where(table.c.block, table.c.authority, table.c.restricted))
        for table in (MOVED, DELETED)
    ]
    parts = [(APPEAL.c.seq, scope.where()), *exits, (REFERENCE.c.seq, true())]
    cut = [
        select(number.label("seq"))
        .where(number > _AFTER, number <= _UPTO, inside)
        .order_by(number)
        .limit(bindparam("most"))
        .subquery()
        for number, inside in parts
    ]
    return union_all(*(select(part.c.seq) for part in cut)).subquery()


def _gone(connection: Connection, page: Page) -> list[Gone]:
    rows = connection.execute(_tombstones(page.scope), {"after": page.after, "upto": page.upto})
    return [Gone(row.seq, row.id, row.version) for row in rows]


@lru_cache(_SCOPES)
def _tombstones(scope: Scope) -> Select[int, str, int]:
    inside = scope.where(DELETED.c.block, DELETED.c.authority, DELETED.c.restricted)
    return (
        select(DELETED.c.seq, DELETED.c.id, DELETED.c.version)
        .where(DELETED.c.seq > _AFTER, DELETED.c.seq <= _UPTO, inside)
        .order_by(DELETED.c.seq)
    )


def _outs(centre: Centre, page: Page) -> Iterator[list[Reference | Gone | Out | Put]]:
    """Records that left the scope, with their *current* version: with an older one, a reader that has already
    seen a newer version in the answer to a command would refuse the exit and keep what it may not see.

    One that was deleted where it had gone is told here as well: its tombstone is of another scope.
    """
    seq, n = page.after, 0
    while True:
        within = {"after": page.after, "upto": page.upto, "seq": seq, "n": n, "most": CHUNK}
        with centre.database.reading() as connection:
            rows = connection.execute(_exits(page.scope), within).all()
        if not rows:
            return
        yield [Out(row.seq, row.id, row.version) for row in rows if not row.inside]
        seq, n = rows[-1].seq, rows[-1].n


@lru_cache(_SCOPES)
def _exits(scope: Scope) -> Select[int, int, str, int, bool]:
    seq: BindParameter[int] = bindparam("seq")
    n: BindParameter[int] = bindparam("n")
    inside = and_(APPEAL.c.id.is_not(None), scope.where())
    version = func.coalesce(APPEAL.c.version, DELETED.c.version)
    return (
        select(MOVED.c.seq, MOVED.c.n, MOVED.c.id, version.label("version"), inside.label("inside"))
        .outerjoin_from(MOVED, APPEAL, APPEAL.c.id == MOVED.c.id)
        .outerjoin(DELETED, DELETED.c.id == MOVED.c.id)
        .where(
            or_(MOVED.c.seq > seq, and_(MOVED.c.seq == seq, MOVED.c.n > n)),
            MOVED.c.seq > _AFTER,
            MOVED.c.seq <= _UPTO,
            scope.where(MOVED.c.block, MOVED.c.authority, MOVED.c.restricted),
        )
        .order_by(MOVED.c.seq, MOVED.c.n)
        .limit(bindparam("most"))
    )


def _puts(
    centre: Centre, page: Page, dictionaries: Container[int]
) -> Iterator[list[Reference | Gone | Out | Put]]:
    seq, pk = page.after, 0
    while True:
        within = {"after": page.after, "upto": page.upto, "seq": seq, "pk": pk, "most": CHUNK}
        with centre.database.reading() as connection:
            rows = connection.execute(_records(page.scope), within).all()
        if not rows:
            return
        puts = [put_of(row, page.scope.personal_data, dictionaries) for row in rows]
        yield list(puts)
        seq, pk = puts[-1].seq, rows[-1][-1]


@lru_cache(_SCOPES)
def _records(scope: Scope) -> Select[*tuple[Any, ...]]:
    seq: BindParameter[int] = bindparam("seq")
    pk: BindParameter[int] = bindparam("pk")
    return (
        select(*put_columns(scope.personal_data), APPEAL.c.pk)
        .where(
            or_(APPEAL.c.seq > seq, and_(APPEAL.c.seq == seq, APPEAL.c.pk > pk)),
            APPEAL.c.seq > _AFTER,
            APPEAL.c.seq <= _UPTO,
            scope.where(),
        )
        .order_by(APPEAL.c.seq, APPEAL.c.pk)
        .limit(bindparam("most"))
    )


def _scope_changed(connection: Connection, centre: Centre, caller: Caller, cursor: Cursor) -> Refused:
    """Tell a reader whose rights changed what to add, what to remove, and which records to drop by name.

    A reader removes records by its own copy of their block, and that copy may be older than the truth: the
    record's latest line may still lie ahead of the cursor, or its exit. Such records are named.
    """
    old, new = Scope.from_keys(cursor.scopes), caller.scope
    stale = select(APPEAL.c.id).where(APPEAL.c.seq > cursor.seq, old.where(), ~new.where())
    left = (
        select(MOVED.c.id)
        .join_from(MOVED, APPEAL, APPEAL.c.id == MOVED.c.id)
        .where(
            MOVED.c.seq > cursor.seq,
            old.where(MOVED.c.block, MOVED.c.authority, MOVED.c.restricted),
            ~new.where(),
        )
    )
    out = connection.execute(stale.union(left).limit(MAX_OUT + 1)).scalars().all()
    if len(out) > MAX_OUT:
        return Refused("resync", reason="scope")
    before, after = set(old.keys), set(new.keys)
    return RefusedWith(
        "scope_changed",
        extra={
            "added": sorted(after - before),
            "removed": sorted(before - after),
            "out": sorted(out),
            "cursor": write_cursor(centre, new.keys, cursor.seq),
        },
    )
