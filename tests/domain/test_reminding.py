"""A reminder is an alert that a supervisor gives by hand."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from cur_tui.domain.alerts import is_for, open_alerts
from cur_tui.domain.commands import Acknowledge, ClaimAppeal, Remind, TakeOver
from cur_tui.domain.evolve import replace
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Role, State
from tests.factories import actor, apply, make_appeal

NOW = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
SUPERVISOR = actor(Role.SUPERVISOR)


def test_it_goes_to_whoever_works_on_the_appeal_and_ends_with_their_work() -> None:
    worker = actor(Role.BLOCK_OPERATOR)
    claimed = apply(make_appeal(), ClaimAppeal(), worker, NOW)
    told = apply(claimed, Remind(), SUPERVISOR, NOW)
    (alert,) = open_alerts(told)
    assert alert.params == {"by": SUPERVISOR.name}
    assert is_for(alert, worker)
    assert not is_for(alert, msgspec.structs.replace(worker, account="another"))
    assert told.listed_flags == ("escalated",)
    assert open_alerts(apply(told, TakeOver(), SUPERVISOR, NOW)) == ()


def test_where_nobody_works_it_goes_to_those_who_could() -> None:
    (alert,) = open_alerts(apply(make_appeal(), Remind(), SUPERVISOR, NOW))
    assert [role for role in Role if is_for(alert, actor(role))] == [Role.BLOCK_OPERATOR, Role.SECONDED_AGENT]


def test_who_reminds_of_the_same_adds_nothing_until_it_is_taken_on() -> None:
    once = apply(make_appeal(), Remind(), SUPERVISOR, NOW)
    twice = apply(once, Remind(), SUPERVISOR, NOW)
    assert len(twice.alerts) == 1
    taken = apply(twice, Acknowledge(), actor(Role.BLOCK_OPERATOR), NOW)
    assert len(apply(taken, Remind(), SUPERVISOR, NOW + timedelta(hours=1)).alerts) == 2


def test_only_who_supervises_reminds_and_only_of_open_work() -> None:
    with pytest.raises(Refused, match="not_permitted"):
        apply(make_appeal(), Remind(), actor(Role.BLOCK_OPERATOR), NOW)
    with pytest.raises(Refused, match="transition_not_allowed"):
        apply(replace(make_appeal(), state=State.RESOLVED), Remind(), SUPERVISOR, NOW)
