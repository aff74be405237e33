"""The command that ends an alert: somebody takes on what it tells of."""

from collections.abc import Callable
from typing import Any

from cur_tui.domain.alerts import Alert, is_for
from cur_tui.domain.commands import Acknowledge
from cur_tui.domain.decisions.case import Case
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission, can


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


HANDLERS: dict[Any, Callable[[Case, Any], Appeal]] = {Acknowledge: _acknowledge}
