"""Words of the text in a query: how they become a search of the index, and a condition on rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    String,
    bindparam,
    false,
    func,
    literal,
    literal_column,
    select,
)

from cur_tui.domain.language.search_phrases import Phrase, phrases
from cur_tui.domain.query.openness import openness
from cur_tui.domain.query.query import NONE, Field, FieldTerm, Query, Term, TextTerm
from regional_api.database.tables import APPEAL
from regional_api.identity.callers import Scope
from regional_api.lists import search_index
from regional_api.lists.search_index import Wanted, can_be_facet, facet

_FACETS = {
    Field.BLOCK: "block",
    Field.TOPIC: "topic",
    Field.AUTHORITY: "authority",
    Field.MUNICIPALITY: "municipality",
    Field.SOURCE: "source",
    Field.REGIME: "regime",
}
_RESTRICTED = (Phrase(((facet("restricted", "1"),),)),)


@dataclass(frozen=True, slots=True)
class WordCondition:
    """Finds rows by words of their text: in the index, cut down to what a reader may see at all."""

    sqlite: bool
    scope: Scope
    query: Query

    def __call__(self, term: TextTerm) -> ColumnElement[bool]:
        """Whether an appeal has the words of ``term``."""
        asked = _choice(term)
        if not asked:
            return literal_column("1 = 1")
        wanted = _narrowed(() if term.negated else self.query.terms, self.scope, (asked,))
        value: BindParameter[str] = bindparam(
            "words", search_index.expression(wanted, sqlite=self.sqlite), unique=True
        )
        entries = _within(self.scope, search_index.entries(sqlite=self.sqlite, wanted=value)).subquery()
        among = APPEAL.c.pk.in_(select(search_index.pk_of(entries.c.docid)))
        # As a value and not as a condition of its own: searched once, then only looked up. Left the choice,
        # PostgreSQL may search again for every row that it walks past.
        return func.coalesce(among, literal(False))


def wanted_of(query: Query, scope: Scope, *, sqlite: bool) -> str | None:
    """What :func:`search_within` is to look for: all words of ``query`` and none that it excludes.

    None when no word is asked for. What else the query says is only partly in it.
    """
    terms = [term for term in query.terms if isinstance(term, TextTerm)]
    every = tuple(filter(None, (_choice(term) for term in terms if not term.negated)))
    if not every:
        return None
    never = tuple(filter(None, (_choice(term) for term in terms if term.negated)))
    return search_index.expression(_narrowed(query.terms, scope, every, never), sqlite=sqlite)


def search_within(scope: Scope, *, sqlite: bool, among: FromClause | None = None) -> Select[tuple[int]]:
    """The keys of the entries inside ``scope`` that meet the parameter ``wanted``.

    The scope is decided on the rows already here: how many entries there are, and where the last one stands,
    tells of nothing else.
    """
    wanted: BindParameter[str] = bindparam("wanted", type_=String())
    entries = _within(scope, search_index.entries(sqlite=sqlite, wanted=wanted, among=among))
    if scope.everything and scope.restricted:
        return entries
    appeal = APPEAL.c.pk == search_index.pk_of(entries.selected_columns.docid.element)
    # As a value, which is one look at a row for each entry; a join may be turned round by a planner.
    visible = select(literal_column("1")).where(appeal, scope.where()).scalar_subquery()
    return entries.where(visible.is_not(None))


def without_words(query: Query) -> tuple[Term, ...]:
    """The terms that a search leaves to the rows."""
    return tuple(term for term in query.terms if not isinstance(term, TextTerm))


def _choice(term: TextTerm) -> tuple[Phrase, ...]:
    return phrases(term.words, prefix=term.prefix)


def _within(scope: Scope, entries: Select[tuple[int]]) -> Select[tuple[int]]:
    sees_some = scope.everything or scope.blocks or scope.authority is not None
    return entries if sees_some and not scope.nothing else entries.where(false())


def _narrowed(
    terms: Iterable[Term],
    scope: Scope,
    every: tuple[tuple[Phrase, ...], ...],
    never: tuple[tuple[Phrase, ...], ...] = (),
) -> Wanted:
    """The search with the facets that rows outside ``scope`` and the plain terms lack."""
    terms = tuple(terms)
    facets = []
    if not scope.everything:
        blocks = [("block", block) for block in sorted(scope.blocks)]
        facets.append(_any(*blocks, *([("authority", scope.authority)] if scope.authority else [])))
    is_open = openness(terms)
    if is_open is not None:
        facets.append(_any(("open", str(int(is_open)))))
    for term in terms:
        if (
            isinstance(term, FieldTerm)
            and term.field in _FACETS
            and not term.negated
            and NONE not in term.values
        ):
            facets.append(_any(*((_FACETS[term.field], value) for value in sorted(term.values))))
    hidden = () if scope.restricted else (_RESTRICTED,)
    return Wanted((*every, *filter(None, facets)), (*never, *hidden))


def _any(*facets: tuple[str, str]) -> tuple[Phrase, ...]:
    """The choice of ``facets``; none when entries hold not all of them, and the search cannot be cut down."""
    if not all(can_be_facet(value) for _, value in facets):
        return ()
    return tuple(Phrase(((facet(name, value),),)) for name, value in facets)
