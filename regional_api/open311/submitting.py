"""From a submission to an appeal: registered by the ordinary intake, once, in one transaction.

The regime comes from the data (handbook §2.1): a statutory appeal where a platform that identifies its users
sends one that can be answered, and else a mere information, with the explanation of the lawful channels.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.domain.intake import Incoming
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Regime, Source, TemplateKind
from cur_tui.i18n import Translator
from regional_api.appeals.intake import Original, register_now
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.database.tables import APPEAL
from regional_api.open311.form import MEDIA_TYPE
from regional_api.open311.keys import ApiKey, hold_key
from regional_api.open311.limits import too_many
from regional_api.open311.notices import notice_of
from regional_api.open311.settings import Open311Settings
from regional_api.open311.submission import Submission
from regional_api.open311.tables import OPEN311_REQUEST
from regional_api.open311.wire import Open311Created
from regional_api.unit_of_work import UnitOfWork, unit_of_work

REPEAT_WITHIN: Final = timedelta(hours=24)
"""A form with the same content is the same request, and not a second one, for so long."""
_DAY: Final = 86_400
_TOKEN_BYTES: Final = 16


def submit(
    centre: Centre,
    settings: Open311Settings,
    key: ApiKey,
    submission: Submission,
    words: Translator,
    repeat_key: str | None = None,
) -> Open311Created:
    """Register a request, or find the one that it repeats; either has the same answer.

    ``repeat_key``: what the client calls this request; it never makes a second one. Raises
    ``too_many_attempts`` when the key has submitted all that it may in a day, ``repeat_key_reused`` when it
    called another request so.
    """
    fingerprint = _digest(centre, "content", submission.content)
    repeat = None if repeat_key is None else _digest(centre, "repeat", repeat_key.encode())
    with unit_of_work(centre.database, centre.rulebook) as work:
        hold_key(work.connection, key.id)
        known = _known(work, key, fingerprint, repeat)
        if known is not None:
            appeal, token = decode_appeal(unpack(bytes(known.doc)), bytes(known.applicant)), known.token
        else:
            _check_day(work, key)
            token = secrets.token_hex(_TOKEN_BYTES)
            appeal = _register(work, key, submission)
            row = _row(appeal, key, submission, work.now)
            row |= {"token": token, "fingerprint": fingerprint, "repeat_key": repeat}
            work.connection.execute(insert(OPEN311_REQUEST), row)
    notice = notice_of(appeal, centre.rulebook, words)
    if settings.answers == "token":
        return Open311Created(token=token, service_notice=notice)
    return Open311Created(service_request_id=appeal.number, service_notice=notice)


def _register(work: UnitOfWork, key: ApiKey, submission: Submission) -> Appeal:
    is_statutory = key.terms.identified and submission.can_be_answered
    incoming = Incoming(
        regime=Regime.FZ59 if is_statutory else Regime.INFORMATION,
        source=Source.OPEN311,
        text=submission.text,
        received_at=work.now,
        registered_at=work.now,
        applicant=submission.applicant,
        place=submission.place,
        block=work.rulebook.block_of_topic(submission.service.code),
        topic=submission.service.code,
        external_ids={"open311": key.terms.name},
    )
    original = Original(submission.received, f"{MEDIA_TYPE}; charset=utf-8")
    explain = None if is_statutory else TemplateKind.CHANNEL_EXPLANATION_APP
    return register_now(work, incoming, original, explain=explain)


def _row(appeal: Appeal, key: ApiKey, submission: Submission, now: datetime) -> dict[str, object]:
    lat, long = submission.position or (None, None)
    return {
        "appeal": appeal.id,
        "key": key.id,
        "service": submission.service.code,
        "at": seconds(now),
        "lat": lat,
        "long": long,
    }


def _known(
    work: UnitOfWork, key: ApiKey, fingerprint: str, repeat: str | None
) -> Row[*tuple[Any, ...]] | None:
    """The request that this one repeats."""
    requests = OPEN311_REQUEST.c
    query = (
        select(requests.token, requests.fingerprint, APPEAL.c.doc, APPEAL.c.applicant)
        .join(APPEAL, APPEAL.c.id == requests.appeal)
        .where(requests.key == key.id)
    )
    if repeat is not None:
        named = work.connection.execute(query.where(requests.repeat_key == repeat)).first()
        if named is not None and named.fingerprint != fingerprint:
            raise Refused("repeat_key_reused")
        return named
    since = seconds(work.now - REPEAT_WITHIN)
    alike = query.where(requests.at > since, requests.fingerprint == fingerprint)
    return work.connection.execute(alike.order_by(requests.at.desc()).limit(1)).first()


def _check_day(work: UnitOfWork, key: ApiKey) -> None:
    since = seconds(work.now) - _DAY
    first, submitted = _submitted(work.connection, key.id, since)
    if submitted >= key.terms.per_day:
        raise too_many(max(first - since, 1))


def _submitted(connection: Connection, key: str, since: int) -> tuple[int, int]:
    """When the first request of a key came since then, and how many there were."""
    of_key = select(func.min(OPEN311_REQUEST.c.at), func.count()).where(
        OPEN311_REQUEST.c.key == key, OPEN311_REQUEST.c.at > since
    )
    first, submitted = connection.execute(of_key).one()
    return first or since, submitted


def _digest(centre: Centre, kind: str, value: bytes) -> str:
    data = f"open311 {kind}\0".encode() + value
    return hashlib.blake2b(data, digest_size=16, key=centre.cursor_key).hexdigest()
