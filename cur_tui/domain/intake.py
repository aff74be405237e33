"""Registration: how a message of a citizen becomes an appeal with its number and its clocks."""

from dataclasses import dataclass, field
from datetime import date, datetime

from cur_tui.domain.evolve import replace
from cur_tui.domain.model import NO_APPLICANT, NO_PLACE, Appeal, Applicant, Event, Place
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.time.clocks import start_clocks, stop_clocks
from cur_tui.domain.vocabulary import ClockKind, ItemKind, Priority, Regime, Source, State, Tone

SYSTEM_ACCOUNT = "system"


@dataclass(frozen=True, slots=True)
class Incoming:
    """What intake knows of a message. ``text`` has been made safe to store already."""

    regime: Regime
    source: Source
    text: str
    received_at: datetime
    registered_at: datetime
    applicant: Applicant = NO_APPLICANT
    place: Place = NO_PLACE
    block: str | None = None
    topic: str | None = None
    item_kind: ItemKind | None = None
    tone: Tone | None = None
    priority: Priority = Priority.NORMAL
    external_ids: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    is_reconsideration: bool = False


def card_number(day: date, n: int) -> str:
    """The human code of an appeal, from the region's date of registration; it never changes."""
    return f"INC-{day:%Y%m%d}-{n:04d}"


def register(
    incoming: Incoming,
    *,
    id: str,
    number: str,
    command: str,
    rulebook: Rulebook,
    by: Actor | None = None,
) -> Appeal:
    """The registered appeal, on distribution, under the policy that its regime and priority choose.

    The first line of the timeline is ``register``: of the person ``by``, or else the system's own.
    """
    policy = rulebook.policy_for(incoming.regime, incoming.priority, fast_track=False)
    appeal = Appeal(
        id=id,
        number=number,
        region=rulebook.region.code,
        version=1,
        regime=incoming.regime,
        source=incoming.source,
        received_at=incoming.received_at,
        registered_at=incoming.registered_at,
        text=incoming.text,
        policy=policy.id,
        external_ids=incoming.external_ids,
        applicant=incoming.applicant,
        place=incoming.place,
        block=incoming.block,
        topic=incoming.topic,
        item_kind=incoming.item_kind,
        tone=incoming.tone,
        priority=incoming.priority,
        tags=incoming.tags,
        is_reconsideration=incoming.is_reconsideration,
    )
    appeal = start_clocks(appeal, "received", incoming.received_at, rulebook)
    appeal = stop_clocks(appeal, (ClockKind.REGISTER,), incoming.registered_at)
    appeal = start_clocks(appeal, "registered", incoming.registered_at, rulebook)
    event = Event(
        version=1,
        command=command,
        type="register",
        at=incoming.registered_at,
        device_at=incoming.registered_at,
        account=by.account if by else SYSTEM_ACCOUNT,
        name=by.name if by else "",
        role=by.role.value if by else SYSTEM_ACCOUNT,
        details={"source": incoming.source.value, "regime": incoming.regime.value, "policy": policy.id},
    )
    return replace(appeal, state=State.DISTRIBUTION, timeline=(event,))
