"""How many appeals a query asks for: from the tally, from the facets, from an index, in this order."""

from typing import Final

from msgspec.structs import replace

from cur_tui.domain.query.query import Flag, FlagTerm, Sort, SortKey
from storage.database.schema import PK_BITS
from storage.lists.asked import LONGEST_SPILL, Asked, Where, base_of, facet_leg, is_registered
from storage.lists.conditions import CLOSED, OPEN
from storage.lists.facets import IS_OPEN, TABLE, facet_match
from storage.lists.legs import PAST_THE_END, Counting, Scalar
from storage.lists.planning import few_index, open_index
from storage.lists.tally import TALLY_TABLE, is_tallied

_CLAIMED: Final = FlagTerm(Flag.CLAIMED)
_FREE: Final = FlagTerm(Flag.CLAIMED, negated=True)


def count_of(asked: Asked) -> Counting:
    """The cheapest way to count what is asked for."""
    if _FREE in asked.terms:
        # Hardly anything is claimed: that is soon counted and taken off.
        others = tuple(term for term in asked.terms if term != _FREE)
        claimed = replace(asked, terms=(*others, _CLAIMED))
        return replace(count_of(replace(asked, terms=others)), minus=count_of(claimed))
    scope = asked.scope
    if all(is_tallied(term) for term in asked.terms):
        where = asked.where()
        return Counting(TALLY_TABLE, where.sql, where.params, "ifnull(sum(n), 0)", is_short=True)
    few = few_index(asked.terms, asked.me)
    if few is not None:
        where = _of_few(asked, [] if scope is None else [OPEN if scope else CLOSED])
        return Counting(f"appeal INDEXED BY {few}", where.sql, where.params, is_short=True)
    _, others = facet_match(asked.terms, asked.me)
    if not others:
        return _by_facets(asked)
    if not scope and (within := asked.done()) is not None:
        from storage.lists.done import count_done  # no queue asks for it

        return count_done(asked, within)
    if all(is_registered(term) for term in others):
        return _by_time(asked)
    if scope:
        where = asked.where(OPEN, scope=scope)
        is_held = _CLAIMED in others
        index = "open_claimed" if is_held else open_index(asked.terms, asked.me, SortKey.DUE)
        return Counting(f"appeal INDEXED BY {index}", where.sql, where.params, is_short=True)
    return _by_facets(asked)


def _by_facets(asked: Asked) -> Counting:
    """By the facets, with a look at the rows where they do not tell all."""
    scope = asked.scope
    leg = facet_leg(asked, Sort(SortKey.REGISTERED), *((IS_OPEN,) if scope else base_of(scope is False)))
    parts, params = [leg.where], list(leg.params)
    if leg.low > 0:
        parts.append(f"{leg.pk}>=?")
        params.append(leg.low)
    if leg.high < PAST_THE_END:
        parts.append(f"{leg.pk}<?")
        params.append(leg.high)
    is_short = not facet_match(asked.terms, asked.me)[1] or scope is True
    return Counting(leg.bare or leg.source, " AND ".join(parts), tuple(params), is_short=is_short)


def _by_time(asked: Asked) -> Counting:
    """By facets and time of registration."""
    rest, times = _apart(asked)
    match, _ = facet_match(rest.terms, asked.me)
    match = match.also(*base_of(asked.scope is False))
    row = times.where()
    looked_at = f"EXISTS (SELECT 1 FROM appeal WHERE pk={TABLE}.rowid AND {row.sql})"  # noqa: S608
    when = _when(asked, f"{TABLE}.rowid", replace(row, sql=looked_at))
    params: tuple[Scalar, ...] = (match.expression, *when.params)
    return Counting(TABLE, f"{TABLE} MATCH ? AND {when.sql}", params, is_short=True)


def _of_few(asked: Asked, known: list[str]) -> Where:
    """The condition on the entries of an index of a few appeals."""
    rest, times = _apart(asked)
    where = rest.where(*known, scope=asked.scope)
    if not times.terms:
        return where
    when = _when(asked, "pk", times.where())
    return Where(f"{where.sql} AND {when.sql}", (*where.params, *when.params))


def _apart(asked: Asked) -> tuple[Asked, Asked]:
    """What is asked for without the time of registration, and that time."""
    times = tuple(term for term in asked.terms if is_registered(term))
    rest = tuple(term for term in asked.terms if term not in times)
    return replace(asked, terms=rest), replace(asked, terms=times)


def _when(asked: Asked, pk: str, row: Where) -> Where:
    """Whether an appeal was registered in the time that is asked for, of which ``row`` looks at its row.

    The keys tell the time but for the first day and the one behind the last, where an appeal may stand that
    was registered before: only there the rows are looked at.
    """
    first, end = asked.registered()
    low, high = asked.keys()
    sure_low = 0 if first is None else (first + LONGEST_SPILL) << PK_BITS
    sure_high = PAST_THE_END if end is None else end << PK_BITS
    between = f"{pk}>=? AND {pk}<?"
    sql = f"{between} AND ({between} OR {row.sql})"
    return Where(sql, (low, high, sure_low, sure_high, *row.params))
