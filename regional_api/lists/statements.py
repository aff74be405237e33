"""The statements that read a list, each written once for all who read the same list.

Writing a statement takes several times as long as running it. So it is kept by all that its text depends on:
the query, the order, the reader's scope and the day; the moment, the account, the words, the place to go on
from and the length are its parameters.

The database writes the rows down as the JSON that is sent, and a page is one row of the answer: nothing is
made of two hundred times forty values, and a thread waits for its turn once and not at every row.
"""

from dataclasses import dataclass
from datetime import date, tzinfo
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    select,
    tuple_,
)

from cur_tui.domain.query.query import Query, Sort
from regional_api.database.connections import follow
from regional_api.database.store import row_columns
from regional_api.database.tables import APPEAL, LARGE
from regional_api.identity.callers import Scope
from regional_api.lists import search_index
from regional_api.lists.orders import Stretch, stretches
from regional_api.lists.query_sql import Conditions
from regional_api.lists.words import WordCondition, search_within, without_words

Statement = Select[*tuple[Any, ...]]
_KEPT: Final = 1_024
"""Statements that are kept, of those used last; each takes up some ten kilobytes."""
MOST: Final = "most"
"""The parameter for the rows that are read at most."""
LOOKED_AT: Final = "looked_at"
"""The parameter for the places of words that are looked at."""
WANTED: Final = "wanted"
"""The parameter for the words, see :func:`regional_api.lists.words.wanted_of`."""
BEHIND: Final = "behind"
"""The parameters for the keys to go on from: this, followed by a number from 0 on."""


@dataclass(frozen=True, slots=True)
class List:
    """What the text of a list's statements depends on. For a list of finds the query comes without words."""

    sqlite: bool
    query: Query
    sort: Sort
    scope: Scope
    today: date
    zone: tzinfo

    @property
    def parts(self) -> tuple[Stretch, ...]:
        """The stretches that follow one another in the list."""
        return stretches(self.query, self.sort)

    def where(self) -> ColumnElement[bool]:
        """The condition on its rows, the reader's scope included."""
        words = WordCondition(self.sqlite, self.scope, self.query)
        return and_(Conditions(self.today, self.zone, words).all_of(self.query.terms), self.scope.where())

    def finds(self) -> "List":
        """The same list as one of finds: the words are searched for, and not asked of every row."""
        terms = without_words(self.query)
        return List(self.sqlite, Query(terms), self.sort, self.scope, self.today, self.zone)


@lru_cache(_KEPT)
def walk(listed: List, number: int, *, going_on: bool) -> Statement:
    """Rows of a stretch and their keys: found in the index alone, and read only then."""
    part = listed.parts[number]
    found = select(APPEAL.c.pk, *(key for key in part.keys if key is not APPEAL.c.pk))
    found = follow(found, APPEAL, part.index).where(part.where, listed.where())
    if going_on:
        there = [bindparam(f"{BEHIND}{n}", type_=key.type) for n, key in enumerate(part.keys)]
        here_tuple = tuple_(*part.keys) if len(part.keys) > 1 else part.keys[0]
        there_tuple = tuple_(*there) if len(there) > 1 else there[0]
        found = found.where(here_tuple < there_tuple if part.descending else here_tuple > there_tuple)
    order = [key.desc() if part.descending else key for key in part.keys]
    entries = found.order_by(*order).limit(bindparam(MOST)).subquery("found")
    keys = [entries.c[key.name] for key in part.keys]
    rows = _written(listed, keys).join_from(entries, APPEAL, APPEAL.c.pk == entries.c.pk)
    return _together(listed, rows.order_by(*(key.desc() if part.descending else key for key in keys)))


@lru_cache(_KEPT)
def walk_finds(listed: List, *, going_on: bool, near: bool = False) -> Statement:
    """Rows of finds and their keys, in the order of the search index, which is that of registration.

    ``near``: only among the first entries, see :func:`regional_api.lists.search_index.nearest`.
    """
    entries = _finds(listed, going_on=going_on, near=near)
    key = entries.c.docid
    rows = _written(listed, [key]).join_from(entries, APPEAL, APPEAL.c.pk == search_index.pk_of(key))
    rows = rows.where(listed.where()).order_by(key.desc() if listed.sort.descending else key)
    return _together(listed, rows.limit(bindparam(MOST)))


@lru_cache(_KEPT)
def last_find(listed: List, *, going_on: bool) -> Statement:
    """How many places :func:`walk_finds` looks at, and the key of the last."""
    entries = _finds(listed, going_on=going_on)
    last = func.min(entries.c.docid) if listed.sort.descending else func.max(entries.c.docid)
    return select(func.count(), last).select_from(entries)


@lru_cache(_KEPT)
def count(listed: List, number: int) -> Statement:
    """How many rows a stretch has."""
    part = listed.parts[number]
    found = follow(select(APPEAL.c.pk), APPEAL, part.index).where(part.where, listed.where())
    return select(func.count()).select_from(found.limit(bindparam(MOST)).subquery())


@lru_cache(_KEPT)
def count_finds(listed: List) -> Statement:
    """How many places were looked at, and how many of them are wanted rows."""
    entries = _finds(listed, going_on=False)
    return select(func.count(), func.count(case((listed.where(), 1)))).join_from(
        entries, APPEAL, APPEAL.c.pk == search_index.pk_of(entries.c.docid)
    )


def _finds(listed: List, *, going_on: bool, near: bool = False) -> Subquery:
    behind = bindparam(f"{BEHIND}0", type_=LARGE) if going_on else None
    descending = listed.sort.descending
    among = search_index.nearest(behind, descending=descending) if near else None
    finds = search_within(listed.scope, sqlite=listed.sqlite, among=among)
    ordered = search_index.behind(finds, behind, descending=descending, walked=near or listed.sqlite)
    return ordered.limit(bindparam(LOOKED_AT)).subquery("hits")


def _written(listed: List, keys: list[ColumnElement[Any]]) -> Statement:
    columns = row_columns(listed.scope.personal_data)
    return select(_json(listed, *columns).label("row"), _json(listed, *keys).label("keys"))


def _json(listed: List, *columns: ColumnElement[Any]) -> ColumnElement[str]:
    if listed.sqlite:
        return func.json_array(*columns, type_=Text)
    return cast(func.json_build_array(*columns), Text)


def _together(listed: List, rows: Statement) -> Statement:
    """One row: the rows and their keys, each list with commas between."""
    page = rows.subquery("page")
    return select(func.aggregate_strings(page.c.row, ","), func.aggregate_strings(page.c["keys"], ","))
