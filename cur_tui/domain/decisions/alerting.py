"""The commands about alerts: to take on what one tells of, and to remind by one."""

from collections.abc import Callable
from typing import Any

from cur_tui.domain.alerts import Alert, is_for, open_alerts
from cur_tui.domain.commands import Acknowledge, Remind
from cur_tui.domain.decisions.case import Case
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission, can
from cur_tui.domain.vocabulary import EscalationEvent, Role

_WORKERS = (Role.BLOCK_OPERATOR, Role.SECONDED_AGENT)
"""Whom a reminder is for where nobody works on the appeal; only those get it who see the appeal."""


def _acknowledge(case: Case, arguments: Acknowledge) -> Appeal:
    """The first who acknowledges stays. Whoever comes second, not knowing of it, is not refused."""
    meant = [alert for alert in case.before.alerts if _is_meant(alert, arguments, case)]
    if not meant:
        raise Refused("no_alert", number=case.before.number)
    open_ones = {alert.id for alert in meant if alert.acknowledged_at is None}
    case.details["rule"] = ", ".join(dict.fromkeys(alert.rule for alert in meant if alert.id in open_ones))
    return replace(
        case.before,
        alerts=tuple(
            replace(
                alert,
                acknowledged_at=case.now,
                acknowledged_by=case.actor.account,
                acknowledged_name=case.actor.name,
            )
            if alert.id in open_ones
            else alert
            for alert in case.before.alerts
        ),
    )


def _is_meant(alert: Alert, arguments: Acknowledge, case: Case) -> bool:
    if arguments.alert not in ("", alert.id):
        return False
    return is_for(alert, case.actor) or can(case.rulebook.region, case.actor, Permission.SUPERVISE)


def _remind(case: Case, _: Remind) -> Appeal:
    """One that is still open stands: whoever reminds of the same meanwhile is not refused and adds none."""
    before = case.before
    if any(alert.event is EscalationEvent.REMINDER for alert in open_alerts(before)):
        return before
    worker = before.worker
    alert = Alert(
        id=case.command.id,
        rule=EscalationEvent.REMINDER.value,
        event=EscalationEvent.REMINDER,
        occasion=case.command.id,
        since=case.now,
        at=case.now,
        to=_WORKERS if worker is None else (),
        person=worker,
        params={"by": case.actor.name},
    )
    return replace(before, alerts=(*before.alerts, alert))


HANDLERS: dict[Any, Callable[[Case, Any], Appeal]] = {Acknowledge: _acknowledge, Remind: _remind}
