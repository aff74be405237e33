"""The orders in which appeals are listed, each as a few stretches that follow one index from end to end.

What has no value for an order (no term, no rating) comes last either way, the newest first. So a list by
term is the dated work, then the undated, then the archive, and no stretch needs sorting.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Index, and_, true

from cur_tui.domain.query.openness import openness
from cur_tui.domain.query.query import NONE, Field, FieldTerm, Flag, FlagTerm, Query, Sort, SortKey
from cur_tui.domain.vocabulary import Priority
from regional_api.database import indexes
from regional_api.database.tables import APPEAL

DEFAULT_SORT: Final = Sort(SortKey.DUE)
NEWEST_FIRST: Final = Sort(SortKey.REGISTERED, descending=True)
_BY_URGENCY: Final = (Priority.EMERGENCY.value, Priority.ELEVATED.value, Priority.NORMAL.value)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a list: which rows, ordered by which columns, all rising or all falling, by which index."""

    where: ColumnElement[bool]
    keys: tuple[ColumnElement[Any], ...]
    descending: bool
    index: Index | None


def stretches(query: Query, sort: Sort) -> tuple[Stretch, ...]:
    """The stretches of ``query`` in the order ``sort``; those that it rules out are left out."""
    is_open = openness(query.terms)
    match sort.key:
        # A search ranks its finds itself; what is asked for without words has no rank.
        case SortKey.DUE | SortKey.RELEVANCE:
            parts = _by_term(query, is_open, sort.descending)
        case SortKey.REGISTERED:
            parts = iter([_by_registration(is_open, sort.descending)])
        case SortKey.PRIORITY:
            parts = _by_priority(query, is_open, sort.descending)
        case SortKey.RATING:
            parts = _by_rating(is_open, sort.descending)
        case SortKey.NUMBER:
            parts = iter([Stretch(true(), (APPEAL.c.number,), sort.descending, indexes.NUMBER)])
    if _asks_for_number(query):
        # A handful of rows by a key of their own: no walk is shorter.
        return tuple(Stretch(part.where, part.keys, part.descending, None) for part in parts)
    return tuple(parts)


def _by_term(query: Query, is_open: bool | None, descending: bool) -> Iterator[Stretch]:
    of_worker = _asks_for_worker(query)
    if is_open is not False:
        index = indexes.OPEN_WORKER if of_worker else indexes.OPEN_DUE
        yield Stretch(indexes.HAS_TERM, (APPEAL.c.control_due_at, APPEAL.c.pk), descending, index)
        yield _newest(indexes.OPEN_WITHOUT_TERM, indexes.OPEN_UNDATED)
    if is_open is not True:
        yield _newest(indexes.IS_CLOSED, indexes.CLOSED_WORKER if of_worker else indexes.CLOSED)


def _by_registration(is_open: bool | None, descending: bool) -> Stretch:
    keys = (APPEAL.c.registered_at, APPEAL.c.pk)
    if is_open is True:
        return Stretch(indexes.IS_OPEN, keys, descending, indexes.OPEN_REGISTERED)
    if is_open is False:
        return Stretch(indexes.IS_CLOSED, keys, descending, indexes.CLOSED)
    return Stretch(true(), keys, descending, indexes.REGISTERED)


def _by_priority(query: Query, is_open: bool | None, descending: bool) -> Iterator[Stretch]:
    """Each priority by itself; within one, dated work comes first, the most pressing first unless falling."""
    for priority in reversed(_BY_URGENCY) if descending else _BY_URGENCY:
        if not _allows(query, priority):
            continue
        own = APPEAL.c.priority == priority
        if is_open is not False:
            keys = (APPEAL.c.control_due_at, APPEAL.c.pk)
            yield Stretch(and_(indexes.HAS_TERM, own), keys, descending, indexes.OPEN_PRIORITY)
            yield _newest(and_(indexes.OPEN_WITHOUT_TERM, own), indexes.OPEN_UNDATED)
        if is_open is not True:
            pressing = priority != Priority.NORMAL.value
            where = and_(indexes.IS_CLOSED, own, *([indexes.IS_PRESSING] if pressing else []))
            yield _newest(where, indexes.URGENT if pressing else indexes.CLOSED)


def _by_rating(is_open: bool | None, descending: bool) -> Iterator[Stretch]:
    yield Stretch(indexes.IS_RATED, (APPEAL.c.rating, APPEAL.c.pk), descending, indexes.RATED)
    rest = _by_registration(is_open, descending=True)
    yield _newest(and_(rest.where, APPEAL.c.rating.is_(None)), rest.index)


def _newest(where: ColumnElement[bool], index: Index | None) -> Stretch:
    return Stretch(where, (APPEAL.c.registered_at, APPEAL.c.pk), True, index)


def _asks_for_worker(query: Query) -> bool:
    """Whether the query names one person whose work it wants."""
    return any(
        (isinstance(term, FlagTerm) and term.flag is Flag.MINE)
        or (
            isinstance(term, FieldTerm)
            and term.field is Field.ASSIGNEE
            and len(term.values) == 1
            and term.values != (NONE,)
        )
        for term in query.terms
        if not term.negated
    )


def _asks_for_number(query: Query) -> bool:
    return any(
        isinstance(term, FieldTerm) and term.field is Field.NUMBER and not term.negated
        for term in query.terms
    )


def _allows(query: Query, priority: str) -> bool:
    """Whether the query leaves room for appeals of ``priority``."""
    return all(
        (priority in term.values) != term.negated
        for term in query.terms
        if isinstance(term, FieldTerm) and term.field is Field.PRIORITY
    )
