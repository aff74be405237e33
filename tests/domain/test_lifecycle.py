"""The table of the lifecycle: every command from every state, and who may give it."""

from datetime import timedelta

import pytest

from cur_tui.domain.commands import (
    COMMANDS,
    Acknowledge,
    AddNote,
    Approve,
    Arguments,
    Assign,
    Attach,
    ClaimAppeal,
    Classify,
    ConfirmDelivery,
    Defer,
    Extend,
    FailDelivery,
    Forward,
    HandleSpecially,
    KeepApart,
    LeadIncident,
    LinkAppeal,
    MarkSent,
    QueueDelivery,
    Rate,
    Reject,
    ReleaseClaim,
    Remind,
    Reopen,
    ReopenStep,
    Resume,
    ReturnAssignment,
    SendToRework,
    SetFlag,
    SkipStep,
    Start,
    StartChecklist,
    SubmitAnswer,
    Tag,
    TakeOver,
    TickStep,
)
from cur_tui.domain.lifecycle import TRANSITIONS, commands_from
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from cur_tui.domain.vocabulary import (
    LinkKind,
    Outcome,
    RejectionReason,
    ReworkReason,
    SpecialGround,
    State,
)
from tests.domain.desk_life import (
    APPROVER,
    NOON,
    OBSERVER,
    OPERATOR,
    SUPERVISOR,
    TEXT,
    act,
    authority,
    in_state,
    rulebook,
)

SAMPLES: dict[str, Arguments] = {
    "claim": ClaimAppeal(),
    "release": ReleaseClaim(),
    "take_over": TakeOver(),
    "note": AddNote("позвонить диспетчеру"),
    "tag": Tag(add=("яма",)),
    "flag": SetFlag("on_control"),
    "link": LinkAppeal(LinkKind.DUPLICATE, "other", "INC-20261117-9999"),
    "keep_apart": KeepApart("other", "INC-20261117-9999"),
    "lead_incident": LeadIncident(),
    "classify": Classify(topic="roads.potholes"),
    "assign": Assign("unknown-yet", reason="уточнена граница"),
    "return": ReturnAssignment("дорога не наша"),
    "forward": Forward("Росавтодор", "дорога федеральная", "Передали в Росавтодор."),
    "reject": Reject(RejectionReason.ADVERTISING_LINKS),
    "handle_specially": HandleSpecially(SpecialGround.ANONYMOUS),
    "start": Start(),
    "start_checklist": StartChecklist("ft_pothole"),
    "tick": TickStep(1, "адрес проверен"),
    "skip": SkipStep(1, "не нужно"),
    "reopen_step": ReopenStep(1),
    "submit": SubmitAnswer("answer-1", TEXT, outcome=Outcome.SOLVED),
    "approve": Approve("?", "?"),
    "rework": SendToRework("?", (ReworkReason.TONE,)),
    "queue_delivery": QueueDelivery("?"),
    "mark_sent": MarkSent("?"),
    "confirm_delivery": ConfirmDelivery("?"),
    "fail_delivery": FailDelivery("?", "ящик не существует"),
    "extend": Extend(10, "запрошены сведения", "Срок продлён."),
    "defer": Defer(NOON.replace(year=2027), "ждём тепла"),
    "resume": Resume(),
    "reopen": Reopen("жалоба повторилась"),
    "rate": Rate(5),
    "attach": Attach("0" * 64, "фото.jpg", 10, "image/jpeg"),
    "acknowledge": Acknowledge(),
    "remind": Remind(),
}
AFTER_THE_LEASE = NOON + timedelta(hours=1)
DECIDED_LATER = {
    "no_alert",
    "return_window_over",
    "unknown_reference",
    "no_checklist",
    "no_final_term",
    "not_permitted",
    "step_is_open",
    "special_handling_needs_fz59",
}
"""Refusals that come after the table has let a command through."""

STATES = [state for state in State if state is not State.NEW]


def test_there_is_a_sample_of_every_command() -> None:
    assert set(SAMPLES) == set(COMMANDS)


def test_a_command_finds_one_row_from_a_state() -> None:
    keys = [(row.command, state, row.variant) for row in TRANSITIONS for state in row.sources]
    assert len(keys) == len(set(keys))


def test_every_permission_of_the_table_exists() -> None:
    assert {row.permission for row in TRANSITIONS} <= set(Permission)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_table_decides_what_is_possible_from_a_state(name: str, state: State) -> None:
    appeal = in_state(state)
    code = ""
    try:
        act(appeal, SAMPLES[name], SUPERVISOR, at=AFTER_THE_LEASE)
    except Refused as refused:
        code = refused.code
    if name in commands_from(state):
        assert code in DECIDED_LATER | {""}, code
    else:
        assert code == "transition_not_allowed"


NOT_FOR_OBSERVERS = sorted({row.command for row in TRANSITIONS if row.permission != "note"})


@pytest.mark.parametrize("name", NOT_FOR_OBSERVERS)
def test_an_observer_may_note_and_nothing_else(name: str) -> None:
    row = next(row for row in TRANSITIONS if row.command == name)
    state = next(state for state in STATES if state in row.sources)
    with pytest.raises(Refused, match="not_permitted"):
        act(in_state(state), SAMPLES[name], OBSERVER)


def test_the_common_way_ends_with_a_confirmed_delivery() -> None:
    appeal = in_state(State.RESOLVED)
    assert [event.type for event in appeal.timeline] == [
        "register",
        "classify",
        "assign",
        "start",
        "submit",
        "approve",
        "confirm_delivery",
    ]
    assert [event.version for event in appeal.timeline] == list(range(1, 8))
    assert appeal.version == 7
    assert all(clock.stopped_at is not None for clock in appeal.clocks)
    assert appeal.claim is None


def test_nobody_approves_their_own_text() -> None:
    appeal = in_state(State.IN_PROGRESS)
    submitted = act(
        appeal, SubmitAnswer("mine", TEXT, outcome=Outcome.SOLVED), SUPERVISOR, at=AFTER_THE_LEASE
    )
    waiting = submitted.pending_answer
    assert waiting is not None
    with pytest.raises(Refused, match="author_cannot_approve"):
        act(submitted, Approve(waiting.id, waiting.digest), SUPERVISOR)
    assert act(submitted, Approve(waiting.id, waiting.digest), APPROVER).state is State.APPROVED


def test_a_reader_of_the_table_is_told_what_is_possible_instead() -> None:
    appeal: Appeal = in_state(State.REJECTED)
    with pytest.raises(Refused) as refusal:
        act(appeal, Start(), OPERATOR)
    assert refusal.value.params["state"] == "rejected"
    assert "note" in refusal.value.params["allowed"]
    assert authority() in rulebook().authorities
