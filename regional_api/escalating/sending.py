"""Alerts by webhook and e-mail: each to each receiver once, judged again before it leaves.

A webhook gets the same id with every attempt, by which it can tell a repeat. A letter is marked before it is
handed over: if the process dies then, nobody sends it a second time. An attempt is told from later ones by
its count: a process that slept through its own has nothing to send and nothing to say any more.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from cur_tui.domain.alerts import Alert, open_alerts
from cur_tui.domain.escalation import tellable
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.escalation import EscalationRule
from cur_tui.domain.vocabulary import AlertChannel
from cur_tui.i18n import N_, translator
from regional_api.centre import Centre
from regional_api.clock import seconds, stamp
from regional_api.database.store import load
from regional_api.delivering import mail, webhook
from regional_api.delivering.letter import Letter, UnsendableError
from regional_api.delivering.outcome import GivenUp, Missed, Outcome, Taken
from regional_api.escalating.settings import AlertSettings, read_settings
from regional_api.escalating.tables import ALERT_MESSAGE, FAILED, HANDED, SENT, WAITING, WITHDRAWN
from regional_api.log import log_event

_ATTEMPT: Final = 900
"""Seconds after which an attempt counts as dead: more than any receiver's timeout."""
_SUBJECT: Final = N_("Alert: {title}, {number}")
_TEXT: Final = N_("{title}.\n\nAppeal {number}, block «{block}».\nOpen it in the workstation.\n")


class _NotOursError(Exception):
    """Another process has tried the message meanwhile: what is to be said of it, that one says."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One message with what it tells of."""

    row: Row[Any]
    appeal: Appeal
    alert: Alert
    rule: EscalationRule | None

    @property
    def title(self) -> str:
        return self.rule.title if self.rule is not None else self.alert.rule


def queue(connection: Connection, centre: Centre, appeal: Appeal, alerts: Iterable[Alert]) -> None:
    """Let the new ``alerts`` of an appeal go to their receivers, in the transaction that made them."""
    settings = read_settings(connection)
    if settings is None:
        return
    rules = {rule.code: rule for rule in centre.region.escalation}
    rows = [
        {
            "id": str(uuid.uuid5(uuid.UUID(alert.id), f"{channel} {receiver}")),
            "appeal": appeal.id,
            "alert": alert.id,
            "channel": channel,
            "receiver": receiver,
            "state": WAITING,
            "tries": 0,
            "next_at": seconds(alert.at),
            "reason": None,
        }
        for alert in alerts
        for channel in rules[alert.rule].channels
        for receiver in _receivers(settings, channel, alert, appeal)
    ]
    if rows:
        connection.execute(insert(ALERT_MESSAGE), rows)


