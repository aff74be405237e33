"""Whether two messages that are worded alike are about one matter: place, time and what they ask."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cur_tui.domain.language.stems import fold, stem
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.profile import DuplicateRule
from cur_tui.domain.related.applicants import same_person
from cur_tui.domain.related.likeness import likeness, numbers_of, plain
from cur_tui.domain.texts.composed import is_composed, names_address
from cur_tui.domain.vocabulary import LinkKind

_SHORT: Final = 40
"""Characters below which a text proves nothing by itself: «Нет воды» is said of any house."""
_KIND_OF_STREET: Final = (
    r"(?:ул(?:иц[аыеу])?|просп(?:ект[аеу]?)?|пр-т|переул(?:ок|ке|ка)|пер|проезд[аеу]?|шоссе|бульвар[аеу]?|площад[ьи]"
    r"|с(?:ел[оеау])?|дер(?:евн[яие])?|пос(?:[её]лок|[её]лке|[её]лка)?|пгт|микрорайон[еау]?|мкр)\b\.?"
)
_NAMED_AFTER = re.compile(rf"\b{_KIND_OF_STREET}\s+([А-ЯЁ][а-яё-]+)")
_NAMED_BEFORE = re.compile(rf"\b([А-ЯЁ][а-яё-]+(?:ая|ой|ую|ый|ом|ий|ем|ое|ого))\s+{_KIND_OF_STREET}")


@dataclass(frozen=True, slots=True)
class Alike:
    """Two appeals that are probably one matter. ``kind`` is the link that fits; ``same_author`` is None where
    the contacts tell nothing.
    """

    likeness: float
    kind: LinkKind
    same_author: bool | None

    @property
    def exact(self) -> bool:
        """Whether both say the same, word for word."""
        return self.likeness >= 1.0


def compare(newer: Appeal, older: Appeal, rule: DuplicateRule) -> Alike | None:
    """How ``newer`` repeats ``older``; None when they are two matters, or linked already, or erased.

    A repeat is what came after the older one had been answered; anything else is a duplicate.
    """
    if newer.erased_at or older.erased_at or _are_linked(newer, older):
        return None
    if abs(newer.registered_at - older.registered_at) > timedelta(days=rule.days):
        return None
    if is_elsewhere(newer, older):
        return None
    one, other = plain(newer.text), plain(older.text)
    if min(len(one), len(other)) < _SHORT and not _share_address(newer, older):
        return None
    if (is_composed(newer.text) or is_composed(older.text)) and not (
        one == other and _say_where(newer, older)
    ):
        return None
    alike = likeness(one, other)
    if alike < rule.likeness:
        return None
    answered = [answer.confirmed_at for answer in older.answers if answer.confirmed_at is not None]
    repeats = not older.state.is_open and bool(answered) and min(answered) <= newer.received_at
    return Alike(
        round(alike, 3), LinkKind.REPEAT if repeats else LinkKind.DUPLICATE, _one_author(newer, older)
    )


def is_elsewhere(one: Appeal, other: Appeal) -> bool:
    """Whether two appeals name different places: municipality, numbers of houses, or streets."""
    here, there = one.place, other.place
    if here.municipality and there.municipality and here.municipality != there.municipality:
        return True
    if numbers_of(one.text, here.address) != numbers_of(other.text, there.address):
        return True
    ways = _streets(one.text, here.address), _streets(other.text, there.address)
    return bool(ways[0] and ways[1]) and ways[0].isdisjoint(ways[1])


def _say_where(one: Appeal, other: Appeal) -> bool:
    """Whether two appeals of equal labels are about one place: labels alone are the same everywhere."""
    return names_address(one.text) or _share_address(one, other)


def _share_address(one: Appeal, other: Appeal) -> bool:
    """Whether both name the same address beside their texts."""
    here, there = one.place.address, other.place.address
    return bool(here and there) and plain(here or "") == plain(there or "")


def _streets(*texts: str | None) -> frozenset[str]:
    """Stems of the names of streets and settlements in ``texts``."""
    return frozenset(
        stem(fold(name))
        for text in texts
        if text
        for pattern in (_NAMED_AFTER, _NAMED_BEFORE)
        for name in pattern.findall(text)
    )


def _are_linked(one: Appeal, other: Appeal) -> bool:
    return any(link.appeal == other.id for link in one.links) or any(
        link.appeal == one.id for link in other.links
    )


def _one_author(one: Appeal, other: Appeal) -> bool | None:
    if same_person(one.applicant, other.applicant):
        return True
    names = one.applicant.name, other.applicant.name
    if all(names) and plain(names[0] or "") != plain(names[1] or ""):
        return False
    return None
