"""What is measured of an appeal once it is done: the facts that cuts and rankings add up.

Each is told by the appeal alone, so that the server, a workstation without contact and a person with the
record in hand come to the same number. Only the pace needs the region's working time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cur_tui.domain.model import Answer, Appeal, Checklist, Clock
from cur_tui.domain.time.working_time import WorkClock
from cur_tui.domain.vocabulary import AnswerKind, AnswerStatus, ClockKind, Outcome, StepStatus, TimeUnit

_FINAL = (ClockKind.FINAL, ClockKind.FINAL_AFTER_INTERIM)
_WORKING = frozenset({TimeUnit.WORKING_DAY, TimeUnit.WORKING_HOUR, TimeUnit.WORKING_MINUTE})
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the answer took and how long it might have taken, both from the start of the final term.

    In whole minutes of the term's own kind of time: of working time for terms in working units, of the clock
    for the others. An extension or a pause lengthens ``allowed``.
    """

    spent: int
    allowed: int


def final_answer(appeal: Appeal) -> Answer | None:
    """The final answer whose delivery was confirmed last; an approved text alone answers nobody."""
    confirmed = [a for a in appeal.answers if a.kind is AnswerKind.FINAL and a.confirmed_at is not None]
    return confirmed[-1] if confirmed else None


def done_at(appeal: Appeal) -> datetime | None:
    """When the work was done: the final answer arrived, or the appeal was closed without one; None before."""
    answer = final_answer(appeal)
    if answer is not None:
        return answer.confirmed_at
    if appeal.state.is_open:
        return None
    stopped = [clock.stopped_at for clock in appeal.clocks if clock.stopped_at is not None]
    return max(stopped, default=appeal.registered_at)


def in_time(appeal: Appeal) -> bool | None:
    """Whether the final answer kept the term of law or policy; None without an answer or a term."""
    term = _answered_term(appeal)
    return None if term is None or term.stopped_at is None else term.stopped_at <= term.due_at


def reworks(appeal: Appeal) -> int:
    """How often an approver sent a final answer back."""
    return sum(a.kind is AnswerKind.FINAL and a.status is AnswerStatus.RETURNED for a in appeal.answers)


def is_complete(appeal: Appeal) -> bool | None:
    """Whether what is done was answered in full; None while it is not done.

    In full: with an outcome, with a date where something is promised, and with the evidence that mandatory
    steps of its checklist ask for. What was closed without an answer is not.
    """
    if done_at(appeal) is None:
        return None
    answer = final_answer(appeal)
    if answer is None or answer.outcome is None:
        return False
    if answer.outcome is Outcome.PLANNED and answer.promised_date is None:
        return False
    return not appeal.checklists or _has_evidence(appeal.checklists[-1])


def pace(appeal: Appeal, time: WorkClock) -> Pace | None:
    """The pace of the final answer; None without an answer or a term."""
    term = _answered_term(appeal)
    if term is None or term.stopped_at is None:
        return None
    started = term.started_at
    if term.kind is ClockKind.FINAL_AFTER_INTERIM:
        # The interim answer bought time; the resident has waited since the first term began.
        before = [
            c.started_at for c in appeal.clocks if c.kind is ClockKind.FINAL and c.started_at <= started
        ]
        started = max(before, default=started)

    def minutes(until: datetime) -> int:
        passed = time.working_between(started, until) if term.unit in _WORKING else until - started
        return max(passed // _MINUTE, 0)

    return Pace(minutes(term.stopped_at), minutes(term.due_at))


def _answered_term(appeal: Appeal) -> Clock | None:
    """The final term that the delivered answer stopped."""
    if final_answer(appeal) is None:
        return None
    stopped = [c for c in appeal.clocks if c.kind in _FINAL and c.stopped_at is not None]
    return max(stopped, key=lambda clock: (clock.stopped_at, clock.due_at), default=None)


def _has_evidence(checklist: Checklist) -> bool:
    wanted = [step for step in checklist.steps if step.mandatory and step.evidence]
    records = [checklist.record(step.n) for step in wanted]
    return all(r is not None and r.status is StepStatus.DONE and r.evidence for r in records)
