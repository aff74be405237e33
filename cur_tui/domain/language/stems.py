"""Russian words as the search compares them: folded, with ё read as е, and cut to their stems.

The cache and the server index stems made here and not by a tokenizer of their databases, so that «дорогу»,
«дорога» and «дорог» meet each other, and meet alike on both sides. Stemmer and tables are loaded on first
use: the first screen of a session does not search.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Final, cast

from cur_tui.domain.texts.phones import numbers_in

WORD_RULES: Final = 2
"""Grows with every change of what :func:`index_text` makes of a text: older indexes are made anew."""

EXCEPTIONS: Final = "stem_exceptions.txt"
"""Forms that the stemmer cuts to the stem of another common word, with the stem they should have."""

WORD = re.compile("\\d+|[^\\W\\d_](?:[^\\W\\d_]|[\u0300-\u036f])*")
"""What the search takes for one word of a text. «12а» are two, so that «12 а» is the same."""

_CYRILLIC = re.compile(r"[а-я]")
_LATIN = re.compile(r"[a-z]")
_MARKS = re.compile("[\u0300-\u036f]")
# Latin letters that stand for Cyrillic ones when a layout was forgotten or a filter tricked.
_LOOK_ALIKE = str.maketrans("aceopxykmtbhё", "асеорхукмтвне")


@cache
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    # It uses the compiled PyStemmer when that is installed, forty times faster.
    return cast("Callable[[str], str]", snowballstemmer.stemmer("russian").stemWord)


@cache
def _exceptions() -> dict[str, str]:
    from importlib.resources import files

    table = files("cur_tui.domain").joinpath("words", EXCEPTIONS).read_text(encoding="utf-8")
    pairs = iter(table.split())
    return dict(zip(pairs, pairs, strict=True))


def exceptions_begun(typed: str) -> Iterator[str]:
    """The stems of the exceptions among the forms that go on from ``typed``."""
    known = _exceptions()
    return (known[form] for form in known if form.startswith(typed))


def is_cyrillic(word: str) -> bool:
    """Whether a folded word has a Russian letter, without which it has no endings."""
    return _CYRILLIC.search(word) is not None


def fold(word: str) -> str:
    """One word in the form in which words compare: no case, no stress marks, no Latin letters in disguise."""
    word = word.casefold()
    if word.isascii():
        # «c» and «a» alone are nearly always the Russian preposition and the letter of a house.
        return word.translate(_LOOK_ALIKE) if len(word) == 1 else word
    if _MARKS.search(word):
        word = _MARKS.sub("", unicodedata.normalize("NFC", word))
    if _LATIN.search(word) and _CYRILLIC.search(word):
        return word.translate(_LOOK_ALIKE)
    return word.replace("ё", "е")


@lru_cache(maxsize=4_096)
def stem(word: str) -> str:
    """The stem of a folded word; words without Cyrillic letters stand for themselves."""
    return _stem(word)


def _stem(word: str) -> str:
    if not is_cyrillic(word):
        return word
    return _exceptions().get(word) or _stemmer()(word)


@lru_cache(maxsize=32_768)
def _stem_as_written(word: str) -> str:
    """The whole way from a word of a text to its stem. Nine words in ten were met before."""
    return _stem(fold(word))


def folded_words(text: str) -> list[str]:
    """The words of ``text`` in the form in which they compare."""
    return [fold(word) for word in WORD.findall(text)]


def index_text(parts: Sequence[str | None]) -> str:
    """What a search index stores for an appeal: the stems of ``parts`` in their order.

    Telephone numbers follow each part once more in the one form in which all ways of writing them meet.
    """
    words: list[str] = []
    for part in parts:
        if part:
            words += map(_stem_as_written, WORD.findall(part))
            words += numbers_in(part)
    return " ".join(words)
