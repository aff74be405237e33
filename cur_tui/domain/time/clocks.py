"""Clocks of an appeal: started, restricted and stopped by what happens to it.

A clock is a record. It is never deleted, its first promise is never overwritten, and no reassignment,
return or rework moves a final term (handbook: rules distilled from working systems).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal, Clock, Extension
from cur_tui.domain.profile.profile import ClockRule, SlaPolicy
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.time.deadlines import deadline_with_pauses
from cur_tui.domain.vocabulary import ClockKind, TimeUnit

ASSIGNED_CLOCKS = (ClockKind.DRAFT, ClockKind.RETURN_WINDOW, ClockKind.REWORK)
"""The clocks of one cycle of responsibility: they end with it, however it ends."""

ANSWER_CLOCKS = (ClockKind.FIRST_RESPONSE, ClockKind.FINAL, ClockKind.FINAL_AFTER_INTERIM)
"""The clocks that only a delivered answer stops."""


Pauses = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Term:
    """What a clock measures, freed of where the rule stands."""

    kind: ClockKind
    amount: int
    unit: TimeUnit


def make_clock(
    term: Term | ClockRule, policy: SlaPolicy, started: datetime, rulebook: Rulebook, pauses: Pauses = ()
) -> Clock:
    """A running clock for ``term``, counted from ``started``, that stood still during ``pauses``."""
    due = deadline_with_pauses(
        term.amount,
        term.unit,
        started,
        pauses,
        count_from=policy.count_from,
        end_rule=policy.end_rule,
        end_time=policy.end_time,
        time=rulebook.time,
    )
    return Clock(
        kind=term.kind,
        amount=term.amount,
        unit=term.unit,
        started_at=started,
        due_at=due.legal_due,
        control_due_at=due.control_due,
        original_due_at=due.legal_due,
        provisional=due.provisional,
        pauses=pauses,
    )


def start_clocks(appeal: Appeal, event: str, at: datetime, rulebook: Rulebook) -> Appeal:
    """Start every clock of the appeal's policy that counts from ``event`` and is not running already."""
    policy = rulebook.policies[appeal.policy]
    running = {clock.kind for clock in appeal.clocks if clock.stopped_at is None}
    fresh = tuple(
        make_clock(rule, policy, at, rulebook)
        for rule in policy.clocks
        if rule.start == event and rule.kind not in running
    )
    return replace(appeal, clocks=appeal.clocks + fresh) if fresh else appeal


def restart_distribution(appeal: Appeal, at: datetime, rulebook: Rulebook) -> Appeal:
    """Start the clocks of distribution again for an appeal that came back from its body.

    Somebody must route it anew, from ``at``. The term for forwarding is the law's and knows no interruption:
    it counts from the registration as before (59-ФЗ art. 8 part 3).
    """
    policy = rulebook.policies[appeal.policy]
    starts = {ClockKind.ROUTE: at, ClockKind.FORWARD: appeal.registered_at}
    fresh = tuple(
        make_clock(rule, policy, starts[rule.kind], rulebook) for rule in policy.clocks if rule.kind in starts
    )
    return replace(appeal, clocks=appeal.clocks + fresh)


def stop_clocks(appeal: Appeal, kinds: Iterable[ClockKind] | None, at: datetime) -> Appeal:
    """Stop the running clocks of ``kinds``, or all of them for None."""
    wanted = None if kinds is None else frozenset(kinds)
    clocks = tuple(
        replace(clock, stopped_at=at, paused_since=None)
        if clock.stopped_at is None and (wanted is None or clock.kind in wanted)
        else clock
        for clock in appeal.clocks
    )
    return replace(appeal, clocks=clocks)


def pause_clocks(appeal: Appeal, kinds: Iterable[ClockKind], at: datetime) -> Appeal:
    """Let the running clocks of ``kinds`` stand still from ``at``. Terms set by law are never among them."""
    wanted = frozenset(kinds)
    clocks = tuple(
        replace(clock, paused_since=at) if clock.is_running and clock.kind in wanted else clock
        for clock in appeal.clocks
    )
    return replace(appeal, clocks=clocks)


def resume_clocks(appeal: Appeal, at: datetime, rulebook: Rulebook) -> Appeal:
    """Let every paused clock run on; its due date is replayed from its start with all its pauses."""
    policy = rulebook.policies[appeal.policy]

    def resumed(clock: Clock) -> Clock:
        if clock.paused_since is None:
            return clock
        pauses = (*clock.pauses, (clock.paused_since, at))
        fresh = make_clock(
            Term(clock.kind, clock.amount, clock.unit), policy, clock.started_at, rulebook, pauses
        )
        return replace(fresh, original_due_at=clock.original_due_at, extension=clock.extension)

    return replace(appeal, clocks=tuple(map(resumed, appeal.clocks)))


def restrict_clocks(appeal: Appeal, policy: SlaPolicy, rulebook: Rulebook) -> Appeal:
    """Apply a stricter policy to the running clocks, each from its own start; none ever becomes later.

    Used when importance is raised or a fast track is begun. A term that the new policy adds starts with
    the registration, like the others of its kind. A term that was extended stands: the applicant has been
    told its date, with the reasons (59-ФЗ art. 12 part 2).
    """
    rules = {rule.kind: rule for rule in policy.clocks}

    def stricter(clock: Clock) -> Clock:
        rule = rules.get(clock.kind)
        if rule is None or clock.stopped_at is not None or clock.extension is not None:
            return clock
        fresh = make_clock(rule, policy, clock.started_at, rulebook, clock.pauses)
        if fresh.control_due_at >= clock.control_due_at:
            return clock
        return replace(fresh, original_due_at=clock.original_due_at, paused_since=clock.paused_since)

    known = {clock.kind for clock in appeal.clocks}
    starts = {"received": appeal.received_at, "registered": appeal.registered_at}
    added = tuple(
        make_clock(rule, policy, starts[rule.start], rulebook)
        for rule in policy.clocks
        if rule.start in starts and rule.kind not in known
    )
    return replace(appeal, policy=policy.id, clocks=tuple(map(stricter, appeal.clocks)) + added)


def extend_clock(appeal: Appeal, extension: Extension, rulebook: Rulebook) -> Appeal:
    """Prolong the running final clock by calendar days, from its start (59-ФЗ art. 12 part 2)."""
    policy = rulebook.policies[appeal.policy]

    def longer(clock: Clock) -> Clock:
        if clock.kind is not ClockKind.FINAL or clock.stopped_at is not None:
            return clock
        term = Term(clock.kind, clock.amount + extension.days, TimeUnit.CALENDAR_DAY)
        fresh = make_clock(term, policy, clock.started_at, rulebook, clock.pauses)
        return replace(
            clock,
            due_at=fresh.due_at,
            control_due_at=fresh.control_due_at,
            provisional=fresh.provisional,
            extension=extension,
        )

    return replace(appeal, clocks=tuple(map(longer, appeal.clocks)))
