"""The forms of Russian words that have several stems: «лёд» and «льда», «люди» and «человек».

A search asks for every stem of the word that was typed; the index holds the stem of each word as it stands.
The table comes from the OpenCorpora dictionary (tools/word_forms.py). It is read piece by piece, since a
search needs a line of it and the whole would take megabytes.
"""

import zlib
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from cur_tui.domain.language.stems import is_cyrillic, stem

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FORMS: Final = "word_forms.packed"
"""A line of names and lengths, then the members: lines of stems that belong to one word, compressed.

``>`` marks a stem that is reached from the others but does not lead to them, since it is another word's as
well; ``=`` marks a form with such a stem that does lead to them.
"""

_VOWELS: Final = "аеиоуыэюя"
_CONSONANTS: Final = "бвгдзклмнрстцчшщ"
_SHORTEST: Final = 5
"""Shorter stems with and without a vowel are too often two words."""


@lru_cache(maxsize=1024)
def stems_of(word: str) -> tuple[str, ...]:
    """Every stem that the forms of a folded word may have in an index, its own first."""
    own = stem(word)
    found: dict[str, None] = {own: None}
    if is_cyrillic(word):
        for line in _groups(own):
            if own in line or f"={word}" in line:
                found.update(dict.fromkeys(item.removeprefix(">") for item in line if item[0] != "="))
        if len(found) == 1 and len(own) >= _SHORTEST:
            found.update(dict.fromkeys(_guesses(own)))
    return tuple(found)


def _guesses(own: str) -> Iterator[str]:
    """The other stem of a word that the table does not know, if it has a vowel that comes and goes.

    «остановк» and «остановок», «скамейк» and «скамеек», «жильц» and «жилец».
    """
    head, middle, last = own[:-2], own[-2], own[-1]
    if last not in _CONSONANTS:
        return
    if middle in "йь":
        yield f"{head}е{last}"
    elif middle not in _VOWELS:
        yield f"{own[:-1]}о{last}"
        yield f"{own[:-1]}е{last}"
    elif middle in "ое" and head[-1] in _VOWELS:
        yield f"{head}й{last}"
    elif middle in "ое":
        yield f"{head}{last}"
        yield f"{head}ь{last}"


def _groups(own: str) -> Sequence[list[str]]:
    members = _members()
    for length in range(len(own), 0, -1):
        if own[:length] in members:
            return [line.split() for line in _member(*members[own[:length]]).splitlines()]
    return ()


def _table() -> "Traversable":
    from importlib.resources import files

    return files("cur_tui.domain").joinpath("words", FORMS)


@cache
def _members() -> dict[str, tuple[int, int]]:
    """Where each member stands in the table: its start and length in bytes, by the beginning of its stems."""
    with _table().open("rb") as table:
        header = table.readline()
    names = iter(header.decode().split())
    start = len(header)
    found = {}
    for name, length in zip(names, map(int, names), strict=True):
        found[name] = (start, length)
        start += length
    return found


@lru_cache(maxsize=8)
def _member(start: int, length: int) -> str:
    with _table().open("rb") as table:
        table.seek(start)
        return zlib.decompress(table.read(length)).decode()
