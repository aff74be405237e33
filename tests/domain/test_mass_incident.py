"""What the members of a mass incident get of its head: once each, by their regime and their own state."""

from datetime import timedelta
from random import Random

import pytest

from cur_tui.domain.commands import (
    Assign,
    ConfirmDelivery,
    KeepApart,
    LeadIncident,
    LinkAppeal,
    Reopen,
    Resume,
    SendToRework,
    SetFlag,
    Start,
    StartChecklist,
)
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal, Applicant
from cur_tui.domain.refusal import Refused
from cur_tui.domain.related.mass_incident import Verdict, give, leads_incident, mass_answer_of, verdict_on
from cur_tui.domain.vocabulary import (
    AnswerKind,
    AnswerStatus,
    ClockKind,
    LinkKind,
    Regime,
    ReworkReason,
    State,
)
from tests.domain.desk_life import (
    APPROVER,
    NOON,
    SUPERVISOR,
    act,
    answer,
    approval,
    authority,
    in_state,
    new_appeal,
    rulebook,
)

LATER = NOON + timedelta(hours=1)
OPEN_MEMBERS = [
    State.DISTRIBUTION,
    State.ASSIGNED,
    State.IN_PROGRESS,
    State.REVISION_REQUIRED,
    State.INTERIM_PUBLISHED,
    State.DEFERRED,
]


def led(state: State = State.APPROVED) -> Appeal:
    return act(in_state(state), LeadIncident())


def member_of(head: Appeal, state: State = State.DISTRIBUTION, regime: Regime = Regime.POS_MESSAGE) -> Appeal:
    return act(in_state(state, regime), LinkAppeal(LinkKind.MASS_INCIDENT, head.id, head.number))


def given_to(head: Appeal, member: Appeal) -> Appeal | None:
    return give(head, member, rulebook(), LATER)


@pytest.mark.parametrize("state", OPEN_MEMBERS)
def test_a_member_gets_the_approved_answer_as_its_own(state: State) -> None:
    head = led()
    member = member_of(head, state)
    after = given_to(head, member)
    assert after is not None
    source, got = head.answers[-1], after.answers[-1]
    assert (after.state, after.version) == (State.APPROVED, member.version + 1)
    assert (got.text, got.digest, got.outcome) == (source.text, source.digest, source.outcome)
    assert (got.status, got.reviewer) == (AnswerStatus.APPROVED, source.reviewer)
    assert got.id != source.id
    assert after.authority == (member.authority or head.authority)
    assert after.timeline[-1].details["head"] == head.number
    delivered = act(after, ConfirmDelivery(got.id), at=LATER)
    assert delivered.state is State.RESOLVED
    assert all(clock.stopped_at for clock in delivered.clocks)


def test_the_final_term_of_a_member_runs_until_its_own_delivery() -> None:
    head = led()
    after = given_to(head, member_of(head))
    assert after is not None
    final = after.clock(ClockKind.FINAL)
    assert final is not None
    assert final.stopped_at is None
    assert not [c for c in after.clocks if c.stopped_at is None and c.kind is ClockKind.ROUTE]


def test_it_is_given_once_whatever_is_repeated() -> None:
    head = led()
    once = given_to(head, member_of(head))
    assert once is not None
    assert given_to(head, once) is None
    assert verdict_on(head, once, rulebook()) is Verdict.GIVEN
    resolved = act(once, ConfirmDelivery(once.answers[-1].id), at=LATER)
    assert given_to(head, resolved) is None
    assert verdict_on(head, resolved, rulebook()) is Verdict.GIVEN


def test_an_answer_that_was_taken_back_here_is_not_given_again() -> None:
    head = led()
    once = given_to(head, member_of(head))
    assert once is not None
    returned = act(once, SendToRework(once.answers[-1].id, (ReworkReason.TONE,)), APPROVER, at=LATER)
    assert returned.state is State.REVISION_REQUIRED
    assert given_to(head, returned) is None


