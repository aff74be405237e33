"""A query of the filter language as a list that can be read: its stretches, each in the order of its index.

Open appeals are read by their own indexes, everything else through the facets, whose order is that of
registration. An appeal that is closed has no running term, so a list by term ends with all of them in that
order; likewise those without a rating come behind those with one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cur_tui.domain.query import (
    DateTerm,
    DayTerm,
    Field,
    Flag,
    FlagTerm,
    Query,
    RelativeTerm,
    Sort,
    SortKey,
    Term,
)
from cur_tui.domain.vocabulary import Priority
from storage.conditions import CLOSED, OPEN, condition, implied_scope, is_never, span
from storage.facets import IS_CLOSED, IS_OPEN, NO_TERM, TABLE, Match, facet_match, having
from storage.legs import PAST_THE_END, CompiledView, Counting, Leg, Scalar, WhenFew
from storage.planning import few_index, open_index
from storage.schema import DUE_FALLING, NO_DUE, PK_BITS, RATING_FALLING, RATING_RISING
from storage.search_view import Search, asks_nothing, has_words, search_view
from storage.tally import TALLY_TABLE, is_tallied

__all__ = ["CompiledView", "compile_view"]

DEFAULT_SORT: Final = Sort(SortKey.DUE)

_NO_DUE: Final = f"due_rank={NO_DUE}"
_DUE: Final = f"due_rank<{NO_DUE}"
_ROWS_OF_FACETS: Final = f"{TABLE} CROSS JOIN appeal ON appeal.pk={TABLE}.rowid"
_LONGEST_SPILL: Final = 86_400
"""A second holds 64 keys and what is more goes to later ones: a day of them takes five million appeals that
were registered in one second."""

_URGENT: Final = (
    (0, having(Field.PRIORITY, Priority.EMERGENCY.value)),
    (1, having(Field.PRIORITY, Priority.ELEVATED.value)),
)
_RATINGS: Final = tuple((rating, having(Field.RATING, rating)) for rating in range(1, 6))
_FEW_KEYS: Final[dict[tuple[SortKey, bool], tuple[str, ...]]] = {
    (SortKey.DUE, False): ("due_rank",),
    (SortKey.DUE, True): (DUE_FALLING,),
    (SortKey.REGISTERED, False): (),
    (SortKey.REGISTERED, True): (),
    (SortKey.PRIORITY, False): ("urgency", "due_rank"),
    (SortKey.PRIORITY, True): ("urgency", "due_rank"),
    (SortKey.RATING, False): (RATING_RISING,),
    (SortKey.RATING, True): (RATING_FALLING,),
    (SortKey.NUMBER, False): ("number",),
    (SortKey.NUMBER, True): ("number",),
    (SortKey.RELEVANCE, False): ("due_rank",),
    (SortKey.RELEVANCE, True): ("due_rank",),
}


def compile_view(query: Query, sort: Sort | None = None, *, now: datetime, me: str | None) -> CompiledView:
    """The list that ``query`` asks for; ``sort`` wins over the query's own order.

    ``now`` is aware and in region time, which decides what a day is. ``me`` is the account that asks.
    """
    never = [is_never(term, me) and not term.negated for term in query.terms]
    if any(never) or any(asks_nothing(term) and term.negated for term in query.terms):
        return CompiledView((), None)
    telling = tuple(term for term in query.terms if not is_never(term, me) and not asks_nothing(term))
    asked = _Asked(telling, now, me)
    order = sort or query.sort or DEFAULT_SORT
    if order.key is SortKey.RELEVANCE and not has_words(asked.terms, wanted=True):
        order = DEFAULT_SORT
    by_search = asked.scope is not True or order.key is SortKey.RELEVANCE
    if has_words(asked.terms) and by_search and few_index(asked.terms, me) is None:
        search = Search(asked.terms, now, me, asked.scope, *asked.keys())
        return search_view(search, order, _open_legs(asked, Sort(SortKey.DUE, order.descending)))
    return CompiledView(tuple(_legs(asked, order)), _counting(asked))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The terms of a query, and who asks when."""

    terms: tuple[Term, ...]
    now: datetime
    me: str | None

    @property
    def scope(self) -> bool | None:
        """Whether all that is asked for is open (True) or closed (False)."""
        return implied_scope(self.terms)

    def where(self, *more: str, scope: bool | None = None, terms: Iterable[Term] | None = None) -> "_Where":
        """The conditions of ``more`` and of the terms, all of them or these."""
        parts, params = list(more), list[Scalar]()
        for term in self.terms if terms is None else terms:
            sql, values = condition(term, now=self.now, me=self.me, scope=scope)
            if sql.strip("()") not in more:
                parts.append(sql)
                params += values
        return _Where(" AND ".join(parts) or "1", tuple(params))

    def keys(self) -> tuple[int, int]:
        """The keys that appeals registered at the wished time have: from the first, before the second."""
        low, high = 0, PAST_THE_END
        for term in self.terms:
            if (
                isinstance(term, (RelativeTerm, DayTerm, DateTerm))
                and term.field is Field.REGISTERED
                and not term.negated
            ):
                first, end = span(term, self.now)
                low = low if first is None else max(low, first << PK_BITS)
                high = high if end is None else min(high, (end + _LONGEST_SPILL) << PK_BITS)
        return low, high


