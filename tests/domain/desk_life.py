"""Invented people and appeals for the tests of decisions: a small office of the Amur region."""

import hashlib
import itertools
from datetime import UTC, datetime, timedelta
from functools import cache

from cur_tui.domain.commands import (
    Approve,
    Arguments,
    Assign,
    Classify,
    Command,
    ConfirmDelivery,
    Start,
    SubmitAnswer,
)
from cur_tui.domain.decisions import decide
from cur_tui.domain.intake import Incoming, register
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import AnswerKind, Outcome, Priority, Regime, Role, Source, State

NOON = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)
"""Tuesday, noon in Blagoveshchensk."""

EVERYTHING = frozenset({"*"})
OPERATOR = Actor("vetrova", "Ветрова Н. И.", Role.BLOCK_OPERATOR, EVERYTHING, None)
COLLEAGUE = Actor("lugovoy", "Луговой П. С.", Role.BLOCK_OPERATOR, EVERYTHING, None)
AGENT = Actor("ozerova", "Озерова К. М.", Role.SECONDED_AGENT, EVERYTHING, None)
APPROVER = Actor("kamyshev", "Камышев Д. А.", Role.APPROVER, EVERYTHING, None)
SUPERVISOR = Actor("belkina", "Белкина Т. Р.", Role.SUPERVISOR, EVERYTHING, None)
OBSERVER = Actor("tikhonov", "Тихонов Е. Е.", Role.OBSERVER, EVERYTHING, None)

TEXT = "Здравствуйте! Яму у дома 7 заделали 16 ноября, фотографии приложены. Спасибо, что написали нам."

_numbers = itertools.count(1)


@cache
def rulebook() -> Rulebook:
    """The Amur rules."""
    return Rulebook(load_region("amur"))


def authority() -> str:
    """Code of some body that answers."""
    return rulebook().region.authorities[0].code


def new_appeal(regime: Regime = Regime.POS_MESSAGE, priority: Priority = Priority.NORMAL) -> Appeal:
    """A fresh appeal on distribution, registered at :data:`NOON`."""
    n = next(_numbers)
    incoming = Incoming(
        regime=regime,
        source=Source.POS,
        text="Во дворе дома 7 глубокая яма, машины объезжают по газону.",
        received_at=NOON,
        registered_at=NOON,
        priority=priority,
    )
    return register(
        incoming, id=f"id-{n}", number=f"INC-20261117-{n:04d}", command=f"r-{n}", rulebook=rulebook()
    )


def act(
    appeal: Appeal,
    arguments: Arguments,
    actor: Actor = OPERATOR,
    *,
    base: int | None = None,
    at: datetime = NOON,
) -> Appeal:
    """The appeal after one command."""
    command = Command(
        id=f"c-{next(_numbers)}",
        appeal=appeal.id,
        arguments=arguments,
        base=appeal.version if base is None else base,
        device_at=at,
    )
    return decide(appeal, command, actor, rulebook(), at)


def answer(text: str = TEXT, kind: AnswerKind = AnswerKind.FINAL, **more: object) -> SubmitAnswer:
    """Arguments of a submission under a new id."""
    outcome = Outcome.SOLVED if kind is AnswerKind.FINAL else None
    return SubmitAnswer(
        **{"answer": f"a-{next(_numbers)}", "text": text, "kind": kind, "outcome": outcome, **more}
    )  # type: ignore[arg-type]


def approval(appeal: Appeal) -> Approve:
    """Approval of what waits."""
    waiting = appeal.pending_answer
    assert waiting is not None
    return Approve(waiting.id, hashlib.sha256(waiting.text.encode()).hexdigest())


def in_state(state: State, regime: Regime = Regime.POS_MESSAGE) -> Appeal:
    """An appeal led to ``state`` by real commands."""
    from cur_tui.domain.commands import Defer, Forward, Reject, SendToRework
    from cur_tui.domain.vocabulary import RejectionReason, ReworkReason

    appeal = new_appeal(regime)
    if state is State.DISTRIBUTION:
        return appeal
    if state is State.REJECTED:
        return act(appeal, Reject(RejectionReason.ADVERTISING_LINKS))
    if state is State.FORWARDED:
        return act(appeal, Forward("Росавтодор", "дорога федеральная", "Сообщение передано в Росавтодор."))
    appeal = act(act(appeal, Classify(topic="roads.potholes")), Assign(authority()))
    if state is State.ASSIGNED:
        return appeal
    if state is State.DEFERRED:
        return act(appeal, Defer(NOON + timedelta(days=3), "ждём подрядчика"), SUPERVISOR)
    appeal = act(appeal, Start())
    if state is State.IN_PROGRESS:
        return appeal
    if state is State.INTERIM_PUBLISHED:
        return act(appeal, answer("Бригада выехала, сообщим о результате.", AnswerKind.INTERIM))
    appeal = act(appeal, answer())
    if state is State.IN_REVIEW:
        return appeal
    if state is State.REVISION_REQUIRED:
        waiting = appeal.pending_answer
        assert waiting is not None
        return act(appeal, SendToRework(waiting.id, (ReworkReason.NO_EVIDENCE,)), APPROVER)
    appeal = act(appeal, approval(appeal), APPROVER)
    if state is State.APPROVED:
        return appeal
    assert state is State.RESOLVED
    return act(appeal, ConfirmDelivery(appeal.answers[-1].id))
