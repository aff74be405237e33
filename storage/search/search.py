"""Searches in the language of SQLite's full-text index, which holds stems, and facets beside them."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cur_tui.domain.language.search_phrases import Phrase

_FACET: Final = "\ue000"
"""What facets begin with in the index of words. No word of a text has a character of private use."""
_LETTERS: Final = str.maketrans("_.=-", "\ue001\ue002\ue003\ue004")
"""The tokenizer splits at what is no letter."""
_KEPT: Final = frozenset("btmawcsrgpoke")
"""Block, topic, municipality, authority, worker, source, state, rating, tag, priority, tone, kind, regime."""
_KEPT_MARKS: Final = frozenset({"zm", "zd", "zf", "zc"})
"""Of a mass incident, a duplicate, on a fast track; and closed, which is where a search begins that only says
which words must not be there.
"""
_COMMON: Final = frozenset(
    {"r", "g", "o", "k", "pnormal", "onegative", "oneutral", "kcomplaint", "sresolved"}
)
"""What most appeals of an archive have: a walk through the finds of a word meets it soon."""
_QUOTED: Final = re.compile(r'"([^"]*)"')


def match_expression(words: Sequence[str], *, prefix: bool) -> str | None:
    """The FTS5 query for ``words`` one after the other; None when there is no word among them.

    With ``prefix`` the last word may go on.
    """
    from cur_tui.domain.language.search_phrases import phrases

    asked = [run for phrase in phrases(words, prefix=prefix) for run in _written(phrase)]
    if len(asked) <= 1:
        return asked[0] if asked else None
    return "(" + " OR ".join(asked) + ")"


def _written(phrase: "Phrase") -> Iterator[str]:
    for run in phrase.runs():
        # Stems are letters and digits only, so nothing in them can end the quotation.
        yield '"' + " ".join(run) + '"' + (" *" if phrase.prefix else "")


def among_words(facets: str) -> str:
    """The facets of an appeal (:func:`storage.lists.facets.facet_words`) that the index of words holds."""
    return " ".join(_FACET + facet for facet in facets.split(" ") if _is_kept(facet)).translate(_LETTERS)


def asked_among_words(expression: str) -> str | None:
    """An expression of facets as it is put to the index of words; None when that does not hold them all."""
    if not all(map(_is_kept, _QUOTED.findall(expression))):
        return None
    return _QUOTED.sub(lambda quoted: f'"{_FACET}{quoted[1].translate(_LETTERS)}"', expression)


def _is_kept(facet: str) -> bool:
    return facet in _KEPT_MARKS or (facet[0] in _KEPT and facet not in _COMMON)
