"""Where the words of a search stand in a text, so that a screen can show them."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from cur_tui.domain.query.query import Query, TextTerm

Find = Callable[[str], Sequence[tuple[int, int]]]
"""Where the words of a search stand in a text: (start, end) in characters, in their order, apart."""


def find_of(query: Query) -> Find | None:
    """How the words that ``query`` asks for are found in a text; None when it asks for none."""
    terms = tuple(term for term in query.terms if isinstance(term, TextTerm) and not term.negated)
    return _finder(terms) if terms else None


@lru_cache(16)
def _finder(terms: tuple[TextTerm, ...]) -> Find:
    """One for the same words, so that a list that is read anew is not painted anew for their sake."""
    from cur_tui.domain.language.search_marks import (
        marks_of,  # only a search needs the language of the search
    )

    return lru_cache(1024)(lambda text: marks_of(text, terms))
