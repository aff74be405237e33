"""Commands of delivery: an approved text leaves, arrives or fails, and only arrival stops the last clock."""

from collections.abc import Callable
from typing import Any

from cur_tui.domain.commands import ConfirmDelivery, FailDelivery, MarkSent, QueueDelivery, Rate
from cur_tui.domain.decisions.case import Case, answer_of, optional_text, required_text
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.clocks import start_clocks, stop_clocks
from cur_tui.domain.vocabulary import AnswerKind, AnswerStatus, ClockKind

CAN_LEAVE = (AnswerStatus.APPROVED, AnswerStatus.QUEUED, AnswerStatus.FAILED)
"""A text in one of these may be sent."""
IN_DELIVERY = (*CAN_LEAVE, AnswerStatus.SENT)
"""A text in one of these waits for its delivery to be confirmed."""


def _deliverable(case: Case, answer_id: str, allowed: tuple[AnswerStatus, ...]) -> Answer:
    answer = answer_of(case.before, answer_id)
    if answer.status not in allowed:
        raise Refused("not_deliverable", answer=answer.id, status=answer.status.value)
    case.details.update(answer=answer.id, kind=answer.kind.value)
    return answer


def _replaced(appeal: Appeal, answer: Answer) -> Appeal:
    return replace(appeal, answers=tuple(answer if a.id == answer.id else a for a in appeal.answers))


def _queue(case: Case, arguments: QueueDelivery) -> Appeal:
    answer = _deliverable(case, arguments.answer, CAN_LEAVE)
    if arguments.channel is not None:
        case.details["channel"] = arguments.channel.value
    return _replaced(
        case.before,
        replace(answer, status=AnswerStatus.QUEUED, channel=arguments.channel, failure=None),
    )


def _mark_sent(case: Case, arguments: MarkSent) -> Appeal:
    answer = _deliverable(case, arguments.answer, CAN_LEAVE)
    return _replaced(
        case.before,
        replace(
            answer,
            status=AnswerStatus.SENT,
            sent_at=case.now,
            external_ref=optional_text("external_ref", arguments.external_ref) or answer.external_ref,
        ),
    )


def _confirm(case: Case, arguments: ConfirmDelivery) -> Appeal:
    answer = _deliverable(case, arguments.answer, IN_DELIVERY)
    confirmed = replace(
        answer,
        status=AnswerStatus.CONFIRMED,
        sent_at=answer.sent_at or case.now,
        confirmed_at=case.now,
        external_ref=optional_text("external_ref", arguments.external_ref) or answer.external_ref,
        failure=None,
    )
    after = _replaced(case.before, confirmed)
    if answer.kind is AnswerKind.FINAL:
        return stop_clocks(after, None, case.now)
    if answer.kind is AnswerKind.INTERIM and _is_of_this_round(case.before, answer):
        after = stop_clocks(after, _bought_by_interim(case), case.now)
        return start_clocks(after, "interim_published", case.now, case.rulebook)
    return after


def _is_of_this_round(appeal: Appeal, answer: Answer) -> bool:
    """Whether an answer still can buy time: not once the appeal is closed, nor since it was reopened."""
    final = appeal.clock(ClockKind.FINAL)
    return appeal.state.is_open and (final is None or final.started_at <= answer.submitted_at)


def _bought_by_interim(case: Case) -> tuple[ClockKind, ...]:
    """The clocks that a delivered interim answer stops.

    The final term gives way, with the time to draft within it, only to a policy that replaces it after an
    interim answer (open sources); under 59-ФЗ and on the platform both run on.
    """
    policy = case.rulebook.policies[case.before.policy]
    if any(rule.kind is ClockKind.FINAL_AFTER_INTERIM for rule in policy.clocks):
        return (ClockKind.FIRST_RESPONSE, ClockKind.FINAL, ClockKind.DRAFT)
    return (ClockKind.FIRST_RESPONSE,)


def _fail(case: Case, arguments: FailDelivery) -> Appeal:
    answer = _deliverable(case, arguments.answer, IN_DELIVERY)
    reason = required_text("reason", arguments.reason)
    case.details["reason"] = reason
    return _replaced(
        case.before,
        replace(answer, status=AnswerStatus.FAILED, failures=answer.failures + 1, failure=reason),
    )


def _rate(case: Case, arguments: Rate) -> Appeal:
    if not 1 <= arguments.rating <= 5:
        raise Refused("invalid_value", field="rating", value=str(arguments.rating))
    if case.before.rating is not None:
        raise Refused("already_rated", rating=str(case.before.rating))
    case.details["rating"] = str(arguments.rating)
    return replace(
        case.before,
        rating=arguments.rating,
        rating_comment=optional_text("comment", arguments.comment) or None,
    )


HANDLERS: dict[Any, Callable[[Case, Any], Appeal]] = {
    QueueDelivery: _queue,
    MarkSent: _mark_sent,
    ConfirmDelivery: _confirm,
    FailDelivery: _fail,
    Rate: _rate,
}