@pytest.mark.parametrize("state", [State.IN_REVIEW, State.APPROVED])
def test_a_member_with_an_answer_of_its_own_keeps_it(state: State) -> None:
    head = led()
    assert given_to(head, member_of(head, state)) is None
    assert verdict_on(head, member_of(head, state), rulebook()) is Verdict.OWN_ANSWER


@pytest.mark.parametrize("state", [State.RESOLVED, State.REJECTED, State.FORWARDED])
def test_a_closed_member_gets_nothing(state: State) -> None:
    head = led()
    assert verdict_on(head, member_of(head, state), rulebook()) is Verdict.CLOSED
    assert given_to(head, member_of(head, state)) is None


@pytest.mark.parametrize("regime", [Regime.FZ59, Regime.INFORMATION])
def test_some_regimes_are_owed_a_letter_of_their_own(regime: Regime) -> None:
    head = led()
    member = member_of(head, regime=regime)
    assert verdict_on(head, member, rulebook()) is Verdict.OWN_LETTER
    assert given_to(head, member) is None


def test_an_open_source_gets_it() -> None:
    head = led()
    assert given_to(head, member_of(head, regime=Regime.OPEN_SOURCE)) is not None


@pytest.mark.parametrize(
    "state", [State.ASSIGNED, State.IN_REVIEW, State.REVISION_REQUIRED, State.DISTRIBUTION]
)
def test_nothing_is_given_before_the_approval(state: State) -> None:
    head = led(state)
    assert mass_answer_of(head) is None
    assert verdict_on(head, member_of(head), rulebook()) is Verdict.WAITING


def test_who_does_not_lead_gives_nothing() -> None:
    head = in_state(State.APPROVED)
    assert given_to(head, member_of(head)) is None
    stopped = act(act(head, LeadIncident()), LeadIncident(False))
    assert not leads_incident(stopped)
    assert given_to(stopped, member_of(stopped)) is None


def test_an_interim_answer_is_given_and_then_the_final_one() -> None:
    head = led(State.INTERIM_PUBLISHED)
    member = given_to(head, member_of(head, State.ASSIGNED))
    assert member is not None
    assert member.state is State.INTERIM_PUBLISHED
    assert member.answers[-1].status is AnswerStatus.QUEUED
    assert given_to(head, member) is None
    head = act(act(head, Resume()), answer())
    head = act(head, approval(head), APPROVER)
    both = given_to(head, member)
    assert both is not None
    assert [one.kind for one in both.answers] == [AnswerKind.INTERIM, AnswerKind.FINAL]


def test_who_joins_after_the_final_answer_gets_no_interim_one() -> None:
    head = led(State.INTERIM_PUBLISHED)
    head = act(act(head, Resume()), answer())
    head = act(head, approval(head), APPROVER)
    member = given_to(head, member_of(head))
    assert member is not None
    assert [one.kind for one in member.answers] == [AnswerKind.FINAL]


def test_an_unfinished_fast_track_comes_first() -> None:
    head = led()
    member = act(member_of(head, State.ASSIGNED), StartChecklist("ft_pothole"))
    assert verdict_on(head, member, rulebook()) is Verdict.CHECKLIST
    assert given_to(head, member) is None


@pytest.mark.parametrize(
    "text",
    [
        "Уважаемая Алла Кузьминична! Воду дали.",
        "Уважаемая госпожа Ветрова!\nВоду дали.",
        "Здравствуйте! Воду дали.\n\nПо просьбе Ветровой Аллы Кузьминичны слесарь пришёл.",
        "Воду дали, мы звонили вам по номеру 8 914 111-22-33.",
    ],
)
def test_a_text_to_one_author_is_for_nobody_else(text: str) -> None:
    author = Applicant(name="Ветрова Алла Кузьминична", phone="+7 (914) 111-22-33")
    plain_head = replace(in_state(State.IN_PROGRESS), applicant=author)
    head = act(act(plain_head, answer(text)), LeadIncident())
    head = act(head, approval(head), APPROVER)
    assert verdict_on(head, member_of(head), rulebook()) is Verdict.PERSONAL
    assert given_to(head, member_of(head)) is None
    with pytest.raises(Refused, match="mass_answer_personal"):
        act(act(plain_head, LeadIncident()), answer(text))


