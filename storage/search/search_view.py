"""Lists of a search: how the finds are read, in which order, and where the cost is bounded.

Open appeals are few: they are read in any order, by their own indexes. Of the archive the newest finds come
first, as the index yields them without sorting. By relevance only the newest :data:`RANKED` finds of the
archive are weighed, in other orders the newest :data:`SORTED` are sorted; the list says so by its ``bound``.
A find is what meets the whole query: what only the rows can tell is asked before the finds are cut.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from cur_tui.domain.query.query import Sort, SortKey, Term, TextTerm
from storage.lists.conditions import CLOSED, OPEN, condition, has_words
from storage.lists.facets import IS_CLOSED, facet_match
from storage.lists.legs import PAST_THE_END, CompiledView, Counting, Leg, Scalar
from storage.lists.planning import VALUE_KEYS, open_index
from storage.search.search import asked_among_words, match_expression

RANKED: Final = 2_000
"""Of how many finds in the archive, the newest, the relevance is weighed."""
SORTED: Final = 10_000
"""How many finds in the archive, the newest, are put into an order that is not their own."""

_OPEN_WORDS: Final = "fts_open"
_ARCHIVE_WORDS: Final = "fts_archive"
_ARCHIVE_ROWS: Final = f"{_ARCHIVE_WORDS} CROSS JOIN appeal ON appeal.pk={_ARCHIVE_WORDS}.rowid"
_EVERY: Final = asked_among_words(IS_CLOSED)


@dataclass(frozen=True, slots=True)
class Search:
    """The terms of a query with words, and who asks when.

    ``scope`` is what the terms say about open (True) and closed; ``low`` and ``high`` are the keys that the
    wished time of registration leaves.
    """

    terms: tuple[Term, ...]
    now: datetime
    me: str | None
    scope: bool | None
    low: int
    high: int
    is_stale: bool
    """Whether the archive's entries may lack their facets or have old ones: then the rows are asked."""


def search_view(search: Search, order: Sort, open_legs: Sequence[Leg]) -> CompiledView:
    """The list of a search that is not among open appeals only, or that is wanted by relevance.

    ``open_legs`` read the open finds by term, in the direction of ``order``.
    """
    counting = _counting(search)
    if order.key is SortKey.RELEVANCE:
        ranked = [] if search.scope is False else [_ranked(search, order, is_open=True)]
        if search.scope is True:
            return CompiledView(tuple(ranked), counting)
        return CompiledView((*ranked, _ranked(search, order, is_open=False)), counting, RANKED)
    if order.key is SortKey.DUE:
        # A closed appeal owes nothing any more and has no place in this order: the newest first, behind it.
        before = [] if search.scope is False else [replace(leg, guard=_open(leg.guard)) for leg in open_legs]
        return CompiledView((*before, _archive_leg(search, descending=True)), counting)
    if order.key is SortKey.REGISTERED and search.scope is False:
        return CompiledView((_archive_leg(search, descending=order.descending),), counting)
    return CompiledView((_sorted_leg(search, order),), counting, SORTED)


