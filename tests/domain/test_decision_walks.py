"""Whatever a whole office does to an appeal in whatever order, some things always hold."""

import hashlib
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cur_tui.contract.codec import decode_appeal, encode_appeal, encode_applicant
from cur_tui.contract.row import row_of
from cur_tui.domain.commands import (
    AddNote,
    Approve,
    Arguments,
    Assign,
    ClaimAppeal,
    Classify,
    ConfirmDelivery,
    Defer,
    Extend,
    FailDelivery,
    Forward,
    MarkSent,
    ReleaseClaim,
    Reopen,
    Resume,
    ReturnAssignment,
    SendToRework,
    SkipStep,
    Start,
    StartChecklist,
    SubmitAnswer,
    Tag,
    TakeOver,
    TickStep,
)
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import AnswerKind, AnswerStatus, Outcome, Priority, Regime, ReworkReason, State
from tests.domain.desk_life import (
    AGENT,
    APPROVER,
    COLLEAGUE,
    NOON,
    OPERATOR,
    SUPERVISOR,
    act,
    new_appeal,
    rulebook,
)

BODIES = [body.code for body in rulebook().region.authorities[:3]]
PEOPLE = st.sampled_from([OPERATOR, COLLEAGUE, AGENT, APPROVER, SUPERVISOR])

PLAIN: st.SearchStrategy[Arguments] = st.one_of(
    st.sampled_from(
        [
            ClaimAppeal(),
            ReleaseClaim(),
            TakeOver(),
            Start(),
            Resume(),
            AddNote("уточнено"),
            Tag(add=("двор",)),
            Classify(topic="roads.potholes"),
            Classify(priority=Priority.EMERGENCY),
            ReturnAssignment("не наше"),
            Forward("Росавтодор", "компетенция", "Передано."),
            StartChecklist("ft_pothole"),
            Extend(10, "запрос", "Срок продлён."),
            Reopen("повтор"),
        ]
    ),
    st.builds(Assign, st.sampled_from(BODIES), reason=st.just("граница")),
    st.builds(TickStep, st.integers(1, 8), evidence=st.just("акт 7")),
    st.builds(SkipStep, st.integers(1, 8), st.just("погода")),
)


class Office(RuleBasedStateMachine):
    """A few people, one appeal, a clock that only goes forward."""

    @initialize(regime=st.sampled_from(list(Regime)))
    def register(self, regime: Regime) -> None:
        self.appeal: Appeal = new_appeal(regime)
        self.first = self.appeal
        self.now: datetime = NOON
        self.typed: set[str] = set()
        self.promised = [(c.kind, c.original_due_at) for c in self.appeal.clocks]

    def attempt(self, arguments: Arguments, actor: Actor) -> bool:
        before = self.appeal
        try:
            self.appeal = act(before, arguments, actor, at=self.now)
        except Refused:
            assert self.appeal is before
            return False
        assert self.appeal.version == before.version + 1
        assert self.appeal.timeline[:-1] == before.timeline
        return True

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(arguments=PLAIN, actor=PEOPLE)
    def somebody_acts(self, arguments: Arguments, actor: Actor) -> None:
        self.attempt(arguments, actor)

    @rule(
        n=st.integers(0, 10_000), kind=st.sampled_from([AnswerKind.FINAL, AnswerKind.INTERIM]), actor=PEOPLE
    )
    def somebody_answers(self, n: int, kind: AnswerKind, actor: Actor) -> None:
        text = f"Проверили на месте, работы приняты по акту {n}."
        outcome = Outcome.SOLVED if kind is AnswerKind.FINAL else None
        if self.attempt(SubmitAnswer(f"a{n}", text, kind, outcome), actor):
            self.typed.add(text)

    @rule(actor=PEOPLE, good=st.booleans())
    def somebody_reviews(self, actor: Actor, good: bool) -> None:
        waiting = self.appeal.pending_answer
        if waiting is None:
            return
        digest = hashlib.sha256(waiting.text.encode()).hexdigest()
        review: Arguments = (
            Approve(waiting.id, digest) if good else SendToRework(waiting.id, (ReworkReason.TONE,), "мягче")
        )
        if self.attempt(review, actor):
            assert actor.account != waiting.author or not good

    @rule(actor=PEOPLE, which=st.integers(0, 3), step=st.sampled_from(["sent", "confirmed", "failed"]))
    def somebody_delivers(self, actor: Actor, which: int, step: str) -> None:
        if not self.appeal.answers:
            return
        answer = self.appeal.answers[which % len(self.appeal.answers)].id
        acts = {
            "sent": MarkSent(answer),
            "confirmed": ConfirmDelivery(answer),
            "failed": FailDelivery(answer, "нет"),
        }
        self.attempt(acts[step], actor)

    @rule(actor=PEOPLE, days=st.integers(1, 9))
    def somebody_defers(self, actor: Actor, days: int) -> None:
        self.attempt(Defer(self.now + timedelta(days=days), "ждём"), actor)

    @invariant()
    def the_timeline_counts_the_versions(self) -> None:
        if hasattr(self, "appeal"):
            assert [event.version for event in self.appeal.timeline] == list(
                range(1, self.appeal.version + 1)
            )

    @invariant()
    def nothing_that_was_typed_is_lost_and_the_citizens_words_stay(self) -> None:
        if hasattr(self, "appeal"):
            assert self.typed <= {answer.text for answer in self.appeal.answers}
            assert self.appeal.text == self.first.text

    @invariant()
    def at_most_one_text_waits_and_at_most_one_final_answer_is_out_per_term(self) -> None:
        if hasattr(self, "appeal"):
            waiting = [a for a in self.appeal.answers if a.status is AnswerStatus.SUBMITTED]
            assert len(waiting) <= 1
            assert bool(waiting) == (self.appeal.state is State.IN_REVIEW)

    @invariant()
    def promises_are_never_rewritten_and_control_is_never_later_than_the_law(self) -> None:
        if not hasattr(self, "appeal"):
            return
        now = [(clock.kind, clock.original_due_at) for clock in self.appeal.clocks]
        assert now[: len(self.promised)] == self.promised
        self.promised = now
        assert all(clock.control_due_at <= clock.due_at for clock in self.appeal.clocks)

    @invariant()
    def a_resolved_appeal_has_a_confirmed_answer_and_no_running_clock(self) -> None:
        if hasattr(self, "appeal") and self.appeal.state is State.RESOLVED:
            assert any(a.status is AnswerStatus.CONFIRMED for a in self.appeal.answers)
            assert self.appeal.nearest_clock is None
            assert self.appeal.claim is None

    @invariant()
    def it_survives_the_wire(self) -> None:
        if hasattr(self, "appeal"):
            again = decode_appeal(encode_appeal(self.appeal), encode_applicant(self.appeal.applicant))
            assert again == self.appeal
            assert row_of(again) == row_of(self.appeal)


Office.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestOffice = Office.TestCase
