"""Escalation on the awkward days of the calendar: when each rule comes true, when it is told, and once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cur_tui.domain.alerts import open_alerts
from cur_tui.domain.commands import (
    Acknowledge,
    Approve,
    Assign,
    Classify,
    ConfirmDelivery,
    Extend,
    Rate,
    ReturnAssignment,
    SendToRework,
    SetFlag,
    Start,
    SubmitAnswer,
)
from cur_tui.domain.decisions import decide
from cur_tui.domain.decisions.case import text_digest
from cur_tui.domain.escalation import TOO_LATE, escalated, next_look, steps_of
from cur_tui.domain.model import Appeal, Clock
from cur_tui.domain.profile.escalation import EscalationRule
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.clocks import Term, make_clock, stop_clocks
from cur_tui.domain.time.term_share import share_moment
from cur_tui.domain.vocabulary import (
    AnswerKind,
    ClockKind,
    EscalationEvent,
    Outcome,
    Priority,
    Regime,
    ReworkReason,
    Role,
    State,
    TimeUnit,
)
from tests.factories import actor, apply, make_appeal, make_command, make_region, make_rulebook, new_id

ZONE = ZoneInfo("Asia/Yakutsk")
SUPERVISOR = actor(Role.SUPERVISOR)
HOURS, DAYS, WORKING_DAYS = TimeUnit.WORKING_HOUR, TimeUnit.CALENDAR_DAY, TimeUnit.WORKING_DAY


def local(text: str) -> datetime:
    """A moment on the clocks of Blagoveshchensk: Monday to Thursday 9–13 and 14–18, on Friday until 17."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def rule(event: EscalationEvent, **values: Any) -> EscalationRule:
    given: dict[str, Any] = {"code": "r", "title": "Правило", "to": (Role.SUPERVISOR,), "source": "проверка"}
    return EscalationRule(event=event, **{**given, **values})


def rules(*given: EscalationRule) -> Rulebook:
    return Rulebook(replace(make_region(), escalation=given))


SHARE_75 = rule(EscalationEvent.TERM_SHARE, code="75", share=75)
SHARE_100 = rule(EscalationEvent.TERM_SHARE, code="100", share=100)
A_DAY_OVER = rule(EscalationEvent.TERM_OVER, code="over", amount=1, unit=WORKING_DAYS, to=(Role.CUR_HEAD,))


def with_clock(
    amount: int, unit: TimeUnit, started: str, kind: ClockKind = ClockKind.FINAL, **more: Any
) -> Appeal:
    """An assigned appeal with this one term."""
    appeal = make_appeal(registered_at=local(started), **more)
    clock = make_clock(
        Term(kind, amount, unit), make_rulebook().policies[appeal.policy], local(started), make_rulebook()
    )
    return replace(appeal, clocks=(clock,), state=State.ASSIGNED)


def times(appeal: Appeal, *given: EscalationRule) -> list[tuple[str, str]]:
    """When each step comes true and when it is told, on the region's clocks."""
    shown = [
        (step.since.astimezone(ZONE), step.at.astimezone(ZONE)) for step in steps_of(appeal, rules(*given))
    ]
    return [(f"{since:%d.%m.%Y %H:%M}", f"{at:%d.%m.%Y %H:%M}") for since, at in shown]


@pytest.mark.parametrize(
    ("started", "share", "true", "told"),
    [
        # The eve of a holiday ends an hour early, the holiday itself is nothing, and three quarters fall on
        # the beginning of lunch: the desk hears of it at its end.
        ("2026-11-03 15:00", 75, "05.11.2026 13:00", "05.11.2026 14:00"),
        ("2026-11-03 15:00", 100, "05.11.2026 16:00", "05.11.2026 16:00"),
        # A Friday before holidays; the Thursday before is short.
        ("2026-04-30 16:00", 50, "04.05.2026 12:00", "04.05.2026 12:00"),
        # New Year: 30 December is worked to its end, the 31st is a day off, and work begins on 12 January.
        ("2025-12-30 17:00", 50, "12.01.2026 12:00", "12.01.2026 12:00"),
        ("2025-12-30 17:00", 100, "12.01.2026 17:00", "12.01.2026 17:00"),
        # A transferred Saturday, itself short, has the hours of the Monday that is off instead.
        ("2025-10-31 16:00", 50, "01.11.2025 12:00", "01.11.2025 12:00"),
        ("2025-10-31 16:00", 100, "01.11.2025 17:00", "05.11.2025 09:00"),
    ],
)
def test_shares_of_eight_working_hours(started: str, share: int, true: str, told: str) -> None:
    appeal = with_clock(8, HOURS, started, ClockKind.FIRST_RESPONSE)
    assert times(appeal, rule(EscalationEvent.TERM_SHARE, share=share)) == [(true, told)]


