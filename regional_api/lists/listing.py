"""Lists of appeals: a page at a time, in any order that is offered, from any place on.

A page is found by keys and never by counting rows off, so the thousandth costs what the first does. The
cursor holds the keys of the last row that was shown and nothing else; the reader's scope is a condition of
every statement, whatever the cursor says.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Integer

from cur_tui.domain.query.fields import SORT_NAMES
from cur_tui.domain.query.query import Sort, SortKey
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.identity.callers import Caller
from regional_api.lists import statements as list_statements
from regional_api.lists.orders import DEFAULT_SORT, NEWEST_FIRST, Stretch
from regional_api.lists.query_sql import is_storable, read_query
from regional_api.lists.statements import BEHIND, LOOKED_AT, MOST, WANTED, List, Statement
from regional_api.lists.words import wanted_of

MAX_PAGE: Final = 200
MAX_COUNT: Final = 10_000
"""Rows that are counted, or places where words stand that are looked at for it; then the counting stops."""
MAX_HITS: Final = 2_000
"""Places where the words of a query stand that one page looks at. A page may so be short, or empty, though
more follows: few of the hits are wanted, and the cursor leads on."""

_FINDS: Final = -1
_ROWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_KEYS: Final = msgspec.json.Decoder(list[tuple[int | str, ...]])


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


class ListedPage(msgspec.Struct, frozen=True):
    """An :class:`~cur_tui.contract.wire.AppealPage` whose rows the database has written down already."""

    items: tuple[msgspec.Raw, ...]
    next: str | None
    count: int | None = None
    longer: bool | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """One list as it is read for one request."""

    connection: Connection
    listed: List
    asked: dict[str, object]
    """The parameters of every statement: the moment, the account, the words."""
    mark: str

    def page(self, statement: Statement, **values: object) -> tuple[list[msgspec.Raw], list[tuple[Any, ...]]]:
        """The rows of a statement, as they are sent, and their keys."""
        rows, keys = self.connection.execute(statement, {**self.asked, **values}).one()
        return _ROWS.decode(f"[{rows or ''}]"), _KEYS.decode(f"[{keys or ''}]")

    def place(self, stretch: int, keys: tuple[int | str, ...]) -> str:
        """The cursor behind a row with ``keys``."""
        return _write_place(_Place(self.mark, stretch, keys))


def read_page(centre: Centre, caller: Caller, request: ListRequest, instant: datetime) -> ListedPage:
    """A page of what ``caller`` may see at ``instant``.

    Raises :class:`Refused`: ``invalid_value`` (query, sort) or ``malformed`` (a cursor of another list).
    """
    query = read_query(request.query, centre.vocabulary)
    sqlite = centre.database.is_sqlite
    wanted = wanted_of(query, caller.scope, sqlite=sqlite)
    sort = _sort(request.sort) or query.sort
    if sort is None or sort.key is SortKey.RELEVANCE:
        sort = DEFAULT_SORT if wanted is None else NEWEST_FIRST
    mark = hashlib.sha256(f"{request.query}\0{sort}".encode(errors="surrogatepass")).hexdigest()[:12]
    place = None if request.after is None else _read_place(request.after, mark)
    zone = ZoneInfo(caller.region.time_zone)
    listed = List(sqlite, query, sort, caller.scope, instant.astimezone(zone).date(), zone)
    asked: dict[str, object] = {"asked_at": seconds(instant), "asked_by": caller.actor.account}
    of_finds = wanted is not None and sort.key is SortKey.REGISTERED
    if of_finds:
        listed, asked = listed.finds(), {**asked, WANTED: wanted}
    with centre.database.reading() as connection:
        reading = _Reading(connection, listed, asked, mark)
        read, counted = (_page_of_finds, _count_finds) if of_finds else (_page, _count)
        rows, following = read(reading, place, request.limit)
        count, longer = counted(reading) if request.count else (None, None)
    return ListedPage(tuple(rows), following, count, longer)


def _sort(name: str | None) -> Sort | None:
    if name is None:
        return None
    word = SORT_NAMES.exact(name.removeprefix("-"))
    if word is None:
        raise Refused("invalid_value", field="sort", value=name[:80])
    return Sort(SortKey(word.code), descending=name.startswith("-"))


def _page(reading: _Reading, place: _Place | None, limit: int) -> tuple[list[msgspec.Raw], str | None]:
    """Rows from the stretch of ``place`` on, until the page is full."""
    parts = reading.listed.parts
    if place is not None and not 0 <= place.stretch < len(parts):
        raise _bad_cursor()
    shown: list[msgspec.Raw] = []
    for number in range(0 if place is None else place.stretch, len(parts)):
        behind = _behind(parts[number], place) if place is not None and place.stretch == number else {}
        # One more than is shown tells whether anything follows.
        most = limit - len(shown) + 1
        statement = list_statements.walk(reading.listed, number, going_on=bool(behind))
        rows, keys = reading.page(statement, **behind, **{MOST: most})
        if len(rows) == most:
            return [*shown, *rows[:-1]], reading.place(number, keys[-2] if len(keys) > 1 else ())
        shown += rows
    return shown, None


def _behind(part: Stretch, place: _Place) -> dict[str, object]:
    """The parameters that lead behind ``place``; none at the beginning of its stretch."""
    if place.keys and [isinstance(key, int) for key in place.keys] != [
        isinstance(key.type, Integer) for key in part.keys
    ]:
        raise _bad_cursor()
    return {f"{BEHIND}{n}": key for n, key in enumerate(place.keys)}


def _page_of_finds(
    reading: _Reading, place: _Place | None, limit: int
) -> tuple[list[msgspec.Raw], str | None]:
    """Rows in the order of the search index, which is that of registration."""
    behind: dict[str, object] = {}
    if place is not None:
        if place.stretch != _FINDS or len(place.keys) != 1 or not isinstance(place.keys[0], int):
            raise _bad_cursor()
        behind = {f"{BEHIND}0": place.keys[0]}
    given = {**behind, LOOKED_AT: MAX_HITS}
    # On PostgreSQL a look at the first entries fills the page if the words are common, else there are few.
    for near in (False,) if reading.listed.sqlite else (True, False):
        statement = list_statements.walk_finds(reading.listed, going_on=bool(behind), near=near)
        rows, keys = reading.page(statement, **given, **{MOST: limit + 1})
        if len(rows) > limit:
            break
    if len(rows) > limit:
        return rows[:limit], reading.place(_FINDS, keys[limit - 1])
    statement = list_statements.last_find(reading.listed, going_on=bool(behind))
    looked_at, last = reading.connection.execute(statement, {**reading.asked, **given}).one()
    return rows, reading.place(_FINDS, (last,)) if looked_at == MAX_HITS else None


def _count(reading: _Reading) -> tuple[int, bool]:
    """How many rows were counted, and whether the counting stopped behind :data:`MAX_COUNT`."""
    total = 0
    for number in range(len(reading.listed.parts)):
        statement = list_statements.count(reading.listed, number)
        given = {**reading.asked, MOST: MAX_COUNT + 1 - total}
        total += reading.connection.execute(statement, given).scalar_one()
        if total > MAX_COUNT:
            break
    return min(total, MAX_COUNT), total > MAX_COUNT


def _count_finds(reading: _Reading) -> tuple[int, bool]:
    """The same among :data:`MAX_COUNT` places where the words stand."""
    given = {**reading.asked, LOOKED_AT: MAX_COUNT + 1}
    statement = list_statements.count_finds(reading.listed)
    looked_at, wanted = reading.connection.execute(statement, given).one()
    return min(wanted, MAX_COUNT), looked_at > MAX_COUNT


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
