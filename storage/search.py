"""Russian full-text search: words cut to their stems, ё read as е, and the queries of the index.

The index holds stems only, made here and not by a tokenizer of the database, so that «дорогу», «дорога» and
«дорог» meet each other. The stemmer is loaded on first use: the first screen of a session does not search.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from typing import cast

_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[а-я]")

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


@cache
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    # It uses the compiled PyStemmer when that is installed, forty times faster.
    return cast("Callable[[str], str]", snowballstemmer.stemmer("russian").stemWord)


@lru_cache(maxsize=32_768)
def stem(word: str) -> str:
    """The stem of a folded word; words without Cyrillic letters stand for themselves."""
    return _stemmer()(word) if _CYRILLIC.search(word) else word


def folded_words(text: str) -> list[str]:
    """The words of ``text`` in the form in which they compare."""
    return [word.replace("ё", "е") for word in _WORD.findall(text.casefold())]


def index_text(parts: Sequence[str | None]) -> str:
    """What the index stores for an appeal: the stems of ``parts``, which stay apart for phrases."""
    return " ".join(stem(word) for part in parts if part for word in folded_words(part))


def index_key(parts: Sequence[str | None]) -> int:
    """A digest of ``parts``: while it is the same, the index needs no new entry. Never 0."""
    digest = blake2b("\0".join(part or "" for part in parts).encode("utf-8", "surrogatepass"), digest_size=7)
    return int.from_bytes(digest.digest()) | 1


def match_expression(words: Sequence[str], *, prefix: bool) -> str | None:
    """The FTS5 query for ``words`` one after the other; None when there is no word among them.

    With ``prefix`` the last word may go on. An index of stems holds less than was typed when the typing has
    reached into an ending, so those shorter stems are asked for as well.
    """
    wanted = folded_words(" ".join(words))
    if not wanted:
        return None
    if not prefix:
        return _phrase([stem(word) for word in wanted])
    *before, last = wanted
    lead = [stem(word) for word in before]
    asked = [_phrase([*lead, last]) + " *", *(_phrase([*lead, short]) for short in _shorter_stems(last))]
    return "(" + " OR ".join(asked) + ")"


def _shorter_stems(typed: str) -> list[str]:
    """The stems shorter than ``typed`` that a word beginning so may have."""
    if not _CYRILLIC.search(typed):
        return []
    found = []
    for length in range(1, len(typed)):
        base, begun = typed[:length], typed[length:]
        if any(ending.startswith(begun) and stem(base + ending) == base for ending in _ENDINGS):
            found.append(base)
    whole = stem(typed)
    return found if whole == typed or whole in found else [*found, whole]


def _phrase(stems: Sequence[str]) -> str:
    # Stems are letters and digits only, so nothing in them can end the quotation.
    return '"' + " ".join(stems) + '"'


def highlights(text: str, words: Sequence[str], *, prefix: bool = False) -> list[tuple[int, int]]:
    """Where the found words stand in ``text``, as (start, end) in characters, for the one who paints it."""
    wanted = folded_words(" ".join(words))
    if not wanted:
        return []
    stems = {stem(word) for word in wanted}
    begun = wanted[-1] if prefix else None
    found = []
    for match in _WORD.finditer(text):
        # One word may fold into several («ﬁ» into «fi» never splits, but a stray mark might).
        here = folded_words(match.group())
        if any(stem(word) in stems or (begun is not None and word.startswith(begun)) for word in here):
            found.append(match.span())
    return found
