"""What becomes of a text that did not arrive: another channel, or back to its author."""

import pytest

from cur_tui.domain.answers.delivery_failures import DeliveryFailure, FailureCode, parse_failure
from cur_tui.domain.commands import (
    ConfirmDelivery,
    FailDelivery,
    MarkSent,
    QueueDelivery,
    SendToRework,
)
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AnswerStatus, ClockKind, DeliveryChannel, ReworkReason, State
from tests.domain.desk_life import APPROVER, OPERATOR, act, answer, approval, in_state

WRONG = (ReworkReason.WRONG_ADDRESSEE,)


def text_of(appeal: Appeal) -> Answer:
    return appeal.answers[-1]


def failed() -> Appeal:
    appeal = in_state(State.APPROVED)
    return act(appeal, FailDelivery(text_of(appeal).id, "delivery:refused:404"))


def test_a_failed_text_is_sent_by_another_channel_and_then_closes_the_appeal() -> None:
    appeal = failed()
    assert (text_of(appeal).status, appeal.state) == (AnswerStatus.FAILED, State.APPROVED)
    queued = act(appeal, QueueDelivery(text_of(appeal).id, DeliveryChannel.HAND))
    assert text_of(queued).status is AnswerStatus.QUEUED
    assert (text_of(queued).channel, text_of(queued).failure) == (DeliveryChannel.HAND, None)
    assert queued.timeline[-1].details["channel"] == "hand"
    closed = act(queued, ConfirmDelivery(text_of(queued).id))
    assert closed.state is State.RESOLVED
    assert all(clock.stopped_at for clock in closed.clocks)


def test_a_failed_text_goes_back_to_its_author_and_the_term_runs_on() -> None:
    appeal = failed()
    back = act(appeal, SendToRework(text_of(appeal).id, WRONG), APPROVER)
    assert (back.state, text_of(back).status) == (State.REVISION_REQUIRED, AnswerStatus.RETURNED)
    assert back.outcome is None
    final, rework = back.clock(ClockKind.FINAL), back.clock(ClockKind.REWORK)
    assert final is not None
    assert final.is_running
    assert rework is not None
    assert rework.is_running
    with pytest.raises(Refused, match="not_deliverable"):
        act(back, MarkSent(text_of(back).id))
    again = act(back, answer("Здравствуйте! Ответ направлен по верному адресу, яму заделали."))
    assert act(again, approval(again), APPROVER).state is State.APPROVED


def test_an_approval_is_taken_back_only_while_the_text_is_here() -> None:
    appeal = in_state(State.APPROVED)
    sent = act(appeal, MarkSent(text_of(appeal).id))
    for act_on, arguments in (
        (APPROVER, SendToRework(text_of(sent).id, WRONG)),
        (OPERATOR, QueueDelivery(text_of(sent).id)),
    ):
        with pytest.raises(Refused, match="not_deliverable"):
            act(sent, arguments, act_on)
    assert act(appeal, SendToRework(text_of(appeal).id, WRONG), APPROVER).state is State.REVISION_REQUIRED


def test_what_was_approved_is_taken_back_by_approvers_only() -> None:
    appeal = failed()
    with pytest.raises(Refused, match="not_permitted"):
        act(appeal, SendToRework(text_of(appeal).id, WRONG), OPERATOR)


def test_queuing_does_not_disturb_the_work_of_others() -> None:
    appeal = in_state(State.APPROVED)
    base = appeal.version
    queued = act(appeal, QueueDelivery(text_of(appeal).id))
    assert act(queued, SendToRework(text_of(appeal).id, WRONG), APPROVER, base=base).state


@pytest.mark.parametrize("code", FailureCode)
def test_a_failure_reads_back_as_it_was_written(code: FailureCode) -> None:
    for failure in (DeliveryFailure(code), DeliveryFailure(code, "503")):
        assert parse_failure(str(failure)) == failure


@pytest.mark.parametrize("text", ["ящик не существует", "delivery:", "delivery:unheard_of", "delivery:off\n"])
def test_what_a_person_wrote_is_no_code(text: str) -> None:
    assert parse_failure(text) is None
