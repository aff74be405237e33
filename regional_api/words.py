"""Words of the text in a query: how they become a search of the index, and a condition on rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, func, literal, literal_column, select

from cur_tui.domain.query import NONE, Field, FieldTerm, Query, Term, TextTerm
from cur_tui.domain.query_openness import openness
from cur_tui.domain.search_phrases import Phrase, phrases
from regional_api import search_index
from regional_api.identity import Scope
from regional_api.search_index import Wanted, facet
from regional_api.tables import APPEAL

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

    connection: Connection
    scope: Scope
    query: Query

    def __call__(self, term: TextTerm) -> ColumnElement[bool]:
        """Whether an appeal has the words of ``term``."""
        asked = _choice(term)
        if not asked:
            return literal_column("1 = 1")
        narrowed = () if term.negated else self.query.terms
        entries = search_index.found(self.connection, _narrowed(narrowed, self.scope, (asked,))).subquery()
        among = APPEAL.c.pk.in_(select(search_index.pk_of(entries.c.docid)))
        # As a value and not as a condition of its own: searched once, then only looked up. Left the choice,
        # PostgreSQL may search again for every row that it walks past.
        return func.coalesce(among, literal(False))


def search_of(connection: Connection, scope: Scope, query: Query) -> Select[tuple[int]] | None:
    """The keys of the entries that have all words of ``query`` and none of those it excludes.

    None when no word is asked for. What else the query and the scope say is only partly in it.
    """
    terms = [term for term in query.terms if isinstance(term, TextTerm)]
    every = tuple(filter(None, (_choice(term) for term in terms if not term.negated)))
    if not every:
        return None
    never = tuple(filter(None, (_choice(term) for term in terms if term.negated)))
    return search_index.found(connection, _narrowed(query.terms, scope, every, never))


def without_words(query: Query) -> tuple[Term, ...]:
    """The terms that :func:`search_of` leaves to the rows."""
    return tuple(term for term in query.terms if not isinstance(term, TextTerm))


def has_words(query: Query) -> bool:
    """Whether :func:`search_of` would find something to search for."""
    return any(isinstance(t, TextTerm) and not t.negated and _choice(t) for t in query.terms)


def _choice(term: TextTerm) -> tuple[Phrase, ...]:
    return phrases(term.words, prefix=term.prefix)


def _narrowed(
    terms: Iterable[Term],
    scope: Scope,
    every: tuple[tuple[Phrase, ...], ...],
    never: tuple[tuple[Phrase, ...], ...] = (),
) -> Wanted:
    """The search with the facets that rows outside ``scope`` and the plain terms lack."""
    terms = tuple(terms)
    facets = (
        [_any("block", scope.blocks) + _any("authority", [scope.authority])] if not scope.everything else []
    )
    is_open = openness(terms)
    if is_open is not None:
        facets.append(_any("open", [str(int(is_open))]))
    for term in terms:
        if (
            isinstance(term, FieldTerm)
            and term.field in _FACETS
            and not term.negated
            and NONE not in term.values
        ):
            facets.append(_any(_FACETS[term.field], term.values))
    hidden = () if scope.restricted else (_RESTRICTED,)
    return Wanted((*every, *(tuple(choice) for choice in facets if choice)), (*never, *hidden))


def _any(name: str, values: Iterable[str | None]) -> list[Phrase]:
    return [Phrase(((facet(name, value),),)) for value in sorted(filter(None, values))]
