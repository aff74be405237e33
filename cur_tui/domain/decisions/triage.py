"""Commands of distribution: what an appeal is about, who must answer it, and what is not worked on."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from cur_tui.domain.commands import Assign, Classify, Forward, HandleSpecially, Reject, ReturnAssignment
from cur_tui.domain.decisions.case import Case, known, optional_text, required_text, sendable_text
from cur_tui.domain.decisions.notices import is_anonymous, with_notice
from cur_tui.domain.evolve import replace
from cur_tui.domain.lifecycle import is_for
from cur_tui.domain.model import Appeal, Assignment, Place
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission, can
from cur_tui.domain.time.clocks import (
    ASSIGNED_CLOCKS,
    restart_distribution,
    restrict_clocks,
    start_clocks,
    stop_clocks,
)
from cur_tui.domain.vocabulary import GENERAL_BLOCK, ClockKind, Outcome, SpecialGround

_DISTRIBUTED = (ClockKind.ROUTE, ClockKind.FORWARD, *ASSIGNED_CLOCKS)
"""The clocks that an assignment stops: those of distribution, for as long as the body takes the appeal as its
own, and those of the body that had it before."""


def _classify(case: Case, arguments: Classify) -> Appeal:
    named = {f.name: getattr(arguments, f.name) for f in fields(arguments)}
    given = {name: value for name, value in named.items() if value is not None}
    if not given:
        raise Refused("nothing_to_change", command="classify")
    rulebook, before = case.rulebook, case.before
    if arguments.topic is not None:
        block = rulebook.block_of_topic(known("topic", arguments.topic, rulebook.topics))
        if arguments.block is not None and arguments.block != block:
            raise Refused(
                "topic_of_other_block", topic=arguments.topic, block=arguments.block, expected=block
            )
        given["block"] = block
    elif arguments.block is not None:
        if arguments.block != GENERAL_BLOCK:
            known("block", arguments.block, rulebook.blocks)
        if before.topic is not None and rulebook.block_of_topic(before.topic) != arguments.block:
            given["topic"] = None
    if arguments.municipality is not None:
        known("municipality", arguments.municipality, rulebook.municipalities)
    if "address" in given:
        given["address"] = optional_text("address", given["address"]) or None
    place = Place(
        municipality=given.pop("municipality", before.place.municipality),
        settlement=before.place.settlement,
        address=given.pop("address", before.place.address),
    )
    if "essence" in given:
        given["essence"] = required_text("essence", given["essence"])
    case.details.update({name: str(value or "") for name, value in given.items() if name != "essence"})
    after = replace(before, place=place, **given)
    if after.priority is not before.priority:
        policy = rulebook.policy_for(after.regime, after.priority, rulebook.is_accelerated(after.fast_track))
        after = restrict_clocks(after, policy, rulebook)
    return after


def _assign(case: Case, arguments: Assign) -> Appeal:
    before = case.before
    authority = known("authority", arguments.authority, case.rulebook.authorities)
    current = before.assignment
    if current is not None and (current.authority, current.executor) == (authority, arguments.executor):
        raise Refused("already_assigned", authority=authority)
    closed = before.assignments
    if current is not None:
        reason = required_text("reason", arguments.reason or "")
        closed = (*closed[:-1], replace(current, returned_at=case.now, return_reason=reason))
        case.details.update(previous=current.authority, reason=reason)
    cycle = Assignment(
        n=len(closed) + 1,
        authority=authority,
        executor=arguments.executor,
        assigned_by=case.actor.account,
        assigned_at=case.now,
    )
    case.details.update(authority=authority, cycle=str(cycle.n))
    after = replace(before, assignments=(*closed, cycle))
    after = stop_clocks(after, _DISTRIBUTED, case.now)
    return start_clocks(after, "assigned", case.now, case.rulebook)


def _return(case: Case, arguments: ReturnAssignment) -> Appeal:
    current = case.before.assignment
    if current is None:
        raise Refused("no_assignment", number=case.before.number)
    window = case.before.clock(ClockKind.RETURN_WINDOW)
    if window is not None and window.stopped_at is None and window.is_breached(case.now):
        raise Refused("return_window_over", until=window.control_due_at.isoformat())
    reason = required_text("reason", arguments.reason)
    case.details.update(authority=current.authority, reason=reason)
    closed = replace(current, returned_at=case.now, return_reason=reason)
    after = replace(case.before, assignments=(*case.before.assignments[:-1], closed))
    after = stop_clocks(after, ASSIGNED_CLOCKS, case.now)
    return restart_distribution(after, case.now, case.rulebook)


def _forward(case: Case, arguments: Forward) -> Appeal:
    to, reason = required_text("to", arguments.to), required_text("reason", arguments.reason)
    case.details.update(to=to, reason=reason)
    after = replace(case.before, outcome=Outcome.FORWARDED, closing_reason=reason)
    after = stop_clocks(after, None, case.now)
    if not arguments.notice.strip() and is_anonymous(case.before):
        return after
    return with_notice(after, case, sendable_text("notice", arguments.notice))


def _reject(case: Case, arguments: Reject) -> Appeal:
    if not is_for("reject", case.before.regime):
        raise Refused("fz59_needs_special_handling", number=case.before.number)
    case.details["reason"] = arguments.reason.value
    after = replace(case.before, outcome=Outcome.REJECTED, closing_reason=arguments.reason.value)
    after = stop_clocks(after, None, case.now)
    if not arguments.text.strip():
        return after
    return with_notice(after, case, sendable_text("text", arguments.text))


def _handle_specially(case: Case, arguments: HandleSpecially) -> Appeal:
    ground = arguments.ground
    if not is_for("handle_specially", case.before.regime):
        raise Refused("special_handling_needs_fz59", number=case.before.number)
    if ground is SpecialGround.REPEATED_NO_NEW_ARGUMENTS:
        _check_may_end_correspondence(case)
    case.details["ground"] = ground.value
    after = replace(case.before, outcome=Outcome.REJECTED, closing_reason=ground.value)
    after = stop_clocks(after, None, case.now)
    if ground is SpecialGround.ANONYMOUS:
        return after
    if ground is SpecialGround.PUBLISHED_ANSWER:
        case.details["url"] = required_text("url", arguments.url)
    unreachable = ground is SpecialGround.UNREADABLE and is_anonymous(case.before)
    if unreachable and not arguments.notice.strip():
        return after
    return with_notice(after, case, sendable_text("notice", arguments.notice))


def _check_may_end_correspondence(case: Case) -> None:
    """Ending a correspondence is for a head or whoever was authorised (59-ФЗ art. 11 part 5)."""
    if not can(case.rulebook.region, case.actor, Permission.SUPERVISE):
        raise Refused("correspondence_ended_by_head", ground=SpecialGround.REPEATED_NO_NEW_ARGUMENTS.value)


HANDLERS: dict[Any, Callable[[Case, Any], Appeal]] = {
    Classify: _classify,
    Assign: _assign,
    ReturnAssignment: _return,
    Forward: _forward,
    Reject: _reject,
    HandleSpecially: _handle_specially,
}
