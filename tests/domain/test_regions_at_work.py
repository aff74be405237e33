"""Each region from its packaged profile through the whole common course, with blocks or without."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from cur_tui.domain.commands import (
    Approve,
    Arguments,
    Assign,
    Classify,
    Command,
    ConfirmDelivery,
    SkipStep,
    Start,
    StartChecklist,
    SubmitAnswer,
)
from cur_tui.domain.decisions import decide
from cur_tui.domain.intake import Incoming, register
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor, can, can_see
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Outcome, Regime, Role, Source, State

NOON = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)
REGIONS = ("amur", "kursk", "eao", "orenburg")


def person(role: Role, block: str = GENERAL_BLOCK) -> Actor:
    return Actor(role.value, f"Некто {role.value}", role, frozenset({block}), None)


@pytest.mark.parametrize("code", REGIONS)
def test_a_message_goes_from_its_registration_to_its_answer(code: str) -> None:
    rules = Rulebook(load_region(code))
    block = rules.block_of_topic("utilities.heating")
    operator, approver = person(Role.BLOCK_OPERATOR, block), person(Role.APPROVER, block)
    incoming = Incoming(Regime.POS_MESSAGE, Source.POS, "В квартире +14, дети мёрзнут.", NOON, NOON)
    appeal = register(incoming, id="1", number="INC-20261117-0001", command="r", rulebook=rules)

    def give(before: Appeal, arguments: Arguments, actor: Actor) -> Appeal:
        assert can_see(rules.region, actor, block=before.block, authority=None, restricted=False) or (
            before.block is None and block != GENERAL_BLOCK
        )
        command = Command(f"c{before.version}", before.id, arguments, before.version, NOON)
        return decide(before, command, actor, rules, NOON + timedelta(minutes=before.version))

    body = next(a.code for a in rules.region.authorities if "utilities" in a.blocks)
    appeal = give(appeal, Classify(topic="utilities.heating"), operator)
    assert appeal.block == block
    assert (block == GENERAL_BLOCK) == (code == "orenburg")
    appeal = give(appeal, StartChecklist("ft_heating"), operator)
    appeal = give(give(appeal, Assign(body), operator), Start(), operator)
    for step in appeal.checklists[-1].steps:
        appeal = give(appeal, SkipStep(step.n, "учения"), operator)
    appeal = give(appeal, SubmitAnswer("a", "Тепло вернули в 14 часов.", outcome=Outcome.SOLVED), operator)
    waiting = appeal.pending_answer
    assert waiting is not None
    appeal = give(appeal, Approve(waiting.id, waiting.digest), approver)
    appeal = give(appeal, ConfirmDelivery("a"), operator)
    assert appeal.state is State.RESOLVED
    assert not [clock for clock in appeal.clocks if clock.stopped_at is None]


@pytest.mark.parametrize("code", REGIONS)
def test_the_general_desk_may_be_named_everywhere(code: str) -> None:
    rules = Rulebook(load_region(code))
    incoming = Incoming(Regime.FZ59, Source.POST, "Прошу разъяснить порядок.", NOON, NOON)
    appeal = register(incoming, id="1", number="INC-20261117-0002", command="r", rulebook=rules)
    command = Command("c", "1", Classify(block=GENERAL_BLOCK), 1, NOON)
    assert decide(appeal, command, person(Role.BLOCK_OPERATOR), rules, NOON).block == GENERAL_BLOCK


@pytest.mark.parametrize("code", REGIONS)
def test_a_restricted_topic_is_for_those_with_the_right(code: str) -> None:
    rules = Rulebook(load_region(code))
    topic = next(topic.code for topic in rules.region.topics if topic.is_restricted)
    block = rules.block_of_topic(topic)

    def sees(role: Role) -> bool:
        actor = msgspec.structs.replace(person(role), blocks=frozenset({block}))
        return can_see(
            rules.region, actor, block=block, authority=None, restricted=rules.is_restricted(topic)
        )

    assert sees(Role.SUPERVISOR)
    assert not sees(Role.BLOCK_OPERATOR)


@pytest.mark.parametrize("code", REGIONS)
def test_a_curator_reads_the_queues_and_approves_no_answers(code: str) -> None:
    """What curators approve by the decrees are passports, plans and reports, not answers to citizens."""
    region = load_region(code)
    for role in (Role.CURATOR, Role.DEPUTY_CURATOR):
        assert not can(region, person(role), "approve")
    assert can(region, person(Role.CURATOR), "see_all")
