"""Alerts: what escalation has told the staff, whom it concerns, and whether it still holds.

An alert is part of its appeal, so it reaches exactly those who may see the appeal, by the ordinary feed. It
is work, not mail: whoever acknowledges it takes it on, and everybody else it was for sees who did.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from cur_tui.domain.vocabulary import ClockKind, EscalationEvent, Role, State

if TYPE_CHECKING:
    from cur_tui.domain.model import Appeal, Clock
    from cur_tui.domain.rights import Actor

ESCALATED = "escalated"
"""What lists say of an appeal with an open alert, among its flags."""

NOT_OWED = frozenset({ClockKind.REGISTER, ClockKind.RETURN_WINDOW, ClockKind.CITIZEN_CLARIFICATION})
"""Clocks at whose end nobody of the staff owes anything."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One step of escalation that was told, once.

    ``rule`` and ``occasion`` say which step it was: the rule's code and what it came true of, such as one
    clock of the appeal. ``since``: when it came true; ``at``: when it was told. ``person``: who worked on the
    appeal then, if the rule alerts them. ``params``: ``clock``, ``due``, ``share``, ``times``, ``rating``, or
    ``by``, who reminded.
    """

    id: str
    rule: str
    event: EscalationEvent
    occasion: str
    since: datetime
    at: datetime
    to: tuple[Role, ...]
    person: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_name: str | None = None


def clock_occasion(clock: "Clock") -> str:
    """What tells one term from another: an extended term is a new one, a paused and resumed one is not."""
    extended = f"+{clock.extension.days}" if clock.extension else ""
    return f"{clock.kind.value}@{int(clock.started_at.timestamp())}{extended}"


def waiting_since(appeal: "Appeal") -> datetime:
    """When the appeal came to distribution, for the first time or back from a body."""
    returned = appeal.assignments[-1].returned_at if appeal.assignments else None
    return returned or appeal.registered_at


def distribution_occasion(appeal: "Appeal") -> str:
    """What tells one wait for distribution from another."""
    return f"distribution@{int(waiting_since(appeal).timestamp())}"


def is_live(alert: Alert, appeal: "Appeal") -> bool:
    """Whether what the alert tells of is still so; a low rating stays one."""
    if appeal.erased_at is not None:
        return False
    match alert.event:
        case EscalationEvent.TERM_SHARE | EscalationEvent.TERM_OVER:
            return appeal.state.is_open and any(
                clock.stopped_at is None and clock_occasion(clock) == alert.occasion
                for clock in appeal.clocks
            )
        case EscalationEvent.UNASSIGNED:
            return appeal.state is State.DISTRIBUTION and alert.occasion == distribution_occasion(appeal)
        case EscalationEvent.RETURNED:
            return appeal.state is State.DISTRIBUTION
        case EscalationEvent.REWORKED:
            return appeal.state.is_open
        case EscalationEvent.LOW_RATING:
            return True
        case EscalationEvent.REMINDER:
            return appeal.state.is_open and alert.person in (None, appeal.worker)


def open_alerts(appeal: "Appeal") -> tuple[Alert, ...]:
    """The alerts that still hold and that nobody has acknowledged."""
    return tuple(alert for alert in appeal.alerts if alert.acknowledged_at is None and is_live(alert, appeal))


def is_for(alert: Alert, actor: "Actor") -> bool:
    """Whether the alert is addressed to ``actor``: by role, or as the one who worked on the appeal."""
    return actor.role in alert.to or alert.person == actor.account
