"""The one path that every command takes: look up the row, check right, lease and base, apply, record."""

from collections.abc import Callable
from datetime import datetime, timedelta

from cur_tui.domain.commands import Arguments, Command, ConfirmDelivery
from cur_tui.domain.decisions import alerting, annotations, answering, checklist, delivery, oversight, triage
from cur_tui.domain.decisions.case import Case
from cur_tui.domain.evolve import replace
from cur_tui.domain.lifecycle import COMMUTATIVE, FACTS, LEASE_MOVES, Transition, find_transition, variant_of
from cur_tui.domain.model import Appeal, Claim, Event
from cur_tui.domain.privacy.erasure import check_not_erased
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor, can
from cur_tui.domain.vocabulary import AnswerKind, State

Handler = Callable[[Case, Arguments], Appeal]

_HANDLERS: dict[type[Arguments], Handler] = {
    **annotations.HANDLERS,
    **triage.HANDLERS,
    **checklist.HANDLERS,
    **answering.HANDLERS,
    **delivery.HANDLERS,
    **oversight.HANDLERS,
    **alerting.HANDLERS,
}


def decide(appeal: Appeal, command: Command, actor: Actor, rulebook: Rulebook, now: datetime) -> Appeal:
    """The appeal after ``command``, one version on, with its line in the timeline.

    ``now`` is server time (the workstation passes its estimate of it). Raises :class:`Refused` and changes
    nothing when a rule forbids the command. Visibility is the caller's to check, since only the caller
    knows how to hide what may not be seen.
    """
    stands_on_base = command.type not in COMMUTATIVE and command.type not in LEASE_MOVES
    try:
        row = find_transition(command, appeal.state, _variant(appeal, command.arguments))
    except Refused:
        if stands_on_base:
            # Who has moved it on meanwhile, and when, says more than that it is too late.
            _check_base(appeal, command, actor)
        raise
    if not can(rulebook.region, actor, row.permission):
        raise Refused("not_permitted", command=command.type, permission=row.permission)
    check_not_erased(appeal)
    if row.lease:
        _check_lease(appeal, actor, now)
    if stands_on_base:
        _check_base(appeal, command, actor)
    case = Case(appeal, command, actor, rulebook, now)
    changed = _HANDLERS[type(command.arguments)](case, command.arguments)
    state = row.to or changed.state
    return replace(
        changed,
        state=state,
        claim=_lease_after(changed.claim, state, row, case),
        version=appeal.version + 1,
        timeline=(*appeal.timeline, _event(case, state)),
    )


def _variant(appeal: Appeal, arguments: Arguments) -> str:
    """The command's variant; delivering a final answer is told apart by the answer that it names."""
    if isinstance(arguments, ConfirmDelivery):
        answer = appeal.answer(arguments.answer)
        return "final" if answer is not None and answer.kind is AnswerKind.FINAL else ""
    return variant_of(arguments)


def _check_lease(appeal: Appeal, actor: Actor, now: datetime) -> None:
    claim = appeal.claim
    if claim is not None and claim.holder != actor.account and claim.until > now:
        raise Refused(
            "claimed_by_other", number=appeal.number, holder=claim.holder_name, until=claim.until.isoformat()
        )


def _check_base(appeal: Appeal, command: Command, actor: Actor) -> None:
    """Refuse when somebody else changed what this command stands on since the person looked.

    One's own later commands, everything commutative and facts beside the work are no conflict; two
    classifications that differ, or a move of the state by another person, are.
    """
    for event in reversed(appeal.timeline):
        if event.version <= command.base:
            return
        if event.account == actor.account or event.type in COMMUTATIVE or event.type in LEASE_MOVES:
            continue
        if event.type in FACTS and "to" not in event.details:
            continue
        if event.type == "classify" and command.type != "classify":
            continue
        raise Refused(
            "version_conflict",
            number=appeal.number,
            by=event.name,
            what=event.type,
            at=event.at.isoformat(),
            state=appeal.state.value,
        )


def _lease_after(claim: Claim | None, state: State, row: Transition, case: Case) -> Claim | None:
    """The actor's lease renewed by activity, and none when the work is done."""
    if row.ends_work or not state.is_open:
        return None
    held = claim is not None and claim.holder == case.actor.account
    if row.lease or row.command == "take_over" or (held and row.command != "release"):
        until = case.now + timedelta(minutes=case.rulebook.region.lease_minutes)
        return Claim(case.actor.account, case.actor.name, until)
    return claim


def _event(case: Case, state: State) -> Event:
    """The line of the timeline; a move of the state is always part of it."""
    before = case.before
    moved = {} if state is before.state else {"from": before.state.value, "to": state.value}
    return Event(
        version=before.version + 1,
        command=case.command.id,
        type=case.command.type,
        at=case.now,
        device_at=case.command.device_at,
        account=case.actor.account,
        name=case.actor.name,
        role=case.actor.role.value,
        details={**moved, **case.details},
    )
