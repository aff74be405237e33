"""Lists of appeals: a page at a time, in any order that is offered, from any place on.

A page is found by keys and never by counting rows off, so the thousandth costs what the first does. The
cursor holds the keys of the last row that was shown and nothing else; the reader's scope is a condition of
every statement, whatever the cursor says.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, case, func, select, tuple_

from cur_tui.contract.row import COLUMNS, AppealRow
from cur_tui.contract.wire import AppealPage
from cur_tui.domain.query import Query, Sort, SortKey
from cur_tui.domain.query_fields import SORT_NAMES
from cur_tui.domain.refusal import Refused
from regional_api import search_index
from regional_api.centre import Centre
from regional_api.database import follow
from regional_api.identity import Caller
from regional_api.orders import DEFAULT_SORT, NEWEST_FIRST, Stretch, stretches
from regional_api.query_sql import Conditions, is_storable, read_query
from regional_api.tables import APPEAL, ROW_COLUMNS
from regional_api.words import WordCondition, has_words, search_of, without_words

MAX_PAGE: Final = 200
MAX_COUNT: Final = 10_000
"""Rows that are counted, or places where words stand that are looked at for it; then the counting stops."""
MAX_HITS: Final = 2_000
"""Places where the words of a query stand that one page looks at. A page may so be short, or empty, though
more follows: few of the hits are wanted, and the cursor leads on."""

_WIDTH: Final = len(COLUMNS)
_HITS: Final = -1


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What is asked for: a line of the query language, an order, a length, a place to go on from."""

    query: str = ""
    sort: str | None = None
    limit: int = 50
    after: str | None = None
    count: bool = False


class _Place(msgspec.Struct, array_like=True, frozen=True):
    """Where a list goes on: behind which keys of which stretch of which list."""

    list: str
    stretch: int
    keys: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class _List:
    """One list for one reader: its conditions and its order."""

    connection: Connection
    query: Query
    sort: Sort
    conditions: Conditions
    scope: ColumnElement[bool]
    mark: str


def read_page(centre: Centre, caller: Caller, request: ListRequest, instant: datetime) -> AppealPage:
    """A page of what ``caller`` may see at ``instant``.

    Raises :class:`Refused`: ``invalid_value`` (query, sort) or ``malformed`` (a cursor of another list).
    """
    query = read_query(request.query, centre.vocabulary)
    sort = _sort(request.sort) or query.sort
    if sort is None or sort.key is SortKey.RELEVANCE:
        sort = NEWEST_FIRST if has_words(query) else DEFAULT_SORT
    mark = hashlib.sha256(f"{request.query}\0{sort}".encode(errors="surrogatepass")).hexdigest()[:12]
    place = None if request.after is None else _read_place(request.after, mark)
    local = instant.astimezone(ZoneInfo(caller.region.time_zone))
    with centre.database.reading() as connection:
        words = WordCondition(connection, caller.scope, query)
        conditions = Conditions(local, caller.actor.account, words)
        listed = _List(connection, query, sort, conditions, caller.scope.where(), mark)
        hits = search_of(connection, caller.scope, query) if sort.key is SortKey.REGISTERED else None
        if hits is not None:
            rows, following = _page_of_hits(listed, hits, place, request.limit)
        else:
            rows, following = _page(listed, place, request.limit)
        count, longer = _count(listed, hits) if request.count else (None, None)
    items = tuple(AppealRow(*row[:_WIDTH]) for row in rows)
    return AppealPage(items, following, count, longer)


def _sort(name: str | None) -> Sort | None:
    if name is None:
        return None
    word = SORT_NAMES.exact(name.removeprefix("-"))
    if word is None:
        raise Refused("invalid_value", field="sort", value=name[:80])
    return Sort(SortKey(word.code), descending=name.startswith("-"))


def _page(listed: _List, place: _Place | None, limit: int) -> tuple[list[Sequence[Any]], str | None]:
    """Rows from the stretch of ``place`` on, until the page is full."""
    parts = stretches(listed.query, listed.sort)
    if place is not None and not 0 <= place.stretch < len(parts):
        raise _bad_cursor()
    condition = and_(listed.conditions.all_of(listed.query.terms), listed.scope)
    shown: list[Sequence[Any]] = []
    for number in range(0 if place is None else place.stretch, len(parts)):
        part = parts[number]
        keys = place.keys if place is not None and place.stretch == number else None
        # One more than is shown tells whether anything follows.
        rows = listed.connection.execute(_walk(part, condition, keys, limit - len(shown) + 1)).all()
        if len(shown) + len(rows) > limit:
            last = rows[limit - len(shown) - 1] if len(shown) < limit else None
            if last is not None:
                return [*shown, *rows[:-1]], _write_place(_Place(listed.mark, number, tuple(last[_WIDTH:])))
            return shown, _write_place(_Place(listed.mark, number, ()))
        shown += rows
    return shown, None