def test_a_term_in_calendar_days_that_ends_before_the_new_year_holidays() -> None:
    appeal = with_clock(30, DAYS, "2025-12-05 10:00", regime=Regime.FZ59)
    # The thirtieth day is a holiday, so the control date is the last working day before, to its midnight.
    assert times(appeal, SHARE_100) == [("30.12.2025 23:59", "12.01.2026 09:00")]
    assert times(appeal, rule(EscalationEvent.TERM_SHARE, share=50))[0][0] == "18.12.2025 04:59"


@pytest.mark.parametrize(
    ("started", "over", "told"),
    [
        # Due at 17:00 of the eve of 1 May; the working day after it is Monday the 4th, to its close.
        ("2026-04-30 09:00", "04.05.2026 18:00", "05.05.2026 09:00"),
        # Due on Friday; the next working day is the transferred Saturday, which closes at 17:00.
        ("2025-10-31 09:00", "01.11.2025 17:00", "05.11.2025 09:00"),
        # Due on 30 December; the next working day is in the next year.
        ("2025-12-30 09:00", "12.01.2026 18:00", "13.01.2026 09:00"),
    ],
)
def test_a_working_day_after_the_breach(started: str, over: str, told: str) -> None:
    assert times(with_clock(4, HOURS, started), A_DAY_OVER) == [(over, told)]


@pytest.mark.parametrize(
    ("registered", "true", "told"),
    [
        ("2025-10-31 16:00", "01.11.2025 12:00", "01.11.2025 12:00"),  # into the transferred Saturday
        ("2026-11-03 15:00", "05.11.2026 11:00", "05.11.2026 11:00"),  # over the eve and the holiday
        ("2026-11-17 12:00", "17.11.2026 17:00", "17.11.2026 17:00"),  # over lunch
        (
            "2025-12-31 12:00",
            "12.01.2026 13:00",
            "12.01.2026 14:00",
        ),  # over New Year, to the lunch of the first day
        ("2026-11-15 12:00", "16.11.2026 13:00", "16.11.2026 14:00"),  # registered on a Sunday
    ],
)
def test_unassigned_for_four_working_hours(registered: str, true: str, told: str) -> None:
    appeal = make_appeal(registered_at=local(registered))
    assert times(appeal, rule(EscalationEvent.UNASSIGNED, amount=4, unit=HOURS)) == [(true, told)]
    assigned = apply(appeal, Assign("amur_utilities"), now=local(registered))
    assert times(assigned, rule(EscalationEvent.UNASSIGNED, amount=4, unit=HOURS)) == []


def returned(times: int, at: datetime) -> Appeal:
    """An appeal that bodies gave back so many times, the last time at ``at``."""
    appeal = make_appeal(registered_at=at - timedelta(hours=1))
    for n in range(times):
        moment = at if n == times - 1 else at - timedelta(minutes=30)
        appeal = apply(appeal, Assign("amur_utilities"), now=moment)
        appeal = apply(appeal, ReturnAssignment("Не наша компетенция"), now=moment)
    return appeal


def test_returned_twice() -> None:
    twice = rule(EscalationEvent.RETURNED, times=2)
    friday_evening = local("2026-11-13 16:59")
    assert times(returned(1, friday_evening), twice) == []
    assert times(returned(2, friday_evening), twice) == [("13.11.2026 16:59", "13.11.2026 16:59")]
    # The closing minute is outside: what comes then waits for Monday.
    assert times(returned(2, local("2026-11-13 17:00")), twice) == [("13.11.2026 17:00", "16.11.2026 09:00")]


def answered(at: datetime, *, reworks: int = 0) -> Appeal:
    """An appeal with an answer in review, or delivered when it was never sent back."""
    appeal = make_appeal(registered_at=at - timedelta(hours=3))
    appeal = apply(appeal, Classify(topic="utilities.no_hot_water"), now=at)
    appeal = apply(appeal, Assign("amur_utilities"), now=at)
    for _ in range(reworks):
        answer, text = new_id(), "Воду дадут 3 июня."
        appeal = apply(
            apply(appeal, Start(), now=at), SubmitAnswer(answer, text, outcome=Outcome.SOLVED), now=at
        )
        appeal = apply(appeal, SendToRework(answer, (ReworkReason.NO_DATE,)), actor(Role.APPROVER), at)
    if reworks:
        return appeal
    answer, text = new_id(), "Воду дали."
    appeal = apply(appeal, SubmitAnswer(answer, text, AnswerKind.FINAL, Outcome.SOLVED), now=at)
    appeal = apply(appeal, Approve(answer, text_digest(text)), actor(Role.APPROVER), at)
    return apply(appeal, ConfirmDelivery(answer), now=at)


