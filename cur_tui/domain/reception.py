"""The hotline, personal reception and post: what a person takes down by a form, and under which law.

The regime comes from what was lodged and never from a liking: an appeal under 59-ФЗ is lodged in writing, at
personal reception (art. 13) or through the portals named since 30.03.2025 (law 547-ФЗ). A call to the hotline
lodges none; it is information, and the caller is told of the lawful channels.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from cur_tui.domain.commands import RegisterAppeal
from cur_tui.domain.decisions.case import known, optional_text, required_text
from cur_tui.domain.intake import Incoming
from cur_tui.domain.model import Applicant, Place
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor, Permission, can
from cur_tui.domain.vocabulary import Regime, Source

CHANNELS: Final[Mapping[Source, tuple[Regime, ...]]] = {
    Source.HOTLINE: (Regime.INFORMATION,),
    Source.IN_PERSON: (Regime.FZ59, Regime.INFORMATION),
    Source.POST: (Regime.FZ59, Regime.INFORMATION),
}
"""Channels that are taken down by hand, and the regimes that each may lodge; the first is the usual one."""

_OLDEST: Final = timedelta(days=366)
_LINE: Final = 500
"""The longest name, contact or address, in characters."""


def incoming_of(taken: RegisterAppeal, actor: Actor, rulebook: Rulebook, now: datetime) -> Incoming:
    """What was taken down, as intake takes it; registered ``now``, received when it was said or handed in.

    Raises :class:`Refused`: ``not_permitted``, ``unknown_reference``, ``empty_field``, ``too_long``,
    ``regime_of_channel``, ``invalid_value``.
    """
    if not can(rulebook.region, actor, Permission.TRIAGE):
        raise Refused("not_permitted", command="register", permission=Permission.TRIAGE.value)
    lawful = CHANNELS.get(taken.source)
    if lawful is None:
        raise Refused("unknown_reference", field="source", value=taken.source.value)
    regime = taken.regime or lawful[0]
    if regime not in lawful:
        raise Refused("regime_of_channel", source=taken.source.value, regime=regime.value)
    block = None
    if taken.topic is not None:
        block = rulebook.block_of_topic(known("topic", taken.topic, rulebook.topics))
    if taken.municipality is not None:
        known("municipality", taken.municipality, rulebook.municipalities)
    return Incoming(
        regime=regime,
        source=taken.source,
        text=required_text("text", taken.text),
        received_at=_received(taken.received_at, now),
        registered_at=now,
        applicant=Applicant(
            name=_line("name", taken.name),
            address=_line("post_address", taken.post_address),
            phone=_line("phone", taken.phone),
            email=_line("email", taken.email),
        ),
        place=Place(municipality=taken.municipality, address=_line("address", taken.address)),
        block=block,
        topic=taken.topic,
        item_kind=taken.item_kind,
        priority=taken.priority,
    )


def _received(at: datetime, now: datetime) -> datetime:
    """When it was said or handed in, never later than now; a year ago is a slip of the pen."""
    if at.tzinfo is None or not now - _OLDEST < at:
        raise Refused("invalid_value", field="received_at", value=at.isoformat())
    return min(at.astimezone(UTC), now)


def _line(name: str, text: str) -> str | None:
    line = " ".join(optional_text(name, text).split())
    if len(line) > _LINE:
        raise Refused("too_long", field=name, limit=str(_LINE))
    return line or None
