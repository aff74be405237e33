"""Commands around an answer until it is approved: start, submit, approve, rework."""

from collections.abc import Callable
from typing import Any

from cur_tui.domain.commands import Approve, SendToRework, Start, SubmitAnswer
from cur_tui.domain.decisions.case import Case, answer_of, known, optional_text, sendable_text, text_digest
from cur_tui.domain.decisions.checklist import FINAL_ANSWER, open_mandatory_steps, with_record
from cur_tui.domain.decisions.delivery import CAN_LEAVE
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.clocks import ASSIGNED_CLOCKS, start_clocks, stop_clocks
from cur_tui.domain.vocabulary import (
    HEAD_FLAG,
    AnswerKind,
    AnswerStatus,
    ClockKind,
    Outcome,
    State,
    StepStatus,
)


def _start(case: Case, _: Start) -> Appeal:
    return stop_clocks(case.before, (ClockKind.RETURN_WINDOW,), case.now)


def _submit(case: Case, arguments: SubmitAnswer) -> Appeal:
    before = case.before
    if arguments.kind is AnswerKind.NOTICE:
        raise Refused("invalid_value", field="kind", value=arguments.kind.value)
    if before.answer(arguments.answer) is not None:
        raise Refused("answer_already_submitted", answer=arguments.answer)
    text = sendable_text("text", arguments.text)
    if HEAD_FLAG in before.flags:
        _check_is_for_all(before, text)
    if arguments.template is not None:
        known("template", arguments.template, case.rulebook.templates)
    final = arguments.kind is AnswerKind.FINAL
    if final and arguments.outcome is None:
        raise Refused("empty_field", field="outcome")
    promised = arguments.promised_date
    if arguments.outcome is Outcome.PLANNED and promised is None:
        raise Refused("empty_field", field="promised_date")
    if promised is not None and promised < case.rulebook.time.local_date(case.now):
        raise Refused("date_in_the_past", field="promised_date", value=promised.isoformat())
    if final and before.checklists:
        blocking = open_mandatory_steps(before.checklists[-1])
        if blocking:
            raise Refused("checklist_incomplete", steps=", ".join(f"{s.n}. {s.title}" for s in blocking))
    answer = Answer(
        id=arguments.answer,
        kind=arguments.kind,
        text=text,
        digest=text_digest(text),
        author=case.actor.account,
        author_name=case.actor.name,
        submitted_at=case.now,
        status=AnswerStatus.SUBMITTED if final else AnswerStatus.QUEUED,
        outcome=arguments.outcome,
        template=arguments.template,
        template_version=arguments.template_version,
        promised_date=promised,
        evidence=arguments.evidence,
    )
    case.details.update(answer=answer.id, kind=answer.kind.value, digest=answer.digest)
    if answer.template:
        case.details["template"] = f"{answer.template}@{answer.template_version}"
    after = replace(before, answers=(*before.answers, answer))
    if not final:
        return stop_clocks(after, (ClockKind.RETURN_WINDOW,), case.now)
    after = _tick_final_step(case, after)
    after = stop_clocks(after, ASSIGNED_CLOCKS, case.now)
    return start_clocks(after, "submitted", case.now, case.rulebook)


def _check_is_for_all(head: Appeal, text: str) -> None:
    """The members of a mass incident get this text as well: the author of the head is not to be in it."""
    from cur_tui.domain.privacy.personal import names_author  # with its tables of words, which few acts need

    if names_author(text, head.applicant):
        raise Refused("mass_answer_personal", number=head.number)


def _tick_final_step(case: Case, appeal: Appeal) -> Appeal:
    if not appeal.checklists:
        return appeal
    checklist = appeal.checklists[-1]
    for step in checklist.steps:
        if step.action == FINAL_ANSWER and checklist.status(step.n) is StepStatus.OPEN:
            return with_record(case, appeal, step.n, StepStatus.DONE, evidence=case.command.id)
    return appeal


def _waiting(case: Case, answer_id: str) -> Answer:
    answer = answer_of(case.before, answer_id)
    if answer.status is not AnswerStatus.SUBMITTED:
        raise Refused("answer_not_waiting", answer=answer.id, status=answer.status.value)
    return answer


def _reviewed(case: Case, answer: Answer) -> Appeal:
    answers = tuple(answer if known.id == answer.id else known for known in case.before.answers)
    after = replace(case.before, answers=answers)
    return stop_clocks(after, (ClockKind.APPROVAL,), case.now)


def _approve(case: Case, arguments: Approve) -> Appeal:
    answer = _waiting(case, arguments.answer)
    if answer.author == case.actor.account:
        raise Refused("author_cannot_approve", author=answer.author_name)
    if answer.digest != arguments.digest:
        raise Refused("text_changed", answer=answer.id)
    case.details.update(answer=answer.id, digest=answer.digest)
    approved = replace(
        answer,
        status=AnswerStatus.APPROVED,
        reviewer=case.actor.account,
        reviewer_name=case.actor.name,
        reviewed_at=case.now,
    )
    return replace(_reviewed(case, approved), outcome=answer.outcome)


def _returnable(case: Case, answer_id: str) -> Answer:
    """The answer to be returned: one that waits, or the approved one while it has not left.

    An approval is taken back for what nobody can deliver, or should; a text that is on its way or with the
    applicant cannot be unwritten.
    """
    if case.before.state is not State.APPROVED:
        return _waiting(case, answer_id)
    answer = answer_of(case.before, answer_id)
    if answer.kind is not AnswerKind.FINAL or answer.status not in CAN_LEAVE:
        raise Refused("not_deliverable", answer=answer.id, status=answer.status.value)
    return answer


def _rework(case: Case, arguments: SendToRework) -> Appeal:
    answer = _returnable(case, arguments.answer)
    if not arguments.reasons:
        raise Refused("empty_field", field="reasons")
    reasons = tuple(reason.value for reason in arguments.reasons)
    case.details.update(answer=answer.id, reasons=", ".join(reasons))
    returned = replace(
        answer,
        status=AnswerStatus.RETURNED,
        reviewer=case.actor.account,
        reviewer_name=case.actor.name,
        reviewed_at=case.now,
        rework_reasons=reasons,
        review_text=optional_text("text", arguments.text) or None,
    )
    after = replace(_reviewed(case, returned), outcome=None)
    return start_clocks(after, "returned_for_rework", case.now, case.rulebook)


HANDLERS: dict[Any, Callable[[Case, Any], Appeal]] = {
    Start: _start,
    SubmitAnswer: _submit,
    Approve: _approve,
    SendToRework: _rework,
}