def test_sent_back_twice() -> None:
    twice = rule(EscalationEvent.REWORKED, times=2)
    at = local("2025-11-01 16:30")  # the transferred Saturday is worked until 17:00
    assert times(answered(at, reworks=1), twice) == []
    assert times(answered(at, reworks=2), twice) == [("01.11.2025 16:30", "01.11.2025 16:30")]


def test_a_low_rating_on_a_weekend_is_told_on_monday_and_never_wakes_for_a_good_one() -> None:
    low = rule(EscalationEvent.LOW_RATING, rating=2)
    saturday = local("2026-11-14 11:00")
    delivered = answered(saturday - timedelta(days=2))
    assert times(apply(delivered, Rate(3), now=saturday), low) == []
    assert times(apply(delivered, Rate(2), now=saturday), low) == [("14.11.2026 11:00", "16.11.2026 09:00")]


def test_an_emergency_does_not_wait_for_the_morning() -> None:
    loud = replace(SHARE_75, quiet=False, priorities=(Priority.EMERGENCY,))
    night = with_clock(4, TimeUnit.CLOCK_HOUR, "2026-01-01 01:00", priority=Priority.EMERGENCY)
    assert times(night, loud) == [("01.01.2026 04:00", "01.01.2026 04:00")]
    assert times(night, replace(loud, quiet=True)) == [("01.01.2026 04:00", "12.01.2026 09:00")]
    calm = with_clock(4, TimeUnit.CLOCK_HOUR, "2026-01-01 01:00")
    assert times(calm, loud) == []


# --- once, and only while it is so -----------------------------------------------------------------

DUE = with_clock(8, HOURS, "2026-11-17 09:00", ClockKind.FIRST_RESPONSE)
"""Three quarters at 16:00, due at 18:00 of a Tuesday."""
LADDER = rules(SHARE_75, SHARE_100, A_DAY_OVER)


def fired(appeal: Appeal) -> list[str]:
    return [alert.rule for alert in appeal.alerts]


def test_each_step_is_told_once() -> None:
    appeal = DUE
    for moment in ("15:59", "16:00", "16:01", "17:59"):
        appeal = escalated(appeal, LADDER, local(f"2026-11-17 {moment}"))
        assert fired(appeal) == ([] if moment == "15:59" else ["75"])
    assert next_look(appeal, LADDER, local("2026-11-17 17:59")) == local("2026-11-18 09:00")
    for day in ("18", "19", "20"):
        appeal = escalated(appeal, LADDER, local(f"2026-11-{day} 09:00"))
    assert fired(appeal) == ["75", "100", "over"]
    assert next_look(appeal, LADDER, local("2026-11-20 09:00")) is None
    assert [event.type for event in appeal.timeline].count("escalate") == 3
    assert appeal.version == DUE.version + 3


def test_of_several_steps_only_the_furthest_is_told_and_to_all() -> None:
    appeal = escalated(DUE, LADDER, local("2026-11-19 09:00"))
    assert fired(appeal) == ["over"]
    assert appeal.alerts[0].to == (Role.CUR_HEAD, Role.SUPERVISOR)
    assert escalated(appeal, LADDER, local("2026-11-20 09:00")) is appeal


def test_nothing_is_told_of_long_ago() -> None:
    last = local("2026-11-19 09:00") + TOO_LATE
    assert fired(escalated(DUE, LADDER, last)) == ["over"]
    assert escalated(DUE, LADDER, last + timedelta(minutes=1)) is DUE


def test_a_step_is_judged_anew_when_it_fires() -> None:
    stopped = replace(DUE, clocks=stop_clocks(DUE, None, local("2026-11-17 15:00")).clocks)
    assert escalated(stopped, LADDER, local("2026-11-18 09:00")) is stopped
    paused = replace(DUE, clocks=(replace(DUE.clocks[0], paused_since=local("2026-11-17 15:00")),))
    assert escalated(paused, LADDER, local("2026-11-18 09:00")) is paused
    erased = replace(DUE, erased_at=local("2026-11-17 15:00"))
    assert escalated(erased, LADDER, local("2026-11-18 09:00")) is erased


def test_an_extended_term_is_told_of_again() -> None:
    appeal = with_clock(30, DAYS, "2026-10-01 10:00", regime=Regime.FZ59)
    told = escalated(appeal, rules(SHARE_75), local("2026-10-26 09:00"))
    extension = Extend(30, "Нужна экспертиза", "Срок продлён.")
    longer = decide(
        told, make_command(told, extension), SUPERVISOR, make_rulebook(), local("2026-10-26 10:00")
    )
    assert open_alerts(told)
    assert not open_alerts(longer), "what was told of the old term holds no more"
    assert fired(escalated(longer, rules(SHARE_75), local("2026-11-18 10:00"))) == ["75", "75"]


