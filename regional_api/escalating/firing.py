"""Firing: appeals whose alarm is due are locked, judged as they are now, and told of if that still holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from cur_tui.domain.escalation import escalated, next_look
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.database.store import Stored, load
from regional_api.database.tables import APPEAL
from regional_api.escalating.following import set_alarms
from regional_api.escalating.sending import queue
from regional_api.escalating.tables import ESCALATION
from regional_api.log import log_event
from regional_api.record import journal
from regional_api.unit_of_work import UnitOfWork, unit_of_work

_CHUNK: Final = 50
"""Appeals in one transaction, so that no writer waits long."""


@dataclass(frozen=True, slots=True)
class Fired:
    """How many appeals were looked at, and how many alerts that made."""

    looked: int = 0
    alerts: int = 0

    def __add__(self, other: "Fired") -> "Fired":
        return Fired(self.looked + other.looked, self.alerts + other.alerts)


def fire(centre: Centre, now: datetime) -> Fired:
    """Look at the next appeals whose alarm is due by ``now``; ``looked`` is 0 when none is."""
    with unit_of_work(centre.database, centre.rulebook, now) as work:
        due = _due(work)
        stored = load(work.connection, [id for id, _ in due if id is not None], lock=True)
        alerts = sum(_judge(work, centre, one) for one in stored.values())
        # An appeal that was deleted leaves its alarm behind.
        gone = [pk for id, pk in due if id not in stored]
        if gone:
            work.connection.execute(delete(ESCALATION).where(ESCALATION.c.pk.in_(gone)))
    return Fired(len(due), alerts)


def foreseen(centre: Centre, now: datetime) -> Fired:
    """What :func:`fire` would do by ``now``, over all that is due; changes nothing."""
    with centre.database.reading() as connection:
        ids = connection.execute(
            select(APPEAL.c.id)
            .join_from(ESCALATION, APPEAL, APPEAL.c.pk == ESCALATION.c.pk)
            .where(ESCALATION.c.at <= seconds(now))
        )
        found = load(connection, list(ids.scalars()))
    after = [escalated(one.appeal, centre.rulebook, now) for one in found.values()]
    before = (one.appeal for one in found.values())
    return Fired(len(found), sum(_new_alerts(old, new) for old, new in zip(before, after, strict=True)))


def _due(work: UnitOfWork) -> Sequence[tuple[str | None, int]]:
    rows = work.connection.execute(
        select(APPEAL.c.id, ESCALATION.c.pk)
        .select_from(ESCALATION)
        .outerjoin(APPEAL, APPEAL.c.pk == ESCALATION.c.pk)
        .where(ESCALATION.c.at <= seconds(work.now))
        .order_by(ESCALATION.c.at, ESCALATION.c.pk)
        .limit(_CHUNK)
    )
    return [(row.id, row.pk) for row in rows]


def _judge(work: UnitOfWork, centre: Centre, stored: Stored) -> int:
    before = stored.appeal
    after = escalated(before, work.rulebook, work.now)
    if after is not before:
        try:
            work.change(stored, after)
        except Refused as refused:
            # An appeal without room for another line: the lists show it, and there is nobody to tell.
            log_event("not_escalated", code=refused.code, number=before.number)
            set_alarms(work.connection, [(stored.pk, None)])
            return 0
        _record(work, before, after)
        queue(work.connection, centre, after, after.alerts[len(before.alerts) :])
    set_alarms(work.connection, [(stored.pk, next_look(after, work.rulebook, work.now))])
    return _new_alerts(before, after)


def _record(work: UnitOfWork, before: Appeal, after: Appeal) -> None:
    for event in after.timeline[len(before.timeline) :]:
        work.record(
            journal.entry_of(
                work.now,
                event.type,
                dict(event.details),
                appeal=after.id,
                number=after.number,
                before=event.version - 1,
                after=event.version,
                command=event.command,
            )
        )


def _new_alerts(before: Appeal, after: Appeal) -> int:
    return len(after.alerts) - len(before.alerts)
