"""Whether two appeals have one author, as far as contacts tell: a name alone tells nothing."""

from cur_tui.domain.model import Applicant

_TELLS_APART = 10
"""Digits of a telephone number that tell it from all others in the country."""


def same_person(one: Applicant, other: Applicant) -> bool:
    """Whether a telephone, an e-mail address, a page, or the name with the address are the same."""
    phone = _digits(one.phone)
    return (
        (len(phone) >= _TELLS_APART and phone == _digits(other.phone))
        or _same(one.email, other.email)
        or _same(one.profile_url, other.profile_url)
        or (_same(one.name, other.name) and _same(one.address, other.address))
    )


def _digits(phone: str | None) -> str:
    return "".join(char for char in phone or "" if char.isdigit())[-_TELLS_APART:]


def _same(one: str | None, other: str | None) -> bool:
    return bool(one and other) and _plain(one) == _plain(other)


def _plain(value: str | None) -> str:
    return " ".join((value or "").casefold().replace("ё", "е").split())
