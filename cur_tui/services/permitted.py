"""What state, rights and leases allow on an appeal, known before anything is typed for it."""

from collections.abc import Iterable
from datetime import datetime

from cur_tui.domain.alerts import open_alerts
from cur_tui.domain.decisions.oversight import extendable
from cur_tui.domain.lifecycle import TRANSITIONS, is_for
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor, can


def possible_commands(appeal: Appeal, actor: Actor, rulebook: Rulebook) -> tuple[str, ...]:
    """The commands that state, regime and rights allow now, in the lifecycle table's order."""
    allowed = (
        row.command
        for row in TRANSITIONS
        if appeal.state in row.sources
        and is_for(row.command, appeal.regime)
        and can(rulebook.region, actor, row.permission)
        and (row.command != "acknowledge" or open_alerts(appeal))
    )
    return tuple(dict.fromkeys(allowed))


def check(command: str, appeal: Appeal, actor: Actor, rulebook: Rulebook, now: datetime) -> None:
    """Raise the :class:`Refused` that every variant of ``command`` would meet, whatever its arguments are."""
    rows = [row for row in TRANSITIONS if row.command == command and appeal.state in row.sources]
    if not rows:
        allowed = ", ".join(possible_commands(appeal, actor, rulebook))
        raise Refused("transition_not_allowed", command=command, state=appeal.state.value, allowed=allowed)
    if not any(can(rulebook.region, actor, row.permission) for row in rows):
        raise Refused("not_permitted", command=command, permission=rows[0].permission)
    claim = appeal.claim
    held = claim is not None and claim.holder != actor.account and claim.until > now
    if claim is not None and held and all(row.lease for row in rows):
        raise Refused(
            "claimed_by_other",
            number=appeal.number,
            holder=claim.holder_name,
            until=claim.until.isoformat(),
        )
    if command == "extend":
        extendable(appeal, now)


def refusing(command: str, appeals: Iterable[Appeal], actor: Actor, rulebook: Rulebook, now: datetime) -> int:
    """How many of ``appeals`` would refuse ``command`` whatever its arguments are."""
    count = 0
    for appeal in appeals:
        try:
            check(command, appeal, actor, rulebook, now)
        except Refused:
            count += 1
    return count
