"""Personal data by need (152-ФЗ, art. 5, 7): an appeal as it is shown to those who need not know who wrote.

The applicant is withheld as a whole. In texts, what looks like a telephone, an e-mail address or a document's
number is masked whoever it belongs to, and so is the applicant's own name in any of its forms, their address
and their page. Names of other people in free text cannot be recognised and stay.
"""

import re
from functools import lru_cache
from typing import Final

from cur_tui.domain.appeal_texts import with_texts
from cur_tui.domain.evolve import replace
from cur_tui.domain.language.stems import WORD, fold, folded_words, stem
from cur_tui.domain.language.word_forms import stems_of
from cur_tui.domain.model import NO_APPLICANT, Appeal, Applicant
from cur_tui.domain.texts.mask import mask_personal

HIDDEN: Final = "•••"
"""What stands for a masked word."""

_LEAST_NAME = 3
"""Letters of a word of a name that is looked for: initials would be found everywhere."""
_LEAST_DIGITS = 5
"""Digits that a number has in common with the applicant's to be taken for it: a local number is the end of
the whole one."""
_TELLS_APART = 10
"""Digits of a telephone number that tell it from all others in the country."""
_GREETING_LINES = 2
_NUMBER = re.compile(r"\+?\d(?:[\s\-–—.()]{0,3}\d){4,14}")
_MARK = re.compile(r"@|\d(?:\D{0,3}\d){4}")
"""What every shape of a number or address has: texts without it, nearly all of them, need no closer look."""


class Mask:
    """Masks texts of one applicant's appeal. The same text always becomes the same."""

    def __init__(self, applicant: Applicant) -> None:
        self._names = _name_stems(applicant.name or "")
        self._begins = frozenset(name[:2] for name in self._names)
        self._digits = _digits(applicant.phone or "")
        whole = (applicant.address, applicant.profile_url, applicant.email)
        self._whole = tuple(value.casefold() for value in whole if value and len(value) >= _LEAST_NAME)

    def __call__(self, text: str) -> str:
        """``text`` as it may be shown."""
        folded = text.casefold()
        for value in self._whole:
            if value in folded:
                text = re.sub(re.escape(value), HIDDEN, text, flags=re.IGNORECASE)
                folded = text.casefold()
        if _MARK.search(text):
            text = mask_personal(text)
            if len(self._digits) >= _LEAST_DIGITS:
                text = _NUMBER.sub(self._number, text)
        folded = folded.replace("ё", "е")
        if any(name in folded for name in self._names):
            text = WORD.sub(self._word, text)
        return text

    def _number(self, found: re.Match[str]) -> str:
        return HIDDEN if self._digits.endswith(_digits(found[0])) else found[0]

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        if word[:2].casefold().replace("ё", "е") not in self._begins:
            return word  # as nearly every word; finding its stem costs twenty times as much
        return HIDDEN if stem(fold(word)) in self._names else word


def names_author(text: str, applicant: Applicant) -> bool:
    """Whether ``text`` speaks to the applicant or of them, so that it is for nobody else.

    Two words of the name anywhere, one in the greeting, or a contact of theirs. One word alone may be
    anybody's, as in a signature; telephones and addresses of others are nobody's secret here.
    """
    if _has_contact(text, applicant):
        return True
    names = _name_stems(applicant.name or "")
    if not names:
        return False
    greeting = "\n".join(text.strip().splitlines()[:_GREETING_LINES])
    return len(names & _stems(text)) > 1 or not names.isdisjoint(_stems(greeting))


def _has_contact(text: str, applicant: Applicant) -> bool:
    folded = text.casefold()
    whole = (applicant.address, applicant.profile_url, applicant.email)
    if any(len(value) >= _LEAST_NAME and value.casefold() in folded for value in whole if value):
        return True
    own = _digits(applicant.phone or "")
    if len(own) < _LEAST_DIGITS:
        return False
    numbers = (_digits(found[0]) for found in _NUMBER.finditer(text))
    return any(own.endswith(number) or number.endswith(own[-_TELLS_APART:]) for number in numbers)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(fold(word)) for word in WORD.findall(text))


def masked(appeal: Appeal) -> Appeal:
    """``appeal`` without its applicant, and with its texts masked."""
    return replace(with_texts(appeal, Mask(appeal.applicant)), applicant=NO_APPLICANT)


@lru_cache(maxsize=1_024)
def _name_stems(name: str) -> frozenset[str]:
    """The stems that the words of a name have in all their forms."""
    words = [word for word in folded_words(name) if len(word) >= _LEAST_NAME]
    return frozenset(cut for word in words for cut in stems_of(word) if len(cut) > 1)
