"""Letters that came back: the reports of mail systems (RFC 3464) in a file, put down once each.

A report is told by its form alone, never by its words: what a program or a person wrote in sentences is left
to a person. Whoever can write to the mailbox can send a report, so it is read as hostile, and the worst that
a forged one does is to bring a text that waits for its confirmation to a person.
"""

import email.policy
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, select

from cur_tui.domain.answers.delivery_failures import DeliveryFailure, FailureCode
from cur_tui.domain.vocabulary import DeliveryChannel
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.database.identifiers import is_identifier
from regional_api.database.store import load
from regional_api.delivering.letter import Letter
from regional_api.delivering.tables import DELIVERY, DELIVERY_ATTEMPT, FAILED, SENT
from regional_api.delivering.telling import NotTakenError, tell
from regional_api.identity.callers import Caller
from regional_api.importers.files.mail import is_tangled
from regional_api.unit_of_work import UnitOfWork, unit_of_work

_HEAD: Final = 262_144
"""Bytes of a report that are read: what it says stands before the letter that it brings back."""
_SLACK: Final = 3_600
"""Seconds by which the clocks of mail systems may be wrong."""
_UNCERTAIN: Final = str(DeliveryFailure(FailureCode.UNCERTAIN))
_OURS: Final = re.compile(r"<([0-9a-f-]{36})@[^<>\s]{1,255}>")
_STATUS: Final = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![.0-9])")
_ENCODED: Final = re.compile(r"\+([0-9A-F]{2})")


@dataclass(frozen=True, slots=True)
class Bounce:
    """What one report says. ``failed`` is False where it is not about an end: a delay, a forwarding."""

    said: str
    """What tells this report from others."""
    delivery: str
    failed: bool
    recipient: str
    """The address that the letter was sent to, as far as the report knows it."""
    status: str
    """The code of RFC 3463, such as ``5.1.1``; empty without one."""
    at: datetime | None


def read_bounce(raw: bytes) -> Bounce:
    """The report that the letter ``raw`` is. Raises :class:`NotTakenError`."""
    head = raw[:_HEAD]
    if is_tangled(head):
        raise NotTakenError("no_report")
    try:
        return _read(BytesParser(policy=email.policy.compat32).parsebytes(head), raw)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The parser of the standard library fails in many ways on letters made to break it.
        raise NotTakenError("no_report") from None


def take_bounce(centre: Centre, caller: Caller, raw: bytes) -> str:
    """Put down what the letter ``raw`` says: ``failed``, ``same`` when that was known, or ``empty``.

    Raises :class:`NotTakenError` and :class:`~cur_tui.domain.refusal.Refused`.
    """
    bounce = read_bounce(raw)
    with unit_of_work(centre.database, centre.rulebook) as work:
        query = select(DELIVERY).where(DELIVERY.c.id == bounce.delivery)
        known = work.connection.execute(query).one_or_none()
        # The record before its line, as everybody locks them.
        stored = load(work.connection, [known.appeal], lock=True).get(known.appeal) if known else None
        if known is None or stored is None or not caller.sees(stored.place):
            raise NotTakenError("unknown_delivery")
        line = work.connection.execute(query.with_for_update()).one()
        answer = stored.appeal.answer(line.answer)
        if answer is None:
            raise NotTakenError("unknown_delivery")
        if not bounce.failed:
            return "empty"
        if not _is_new(work, line, bounce):
            return "same"
        failure = str(DeliveryFailure(FailureCode.BOUNCED, bounce.status))
        after = tell(work, caller, stored, answer, "failed", said=bounce.said, reason=failure)
        return "same" if after is None else "failed"


def _is_new(work: UnitOfWork, line: Row[Any], bounce: Bounce) -> bool:
    """Whether the letter that came back is the last that left, and nobody knew yet that it would."""
    if line.channel != DeliveryChannel.EMAIL or line.state not in (SENT, FAILED) or line.letter is None:
        raise NotTakenError("not_out_by_mail")
    letter = msgspec.json.decode(bytes(line.letter), type=Letter)
    addresses = {bounce.recipient, _ENCODED.sub(lambda found: chr(int(found[1], 16)), bounce.recipient)}
    if bounce.recipient and (letter.to or "").casefold() not in {one.casefold() for one in addresses}:
        raise NotTakenError("other_recipient")
    begun = select(DELIVERY_ATTEMPT.c.began_at).where(
        DELIVERY_ATTEMPT.c.delivery == line.id, DELIVERY_ATTEMPT.c.n == line.attempt
    )
    began_at = work.connection.execute(begun).scalar_one()
    if bounce.at is not None and seconds(bounce.at) < began_at - _SLACK:
        return False
    return bool(line.state == SENT or line.reason == _UNCERTAIN)


def _read(letter: Message, raw: bytes) -> Bounce:
    reports = [part for part in _parts(letter) if part.get_content_type() == "message/delivery-status"]
    if letter.get_content_type() != "multipart/report" or not reports:
        raise NotTakenError("no_report")
    blocks = [block for block in reports[0].get_payload() if isinstance(block, Message)]
    failed = [block for block in blocks if str(block.get("Action", "")).strip().lower() == "failed"]
    about = failed[0] if failed else Message()
    status = _STATUS.match(_field(about, "Status"))
    own = _field(letter, "Message-ID").encode(errors="replace") or raw
    delivery = _delivery(letter)
    return Bounce(
        said=f"bounce\n{delivery}\n{hashlib.sha256(own).hexdigest()}",
        delivery=delivery,
        failed=bool(failed),
        recipient=_field(about, "Original-Recipient").rpartition(";")[2].strip(),
        status=status[0] if status else "",
        at=_date(letter),
    )


def _parts(letter: Message) -> Iterator[Message]:
    """The parts of the report itself, not those of what it brings back."""
    payload = letter.get_payload()
    if isinstance(payload, list):
        yield from (part for part in payload if isinstance(part, Message))


def _delivery(letter: Message) -> str:
    """The delivery whose letter came back, by the name that we gave the letter."""
    for part in _parts(letter):
        kind, payload = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and isinstance(payload[0], Message):
            name = _field(payload[0], "Message-ID")
        elif kind == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            name = _field(
                BytesHeaderParser().parsebytes(text if isinstance(text, bytes) else b""), "Message-ID"
            )
        else:
            continue
        found = _OURS.fullmatch(name)
        if found is not None and is_identifier(found[1]):
            return found[1]
    raise NotTakenError("no_letter_named")


def _field(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip()


def _date(letter: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(_field(letter, "Date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # Without a zone it says nothing that could be held against a moment.
    return at if at.tzinfo is not None else None
