"""Erasure: an appeal without personal data and texts, in which everything that is counted stays as it was.

152-ФЗ art. 21 part 4: what is no longer needed for its purpose is destroyed. State, terms, dates, codes and
who worked on it stay: statistics over years must not change by it.
"""

from datetime import datetime
from typing import Final

from cur_tui.domain.appeal_texts import with_texts
from cur_tui.domain.evolve import replace
from cur_tui.domain.intake import SYSTEM_ACCOUNT
from cur_tui.domain.model import NO_APPLICANT, Appeal, Event, Place
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import RejectionReason, SpecialGround

ERASE: Final = "erase"
"""The event that tells of it."""

_CODES: Final = frozenset(code.value for kind in (RejectionReason, SpecialGround) for code in kind)
"""Reasons that are codes and not texts; they say nothing of anybody."""


def erased(appeal: Appeal, *, command: str, now: datetime) -> Appeal:
    """``appeal`` one version on, without personal data and texts.

    Raises :class:`Refused`: ``appeal_open`` while somebody still owes work on it, ``appeal_erased`` the
    second time.
    """
    check_not_erased(appeal)
    if appeal.state.is_open:
        raise Refused("appeal_open", number=appeal.number)
    event = Event(
        version=appeal.version + 1,
        command=command,
        type=ERASE,
        at=now,
        device_at=now,
        account=SYSTEM_ACCOUNT,
        name="",
        role=SYSTEM_ACCOUNT,
    )
    bare = with_texts(appeal, _nothing_but_codes)
    return replace(
        bare,
        version=event.version,
        applicant=NO_APPLICANT,
        place=Place(municipality=appeal.place.municipality),
        essence=None,
        rating_comment=None,
        external_ids={},
        attachments=(),
        timeline=(*bare.timeline, event),
        erased_at=now,
    )


def check_not_erased(appeal: Appeal) -> None:
    """Raise ``appeal_erased`` for an appeal whose texts are gone: what is written to it has no subject."""
    if appeal.erased_at is not None:
        raise Refused("appeal_erased", number=appeal.number)


def _nothing_but_codes(text: str) -> str:
    return text if text in _CODES else ""
