"""A person says that a proposed incident is none: remembered and journaled in one transaction."""

from typing import Final

from sqlalchemy import select

from cur_tui.domain.decisions.case import required_text
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from cur_tui.domain.texts.text import neutralise
from regional_api.centre import Centre
from regional_api.database.identifiers import is_identifier
from regional_api.database.tables import APPEAL
from regional_api.identity.callers import Caller
from regional_api.record import journal
from regional_api.related import bursts
from regional_api.related.reading import read_incident
from regional_api.related.tables import MASS_INCIDENT
from regional_api.unit_of_work import unit_of_work

MAX_REASON: Final = 500
DISMISS: Final = "dismiss_incident"
"""The journal's word for it."""


def dismiss(centre: Centre, caller: Caller, id: str, reason: str) -> None:
    """Dismiss the proposal ``id``; one that was decided about before stays as it is.

    Raises :class:`Refused`: ``not_permitted``, ``not_found``, ``empty_field`` or ``too_long``.
    """
    caller.must(Permission.TRIAGE, DISMISS)
    why = required_text("reason", neutralise(reason))
    if len(why) > MAX_REASON:
        raise Refused("too_long", field="reason", limit=str(MAX_REASON))
    if not is_identifier(id):
        raise Refused("not_found")
    with unit_of_work(centre.database, centre.rulebook) as work:
        incident = read_incident(work.connection, caller.scope, centre.rulebook, id)
        if not bursts.dismiss(work.connection, id, work.now):
            return
        summary = incident.summary
        head = work.connection.execute(
            select(APPEAL.c.id, APPEAL.c.number)
            .join_from(MASS_INCIDENT, APPEAL, APPEAL.c.pk == MASS_INCIDENT.c.head)
            .where(MASS_INCIDENT.c.id == id)
        ).one_or_none()
        work.record(
            journal.entry_of(
                work.now,
                DISMISS,
                {
                    "incident": id,
                    "topic": summary.topic,
                    "municipality": summary.municipality,
                    "reason": why,
                },
                account=caller.actor.account,
                role=caller.actor.role.value,
                # Readers of the journal see the line if they see the appeal that would have led.
                appeal=head.id if head else None,
                number=head.number if head else None,
            )
        )
