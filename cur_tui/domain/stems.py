"""Russian words as the search compares them: folded, with ё read as е, and cut to their stems.

The cache and the server index stems made here and not by a tokenizer of their databases, so that «дорогу»,
«дорога» and «дорог» meet each other, and meet alike on both sides. The stemmer is loaded on first use: the
first screen of a session does not search.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import cast

WORD = re.compile(r"[^\W_]+")
"""What the search takes for one word of a text."""

_CYRILLIC = re.compile(r"[а-я]")


@cache
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    # It uses the compiled PyStemmer when that is installed, forty times faster.
    return cast("Callable[[str], str]", snowballstemmer.stemmer("russian").stemWord)


def is_cyrillic(word: str) -> bool:
    """Whether a folded word has a Russian letter, without which it has no endings."""
    return _CYRILLIC.search(word) is not None


@lru_cache(maxsize=32_768)
def stem(word: str) -> str:
    """The stem of a folded word; words without Cyrillic letters stand for themselves."""
    return _stemmer()(word) if is_cyrillic(word) else word


def folded_words(text: str) -> list[str]:
    """The words of ``text`` in the form in which they compare."""
    return [word.replace("ё", "е") for word in WORD.findall(text.casefold())]


def index_text(parts: Sequence[str | None]) -> str:
    """What a search index stores for an appeal: the stems of ``parts``, which stay apart for phrases."""
    return " ".join(stem(word) for part in parts if part for word in folded_words(part))
