"""Personal data out of text that leaves the circle of those who may read it (Federal Law 152-ФЗ, art. 7).

Meant as the second line behind an allow-list of fields: it knows the shapes of e-mail addresses, telephone,
СНИЛС, passport and bank card numbers, and cannot know names or addresses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_GAP = r"[\s\-–—.()]{0,3}"

# Each quantifier is bounded and starts at a boundary: hostile text must not make the search quadratic.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){15}(?![\d-])")
_SNILS = re.compile(r"(?<![\d-])\d{3}[ -]\d{3}[ -]\d{3}[ -]?\d{2}(?![\d-])")
_SNILS_NAMED = re.compile(r"(?i)(снилс\D{0,10})\d{3}[ -]?\d{3}[ -]?\d{3}[ -]?\d{2}(?!\d)")
_PASSPORT = re.compile(r"(?<![\d-])\d{2} ?\d{2} {0,2}(?:№|N|номер| ) ?\d{6}(?![\d-])")
_PASSPORT_NAMED = re.compile(r"(?i)((?:паспорт|серия)\D{0,20})\d{2}\s?\d{2}\D{0,10}\d{6}(?!\d)")
_PHONE = re.compile(
    rf"(?<![\d-])(?:\+\s?7|[78]){_GAP}\d(?:{_GAP}\d){{9}}(?!\d)"  # +7 or 8 and ten digits
    rf"|\+[1-9](?:{_GAP}\d){{8,14}}(?!\d)"  # another country
    rf"|\(\d{{3,5}}\)\s?\d(?:[\s-]?\d){{4,6}}(?!\d)"  # (4162) 00-00-00
    rf"|(?<![\d-])9\d{{2}}{_GAP}\d{{3}}[\s-]?\d{{2}}[\s-]?\d{{2}}(?![\d-])"  # a mobile number without prefix
)


# In the order of certainty: what one shape has claimed, the next ones leave alone.
_SHAPES = (
    ("email", _EMAIL),
    ("card", _CARD),
    ("snils", _SNILS_NAMED),
    ("snils", _SNILS),
    ("passport", _PASSPORT_NAMED),
    ("passport", _PASSPORT),
    ("phone", _PHONE),
)


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """Where personal data stands in a text; ``kind`` is email, card, snils, passport or phone."""

    kind: str
    start: int
    end: int


def find_personal(text: str) -> Iterator[PersonalNumber]:
    """Yield what :func:`mask_personal` would replace in ``text``, kind by kind, no place twice."""
    claimed = bytearray(len(text))
    for kind, shape in _SHAPES:
        for found in shape.finditer(text):
            start, end = found.span()
            if any(claimed[start:end]) or (kind == "card" and not _is_card(found[0])):
                continue
            claimed[start:end] = b"\x01" * (end - start)
            yield PersonalNumber(kind, start, end)


def mask_personal(text: str) -> str:
    """Return neutralised ``text`` with the personal numbers and addresses it recognises replaced by dots.

    The replacement keeps the kind readable («•••@•••»). Appeal numbers, dates, and 10-digit numbers of
    organisations (ИНН) stay.
    """
    text = _EMAIL.sub("•••@•••", text)
    text = _CARD.sub(_mask_card, text)
    text = _SNILS_NAMED.sub(r"\1•••-•••-••• ••", text)
    text = _SNILS.sub("•••-•••-••• ••", text)
    text = _PASSPORT_NAMED.sub(r"\1•••• ••••••", text)
    text = _PASSPORT.sub("•••• ••••••", text)
    return _PHONE.sub("+• ••• •••-••-••", text)


def _mask_card(found: re.Match[str]) -> str:
    return "•••• •••• •••• ••••" if _is_card(found[0]) else found[0]


def _is_card(number: str) -> bool:
    """Tell a card by its right check digit (Luhn), or document numbers would be taken for cards."""
    digits = [int(char) for char in number if char.isdigit()]
    doubled = (digit * 2 for digit in digits[-2::-2])
    total = sum(digits[-1::-2]) + sum(digit - 9 if digit > 9 else digit for digit in doubled)
    return total % 10 == 0
