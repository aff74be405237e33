"""A query of the filter language as a list that can be read: its stretches, each in the order of its index.

Open appeals are read by their own indexes, everything else through the facets, whose order is that of
registration. An appeal that is closed has no running term, so a list by term ends with all of them in that
order; likewise those without a rating come behind those with one.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from cur_tui.domain.query.query import (
    DateTerm,
    DayTerm,
    Field,
    Flag,
    FlagTerm,
    Query,
    RelativeTerm,
    Sort,
    SortKey,
)
from cur_tui.domain.vocabulary import Priority
from storage.database.schema import DUE_FALLING, NO_DUE
from storage.lists.asked import Asked, base_of, facet_leg, is_registered
from storage.lists.conditions import CLOSED, OPEN, asks_nothing, has_words, is_never
from storage.lists.counting import count_of
from storage.lists.facets import IS_CLOSED, IS_OPEN, NO_TERM, TABLE, having
from storage.lists.legs import CompiledView, Counting, Leg, WhenFew
from storage.lists.planning import OPEN_INDEXES, VALUE_KEYS, few_index, open_index

__all__ = ["CompiledView", "compile_view"]

DEFAULT_SORT: Final = Sort(SortKey.DUE)

SORTED_OF_ALL: Final = 5_000
SORTED_OF_OPEN: Final = 500
"""Rows that are rather fetched and sorted than looked for along an index: among a million, among the open."""

FEW_OF_TIME: Final = 2_000
"""Open appeals of one time that are rather sorted, in an index that holds what is asked of them."""

_NO_DUE: Final = f"due_rank={NO_DUE}"
_DUE: Final = f"due_rank<{NO_DUE}"
_URGENT: Final = (
    (0, having(Field.PRIORITY, Priority.EMERGENCY.value)),
    (1, having(Field.PRIORITY, Priority.ELEVATED.value)),
)
_RATINGS: Final = tuple((rating, having(Field.RATING, rating)) for rating in range(1, 6))
_FEW_KEYS: Final[dict[tuple[SortKey, bool], tuple[str, ...]]] = {
    **VALUE_KEYS,
    (SortKey.DUE, False): ("due_rank",),
    (SortKey.DUE, True): (DUE_FALLING,),
    (SortKey.REGISTERED, False): (),
    (SortKey.REGISTERED, True): (),
    (SortKey.RELEVANCE, False): ("due_rank",),
    (SortKey.RELEVANCE, True): ("due_rank",),
}


def compile_view(
    query: Query, sort: Sort | None = None, *, now: datetime, me: str | None, is_stale: bool = False
) -> CompiledView:
    """The list that ``query`` asks for; ``sort`` wins over the query's own order.

    ``now`` is aware and in region time, which decides what a day is. ``me`` is the account that asks.
    ``is_stale`` is :meth:`storage.reader.Reader.is_search_stale`; it only matters to a search.
    """
    never = [is_never(term, me) and not term.negated for term in query.terms]
    if any(never) or any(asks_nothing(term) and term.negated for term in query.terms):
        return CompiledView((), None)
    telling = tuple(term for term in query.terms if not is_never(term, me) and not asks_nothing(term))
    asked = Asked(telling, now, me)
    order = sort or query.sort or DEFAULT_SORT
    if order.key is SortKey.RELEVANCE and not has_words(asked.terms, wanted=True):
        # What is asked for without words is all of the same relevance.
        order = DEFAULT_SORT
    by_search = asked.scope is not True or order.key is SortKey.RELEVANCE
    # An index without its facets cannot be begun from by a search that only says what must not be there.
    has_start = has_words(asked.terms, wanted=is_stale)
    if has_start and by_search and few_index(asked.terms, me) is None:
        from storage.search.search_view import Search, search_view  # no list needs it before a search

        search = Search(asked.terms, now, me, asked.scope, *asked.keys(), is_stale)
        return search_view(search, order, _open_legs(asked, Sort(SortKey.DUE, order.descending)))
    return CompiledView(tuple(_legs(asked, order)), count_of(asked))


def _legs(asked: Asked, order: Sort) -> list[Leg]:
    few = few_index(asked.terms, asked.me)
    if few is not None:
        return [_few(asked, order, f"appeal INDEXED BY {few}")]
    if order.key is SortKey.NUMBER and asked.scope is not True:
        return [_number_leg(asked, order)]
    rising = _open_legs(asked, order) if asked.scope else _all_legs(asked, order)
    if order.key in (SortKey.DUE, SortKey.REGISTERED) and (within := asked.done()) is not None:
        from storage.lists.done import when_done  # no queue asks for it

        return [when_done(asked, within, leg) for leg in rising]
    return rising[::-1] if order.descending and order.key is SortKey.PRIORITY else rising


def _number_leg(asked: Asked, order: Sort) -> Leg:
    """By number: along the one index of numbers, or, where that finds little, sorted."""
    where = asked.where(*([CLOSED] if asked.scope is False else []), scope=asked.scope)
    walk = Leg("appeal INDEXED BY all_number", where.sql, where.params, ("number",), order.descending)
    found = facet_leg(asked, order, *base_of(asked.scope is False))
    if found.bare is None:
        return walk
    few = replace(found, keys=("number",), bare=None)
    return replace(walk, when_few=WhenFew(count_of(asked), few, SORTED_OF_ALL))


def _few(asked: Asked, order: Sort, source: str) -> Leg:
    """A handful, wherever it lies: the one kind of list that is sorted when it is read."""
    scope = asked.scope
    known = [] if scope is None else [OPEN if scope else CLOSED]
    if scope is False and order.key is SortKey.REGISTERED:
        known.append(_NO_DUE)  # as all that is closed: then the index is in the order of registration
    where = asked.where(*known, scope=scope)
    return Leg(source, where.sql, where.params, _FEW_KEYS[order.key, order.descending], order.descending)


def _open_legs(asked: Asked, order: Sort) -> list[Leg]:
    match order.key:
        case SortKey.DUE if order.descending:
            return [
                _open_leg(asked, order, ("due_rank",), _DUE),
                *([] if _needs_term(asked) else [_open_leg(asked, order, (), _NO_DUE)]),
            ]
        case SortKey.DUE:
            return [_open_leg(asked, order, ("due_rank",))]
        case SortKey.REGISTERED:
            return [_open_leg(asked, order, ())]
        case SortKey.PRIORITY:
            return [_open_leg(asked, order, ("urgency", "due_rank"))]
        case SortKey.RATING:
            return [
                _open_leg(asked, order, ("rating",), "rating IS NOT NULL"),
                _open_leg(asked, order, (), "rating IS NULL"),
            ]
        case _:  # By number: by relevance only a search is listed.
            return [_open_leg(asked, order, ("number",))]


def _needs_term(asked: Asked) -> bool:
    """Whether only appeals with a running term are asked for."""
    return any(
        (isinstance(term, (RelativeTerm, DayTerm, DateTerm)) and term.field is Field.DUE) or term == _OVERDUE
        for term in asked.terms
        if not term.negated
    )


_OVERDUE: Final = FlagTerm(Flag.OVERDUE)
_IS_OPEN: Final = FlagTerm(Flag.OPEN)


def _open_leg(asked: Asked, order: Sort, keys: tuple[str, ...], guard: str = "1") -> Leg:
    more = [] if guard == "1" else [guard]
    where = asked.where(OPEN, *more, scope=True)
    index = open_index(asked.terms, asked.me, order.key)
    walk = Leg(f"appeal INDEXED BY {index}", where.sql, where.params, keys, order.descending, guard=guard)
    if keys and index in OPEN_INDEXES.values() and any(is_registered(term) for term in asked.terms):
        return replace(walk, when_few=_few_of_time(asked, walk))
    found = facet_leg(asked, order, IS_OPEN)
    if index not in OPEN_INDEXES.values() or found.bare is None or asked.terms in ((), (_IS_OPEN,)):
        return walk
    counting = Counting(TABLE, found.where, found.params)
    few = replace(found, where=f"{found.where} AND {guard}", keys=keys, bare=None, guard=guard)
    return replace(walk, when_few=WhenFew(counting, few, SORTED_OF_OPEN))


def _few_of_time(asked: Asked, walk: Leg) -> WhenFew:
    """The same rows by the time of registration that is asked for: so little is open of a month long past."""
    low, high = asked.keys()
    source = f"appeal INDEXED BY {OPEN_INDEXES[SortKey.REGISTERED]}"
    counting = Counting(source, f"{OPEN} AND pk>=? AND pk<?", (low, high))
    return WhenFew(counting, replace(walk, source=source, low=low, high=high, rows_last=True), FEW_OF_TIME)


def _all_legs(asked: Asked, order: Sort) -> list[Leg]:
    """Closed appeals, or everything."""
    archive = asked.scope is False
    match order.key:
        case SortKey.DUE if archive:
            return [facet_leg(asked, order, IS_CLOSED)]
        case SortKey.DUE:
            return [
                _open_leg(asked, order, ("due_rank",), _DUE),
                facet_leg(asked, order, NO_TERM, guard=_NO_DUE),
            ]
        case SortKey.PRIORITY:
            return [leg for part in _by_urgency(asked, order, archive) for leg in part]
        case SortKey.RATING:
            rated = [
                facet_leg(asked, order, *base_of(archive), expression, guard=f"rating={rating}")
                for rating, expression in (reversed(_RATINGS) if order.descending else _RATINGS)
            ]
            expressions = [expression for _, expression in _RATINGS]
            others = facet_leg(asked, order, *base_of(archive), without=expressions, guard="1")
            return [*rated, others]
        case _:
            return [facet_leg(asked, order, *base_of(archive))]


def _by_urgency(asked: Asked, order: Sort, archive: bool) -> Iterable[list[Leg]]:
    """For each urgency, the emergencies first: those with a term by term, then the others."""
    expressions = [expression for _, expression in _URGENT]
    for urgency in (0, 1, 2):
        guard = f"urgency={urgency}"
        wanted = expressions[urgency : urgency + 1]
        without = [] if wanted else expressions
        base = IS_CLOSED if archive else NO_TERM
        closed = facet_leg(asked, order, base, *wanted, without=without, guard=f"{guard} AND {_NO_DUE}")
        due = _open_leg(asked, order, ("due_rank",), f"{guard} AND {_DUE}")
        legs = [closed] if archive else [due, closed]
        # The whole list is turned round for a falling order, and with it the stretches of each urgency.
        yield legs