def _walk(
    part: Stretch, condition: ColumnElement[bool], keys: tuple[int | str, ...] | None, limit: int
) -> Select[Any]:
    """``limit`` rows of a stretch behind ``keys``: found in the index alone, and read only then."""
    found = select(APPEAL.c.pk, *(key for key in part.keys if key is not APPEAL.c.pk))
    found = follow(found, APPEAL, part.index).where(part.where, condition)
    if keys:
        if [isinstance(key, int) for key in keys] != [isinstance(key.type, Integer) for key in part.keys]:
            raise _bad_cursor()
        here = tuple_(*part.keys) if len(part.keys) > 1 else part.keys[0]
        there = tuple_(*keys) if len(part.keys) > 1 else keys[0]
        found = found.where(here < there if part.descending else here > there)
    order = [key.desc() if part.descending else key for key in part.keys]
    entries = found.order_by(*order).limit(limit).subquery("found")
    keys_found = [entries.c[key.name] for key in part.keys]
    return (
        select(*ROW_COLUMNS, *keys_found)
        .join_from(entries, APPEAL, APPEAL.c.pk == entries.c.pk)
        .order_by(*(key.desc() if part.descending else key for key in keys_found))
    )


def _page_of_hits(
    listed: _List, hits: Select[tuple[int]], place: _Place | None, limit: int
) -> tuple[list[Sequence[Any]], str | None]:
    """Rows in the order of the search index, which is that of registration."""
    docid = None
    if place is not None:
        if place.stretch != _HITS or len(place.keys) != 1 or not isinstance(place.keys[0], int):
            raise _bad_cursor()
        docid = place.keys[0]
    descending = listed.sort.descending
    entries = search_index.behind(hits, docid, descending=descending, limit=MAX_HITS).subquery("hits")
    key = entries.c.docid
    rows = listed.connection.execute(
        select(*ROW_COLUMNS, key)
        .join_from(entries, APPEAL, APPEAL.c.pk == search_index.pk_of(key))
        .where(_beside_words(listed))
        .order_by(key.desc() if descending else key)
        .limit(limit + 1)
    ).all()
    if len(rows) > limit:
        return list(rows[:limit]), _write_place(_Place(listed.mark, _HITS, (rows[limit - 1][_WIDTH],)))
    looked_at, last = listed.connection.execute(
        select(func.count(), func.min(key) if descending else func.max(key)).select_from(entries)
    ).one()
    following = _Place(listed.mark, _HITS, (last,)) if looked_at == MAX_HITS else None
    return list(rows), None if following is None else _write_place(following)


def _beside_words(listed: _List) -> ColumnElement[bool]:
    return and_(listed.conditions.all_of(without_words(listed.query)), listed.scope)


def _count(listed: _List, hits: Select[tuple[int]] | None) -> tuple[int, bool]:
    """How many rows were counted, and whether the counting stopped before the end of the list.

    It stops behind :data:`MAX_COUNT` rows, or behind as many places where the words stand.
    """
    if hits is not None:
        entries = search_index.behind(hits, None, descending=True, limit=MAX_COUNT + 1).subquery("hits")
        statement = select(func.count(), func.count(case((_beside_words(listed), 1)))).join_from(
            entries, APPEAL, APPEAL.c.pk == search_index.pk_of(entries.c.docid)
        )
        looked_at, wanted = listed.connection.execute(statement).one()
        return min(wanted, MAX_COUNT), looked_at > MAX_COUNT
    condition = and_(listed.conditions.all_of(listed.query.terms), listed.scope)
    total = 0
    for part in stretches(listed.query, listed.sort):
        found = follow(select(APPEAL.c.pk), APPEAL, part.index)
        rows = found.where(part.where, condition).limit(MAX_COUNT + 1 - total).subquery()
        total += listed.connection.execute(select(func.count()).select_from(rows)).scalar_one()
        if total > MAX_COUNT:
            break
    return min(total, MAX_COUNT), total > MAX_COUNT


def _write_place(place: _Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _read_place(value: str, mark: str) -> _Place:
    try:
        raw = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(raw, type=_Place)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise _bad_cursor() from None
    # What no column holds would only be refused later, by the database and in its own words.
    if place.list != mark or not all(map(_is_a_key, place.keys)):
        raise _bad_cursor()
    return place


def _is_a_key(key: int | str) -> bool:
    return is_storable(key) if isinstance(key, str) else abs(key) < 2**63


def _bad_cursor() -> Refused:
    return Refused("malformed", reason="after: not a cursor of this list")
