"""Commands of fast tracks: a checklist copies the scheme in force and keeps its own records."""

from collections.abc import Callable
from typing import Any

from cur_tui.domain.commands import ReopenStep, SkipStep, StartChecklist, TickStep
from cur_tui.domain.decisions.case import Case, known, optional_text, required_text
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal, Checklist, StepRecord
from cur_tui.domain.profile.profile import FastTrackStep
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.clocks import restrict_clocks
from cur_tui.domain.vocabulary import StepStatus

FINAL_ANSWER = "final_answer"
"""The action of the step that submitting the final answer fulfils by itself."""


def open_mandatory_steps(checklist: Checklist) -> tuple[FastTrackStep, ...]:
    """The steps that still block a final answer."""
    return tuple(
        step
        for step in checklist.steps
        if step.mandatory and step.action != FINAL_ANSWER and checklist.status(step.n) is StepStatus.OPEN
    )


def _current(appeal: Appeal) -> Checklist:
    if not appeal.checklists:
        raise Refused("no_checklist", number=appeal.number)
    return appeal.checklists[-1]


def _step(checklist: Checklist, n: int) -> FastTrackStep:
    for step in checklist.steps:
        if step.n == n:
            return step
    raise Refused("unknown_reference", field="step", value=str(n))


def with_record(
    case: Case, appeal: Appeal, n: int, status: StepStatus, evidence: str = "", reason: str = ""
) -> Appeal:
    """``appeal`` with one more record of step ``n`` in its current checklist."""
    checklist = _current(appeal)
    record = StepRecord(
        n=n,
        status=status,
        by=case.actor.account,
        by_name=case.actor.name,
        at=case.now,
        device_at=case.command.device_at,
        evidence=evidence or None,
        reason=reason or None,
    )
    changed = replace(checklist, records=(*checklist.records, record))
    return replace(appeal, checklists=(*appeal.checklists[:-1], changed))


def _start(case: Case, arguments: StartChecklist) -> Appeal:
    before, rulebook = case.before, case.rulebook
    track = rulebook.fast_tracks[known("fast_track", arguments.fast_track, rulebook.fast_tracks)]
    if any(checklist.fast_track == track.code for checklist in before.checklists):
        raise Refused("checklist_already_started", fast_track=track.code)
    checklist = Checklist(
        fast_track=track.code,
        version=track.version,
        title=track.title,
        started_at=case.now,
        started_by=case.actor.account,
        steps=track.steps,
    )
    case.details.update(fast_track=track.code, scheme_version=str(track.version))
    after = replace(before, checklists=(*before.checklists, checklist), fast_track=track.code)
    if not rulebook.is_accelerated(track.code):
        return after
    policy = rulebook.policy_for(after.regime, after.priority, True)
    return restrict_clocks(after, policy, rulebook)


def _tick(case: Case, arguments: TickStep) -> Appeal:
    step = _step(_current(case.before), arguments.step)
    evidence = optional_text("evidence", arguments.evidence)
    if step.evidence and not evidence:
        raise Refused("evidence_required", step=str(step.n), evidence=step.evidence)
    case.details.update(step=str(step.n), title=step.title)
    return with_record(case, case.before, step.n, StepStatus.DONE, evidence=evidence)


def _skip(case: Case, arguments: SkipStep) -> Appeal:
    step = _step(_current(case.before), arguments.step)
    reason = required_text("reason", arguments.reason)
    case.details.update(step=str(step.n), title=step.title, reason=reason)
    return with_record(case, case.before, step.n, StepStatus.SKIPPED, reason=reason)


def _reopen(case: Case, arguments: ReopenStep) -> Appeal:
    checklist = _current(case.before)
    step = _step(checklist, arguments.step)
    if checklist.status(step.n) is StepStatus.OPEN:
        raise Refused("step_is_open", step=str(step.n))
    case.details.update(step=str(step.n), title=step.title)
    return with_record(case, case.before, step.n, StepStatus.OPEN)


HANDLERS: dict[Any, Callable[[Case, Any], Appeal]] = {
    StartChecklist: _start,
    TickStep: _tick,
    SkipStep: _skip,
    ReopenStep: _reopen,
}