def test_a_text_to_all_is_for_all() -> None:
    author = Applicant(name="Ветрова Алла Кузьминична", phone="+7 (914) 111-22-33")
    text = "Здравствуйте!\n\nВоду дали, диспетчерская: 8 (4162) 00-00-00.\n\nНачальник отдела Алла Сергеева"
    head = act(replace(in_state(State.IN_PROGRESS), applicant=author), LeadIncident())
    head = act(head, answer(text))
    head = act(head, approval(head), APPROVER)
    assert verdict_on(head, member_of(head), rulebook()) is Verdict.DUE


def test_a_sensitive_text_stays_with_its_readers() -> None:
    head = replace(led(), topic="general.military_payments")
    assert verdict_on(head, member_of(head), rulebook()) is Verdict.RESTRICTED
    alike = replace(member_of(head), topic="general.military_payments")
    assert verdict_on(head, alike, rulebook()) is Verdict.DUE


def test_a_head_joins_nobody_and_a_member_leads_nobody() -> None:
    head, other = led(), led()
    with pytest.raises(Refused, match="head_cannot_join"):
        act(head, LinkAppeal(LinkKind.MASS_INCIDENT, other.id, other.number))
    with pytest.raises(Refused, match="member_cannot_lead"):
        act(member_of(head), LeadIncident())


def test_a_member_has_one_head() -> None:
    first, second = led(), led()
    member = act(member_of(first), LinkAppeal(LinkKind.MASS_INCIDENT, second.id, second.number))
    assert [link.appeal for link in member.links] == [second.id]


def test_keeping_apart_undoes_the_link() -> None:
    head = led()
    member = act(member_of(head), KeepApart(head.id, head.number))
    assert member.links == ()
    with pytest.raises(Refused, match="link_to_itself"):
        act(head, KeepApart(head.id, head.number))


def test_the_flag_of_a_head_cannot_be_raised_as_a_flag() -> None:
    with pytest.raises(Refused, match="unknown_reference"):
        act(new_appeal(), SetFlag("mass_incident_head"))


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_a_member_is_answered_once(seed: int) -> None:
    """Random lives of a head and a member, with the giving tried at every step, several times."""
    rng = Random(seed)
    head: Appeal = act(new_appeal(), LeadIncident())
    member = member_of(head, rng.choice([*OPEN_MEMBERS, State.IN_REVIEW, State.APPROVED]))
    at = LATER
    for _ in range(30):
        at += timedelta(minutes=5)
        which = rng.random() < 0.5
        try:
            if which:
                head = _random_step(head, rng)
            else:
                member = _random_step(member, rng)
        except Refused:
            pass
        for _ in range(rng.randint(0, 2)):
            after = give(head, member, rulebook(), at)
            if after is not None:
                assert after.version == member.version + 1
                assert give(head, after, rulebook(), at) is None
                member = after
    ids = [one.id for one in member.answers]
    assert len(ids) == len(set(ids))
    live = [
        one
        for one in member.answers
        if one.kind is AnswerKind.FINAL and one.status not in (AnswerStatus.RETURNED, AnswerStatus.SUBMITTED)
    ]
    cycles = 1 + sum(event.type == "reopen" for event in member.timeline)
    assert len(live) <= cycles


def _random_step(appeal: Appeal, rng: Random) -> Appeal:
    steps = [
        lambda: act(appeal, Assign(authority())),
        lambda: act(appeal, Start()),
        lambda: act(appeal, answer()),
        lambda: act(appeal, answer("Бригада выехала.", AnswerKind.INTERIM)),
        lambda: act(appeal, approval(appeal), APPROVER),
        lambda: act(appeal, SendToRework(appeal.answers[-1].id, (ReworkReason.TONE,)), APPROVER),
        lambda: act(appeal, ConfirmDelivery(appeal.answers[-1].id)),
        lambda: act(appeal, Resume()),
        lambda: act(appeal, Reopen("не согласны"), SUPERVISOR),
    ]
    try:
        return rng.choice(steps)()
    except (IndexError, AssertionError):
        return appeal
