"""What a text term asks of an index of stems: phrases, any of which must be there.

The cache writes them in the language of SQLite's full-text search, the server in that of its own engine.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final

from cur_tui.domain.language.stems import exceptions_begun, folded_words, is_cyrillic, stem
from cur_tui.domain.language.word_endings import endings_begun
from cur_tui.domain.language.word_forms import stems_of
from cur_tui.domain.texts.phones import as_number

MAX_RUNS: Final = 128
"""How many runs of stems a phrase may become where an engine knows no choice inside a phrase."""

_VOWEL = re.compile("[аеиоуыэюя]")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after the other, each one of several stems; with ``prefix`` the last may go on."""

    words: tuple[tuple[str, ...], ...]
    prefix: bool = False

    def runs(self) -> Iterator[tuple[str, ...]]:
        """Every run of stems that is the phrase, :data:`MAX_RUNS` at most.

        Where there would be more, the words with the most stems lose their least likely ones.
        """
        words = [list(stems) for stems in self.words]
        while prod(map(len, words)) > MAX_RUNS:
            max(words, key=len).pop()
        return product(*words)


def phrases(words: Sequence[str], *, prefix: bool = False) -> tuple[Phrase, ...]:
    """The phrases that ``words`` one after the other ask for; none when there is no word among them.

    With ``prefix`` the last word may go on. An index of stems holds less than was typed when the typing has
    reached into an ending, and something else where the stem of a word does not begin like the word: both are
    asked for as well.
    """
    typed = " ".join(words)
    wanted = folded_words(typed)
    if not wanted:
        return ()
    found = []
    number = as_number(typed)
    if number is not None:
        found.append(Phrase(((number,),)))
    *before, last = wanted
    lead = tuple(map(stems_of, before))
    if prefix:
        found.append(Phrase((*lead, (last,)), prefix=True))
        begun = typed.split()[-1].casefold()
        # «c» may be the preposition or the beginning of «club».
        if len(begun) == 1 and begun.isalpha() and begun != last:
            found.append(Phrase((*lead, (begun,)), prefix=True))
        ends = tuple(dict.fromkeys((*_shorter_stems(last), *exceptions_begun(last), *stems_of(last))))
        # The word as it stands is a prefix of itself.
        ends = tuple(end for end in ends if not end.startswith(last))
        if ends:
            found.append(Phrase((*lead, ends)))
    else:
        found.append(Phrase((*lead, stems_of(last))))
    return tuple(found)


def _shorter_stems(typed: str) -> Iterator[str]:
    """The stems shorter than ``typed`` that a word beginning so may have."""
    if not is_cyrillic(typed):
        return
    for length in range(1, len(typed)):
        base, begun = typed[:length], typed[length:]
        # The stemmer cuts nothing off before the first vowel.
        if _VOWEL.search(base) and any(stem(base + ending) == base for ending in endings_begun(begun)):
            yield base
