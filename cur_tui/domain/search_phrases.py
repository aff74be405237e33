"""What a text term asks of an index of stems: phrases, any of which must be there.

The cache writes them in the language of SQLite's full-text search, the server in that of its own engine.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cur_tui.domain.stems import folded_words, is_cyrillic, stem

# The endings that Russian words of this field take; read only for words still being typed.
_ENDINGS = re.findall(
    r"\w+",
    """
    а ам ами ат ать ах ают ая в вать вший вшая вшие вшего ва вам вами вах е его ее ей ем ему ен ение
    ения ений ению ением ениях ет ете ешь ею и ив ивать ившись ие ией ием иет ий иим им ими ит ите ить
    их ию ия иям иями иях й ил ила или ило ла ли ло лся лась лись м на нн нный нная нные нного ны но о
    ов ого ой ом ому ость ости остью ою от ся сь т те ти ть тся у ует уют ую уй ут ух ущий ущая ущие
    ущего ы ые ый ыл ыла ыли ым ыми ыт ыть ых ь ю юсь ют ющий ющая ющие ющего юю я ям ями ях яя
    """,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Stems that stand one after the other in the index; with ``prefix`` the last may go on."""

    stems: tuple[str, ...]
    prefix: bool = False


def phrases(words: Sequence[str], *, prefix: bool) -> tuple[Phrase, ...]:
    """The phrases that ``words`` one after the other ask for; none when there is no word among them.

    With ``prefix`` the last word may go on. An index of stems holds less than was typed when the typing has
    reached into an ending, so those shorter stems are asked for as well.
    """
    wanted = folded_words(" ".join(words))
    if not wanted:
        return ()
    if not prefix:
        return (Phrase(tuple(stem(word) for word in wanted)),)
    *before, last = wanted
    lead = tuple(stem(word) for word in before)
    shorter = (Phrase((*lead, short)) for short in _shorter_stems(last))
    return (Phrase((*lead, last), prefix=True), *shorter)


def _shorter_stems(typed: str) -> list[str]:
    """The stems shorter than ``typed`` that a word beginning so may have."""
    if not is_cyrillic(typed):
        return []
    found = []
    for length in range(1, len(typed)):
        base, begun = typed[:length], typed[length:]
        if any(ending.startswith(begun) and stem(base + ending) == base for ending in _ENDINGS):
            found.append(base)
    whole = stem(typed)
    return found if whole == typed or whole in found else [*found, whole]
