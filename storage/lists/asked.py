"""What a query asks of its rows, and the stretch of a list that the facets yield for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, TypeGuard

import msgspec
from msgspec.structs import replace

from cur_tui.domain.query.openness import openness
from cur_tui.domain.query.query import DateTerm, DayTerm, Field, RelativeTerm, Sort, Term
from storage.database.schema import PK_BITS
from storage.lists.conditions import KEY, Span, condition, is_measured, span
from storage.lists.facets import IS_CLOSED, TABLE, Match, facet_match
from storage.lists.legs import PAST_THE_END, Leg, Scalar

ROWS_OF_FACETS: Final = f"{TABLE} CROSS JOIN appeal ON appeal.pk={TABLE}.rowid"
LONGEST_SPILL: Final = 86_400
"""A second holds 64 keys and what is more goes to later ones: a day of them takes five million appeals that
were registered in one second."""


class Where(msgspec.Struct, frozen=True):
    """A condition in SQL and its parameters."""

    sql: str
    params: tuple[Scalar, ...]


class Asked(msgspec.Struct, frozen=True):
    """The terms of a query, and who asks when."""

    terms: tuple[Term, ...]
    now: datetime
    me: str | None

    @property
    def scope(self) -> bool | None:
        """Whether all that is asked for is open (True) or closed (False)."""
        return openness(self.terms)

    def where(self, *more: str, scope: bool | None = None, terms: Iterable[Term] | None = None) -> Where:
        """The conditions of ``more`` and of the terms, all of them or these."""
        parts, params = list(more), list[Scalar]()
        for term in self.terms if terms is None else terms:
            sql, values = condition(term, now=self.now, me=self.me, scope=scope)
            if sql.strip("()") not in more:
                parts.append(sql)
                params += values
        return Where(" AND ".join(parts) or "1", tuple(params))

    def registered(self) -> Span:
        """The seconds of registration that are asked for: from the first, before the second."""
        first, end = None, None
        for term in self.terms:
            if is_registered(term):
                low, high = span(term, self.now)
                first = low if first is None else max(first, low or 0)
                end = high if end is None else min(end, end if high is None else high)
        return first, end

    def done(self) -> tuple[int, int] | None:
        """The seconds in which it was to be done: from the first, before the second; None: whenever."""
        spans = [span(term, self.now) for term in self.terms if _is_done(term)]
        if not spans:
            return None
        return (
            max(0 if first is None else first for first, _ in spans),
            min(PAST_THE_END if end is None else end for _, end in spans),
        )

    def keys(self) -> tuple[int, int]:
        """The keys that appeals registered at that time have: from the first, before the second."""
        first, end = self.registered()
        return (
            0 if first is None else max(0, first << PK_BITS),
            PAST_THE_END if end is None else (end + LONGEST_SPILL) << PK_BITS,
        )


def is_registered(term: Term) -> TypeGuard[RelativeTerm | DayTerm | DateTerm]:
    """Whether the term asks for a time of registration."""
    return _asks_for(term, Field.REGISTERED)


def _is_done(term: Term) -> TypeGuard[RelativeTerm | DayTerm | DateTerm]:
    return _asks_for(term, Field.DONE)


def _asks_for(term: Term, field: Field) -> bool:
    return isinstance(term, (RelativeTerm, DayTerm, DateTerm)) and term.field is field and not term.negated


def base_of(archive: bool) -> tuple[str, ...]:
    """What every appeal of the archive has among its facets; nothing is known of everything."""
    return (IS_CLOSED,) if archive else ()


def facet_leg(asked: Asked, order: Sort, *wanted: str, without: Sequence[str] = (), guard: str = "1") -> Leg:
    """What is asked for and has the facets ``wanted``, none of ``without``, in the order of registration."""
    match, others = facet_match(asked.terms, asked.me)
    match = match.also(*wanted, without=without)
    where = asked.where(scope=asked.scope, terms=others)
    # Asked by the facet's own key, the narrow facts are looked at before any wide row is fetched.
    where = replace(where, sql=where.sql.replace(KEY, f"{TABLE}.rowid"))
    low, high = asked.keys()
    rows = Leg(
        ROWS_OF_FACETS,
        where.sql,
        where.params,
        descending=order.descending,
        pk=f"{TABLE}.rowid",
        low=low,
        high=high,
        guard=guard,
        bare=TABLE if all(is_measured(term) for term in others) else None,
        rows_last=any(is_measured(term) for term in others),
    )
    if match == Match() and not any(is_measured(term) for term in others):
        # Nothing is asked of the facets or the facts: the rows themselves lie in the order of registration.
        return replace(rows, source="appeal NOT INDEXED", pk="pk", bare=None)
    condition = f"{TABLE} MATCH ?" + (f" AND {where.sql}" if others else "")
    return replace(rows, where=condition, params=(match.expression, *where.params))