@dataclass(frozen=True, slots=True)
class _Where:
    sql: str
    params: tuple[Scalar, ...]


def _legs(asked: _Asked, order: Sort) -> list[Leg]:
    few = few_index(asked.terms, asked.me)
    if few is not None:
        return [_few(asked, order, f"appeal INDEXED BY {few}")]
    if order.key is SortKey.NUMBER and asked.scope is not True:
        return [_number_leg(asked, order)]
    rising = _open_legs(asked, order) if asked.scope else _all_legs(asked, order)
    return rising[::-1] if order.descending and order.key is SortKey.PRIORITY else rising


def _number_leg(asked: _Asked, order: Sort) -> Leg:
    """By number: along the one index of numbers, or, where that finds little, sorted."""
    where = asked.where(*([CLOSED] if asked.scope is False else []), scope=asked.scope)
    walk = Leg("appeal INDEXED BY all_number", where.sql, where.params, ("number",), order.descending)
    found = _facet_leg(asked, order, *_closed(asked.scope is False))
    counting = _counting(asked)
    if found.bare is None or counting.source != TABLE:
        return walk
    return replace(walk, when_few=WhenFew(counting, replace(found, keys=("number",), bare=None)))


def _few(asked: _Asked, order: Sort, source: str) -> Leg:
    """A handful, wherever it lies: the one kind of list that is sorted when it is read."""
    scope = asked.scope
    known = [] if scope is None else [OPEN if scope else CLOSED]
    where = asked.where(*known, scope=scope)
    return Leg(source, where.sql, where.params, _FEW_KEYS[order.key, order.descending], order.descending)


def _open_legs(asked: _Asked, order: Sort) -> list[Leg]:
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
        case SortKey.NUMBER:
            return [_open_leg(asked, order, ("number",))]
        case SortKey.RELEVANCE:
            # What is asked for without words is all of the same relevance.
            return _open_legs(asked, DEFAULT_SORT)


def _needs_term(asked: _Asked) -> bool:
    """Whether only appeals with a running term are asked for."""
    return any(
        (isinstance(term, (RelativeTerm, DayTerm, DateTerm)) and term.field is Field.DUE) or term == _OVERDUE
        for term in asked.terms
        if not term.negated
    )


_OVERDUE: Final = FlagTerm(Flag.OVERDUE)


def _open_leg(asked: _Asked, order: Sort, keys: tuple[str, ...], guard: str = "1") -> Leg:
    more = [] if guard == "1" else [guard]
    where = asked.where(OPEN, *more, scope=True)
    source = f"appeal INDEXED BY {open_index(asked.terms, asked.me, order.key)}"
    return Leg(source, where.sql, where.params, keys, order.descending, guard=guard)


