"""Claims as they must be: one appeal, one holder. Written without the product's rules."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cur_tui.domain.model import Appeal, Event

LEASE = timedelta(minutes=15)
_FINISHED = frozenset({"resolved", "rejected", "forwarded"})
_ENDS = frozenset({"assign", "return", "forward", "reject", "handle_specially", "approve", "rework", "defer"})
_TAKES = frozenset({"claim", "classify", "start", "resume"})


@dataclass(frozen=True)
class Held:
    """Whose the appeal is, and until when."""

    holder: str
    until: datetime


def holder_at(held: Held | None, instant: datetime) -> str | None:
    """Who holds the appeal at ``instant``."""
    return held.holder if held is not None and held.until > instant else None


def held_after(events: Iterable[Event]) -> Held | None:
    """The claim behind the last of ``events``."""
    held: Held | None = None
    for event in events:
        held = _after(held, event)
    return held


def broken_claims(appeal: Appeal) -> Iterator[str]:
    """Where the record lets two people have one appeal, or tells another holder than its own history."""
    held: Held | None = None
    for event in appeal.timeline:
        holder = holder_at(held, event.at)
        if _needs_the_claim(event) and holder not in (None, event.account):
            yield f"{appeal.number}: {event.account} did «{event.type}» while {holder} held it"
        held = _after(held, event)
    shown = appeal.claim
    if (shown and (shown.holder, shown.until)) != (held and (held.holder, held.until)):
        yield f"{appeal.number}: the claim is {shown}, its history says {held}"


def _needs_the_claim(event: Event) -> bool:
    if event.type == "assign":
        return event.details.get("from") == "distribution"
    return event.type in _TAKES | {
        "submit",
        "release",
        "return",
        "forward",
        "reject",
        "handle_specially",
    } and (event.type != "resume" or event.details.get("from") == "interim_published")


def _after(held: Held | None, event: Event) -> Held | None:
    if event.type == "mass_answer":  # in the name of who approved it, who need not even see this appeal
        return None if event.details.get("kind") == "final" else held
    final = event.type == "submit" and event.details.get("kind") == "final"
    if event.type in _ENDS or final or event.type == "release" or event.details.get("to") in _FINISHED:
        return None
    own = held is not None and held.holder == event.account
    if event.type in _TAKES or event.type in ("take_over", "submit") or own:
        return Held(event.account, event.at + LEASE)
    return held
