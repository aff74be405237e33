"""Escalation: which steps the policy of a region has for an appeal, when each comes, and what it does.

Everything is worked out from the appeal as it is now, so a step whose ground is gone never fires, however
long ago it was foreseen. What was told is kept in the appeal, so no step fires twice, whoever asks.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from cur_tui.domain.alerts import NOT_OWED, Alert, clock_occasion, distribution_occasion, waiting_since
from cur_tui.domain.decisions.oversight import reopened
from cur_tui.domain.evolve import replace
from cur_tui.domain.intake import SYSTEM_ACCOUNT
from cur_tui.domain.model import Appeal, Clock, Event
from cur_tui.domain.profile.escalation import EscalationRule
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.time.calendar import as_utc
from cur_tui.domain.time.deadlines import CountFrom, EndRule, EndTime, deadline
from cur_tui.domain.time.term_share import share_moment
from cur_tui.domain.time.working_time import WorkClock
from cur_tui.domain.vocabulary import EscalationEvent, State

ESCALATE = "escalate"
"""The event that tells of an alert."""

TOO_LATE = timedelta(days=7)
"""A step that could have been told so long ago is not told any more: after an import of years, or a stop of
the server, nobody is helped by what the lists show anyway."""

_TERMS = (EscalationEvent.TERM_SHARE, EscalationEvent.TERM_OVER)
_REPEATED = {EscalationEvent.RETURNED: "return", EscalationEvent.REWORKED: "rework"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step for one appeal. ``since``: when its rule comes true; ``at``: when it may be told."""

    rule: EscalationRule
    occasion: str
    since: datetime
    at: datetime
    params: dict[str, str]

    @property
    def key(self) -> tuple[str, str]:
        """What is told once only."""
        return self.rule.code, self.occasion


def steps_of(appeal: Appeal, rulebook: Rulebook) -> tuple[Step, ...]:
    """Every step that the policy has for the appeal as it is now, told or not, the earliest first."""
    if appeal.erased_at is not None:
        return ()
    steps = [
        Step(rule, occasion, since, tellable(rule, since, rulebook.time), params)
        for rule in rulebook.region.escalation
        if _applies(rule, appeal)
        for occasion, since, params in _occasions(rule, appeal, rulebook.time)
    ]
    return tuple(sorted(steps, key=lambda step: step.since))


def next_look(appeal: Appeal, rulebook: Rulebook, now: datetime) -> datetime | None:
    """When the appeal must be looked at: the earliest step that is still to be told; None without one."""
    return min((step.at for step in _untold(appeal, rulebook, now)), default=None)


def escalated(appeal: Appeal, rulebook: Rulebook, now: datetime) -> Appeal:
    """The appeal with an alert for what has come true by ``now``, one version on for each.

    Of several steps of one matter only the furthest is told, to all whom the others are for as well.
    """
    due = [step for step in _untold(appeal, rulebook, now) if step.at <= now]
    for _, steps in groupby(sorted(due, key=_matter), key=_matter):
        together = sorted(steps, key=lambda step: step.since)
        appeal = _told(appeal, together, rulebook, now)
    return appeal


def _matter(step: Step) -> str:
    return step.occasion


def _untold(appeal: Appeal, rulebook: Rulebook, now: datetime) -> Iterator[Step]:
    told = {(alert.rule, alert.occasion) for alert in appeal.alerts}
    reached: dict[str, datetime] = {}
    for alert in appeal.alerts:
        reached[alert.occasion] = max(alert.since, reached.get(alert.occasion, alert.since))
    for step in steps_of(appeal, rulebook):
        further = reached.get(step.occasion)
        if step.key in told or (further is not None and step.since <= further):
            continue
        if now - step.at <= TOO_LATE:
            yield step


def _told(appeal: Appeal, steps: list[Step], rulebook: Rulebook, now: datetime) -> Appeal:
    last = steps[-1]
    rules = [step.rule for step in steps]
    alert = Alert(
        id=_name_of(f"{appeal.id} {last.rule.code} {last.occasion}"),
        rule=last.rule.code,
        event=last.rule.event,
        occasion=last.occasion,
        since=last.since,
        at=now,
        to=tuple(dict.fromkeys(role for rule in reversed(rules) for role in rule.to)),
        person=appeal.worker if any(rule.worker for rule in rules) else None,
        params=last.params,
    )
    details = {"rule": alert.rule, **alert.params}
    after = _with_event(replace(appeal, alerts=(*appeal.alerts, alert)), ESCALATE, alert.id, details, now)
    if any(rule.reopen for rule in rules) and after.state is State.RESOLVED and after.assignments:
        return _opened_again(after, alert, last.rule.title, rulebook, now)
    return after