def test_an_alert_goes_to_the_worker_as_well() -> None:
    held = replace(apply(make_appeal(), SetFlag("on_control")), clocks=DUE.clocks, state=State.ASSIGNED)
    held = apply(held, Start(), now=local("2026-11-17 10:00"))
    (alert,) = escalated(held, rules(replace(SHARE_75, worker=True)), local("2026-11-17 16:00")).alerts
    assert alert.person == actor().account
    assert alert.params == {
        "clock": "first_response",
        "due": DUE.clocks[0].control_due_at.isoformat(),
        "share": "75",
    }


def test_a_low_rating_opens_the_appeal_again_by_policy() -> None:
    rated_at = local("2026-11-17 10:00")
    rated = apply(answered(local("2026-11-16 10:00")), Rate(1, "Воды нет"), now=rated_at)
    low = rule(EscalationEvent.LOW_RATING, rating=2)
    told = escalated(rated, rules(low), rated_at)
    assert (told.state, fired(told)) == (State.RESOLVED, ["r"])
    again = escalated(rated, rules(replace(low, reopen=True)), rated_at)
    assert (again.state, again.rating, again.is_reconsideration) == (State.ASSIGNED, 1, True)
    assert [event.type for event in again.timeline[-2:]] == ["escalate", "reopen"]
    assert [event.version for event in again.timeline] == list(range(1, again.version + 1))
    assert again.authority == "amur_utilities"
    final = again.clock(ClockKind.FINAL)
    assert final is not None
    assert (final.started_at, final.is_running) == (rated_at, True)
    assert escalated(again, rules(replace(low, reopen=True)), rated_at + timedelta(hours=1)) is again


# --- acknowledging ---------------------------------------------------------------------------------


def test_who_may_acknowledge() -> None:
    now = local("2026-11-17 16:00")
    heads = rules(replace(SHARE_75, to=(Role.BLOCK_HEAD,)))
    told = escalated(DUE, heads, now)
    (alert,) = told.alerts
    with pytest.raises(Refused, match="no_alert"):
        apply(told, Acknowledge(), actor(Role.BLOCK_OPERATOR), now)
    with pytest.raises(Refused, match="no_alert"):
        apply(told, Acknowledge(new_id()), SUPERVISOR, now)
    taken = apply(told, Acknowledge(), actor(Role.BLOCK_HEAD), now)
    assert taken.alerts[0].acknowledged_name == actor(Role.BLOCK_HEAD).name
    assert (told.listed_flags, taken.listed_flags) == (("escalated",), ())
    # The second one, who did not know, neither fails nor takes it over.
    second = apply(taken, Acknowledge(alert.id), SUPERVISOR, now + timedelta(minutes=1))
    assert second.alerts == taken.alerts


def test_an_alert_is_nobodys_conflict() -> None:
    now = local("2026-11-17 16:00")
    told = escalated(DUE, LADDER, now)
    command = make_command(told, Start(), base=DUE.version)
    assert decide(told, command, actor(), make_rulebook(), now).state is State.IN_PROGRESS


# --- any share of any term -------------------------------------------------------------------------

_units = st.sampled_from([*TimeUnit])
_starts = st.integers(0, 500 * 24 * 60).map(
    lambda minutes: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@cache
def _policy() -> Any:
    return make_rulebook().policies[make_appeal().policy]


def _clock(amount: int, unit: TimeUnit, started: datetime, pauses: Sequence[tuple[int, int]]) -> Clock:
    spans = tuple(
        (started + timedelta(hours=after), started + timedelta(hours=after + length))
        for after, length in pauses
    )
    return make_clock(Term(ClockKind.FINAL, amount, unit), _policy(), started, make_rulebook(), spans)


@given(
    amount=st.integers(1, 20),
    unit=_units,
    started=_starts,
    pauses=st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=2),
    shares=st.lists(st.integers(1, 100), min_size=2, max_size=2),
)
@settings(max_examples=120, deadline=None)
def test_shares_rise_within_the_term(
    amount: int, unit: TimeUnit, started: datetime, pauses: list[tuple[int, int]], shares: list[int]
) -> None:
    clock = _clock(amount, unit, started, pauses)
    first, second = (share_moment(clock, share, make_rulebook().time) for share in sorted(shares))
    assert first <= second <= clock.control_due_at
    assert first >= min(started, clock.control_due_at)
