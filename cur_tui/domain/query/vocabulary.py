"""The values of the query language: codes, how people spell them, and what they may have meant."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from cur_tui.domain.layout import swap_layout

_SEPARATORS = re.compile(r"[\s_-]+")
_CLOSE_ENOUGH = 0.6


def fold(spelling: str) -> str:
    """Return the form in which spellings compare: «В работе», «в-работе» and «в_работе» are one."""
    return _SEPARATORS.sub("_", spelling.casefold().replace("ё", "е")).strip("_")


class Word(msgspec.Struct, frozen=True):
    """One code with its preferred spelling in each language; ``aliases`` are read but never written."""

    code: str
    english: str
    russian: str
    aliases: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every spelling that is read; the code comes first and wins over a label of another code."""
        return (self.code, self.english, self.russian, *self.aliases)


class Lexicon:
    """A closed set of words: finds the code of a spelling and the spelling of a code."""

    __slots__ = ("_by_spelling", "words")

    def __init__(self, words: Iterable[Word]) -> None:
        """Index ``words``: a code belongs to its word, any other spelling to the first that has it."""
        self.words = tuple(words)
        self._by_spelling = {fold(word.code): word for word in reversed(self.words)}
        for word in self.words:
            for spelling in word.spellings:
                self._by_spelling.setdefault(fold(spelling), word)

    def exact(self, spelling: str) -> Word | None:
        """Return the word that is spelled so."""
        return self._by_spelling.get(fold(spelling))

    def find(self, spelling: str) -> tuple[Word, ...]:
        """Return the word spelled so, or else all words with a spelling that begins so."""
        wanted = fold(spelling)
        if (word := self._by_spelling.get(wanted)) is not None:
            return (word,)
        if not wanted:
            return ()
        begun = {word.code for key, word in self._by_spelling.items() if key.startswith(wanted)}
        return tuple(word for word in self.words if word.code in begun)

    def spell(self, code: str, language: str) -> str:
        """Return the preferred spelling of ``code`` in "en" or "ru", with underscores for blanks.

        A code that is unknown, or whose label reads as another one, is its own spelling.
        """
        word = next((word for word in self.words if word.code == code), None)
        if word is None:
            return code
        label = fold(word.russian if language == "ru" else word.english)
        return label if self._by_spelling.get(label) is word else code

    def suggest(self, spelling: str) -> str | None:
        """Return the spelling that was probably meant: typed in the other layout, or with a slip."""
        swapped = fold(swap_layout(spelling))
        if swapped in self._by_spelling:
            return swapped
        begun = self.find(swap_layout(spelling))
        if len(begun) == 1:
            return next(fold(known) for known in begun[0].spellings if fold(known).startswith(swapped))
        import difflib  # only for a mistake

        close = difflib.get_close_matches(fold(spelling), self._by_spelling, n=1, cutoff=_CLOSE_ENOUGH)
        return close[0] if close else None


class Vocabulary:
    """The values of each field. A field without words takes any value, for example an account's name.

    A region has a thousand spellings and a query names a few: a field is indexed when it is first asked for.
    """

    __slots__ = ("_lexicons", "_words")

    def __init__(self, words: Mapping[str, Iterable[Word]]) -> None:
        """Take the words by field name."""
        self._words = {field: tuple(of_field) for field, of_field in words.items()}
        self._lexicons: dict[str, Lexicon] = {}

    def lexicon(self, field: str) -> Lexicon | None:
        """Return the words of a field, or None when it takes any value."""
        known = self._lexicons.get(field)
        if known is None and field in self._words:
            known = self._lexicons[field] = Lexicon(self._words[field])
        return known

    def with_words(self, field: str, words: Iterable[Word]) -> "Vocabulary":
        """Return a vocabulary in which ``field`` has exactly these words (a region's blocks, topics …)."""
        return Vocabulary({**self._words, field: words})