def _all_legs(asked: _Asked, order: Sort) -> list[Leg]:
    """Closed appeals, or everything."""
    archive = asked.scope is False
    match order.key:
        case SortKey.DUE if archive:
            return [_facet_leg(asked, order, IS_CLOSED)]
        case SortKey.DUE:
            return [
                _open_leg(asked, order, ("due_rank",), _DUE),
                _facet_leg(asked, order, NO_TERM, guard=_NO_DUE),
            ]
        case SortKey.PRIORITY:
            return [leg for part in _by_urgency(asked, order, archive) for leg in part]
        case SortKey.RATING:
            rated = [
                _facet_leg(asked, order, *_closed(archive), expression, guard=f"rating={rating}")
                for rating, expression in (reversed(_RATINGS) if order.descending else _RATINGS)
            ]
            expressions = [expression for _, expression in _RATINGS]
            others = _facet_leg(asked, order, *_closed(archive), without=expressions, guard="1")
            return [*rated, others]
        case _:
            return [_facet_leg(asked, order, *_closed(archive))]


def _by_urgency(asked: _Asked, order: Sort, archive: bool) -> Iterable[list[Leg]]:
    """For each urgency, the emergencies first: those with a term by term, then the others."""
    expressions = [expression for _, expression in _URGENT]
    for urgency in (0, 1, 2):
        guard = f"urgency={urgency}"
        wanted = expressions[urgency : urgency + 1]
        without = [] if wanted else expressions
        base = IS_CLOSED if archive else NO_TERM
        closed = _facet_leg(asked, order, base, *wanted, without=without, guard=f"{guard} AND {_NO_DUE}")
        due = _open_leg(asked, order, ("due_rank",), f"{guard} AND {_DUE}")
        legs = [closed] if archive else [due, closed]
        # The whole list is turned round for a falling order, and with it the stretches of each urgency.
        yield legs


def _closed(archive: bool) -> tuple[str, ...]:
    return (IS_CLOSED,) if archive else ()


def _facet_leg(
    asked: _Asked, order: Sort, *wanted: str, without: Sequence[str] = (), guard: str = "1"
) -> Leg:
    match, others = facet_match(asked.terms, asked.me)
    match = match.also(*wanted, without=without)
    where = asked.where(scope=asked.scope, terms=others)
    low, high = asked.keys()
    rows = Leg(
        _ROWS_OF_FACETS,
        where.sql,
        where.params,
        descending=order.descending,
        pk=f"{TABLE}.rowid",
        low=low,
        high=high,
        guard=guard,
        bare=None if others else TABLE,
    )
    if match == Match():
        # Nothing is asked of the facets: the rows themselves lie in the order of registration.
        return replace(rows, source="appeal NOT INDEXED", pk="pk", bare=None)
    condition = f"{TABLE} MATCH ?" + (f" AND {where.sql}" if others else "")
    return replace(rows, where=condition, params=(match.expression, *where.params))


_FREE: Final = FlagTerm(Flag.CLAIMED, negated=True)


def _counting(asked: _Asked) -> Counting:
    scope = asked.scope
    if _FREE in asked.terms:
        # Hardly anything is claimed: that is soon counted and taken off.
        others = tuple(term for term in asked.terms if term != _FREE)
        claimed = replace(asked, terms=(*others, FlagTerm(Flag.CLAIMED)))
        return replace(_counting(replace(asked, terms=others)), minus=_counting(claimed))
    if all(is_tallied(term) for term in asked.terms):
        where = asked.where()
        return Counting(TALLY_TABLE, where.sql, where.params, "ifnull(sum(n), 0)", is_short=True)
    few = few_index(asked.terms, asked.me)
    match, others = facet_match(asked.terms, asked.me)
    if few is None and not others:
        base = (IS_OPEN,) if scope else ()
        return Counting(TABLE, f"{TABLE} MATCH ?", (match.also(*base).expression,), is_short=scope is True)
    if few is not None or scope:
        known = [] if scope is None else [OPEN if scope else CLOSED]
        where = asked.where(*known, scope=scope)
        source = "appeal"
        if few is not None:
            source += f" INDEXED BY {few}"
        else:
            source += f" INDEXED BY {open_index(asked.terms, asked.me, SortKey.DUE)}"
        return Counting(source, where.sql, where.params, is_short=few is not None or scope is True)
    leg = _facet_leg(asked, Sort(SortKey.REGISTERED), *_closed(scope is False))
    low, high = leg.low, leg.high
    parts, params = [leg.where], list(leg.params)
    if low > 0:
        parts.append(f"{leg.pk}>=?")
        params.append(low)
    if high < PAST_THE_END:
        parts.append(f"{leg.pk}<?")
        params.append(high)
    return Counting(leg.source, " AND ".join(parts), tuple(params))