def send_next(centre: Centre, now: datetime) -> bool:
    """Try the message that is due first; False when none is."""
    with centre.database.writing() as connection:
        settings = read_settings(connection)
        row = connection.execute(
            select(ALERT_MESSAGE)
            .where(ALERT_MESSAGE.c.state == WAITING, ALERT_MESSAGE.c.next_at <= seconds(now))
            .order_by(ALERT_MESSAGE.c.next_at, ALERT_MESSAGE.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None or settings is None:
            return False
        told = _judged(connection, centre, row)
        if told is None:
            _set(connection, row.id, state=WITHDRAWN)
            return True
        may = tellable(told.rule, now, centre.rulebook.time) if told.rule is not None else now
        if may > now:
            _set(connection, row.id, next_at=seconds(may) + 1)
            return True
        _set(connection, row.id, tries=row.tries + 1, next_at=seconds(now) + _ATTEMPT)
    try:
        outcome = _post(centre, settings, told, now)
    except _NotOursError:
        return True
    with centre.database.writing() as connection:
        _settle(connection, settings, row, outcome, now)
    return True


def _receivers(settings: AlertSettings, channel: AlertChannel, alert: Alert, appeal: Appeal) -> list[str]:
    if channel is AlertChannel.WEBHOOK:
        return [hook.name for hook in settings.webhook]
    return settings.addresses_for(alert, appeal) if settings.email is not None else []


def _judged(connection: Connection, centre: Centre, row: Row[Any]) -> _Told | None:
    """None when what the message tells of is over, or somebody has taken it on."""
    stored = load(connection, [row.appeal]).get(row.appeal)
    if stored is None:
        return None
    rules = {rule.code: rule for rule in centre.region.escalation}
    for alert in open_alerts(stored.appeal):
        if alert.id == row.alert:
            return _Told(row, stored.appeal, alert, rules.get(alert.rule))
    return None


def _post(centre: Centre, settings: AlertSettings, told: _Told, now: datetime) -> Outcome | None:
    """None: the receiver is not there any more."""
    if told.row.channel == AlertChannel.WEBHOOK:
        hook = next((hook for hook in settings.webhook if hook.name == told.row.receiver), None)
        return None if hook is None else webhook.post(hook, told.row.id, _body(told), seconds(now))
    if settings.email is None:
        return None
    words = translator("ru")
    blocks = {block.code: block.name for block in centre.region.blocks}
    named = {
        "title": told.title,
        "number": told.appeal.number,
        "block": blocks.get(told.appeal.block or "", told.appeal.block or "—"),
    }
    subject = words.gettext(_SUBJECT).format(**named)
    letter = _letter(told, words.gettext(_TEXT).format(**named))

    def handing_over() -> None:
        with centre.database.writing() as connection:
            mine = _of_attempt(told.row) & (ALERT_MESSAGE.c.state == WAITING)
            if not connection.execute(update(ALERT_MESSAGE).where(mine).values(state=HANDED)).rowcount:
                raise _NotOursError

    sender = msgspec.structs.replace(settings.email, subject=subject)
    try:
        return mail.post(sender, letter, mail.message_of(sender, letter, {}), handing_over)
    except UnsendableError as error:
        return GivenUp(error.failure)


def _body(told: _Told) -> bytes:
    """What a program gets: codes and moments, and nobody's words."""
    alert, appeal = told.alert, told.appeal
    return msgspec.json.encode(
        {
            "type": "alert",
            "alert": alert.id,
            "rule": alert.rule,
            "title": told.title,
            "event": alert.event,
            "since": stamp(alert.since),
            "at": stamp(alert.at),
            "to": alert.to,
            "params": alert.params,
            "appeal": appeal.id,
            "number": appeal.number,
            "block": appeal.block,
            "authority": appeal.authority,
            "state": appeal.state,
            "priority": appeal.priority,
        },
        order="deterministic",
    )


def _letter(told: _Told, text: str) -> Letter:
    return Letter(
        delivery=told.row.id,
        appeal=told.appeal.id,
        number=told.appeal.number,
        regime=told.appeal.regime.value,
        source=told.appeal.source.value,
        kind="alert",
        text=text,
        digest="",
        outcome=None,
        submitted_at=stamp(told.alert.at),
        external_ids={},
        post=None,
        to=told.row.receiver,
    )


def _settle(
    connection: Connection, settings: AlertSettings, row: Row[Any], outcome: Outcome | None, now: datetime
) -> None:
    values: dict[str, object]
    match outcome:
        case Taken():
            values = {"state": SENT, "reason": None}
        case Missed(failure=failure, after=after) if row.tries + 1 < settings.tries:
            wait = max(after, settings.first_wait * 2**row.tries)
            values = {"state": WAITING, "next_at": seconds(now) + wait, "reason": str(failure.code)}
        case Missed(failure=failure) | GivenUp(failure=failure):
            values = {"state": FAILED, "reason": str(failure.code)}
            log_event("alert_not_sent", channel=row.channel, reason=str(failure.code))
        case None:
            values = {"state": FAILED, "reason": "no_receiver"}
    running = _of_attempt(row) & ALERT_MESSAGE.c.state.in_((WAITING, HANDED))
    connection.execute(update(ALERT_MESSAGE).where(running).values(**values))


def _of_attempt(row: Row[Any]) -> ColumnElement[bool]:
    """The message of ``row`` in the attempt that began with it."""
    return and_(ALERT_MESSAGE.c.id == row.id, ALERT_MESSAGE.c.tries == row.tries + 1)


def _set(connection: Connection, id: str, **values: object) -> None:
    connection.execute(update(ALERT_MESSAGE).where(ALERT_MESSAGE.c.id == id).values(**values))
