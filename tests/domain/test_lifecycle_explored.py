"""Every short path through the lifecycle, in each regime: what holds of the clocks wherever one is."""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from cur_tui.domain.commands import (
    Approve,
    Arguments,
    Assign,
    Classify,
    ConfirmDelivery,
    Defer,
    Extend,
    Forward,
    HandleSpecially,
    Reject,
    Reopen,
    Resume,
    ReturnAssignment,
    SendToRework,
    Start,
    StartChecklist,
    SubmitAnswer,
)
from cur_tui.domain.decisions.delivery import IN_DELIVERY
from cur_tui.domain.model import Appeal, Clock
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import (
    AnswerKind,
    AnswerStatus,
    ClockKind,
    Outcome,
    Priority,
    Regime,
    RejectionReason,
    ReworkReason,
    SpecialGround,
    State,
)
from tests.domain.desk_life import APPROVER, NOON, SUPERVISOR, act, new_appeal, rulebook

LONGEST = 8
BODIES = [body.code for body in rulebook().region.authorities[:2]]
FINAL_TERMS = {ClockKind.FINAL, ClockKind.FINAL_AFTER_INTERIM}
Path = tuple[str, ...]


def moves(appeal: Appeal) -> Iterator[tuple[Arguments, Actor]]:
    """What the office could try next; whatever the rules forbid is refused."""
    answer = f"answer-{len(appeal.answers)}"
    text = f"Проверили на месте, текст {len(appeal.answers)}."
    yield Classify(priority=Priority.EMERGENCY), SUPERVISOR
    yield from ((Assign(body, reason="граница участка"), SUPERVISOR) for body in BODIES)
    yield ReturnAssignment("не наше"), SUPERVISOR
    yield Forward("Росавтодор", "компетенция", "Передали в Росавтодор."), SUPERVISOR
    yield Reject(RejectionReason.ADVERTISING_LINKS), SUPERVISOR
    yield HandleSpecially(SpecialGround.COURT_DECISION, "Разъясняем порядок обжалования."), SUPERVISOR
    yield Start(), SUPERVISOR
    yield SubmitAnswer(answer, text, AnswerKind.INTERIM), SUPERVISOR
    yield SubmitAnswer(answer, text, AnswerKind.FINAL, Outcome.SOLVED), SUPERVISOR
    waiting = appeal.pending_answer
    if waiting is not None:
        yield Approve(waiting.id, waiting.digest), APPROVER
        yield SendToRework(waiting.id, (ReworkReason.TONE,)), APPROVER
    for known in appeal.answers:
        if known.status in IN_DELIVERY:
            yield ConfirmDelivery(known.id), SUPERVISOR
    yield Extend(10, "запрос", "Срок продлён."), SUPERVISOR
    yield Defer(NOON + timedelta(days=90), "ждём тепла"), SUPERVISOR
    yield Resume(), SUPERVISOR
    yield Reopen("повторилось"), SUPERVISOR
    yield StartChecklist("ft_pothole"), SUPERVISOR


def running(appeal: Appeal) -> dict[ClockKind, Clock]:
    """The clocks that were not stopped; a kind runs once at most."""
    clocks = [clock for clock in appeal.clocks if clock.stopped_at is None]
    assert len({clock.kind for clock in clocks}) == len(clocks)
    return {clock.kind: clock for clock in clocks}


def likeness(appeal: Appeal) -> object:
    """Equal for appeals from which the same can happen to the clocks."""
    return (
        appeal.state,
        frozenset((kind, clock.is_running, clock.extension) for kind, clock in running(appeal).items()),
        frozenset((a.kind, a.status) for a in appeal.answers if a.status is not AnswerStatus.CONFIRMED),
        appeal.fast_track,
        appeal.priority,
        appeal.is_reconsideration,
    )


def explore(regime: Regime) -> Iterator[tuple[Appeal, Path]]:
    """Every appeal that differs from the others in its likeness, with the shortest path to it."""
    first = new_appeal(regime)
    seen, waiting = {likeness(first)}, deque([(first, Path())])
    while waiting:
        appeal, path = waiting.popleft()
        yield appeal, path
        if len(path) == LONGEST:
            continue
        for arguments, actor in moves(appeal):
            try:
                after = act(appeal, arguments, actor, at=NOON + len(path) * timedelta(minutes=3))
            except Refused:
                continue
            if likeness(after) not in seen:
                seen.add(likeness(after))
                waiting.append((after, (*path, after.timeline[-1].type)))


