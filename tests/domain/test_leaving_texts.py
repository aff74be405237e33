"""What closes an appeal without an answer on the merits, and the notices and texts that leave or stay."""

import pytest

from cur_tui.domain.commands import (
    Arguments,
    Classify,
    Extend,
    Forward,
    HandleSpecially,
    Rate,
    Reject,
    SendToRework,
    StartChecklist,
    TickStep,
)
from cur_tui.domain.decisions.case import MAX_TEXT
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal, Applicant
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import (
    AnswerKind,
    AnswerStatus,
    Regime,
    RejectionReason,
    ReworkReason,
    SpecialGround,
    State,
)
from tests.domain.desk_life import APPROVER, OPERATOR, SUPERVISOR, act, in_state, new_appeal

KNOWN = Applicant(name="Заречный Пётр Ильич", address="г. Благовещенск, ул. Садовая, 7")


def test_a_statutory_appeal_is_never_simply_rejected() -> None:
    with pytest.raises(Refused, match="fz59_needs_special_handling"):
        act(new_appeal(Regime.FZ59), Reject(RejectionReason.ADVERTISING_LINKS))


@pytest.mark.parametrize("ground", [g for g in SpecialGround if g is not SpecialGround.ANONYMOUS])
def test_special_handling_owes_a_notice_and_stops_the_merits_clock(ground: SpecialGround) -> None:
    appeal = replace(new_appeal(Regime.FZ59), applicant=KNOWN)
    with pytest.raises(Refused, match="empty_field"):
        act(appeal, HandleSpecially(ground, url="https://example.org/answer"), SUPERVISOR)
    special = HandleSpecially(ground, "Разъясняем порядок.", "https://example.org/answer")
    handled = act(appeal, special, SUPERVISOR)
    assert handled.state is State.REJECTED
    assert [(a.kind, a.status) for a in handled.answers] == [(AnswerKind.NOTICE, AnswerStatus.QUEUED)]
    assert all(clock.stopped_at is not None for clock in handled.clocks)


def test_an_anonymous_author_gets_no_letter() -> None:
    assert act(new_appeal(Regime.FZ59), HandleSpecially(SpecialGround.ANONYMOUS)).answers == ()


def test_an_unreadable_letter_without_a_return_address_gets_none_either() -> None:
    assert act(new_appeal(Regime.FZ59), HandleSpecially(SpecialGround.UNREADABLE)).answers == ()


def test_special_handling_is_for_statutory_appeals() -> None:
    with pytest.raises(Refused, match="special_handling_needs_fz59"):
        act(new_appeal(Regime.OPEN_SOURCE), HandleSpecially(SpecialGround.ABUSIVE, "Просим без брани."))


def test_a_correspondence_is_ended_by_a_head_only() -> None:
    ended = HandleSpecially(SpecialGround.REPEATED_NO_NEW_ARGUMENTS, "Переписка прекращена.")
    with pytest.raises(Refused, match="correspondence_ended_by_head"):
        act(new_appeal(Regime.FZ59), ended, OPERATOR)
    assert act(new_appeal(Regime.FZ59), ended, SUPERVISOR).state is State.REJECTED


def test_an_anonymous_report_of_a_crime_is_sent_on_without_a_notice() -> None:
    report = Forward("УМВД", "сообщение о преступлении", "")
    assert act(new_appeal(Regime.FZ59), report).answers == ()
    with pytest.raises(Refused, match="empty_field"):
        act(replace(new_appeal(Regime.FZ59), applicant=KNOWN), report)
    with pytest.raises(Refused, match="empty_field"):
        act(new_appeal(Regime.POS_MESSAGE), report)


def test_a_notice_with_a_rest_of_its_template_does_not_leave() -> None:
    for notice in ("Передали: ⟦forwarded_to⟧.", "Здравствуйте{% if citizen_name %}!"):
        with pytest.raises(Refused, match="unresolved_placeholders"):
            act(new_appeal(Regime.FZ59), Forward("ГУ МВД", "компетенция", notice))
        with pytest.raises(Refused, match="unresolved_placeholders"):
            act(new_appeal(Regime.FZ59), Extend(10, "запрос", notice), SUPERVISOR)
        with pytest.raises(Refused, match="unresolved_placeholders"):
            act(new_appeal(), Reject(RejectionReason.ADVERTISING_LINKS, notice))


def test_every_typed_text_has_a_limit() -> None:
    long = "я" * (MAX_TEXT + 1)
    reviewed = in_state(State.IN_REVIEW)
    rework = SendToRework(reviewed.answers[-1].id, (ReworkReason.TONE,), long)
    typed: list[tuple[Appeal, Arguments, Actor]] = [
        (new_appeal(), Classify(address=long), OPERATOR),
        (act(new_appeal(), StartChecklist("ft_pothole")), TickStep(1, long), OPERATOR),
        (reviewed, rework, APPROVER),
        (in_state(State.RESOLVED), Rate(2, long), OPERATOR),
    ]
    for appeal, arguments, actor in typed:
        with pytest.raises(Refused, match="too_long"):
            act(appeal, arguments, actor)


def test_forwarding_leaves_a_notice_and_a_line() -> None:
    forwarded = act(new_appeal(Regime.FZ59), Forward("ГУ МВД", "компетенция", "Передали в ГУ МВД."))
    assert forwarded.state is State.FORWARDED
    assert forwarded.timeline[-1].details["to"] == "ГУ МВД"
    assert forwarded.answers[0].kind is AnswerKind.NOTICE
