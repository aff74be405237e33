"""Which way a text goes: by a channel that is lawful for its appeal, has a receiver and an address."""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select, update

from cur_tui.domain.answers.delivery_failures import DeliveryFailure, FailureCode
from cur_tui.domain.model import Appeal
from cur_tui.domain.vocabulary import DeliveryChannel
from regional_api.clock import now, seconds
from regional_api.database.connections import Database
from regional_api.database.store import load
from regional_api.delivering.settings import EMAIL_RECEIVER, DeliverySettings, Rule, packaged_rules
from regional_api.delivering.tables import DELIVERY, WAITING

CHUNK: Final = 200
_HAND_ALONE: Final = (DeliveryChannel.HAND,)
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@((?:[\w](?:[\w-]{0,61}[\w])?\.)+[\w-]{2,63})"
)


@dataclass(frozen=True, slots=True)
class Way:
    """A channel and the name of its receiver, empty by hand."""

    channel: DeliveryChannel
    receiver: str = ""


BY_HAND: Final = Way(DeliveryChannel.HAND)


def way_of(
    appeal: Appeal, wanted: DeliveryChannel | None, settings: DeliverySettings | None
) -> Way | DeliveryFailure:
    """The way of a text of ``appeal``. Without a wish always one, if only by hand; with one that cannot be
    granted the failure that says why.
    """
    if wanted is DeliveryChannel.HAND:
        return BY_HAND
    rule = rule_of(appeal, settings)
    failure = DeliveryFailure(FailureCode.UNLAWFUL)
    for channel in rule.channels:
        if wanted is not None and channel is not wanted:
            continue
        way = _by(channel, appeal, rule, settings)
        if isinstance(way, Way):
            return way
        failure = way
    return BY_HAND if wanted is None else failure


def rule_of(appeal: Appeal, settings: DeliverySettings | None) -> Rule:
    """The first rule that is about such appeals."""
    for rule in settings.rules if settings is not None else packaged_rules():
        if rule.regime is appeal.regime and (not rule.sources or appeal.source in rule.sources):
            return rule
    return Rule(appeal.regime, _HAND_ALONE, "")


def email_of(appeal: Appeal, rule: Rule) -> str | None:
    """The address that a letter may go to, its domain as mail servers write it."""
    found = _ADDRESS.fullmatch((appeal.applicant.email or "").strip())
    if found is None or len(found[0]) > 254:
        return None
    domain = found[1].lower()
    try:
        written = domain.encode("idna").decode("ascii")
        zones = {zone.encode("idna").decode("ascii") for zone in rule.email_zones}
    except UnicodeError:
        return None
    if zones and written.rpartition(".")[2] not in zones:
        return None
    return f"{found[0][: found.start(1)]}{written}"


def route_all(database: Database, settings: DeliverySettings | None) -> None:
    """Send every text that waits and was not routed yet on its way, in short transactions: after an upgrade,
    or new settings, there may be as many as there are appeals.
    """
    routed = CHUNK
    while routed == CHUNK:
        with database.writing() as connection:
            routed = route_waiting(connection, settings, seconds(now()))


def route_waiting(connection: Connection, settings: DeliverySettings | None, at: int) -> int:
    """Send the next texts that wait and were not routed yet on their way; how many there were.

    What a person wished and cannot have keeps the reason: it is failed by whoever sends here, and left to be
    done by hand where nobody does.
    """
    known = () if settings is None else tuple(settings.receivers)
    # Receivers that the settings know no more have nothing to wait for.
    lost = DELIVERY.c.receiver.not_in((*known, ""))
    connection.execute(
        update(DELIVERY).where(DELIVERY.c.state == WAITING, lost).values(channel=None, receiver=None)
    )
    unrouted = (
        select(DELIVERY.c.id, DELIVERY.c.appeal, DELIVERY.c.wanted)
        .where(DELIVERY.c.state == WAITING, DELIVERY.c.receiver.is_(None))
        .order_by(DELIVERY.c.changed_at, DELIVERY.c.id)
        .limit(CHUNK)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(unrouted).all()
    appeals = load(connection, {row.appeal for row in rows})
    for row in rows:
        stored = appeals.get(row.appeal)
        wanted = DeliveryChannel(row.wanted) if row.wanted else None
        way = BY_HAND if stored is None else way_of(stored.appeal, wanted, settings)
        values: dict[str, object] = {"reason": None}
        if isinstance(way, DeliveryFailure):
            values = {"reason": str(way)}
            way = BY_HAND if settings is None else Way(DeliveryChannel(row.wanted))
        values |= {"channel": way.channel.value, "receiver": way.receiver}
        values["next_at"] = None if way.channel is DeliveryChannel.HAND else at
        connection.execute(update(DELIVERY).where(DELIVERY.c.id == row.id).values(values))
    return len(rows)


def _by(
    channel: DeliveryChannel, appeal: Appeal, rule: Rule, settings: DeliverySettings | None
) -> Way | DeliveryFailure:
    if channel is DeliveryChannel.HAND:
        return BY_HAND
    if settings is None:
        return DeliveryFailure(FailureCode.OFF)
    if channel is DeliveryChannel.EMAIL:
        if settings.email is None:
            return DeliveryFailure(FailureCode.OFF)
        if email_of(appeal, rule) is None:
            return DeliveryFailure(FailureCode.NO_ADDRESS)
        return Way(channel, EMAIL_RECEIVER)
    for hook in settings.webhook:
        if (not hook.sources or appeal.source in hook.sources) and (
            not hook.regimes or appeal.regime in hook.regimes
        ):
            return Way(channel, hook.name)
    return DeliveryFailure(FailureCode.OFF)
