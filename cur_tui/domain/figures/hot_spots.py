"""Addresses that appeals come from again and again, however each of them is written."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cur_tui.domain.language.stems import WORD, fold, stem

_LEAST: Final = 2
_WORDS: Final = 12
"""Words of an address that are read: what follows is a story."""
_FLAT: Final = re.compile("кв|квартира|оф|офис|пом|помещение|подъезд|под|этаж|эт|комната|ком")
_KINDS: Final = re.compile(
    "ул|улица|пр|просп|проспект|пер|переулок|проезд|бульвар|бул|шоссе|пл|площадь|мкр|микрорайон|тер|дом|д"
    "|г|город|с|село|дер|деревня|п|пос|поселок|пгт|рп|стр|строение"
)
"""What stands before names and numbers, and is left out or not."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where one appeal says its problem is."""

    number: str
    municipality: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class HotAddress:
    """A house or a street: how it is written most often, without a flat, and the numbers of its appeals."""

    municipality: str | None
    address: str
    numbers: tuple[str, ...]


def hot_addresses(located: Iterable[Located], *, most: int) -> list[HotAddress]:
    """At most ``most`` addresses of two appeals or more, those of most appeals first.

    «ул. Садовая, д. 12, кв. 5» and «Садовая 12» are one address, of one municipality.
    """
    numbers: dict[tuple[str | None, tuple[str, ...]], list[str]] = {}
    written: dict[tuple[str | None, tuple[str, ...]], Counter[str]] = {}
    for one in located:
        house = house_of(one.address or "")
        key = (one.municipality, key_of(house))
        if key[1]:
            numbers.setdefault(key, []).append(one.number)
            written.setdefault(key, Counter())[house] += 1
    ranked = sorted(
        (key for key, found in numbers.items() if len(found) >= _LEAST),
        key=lambda key: (-len(numbers[key]), key[0] or "", key[1]),
    )
    return [
        HotAddress(key[0], _most_often(written[key]), tuple(sorted(numbers[key]))) for key in ranked[:most]
    ]


def house_of(address: str) -> str:
    """The address as far as the house: flats are nobody's business in a report."""
    end = len(address)
    for n, word in enumerate(WORD.finditer(address)):
        if n == _WORDS or _FLAT.fullmatch(fold(word[0])):
            end = word.start()
            break
    return address[:end].rstrip(" ,.;:-–—\t\n")


def key_of(address: str) -> tuple[str, ...]:
    """What tells an address from others: the stems of its names in alphabetical order, then its numbers in
    their own, each with its letter.
    """
    names: list[str] = []
    numbers: list[str] = []
    after_number = False
    for found in WORD.finditer(address):
        word = fold(found[0])
        if word.isdigit():
            numbers.append(word.lstrip("0") or "0")
        elif after_number and len(word) == 1 and not _KINDS.fullmatch(word):
            numbers[-1] += word
        elif not _KINDS.fullmatch(word):
            names.append(stem(word))
        after_number = word.isdigit()
    return (*sorted(names), *numbers) if names else ()


def _most_often(found: Counter[str]) -> str:
    return min(found, key=lambda address: (-found[address], address))