def _open(*conditions: str) -> str:
    return " AND ".join((OPEN, *(one for one in conditions if one not in ("", "1"))))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is put to an index of words, and the conditions on the rows that it cannot tell."""

    match: str
    rows: str
    params: tuple[Scalar, ...]


def _asked_of_open(search: Search) -> _Asked:
    words = [term for term in search.terms if isinstance(term, TextTerm)]
    # Where there is nothing to begin from, the words that must not be there are a condition on the rows.
    inside = words if has_words(words, wanted=True) else []
    rows, params = _rows(search, [term for term in search.terms if term not in inside], scope=True)
    return _Asked(_match(inside, (), (), ""), rows, params)


def _asked_of_archive(search: Search) -> _Asked:
    words, others = list[TextTerm](), list[Term]()
    wanted, unwanted = list[str](), list[str]()
    for term in search.terms:
        if isinstance(term, TextTerm):
            words.append(_bounded(term))
        elif not search.is_stale and (facets := _facets(search, term)) is not None:
            wanted += facets[0]
            unwanted += facets[1]
        else:
            others.append(term)
    rows, params = _rows(search, others, scope=False)
    return _Asked(_match(words, wanted, unwanted, _EVERY or ""), rows, params)


def _bounded(term: TextTerm) -> TextTerm:
    """``term`` for the archive, where a single letter stands for itself: a tenth of all words have it."""
    from cur_tui.domain.language.stems import folded_words

    if term.prefix and len(folded_words(" ".join(term.words))[-1]) == 1:
        return TextTerm(term.words, negated=term.negated)
    return term


def _match(words: Iterable[TextTerm], wanted: Iterable[str], unwanted: Iterable[str], every: str) -> str:
    """All of it as one expression; ``every`` is what it begins from when nothing is wanted."""
    yes, no = list[str](), list[str]()
    for term in words:
        expression = match_expression(term.words, prefix=term.prefix)
        if expression is not None:
            (no if term.negated else yes).append(expression)
    yes += wanted
    no += unwanted
    match = " AND ".join(yes or [every])
    return f"({match}) NOT ({' OR '.join(no)})" if no else match


def _facets(search: Search, term: Term) -> tuple[list[str], list[str]] | None:
    """A term as expressions that must and that must not hold; None when the index of words cannot tell."""
    match, others = facet_match([term], search.me)
    wanted = [asked for one in match.wanted if (asked := asked_among_words(one)) is not None]
    unwanted = [asked for one in match.unwanted if (asked := asked_among_words(one)) is not None]
    if others or (len(wanted), len(unwanted)) != (len(match.wanted), len(match.unwanted)):
        return None
    return wanted, unwanted


def _rows(search: Search, terms: Iterable[Term], scope: bool) -> tuple[str, tuple[Scalar, ...]]:
    """``terms`` as conditions on rows of which ``scope`` is known: it is not asked for again."""
    known = f"({OPEN if scope else CLOSED})"
    parts, params = list[str](), list[Scalar]()
    for term in terms:
        sql, values = condition(term, now=search.now, me=search.me, scope=scope)
        if sql != known:
            parts.append(sql)
            params += values
    return " AND ".join(parts), tuple(params)


def _archive_leg(search: Search, *, descending: bool) -> Leg:
    """The finds of the archive in the order of registration, as the index holds them."""
    asked = _asked_of_archive(search)
    where = f"{_ARCHIVE_WORDS} MATCH ?"
    return Leg(
        _ARCHIVE_ROWS,
        f"{where} AND {asked.rows}" if asked.rows else where,
        (asked.match, *asked.params),
        descending=descending,
        pk=f"{_ARCHIVE_WORDS}.rowid",
        low=search.low,
        high=search.high,
        guard=CLOSED,
        bare=None if asked.rows else _ARCHIVE_WORDS,
    )


def _finds(search: Search, asked: _Asked, columns: str, table: str, newest: int | None = None) -> str:
    """The finds of one index of words, all of them or the newest, with ``asked`` as its parameters."""
    source = f"{table} CROSS JOIN appeal ON appeal.pk={table}.rowid" if asked.rows else table
    where = f"{table} MATCH ?{_between(search, table)}" + (f" AND {asked.rows}" if asked.rows else "")
    cut = "" if newest is None else f" ORDER BY {table}.rowid DESC LIMIT {newest}"
    return f"SELECT {columns} FROM {source} WHERE {where}{cut}"  # noqa: S608


def _ranked(search: Search, order: Sort, *, is_open: bool) -> Leg:
    """Finds by relevance: all open ones, or the newest of the archive."""
    asked = _asked_of_open(search) if is_open else _asked_of_archive(search)
    table = _OPEN_WORDS if is_open else _ARCHIVE_WORDS
    columns = f"{table}.rowid AS hit, -{table}.rank AS weight"
    hits = f"({_finds(search, asked, columns, table, None if is_open else RANKED)})"
    params = (asked.match, *asked.params)
    return Leg(
        f"{hits} CROSS JOIN appeal ON appeal.pk=hit",
        "1",
        params,
        ("weight",),
        # The weightiest first, unless the order is turned round.
        descending=not order.descending,
        pk="hit",
        guard=OPEN if is_open else CLOSED,
        placed=f"{hits} WHERE hit=?",
        placed_params=params,
        bare=hits,
        rows_last=True,
    )


def _sorted_leg(search: Search, order: Sort) -> Leg:
    """The newest finds of the archive, and all open ones, in an order that no index of words has."""
    archive = _asked_of_archive(search)
    newest = _finds(search, archive, f"{_ARCHIVE_WORDS}.rowid AS hit", _ARCHIVE_WORDS, SORTED)
    found, params = f"SELECT hit FROM ({newest})", (archive.match, *archive.params)  # noqa: S608
    if search.scope is None:
        of_open = _asked_of_open(search)
        if of_open.match:
            before = _finds(search, of_open, f"{_OPEN_WORDS}.rowid", _OPEN_WORDS)
            params = (of_open.match, *of_open.params, *params)
        else:
            source = f"appeal INDEXED BY {open_index(search.terms, search.me, SortKey.DUE)}"
            before = f"SELECT pk FROM {source} WHERE {_open(of_open.rows)}"  # noqa: S608
            params = (*of_open.params, *params)
        found = f"{before} UNION ALL {found}"
    # The order of registration is that of the appeals' own keys.
    keys = VALUE_KEYS.get((order.key, order.descending), ())
    return Leg("appeal", f"pk IN ({found})", params, keys, order.descending, rows_last=True)


def _between(search: Search, table: str) -> str:
    low = f" AND {table}.rowid>={search.low}" if search.low > 0 else ""
    return low + (f" AND {table}.rowid<{search.high}" if search.high < PAST_THE_END else "")


def _counting(search: Search) -> Counting:
    """All finds, also those that are too old to be ranked or sorted."""
    rows, params = _rows(search, search.terms, scope=True)
    source = f"appeal INDEXED BY {open_index(search.terms, search.me, SortKey.DUE)}"
    if search.scope is True:
        return Counting(source, _open(rows), params)
    leg = _archive_leg(search, descending=True)
    archive = Counting(leg.bare or leg.source, f"{leg.where}{_between(search, _ARCHIVE_WORDS)}", leg.params)
    if search.scope is False:
        return archive
    both = (
        f"(SELECT 1 FROM {source} WHERE {_open(rows)} "  # noqa: S608
        f"UNION ALL SELECT 1 FROM {archive.source} WHERE {archive.where})"
    )
    return Counting(both, "1", (*params, *archive.params))