def _opened_again(appeal: Appeal, alert: Alert, reason: str, rulebook: Rulebook, now: datetime) -> Appeal:
    after = replace(reopened(appeal, reason, SYSTEM_ACCOUNT, now, rulebook), state=State.ASSIGNED, claim=None)
    details = {"from": appeal.state.value, "to": after.state.value, "reason": reason, **alert.params}
    command = _name_of(f"{alert.id} reopen")
    return _with_event(after, "reopen", command, details, now)


def _name_of(what: str) -> str:
    """The same id for the same thing, whichever process tells it."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, what))


def _with_event(appeal: Appeal, type: str, command: str, details: dict[str, str], now: datetime) -> Appeal:
    event = Event(
        version=appeal.version + 1,
        command=command,
        type=type,
        at=now,
        device_at=now,
        account=SYSTEM_ACCOUNT,
        name="",
        role=SYSTEM_ACCOUNT,
        details=details,
    )
    return replace(appeal, version=event.version, timeline=(*appeal.timeline, event))


# --- when a rule comes true ------------------------------------------------------------------------

_Occasion = tuple[str, datetime, dict[str, str]]


def _applies(rule: EscalationRule, appeal: Appeal) -> bool:
    return (not rule.regimes or appeal.regime in rule.regimes) and (
        not rule.priorities or appeal.priority in rule.priorities
    )


def _occasions(rule: EscalationRule, appeal: Appeal, time: WorkClock) -> Iterable[_Occasion]:
    if rule.event in _TERMS:
        return _of_clocks(rule, appeal, time)
    if rule.event is EscalationEvent.UNASSIGNED:
        return _of_distribution(rule, appeal, time)
    if rule.event is EscalationEvent.LOW_RATING:
        return _of_rating(rule, appeal)
    return _of_repetition(rule, appeal)


def _of_clocks(rule: EscalationRule, appeal: Appeal, time: WorkClock) -> Iterator[_Occasion]:
    if not appeal.state.is_open:
        return
    for clock in appeal.clocks:
        if not clock.is_running or clock.kind in NOT_OWED or (rule.clocks and clock.kind not in rule.clocks):
            continue
        params = {"clock": clock.kind.value, "due": clock.control_due_at.isoformat()}
        if rule.share is not None:
            params["share"] = str(rule.share)
        yield clock_occasion(clock), _of_clock(rule, clock, time), params


def _of_clock(rule: EscalationRule, clock: Clock, time: WorkClock) -> datetime:
    if rule.share is not None:
        return share_moment(clock, rule.share, time)
    return _later(clock.control_due_at, rule, time)


def _of_distribution(rule: EscalationRule, appeal: Appeal, time: WorkClock) -> Iterator[_Occasion]:
    if appeal.state is State.DISTRIBUTION:
        since = waiting_since(appeal)
        yield distribution_occasion(appeal), _later(since, rule, time), {"waiting": since.isoformat()}


def _of_repetition(rule: EscalationRule, appeal: Appeal) -> Iterator[_Occasion]:
    type = _REPEATED[rule.event]
    moments = [event.at for event in appeal.timeline if event.type == type]
    times = rule.times or 1
    if appeal.state.is_open and len(moments) >= times:
        yield rule.event.value, moments[times - 1], {"times": str(times)}


def _of_rating(rule: EscalationRule, appeal: Appeal) -> Iterator[_Occasion]:
    known = [event.at for event in appeal.timeline if _tells_rating(event)]
    if known and appeal.rating is not None and appeal.rating <= (rule.rating or 0):
        yield rule.event.value, known[-1], {"rating": str(appeal.rating)}


def _tells_rating(event: Event) -> bool:
    """A rating counts from when it became known here: a source may date it long before."""
    if event.type == "rate":
        return True
    return event.type == "source_update" and "rating" in event.details.get("fields", "").split(", ")


def _later(start: datetime, rule: EscalationRule, time: WorkClock) -> datetime:
    """``start`` and the rule's amount of time; a number of days ends with the work of the last of them."""
    if rule.amount is None or rule.unit is None:
        return start
    return deadline(
        rule.amount,
        rule.unit,
        start,
        count_from=CountFrom.NEXT_DAY,
        end_rule=EndRule.FOLLOWING,
        end_time=EndTime.CLOSE_OF_BUSINESS,
        time=time,
    ).legal_due


def tellable(rule: EscalationRule, since: datetime, time: WorkClock) -> datetime:
    """``since``, or the next working moment for a rule that keeps quiet outside working time."""
    if not rule.quiet or time.is_working(since):
        return since
    day = time.local_date(since)
    while True:
        for opens, _ in time.spans(day):
            if opens >= as_utc(since):
                return opens
        day = time.next_working_day(day)
