"""A row that is known already: what the source owns follows it, what people did here stays."""

import uuid
from dataclasses import fields
from datetime import datetime

from cur_tui.domain.evolve import replace
from cur_tui.domain.figures.measured import final_answer
from cur_tui.domain.intake import SYSTEM_ACCOUNT
from cur_tui.domain.model import Answer, Appeal, Event
from cur_tui.domain.vocabulary import State
from regional_api.importers.history import ROW

UPDATE = "source_update"
"""The event that tells of a newer row."""

_BESIDE_THE_WORK = frozenset(
    {"note", "tag", "flag", "link", "attach", "claim", "take_over", "release", "classify"}
)
"""Acts of people that leave the process to the source."""
_PROCESS = ("state", "assignments", "clocks", "outcome", "closing_reason", "deferred_until")
_CLASSIFICATION = ("block", "topic", "place", "priority", "item_kind", "tone", "fast_track")
_FROZEN = ("number", "received_at", "registered_at", "regime", "policy", "text", "source")
_HERE = (
    "essence",
    "claim",
    "notes",
    "checklists",
    "flags",
    "links",
    "attachments",
    "is_repeat",
    "rating_comment",
    "alerts",
)
_TOLD_ANYWAY = frozenset({"confirm_delivery", "rate"})
_COMPARED = tuple(f.name for f in fields(Appeal) if f.name not in ("version", "timeline"))


def fingerprint_of(appeal: Appeal) -> str | None:
    """The row that the appeal was last brought in line with."""
    return next((e.details[ROW] for e in reversed(appeal.timeline) if ROW in e.details), None)


def merged(old: Appeal, fresh: Appeal, fingerprint: str, now: datetime) -> tuple[Appeal, tuple[str, ...]]:
    """``old`` brought in line with ``fresh``, and the names of what changed; none: nothing is to be stored.

    Frozen at registration: number, dates, regime, policy, and the text, which is evidence. What a person has
    classified stays. Once a person has worked on the appeal its process stays as well, and the source only
    adds the answers and the rating that it reports.
    """
    acts = {event.type for event in old.timeline if event.account != SYSTEM_ACCOUNT}
    # What a rating has opened again by policy is in work here, though nobody has touched it yet.
    worked = bool(acts - _BESIDE_THE_WORK) or any(event.type == "reopen" for event in old.timeline)
    kept: list[str] = [*_FROZEN, *_HERE]
    if worked or "classify" in acts:
        kept += _CLASSIFICATION
    if worked:
        kept += _PROCESS
    after = replace(fresh, version=old.version, timeline=old.timeline, **{n: getattr(old, n) for n in kept})
    after = replace(
        after,
        tags=_tags(old, fresh),
        answers=_answers(old, fresh, worked),
        external_ids={**old.external_ids, **fresh.external_ids},
    )
    # The first rating counts, and none does while nothing has been delivered: here work may go on.
    is_answered = after.state is State.RESOLVED or final_answer(after) is not None
    rating = old.rating if old.rating is not None else fresh.rating if is_answered else None
    after = replace(after, rating=rating)
    changed = tuple(name for name in _COMPARED if getattr(after, name) != getattr(old, name))
    if not changed:
        return old, ()
    known = {event.command for event in old.timeline}
    events = [
        event
        for event in fresh.timeline[1:]
        if event.command not in known and (not worked or event.type in _TOLD_ANYWAY)
    ]
    if rating == old.rating:
        events = [event for event in events if event.type != "rate"]
    events.append(_update(old.id, fingerprint, changed, now))
    told = tuple(replace(event, version=old.version + n) for n, event in enumerate(events, 1))
    return replace(after, version=told[-1].version, timeline=old.timeline + told), changed


def _tags(old: Appeal, fresh: Appeal) -> tuple[str, ...]:
    """The tags that are here and those of the source, without the ones that a person has removed here."""
    acts = (event for event in old.timeline if event.type == "tag")
    removed = {tag for act in acts for tag in act.details.get("remove", "").split()}
    added = (tag for tag in fresh.tags if tag.casefold() not in removed)
    return tuple(dict.fromkeys((*old.tags, *added)))


def _answers(old: Appeal, fresh: Appeal, worked: bool) -> tuple[Answer, ...]:
    """The source's answers as it tells them now, and those given here, in the order of their submission."""
    if not worked:
        return fresh.answers
    known = {answer.id for answer in old.answers}
    added = [answer for answer in fresh.answers if answer.id not in known]
    return tuple(sorted((*old.answers, *added), key=lambda a: a.submitted_at)) if added else old.answers


def _update(appeal: str, fingerprint: str, changed: tuple[str, ...], now: datetime) -> Event:
    return Event(
        version=0,
        command=str(uuid.uuid5(uuid.UUID(appeal), f"{UPDATE} {fingerprint} {now.isoformat()}")),
        type=UPDATE,
        at=now,
        device_at=now,
        account=SYSTEM_ACCOUNT,
        name="",
        role=SYSTEM_ACCOUNT,
        details={"fields": ", ".join(changed), ROW: fingerprint},
    )
