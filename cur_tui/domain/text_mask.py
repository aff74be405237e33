"""Personal data out of text that leaves the circle of those who may read it (Federal Law 152-ФЗ, art. 7).

Meant as the second line behind an allow-list of fields: it knows the shapes of e-mail addresses, telephone,
СНИЛС, passport and bank card numbers, and cannot know names or addresses.
"""

import re

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
    """Replace a number only when its check digit is right (Luhn), or document numbers would go as well."""
    digits = [int(char) for char in found[0] if char.isdigit()]
    doubled = (digit * 2 for digit in digits[-2::-2])
    total = sum(digits[-1::-2]) + sum(digit - 9 if digit > 9 else digit for digit in doubled)
    return "•••• •••• •••• ••••" if total % 10 == 0 else found[0]