def closed_means_stopped(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    return appeal.state.is_open or not clocks


def open_means_that_one_final_term_runs(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    return not appeal.state.is_open or len(clocks.keys() & FINAL_TERMS) == 1


def distribution_is_measured_there_and_only_there(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    wanted = {ClockKind.ROUTE} if appeal.state is State.DISTRIBUTION else set()
    if wanted and appeal.regime is Regime.FZ59:
        wanted.add(ClockKind.FORWARD)
    return clocks.keys() & {ClockKind.ROUTE, ClockKind.FORWARD} == wanted


def only_an_untouched_assignment_can_be_returned(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    return (ClockKind.RETURN_WINDOW in clocks) == (appeal.state is State.ASSIGNED)


def the_approver_owes_time_while_a_text_waits(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    return (ClockKind.APPROVAL in clocks) == (appeal.state is State.IN_REVIEW)


def nobody_drafts_what_is_written_or_with_nobody(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    idle = appeal.state in (State.DISTRIBUTION, State.IN_REVIEW, State.APPROVED)
    return not (idle and clocks.keys() & {ClockKind.DRAFT, ClockKind.REWORK})


def rework_belongs_to_the_body_that_got_it(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    if appeal.state is State.REVISION_REQUIRED:
        return ClockKind.REWORK in clocks
    return appeal.state is not State.ASSIGNED or ClockKind.REWORK not in clocks


def an_interim_answer_ends_the_draft_that_was_due(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    bought, draft = clocks.get(ClockKind.FINAL_AFTER_INTERIM), clocks.get(ClockKind.DRAFT)
    return bought is None or draft is None or draft.started_at >= bought.started_at


def only_what_arrived_is_a_first_response(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    answered = any(answer.status is AnswerStatus.CONFIRMED for answer in appeal.answers)
    first = appeal.clock(ClockKind.FIRST_RESPONSE)
    return first is None or first.stopped_at is None or answered or not appeal.state.is_open


def only_a_deferral_holds_a_clock(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    held = {kind for kind, clock in clocks.items() if clock.paused_since is not None}
    return held <= {ClockKind.DRAFT, ClockKind.REWORK} and (appeal.state is State.DEFERRED or not held)


def what_was_promised_after_an_extension_stands(appeal: Appeal, clocks: dict[ClockKind, Clock]) -> bool:
    """The final term that ran when it was extended still has the extension, unless an answer ended it."""
    extended = [event for event in appeal.timeline if event.type == "extend"]
    final = clocks.get(ClockKind.FINAL)
    return not extended or final is None or final.extension is not None or final.started_at > extended[-1].at


RULES: tuple[Callable[[Appeal, dict[ClockKind, Clock]], bool], ...] = (
    closed_means_stopped,
    open_means_that_one_final_term_runs,
    distribution_is_measured_there_and_only_there,
    only_an_untouched_assignment_can_be_returned,
    the_approver_owes_time_while_a_text_waits,
    nobody_drafts_what_is_written_or_with_nobody,
    rework_belongs_to_the_body_that_got_it,
    an_interim_answer_ends_the_draft_that_was_due,
    only_what_arrived_is_a_first_response,
    only_a_deferral_holds_a_clock,
    what_was_promised_after_an_extension_stands,
)


@pytest.mark.parametrize("regime", list(Regime))
def test_every_short_path_keeps_the_clocks_true(regime: Regime) -> None:
    reached = set()
    for appeal, path in explore(regime):
        reached.add(appeal.state)
        clocks = running(appeal)
        for rule in RULES:
            assert rule(appeal, clocks), f"{rule.__name__}: {' > '.join(path)}"
        assert all(clock.control_due_at <= clock.due_at for clock in appeal.clocks)
    assert reached >= set(State) - {State.NEW, State.REJECTED}


def test_a_returned_appeal_may_still_be_forwarded_in_the_seven_days_of_the_law() -> None:
    appeal = new_appeal(Regime.FZ59)
    promised = appeal.clock(ClockKind.FORWARD)
    back = act(act(appeal, Assign(BODIES[0]), SUPERVISOR), ReturnAssignment("не наше"), SUPERVISOR, at=NOON)
    again = back.clock(ClockKind.FORWARD)
    assert promised is not None
    assert again is not None
    assert again.is_running
    assert (again.started_at, again.due_at) == (promised.started_at, promised.due_at)


def test_an_interim_answer_that_arrives_after_the_end_buys_nothing() -> None:
    appeal = act(new_appeal(Regime.OPEN_SOURCE), Assign(BODIES[0]), SUPERVISOR)
    appeal = act(appeal, SubmitAnswer("interim", "Бригада выехала.", AnswerKind.INTERIM), SUPERVISOR)
    appeal = act(appeal, Assign(BODIES[1], reason="граница"), SUPERVISOR)
    appeal = act(appeal, SubmitAnswer("final", "Яму заделали.", outcome=Outcome.SOLVED), SUPERVISOR)
    waiting = appeal.pending_answer
    assert waiting is not None
    appeal = act(appeal, Approve(waiting.id, waiting.digest), APPROVER)
    resolved = act(appeal, ConfirmDelivery("final"), SUPERVISOR)
    late = act(resolved, ConfirmDelivery("interim"), SUPERVISOR)
    assert late.clocks == resolved.clocks
    reopened = act(resolved, Reopen("повторилось"), SUPERVISOR, at=NOON + timedelta(days=1))
    told = act(reopened, ConfirmDelivery("interim"), SUPERVISOR, at=NOON + timedelta(days=1))
    assert told.clocks == reopened.clocks


def test_a_higher_importance_takes_no_extension_away() -> None:
    extended = act(new_appeal(Regime.FZ59), Extend(30, "запрос", "Срок продлён."), SUPERVISOR)
    raised = act(extended, Classify(priority=Priority.EMERGENCY), SUPERVISOR)
    assert raised.clock(ClockKind.FINAL) == extended.clock(ClockKind.FINAL)
