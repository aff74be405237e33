"""Ratings that a source reports again: the first one counts, none before delivery, and alerts stay."""

from dataclasses import replace
from datetime import timedelta

from cur_tui.domain.alerts import Alert
from cur_tui.domain.commands import Assign
from cur_tui.domain.escalation import escalated
from cur_tui.domain.model import Answer, Appeal, Event
from cur_tui.domain.vocabulary import AnswerKind, AnswerStatus, EscalationEvent, Role, State
from regional_api.importers.merge import merged
from tests.factories import NOW, apply, make_appeal, make_rulebook, new_id


def told_again(appeal: Appeal, rating: int, *, answered: bool) -> Appeal:
    """The same appeal as its source tells of it now: closed and rated, with the answer or without it."""
    event = Event(2, new_id(), "rate", NOW, NOW, "system", "", "system", {"rating": str(rating)})
    answer = Answer(
        "a", AnswerKind.FINAL, "Дали.", "d", "system", "ПОС", NOW, AnswerStatus.CONFIRMED, confirmed_at=NOW
    )
    return replace(
        appeal,
        version=2,
        state=State.RESOLVED,
        rating=rating,
        answers=(answer,) if answered else (),
        timeline=(*appeal.timeline[:1], event),
    )


def test_a_rating_of_what_is_in_work_here_waits_for_an_answer() -> None:
    registered = make_appeal()
    worked = apply(registered, Assign("amur_utilities"))
    after, changed = merged(worked, told_again(registered, 2, answered=False), "row", NOW)
    assert (after.rating, after.state, changed) == (None, State.ASSIGNED, ())
    after, _ = merged(worked, told_again(registered, 2, answered=True), "row", NOW)
    assert (after.rating, after.state) == (2, State.ASSIGNED)


def test_the_first_rating_counts_and_a_second_one_is_no_event() -> None:
    registered = make_appeal()
    first, _ = merged(registered, told_again(registered, 2, answered=True), "row", NOW)
    second, _ = merged(first, told_again(registered, 5, answered=True), "another row", NOW)
    assert (first.rating, second.rating) == (2, 2)
    assert [event.type for event in second.timeline].count("rate") == 1


def test_alerts_and_what_they_opened_again_stay() -> None:
    registered = make_appeal()
    resolved = replace(apply(registered, Assign("amur_utilities")), state=State.RESOLVED, rating=1)
    alert = Alert("a", "low_rating", EscalationEvent.LOW_RATING, "low_rating", NOW, NOW, (Role.SUPERVISOR,))
    reopen = Event(3, new_id(), "reopen", NOW, NOW, "system", "", "system")
    opened = replace(resolved, state=State.ASSIGNED, alerts=(alert,), timeline=(*registered.timeline, reopen))
    after, _ = merged(opened, told_again(registered, 1, answered=True), "row", NOW)
    assert (after.alerts, after.state) == ((alert,), State.ASSIGNED)


def test_a_low_rating_counts_from_when_it_became_known() -> None:
    registered = make_appeal(registered_at=NOW - timedelta(days=60))
    told = told_again(registered, 1, answered=True)
    long_ago = replace(
        told, timeline=(told.timeline[0], replace(told.timeline[1], at=NOW - timedelta(days=50)))
    )
    assert escalated(long_ago, make_rulebook(), NOW) is long_ago, "an old history wakes nobody"
    news, _ = merged(registered, long_ago, "row", NOW)
    assert [alert.rule for alert in escalated(news, make_rulebook(), NOW).alerts] == ["low_rating"]
