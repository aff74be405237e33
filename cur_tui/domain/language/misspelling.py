"""Words that differ from a typed one by one slip: what may have been meant when nothing was found."""

from collections.abc import Iterator
from typing import Final

from cur_tui.domain.language.stems import fold, folded_words, is_cyrillic
from cur_tui.domain.layout import swap_layout

SHORTEST: Final = 4
"""Shorter words have too many neighbours to guess from."""

_LETTERS: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_TAKEN_FOR: Final = {
    "а": "ояэ", "о": "ае", "е": "иэоя", "и": "еыйь", "ы": "иу", "у": "юы", "э": "ея", "ю": "уе", "я": "еаи",
    "й": "ие", "б": "пь", "п": "бр", "в": "фы", "ф": "ва", "г": "кхш", "к": "гх", "х": "кгз", "д": "тл",
    "т": "дь", "ж": "шщэ", "ш": "щжг", "щ": "шч", "ч": "щ", "з": "сщ", "с": "зцч", "ц": "стч", "ъ": "ьх",
    "ь": "ъбт", "л": "дщ", "м": "ин", "н": "мг", "р": "ло",
}  # fmt: skip
"""What is heard alike, looks alike or lies on the next key."""


def likely(word: str) -> tuple[str, ...]:
    """Folded words one slip away from a folded Russian word, the likeliest slips first.

    A slip is two letters in the wrong order, or one letter too many, too few, or taken for another.
    """
    if not is_cyrillic(word) or len(word) < SHORTEST:
        return ()
    return tuple(other for other in dict.fromkeys((*_usual(word), *_any(word))) if other != word)


def in_the_other_layout(typed: str) -> str | None:
    """The Russian word that the keys of a Latin one give; None when they give none."""
    if not typed.isascii() or not any(char.isalpha() for char in typed):
        return None
    words = folded_words(swap_layout(typed))
    return words[0] if len(words) == 1 and is_cyrillic(words[0]) else None


def folded(typed: str) -> str | None:
    """``typed`` as one folded word; None when it is several or none."""
    words = folded_words(typed)
    return fold(words[0]) if len(words) == 1 else None


def _usual(word: str) -> Iterator[str]:
    for n in range(1, len(word)):
        if word[n] == word[n - 1]:
            yield word[:n] + word[n + 1 :]
    for n in range(len(word) - 1):
        yield word[:n] + word[n + 1] + word[n] + word[n + 2 :]
    for n, letter in enumerate(word):
        for other in _TAKEN_FOR.get(letter, ""):
            yield word[:n] + other + word[n + 1 :]
    for n, letter in enumerate(word):
        yield word[:n] + word[n + 1 :]
        yield word[:n] + letter + word[n:]


def _any(word: str) -> Iterator[str]:
    for n in range(len(word) + 1):
        for letter in _LETTERS:
            yield word[:n] + letter + word[n:]
            yield word[:n] + letter + word[n + 1 :]
