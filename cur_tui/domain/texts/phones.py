"""Telephone numbers for the search: «8 (4162) 22-33-44» and «+7 4162 223344» are the same number.

Russian numbers have ten digits behind the 8 or +7; people in one town write the last five to seven only.
"""

import re
from collections.abc import Iterator
from typing import Final

_DIGITS: Final = 10
_GAP: Final = r"[ \u00a0()\-\u2010-\u2015]{0,3}"
WHOLE = re.compile(rf"(?<!\d)(?:\+?7{_GAP}|8{_GAP})?(?:[3489]\d\d{_GAP}(?:\d{_GAP}){{6}}\d)(?!\d)")
"""A number with the code of its town or network."""

LOCAL = re.compile(r"(?<!\d)\d{1,3}[ \-\u2010-\u2015]\d\d[ \-\u2010-\u2015]\d\d(?!\d)")
"""A number as it is dialled within a town."""

_ENOUGH_DIGITS = re.compile(r"\d[^\n]{0,3}\d[^\n]{0,3}\d[^\n]{0,3}\d[^\n]{0,3}\d")
_LOCAL_LENGTHS: Final = (5, 6, 7)
_NOT_DIGITS = re.compile(r"\D+")


def canonical(found: str) -> str:
    """The digits of a number without the 8 or +7."""
    return _NOT_DIGITS.sub("", found)[-_DIGITS:]


def numbers_in(text: str) -> Iterator[str]:
    """Every number in ``text`` in the form that the search compares, whole and as it is dialled in town."""
    if _ENOUGH_DIGITS.search(text) is None:
        return
    found: dict[str, None] = {}
    for match in WHOLE.finditer(text):
        number = canonical(match[0])
        found[number] = None
        found.update((number[-length:], None) for length in _LOCAL_LENGTHS)
    for match in LOCAL.finditer(text):
        found[_NOT_DIGITS.sub("", match[0])] = None
    yield from found


def as_number(typed: str) -> str | None:
    """The number that ``typed`` is as a whole; None when it is something else."""
    typed = typed.strip()
    if WHOLE.fullmatch(typed):
        return canonical(typed)
    return _NOT_DIGITS.sub("", typed) if LOCAL.fullmatch(typed) else None


def same_number(found: str, number: str) -> bool:
    """Whether ``found`` in a text is ``number`` as :func:`as_number` gives it, or ends in it."""
    digits = canonical(found)
    return digits == number or (len(number) in _LOCAL_LENGTHS and digits.endswith(number))
