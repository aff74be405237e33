"""Commands that bend the ordinary course: extension, deferral, resumption, reopening."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cur_tui.domain.commands import Defer, Extend, Reopen, Resume
from cur_tui.domain.decisions.case import Case, required_text, sendable_text
from cur_tui.domain.decisions.notices import with_notice
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal, Assignment, Clock, Extension
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.clocks import (
    extend_clock,
    make_clock,
    pause_clocks,
    resume_clocks,
    start_clocks,
    stop_clocks,
)
from cur_tui.domain.vocabulary import ClockKind, TimeUnit

MAX_EXTENSION_DAYS = 30
"""59-ФЗ art. 12 part 2."""


def extendable(appeal: Appeal, now: datetime) -> Clock:
    """The final term, where it can be prolonged at ``now``.

    Raises :class:`Refused`: ``no_final_term``, ``term_not_extendable``, ``extension_twice`` or
    ``extension_too_late``.
    """
    clock = appeal.clock(ClockKind.FINAL)
    if clock is None or clock.stopped_at is not None:
        raise Refused("no_final_term", number=appeal.number)
    if clock.unit is not TimeUnit.CALENDAR_DAY:
        raise Refused("term_not_extendable", unit=clock.unit.value)
    if clock.extension is not None:
        raise Refused("extension_twice", at=clock.extension.at.isoformat())
    if now > clock.due_at:
        raise Refused("extension_too_late", due=clock.due_at.isoformat())
    return clock


def _extend(case: Case, arguments: Extend) -> Appeal:
    clock = extendable(case.before, case.now)
    if not 1 <= arguments.days <= MAX_EXTENSION_DAYS:
        raise Refused("extension_too_long", days=str(arguments.days), limit=str(MAX_EXTENSION_DAYS))
    extension = Extension(
        days=arguments.days,
        reason=required_text("reason", arguments.reason),
        text=sendable_text("notice", arguments.notice),
        approved_by=case.actor.account,
        at=case.now,
    )
    case.details.update(
        days=str(extension.days), reason=extension.reason, original_due=clock.original_due_at.isoformat()
    )
    return with_notice(extend_clock(case.before, extension, case.rulebook), case, extension.text)


def _defer(case: Case, arguments: Defer) -> Appeal:
    if arguments.until <= case.now:
        raise Refused("date_in_the_past", field="until", value=arguments.until.isoformat())
    case.details.update(reason=required_text("reason", arguments.reason), until=arguments.until.isoformat())
    after = stop_clocks(case.before, (ClockKind.RETURN_WINDOW,), case.now)
    after = pause_clocks(after, (ClockKind.DRAFT, ClockKind.REWORK), case.now)
    return replace(after, deferred_until=arguments.until)


def _resume(case: Case, _: Resume) -> Appeal:
    return replace(resume_clocks(case.before, case.now, case.rulebook), deferred_until=None)


def _reopen(case: Case, arguments: Reopen) -> Appeal:
    """Reopen in a new cycle with the body that answered, under a fresh final term of the same policy."""
    if not case.before.assignments:
        raise Refused("no_assignment", number=case.before.number)
    reason = required_text("reason", arguments.reason)
    case.details.update(reason=reason, authority=case.before.assignments[-1].authority)
    return reopened(case.before, reason, case.actor.account, case.now, case.rulebook)


def reopened(before: Appeal, reason: str, by: str, at: datetime, rulebook: Rulebook) -> Appeal:
    """``before``, which a body has answered, under a new cycle of that body and fresh terms from ``at``."""
    last = before.assignments[-1]
    closed = last if last.returned_at else replace(last, returned_at=at, return_reason=reason)
    cycle = Assignment(
        n=len(before.assignments) + 1,
        authority=last.authority,
        executor=None,
        assigned_by=by,
        assigned_at=at,
    )
    policy = rulebook.policies[before.policy]
    final = tuple(
        make_clock(rule, policy, at, rulebook)
        for rule in policy.clocks
        if rule.kind in (ClockKind.FINAL, ClockKind.FIRST_RESPONSE)
    )
    after = replace(
        before,
        assignments=(*before.assignments[:-1], closed, cycle),
        clocks=before.clocks + final,
        is_reconsideration=True,
        outcome=None,
    )
    return start_clocks(after, "assigned", at, rulebook)


HANDLERS: dict[Any, Callable[[Case, Any], Appeal]] = {
    Extend: _extend,
    Defer: _defer,
    Resume: _resume,
    Reopen: _reopen,
}
