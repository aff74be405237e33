"""Every free text of an appeal, in one place: what people typed, as against codes, numbers and moments.

Masking and erasure go through here, so that neither can forget a place that the other knows. A test goes
through the fields of the aggregate: a new one must be placed.
"""

from collections.abc import Callable
from typing import Final

from cur_tui.domain.evolve import replace
from cur_tui.domain.model import (
    Answer,
    Appeal,
    Assignment,
    Attachment,
    Checklist,
    Clock,
    Event,
    Note,
    Place,
    StepRecord,
)

Change = Callable[[str], str]

FREE_DETAILS: Final = frozenset({"reason", "url", "address"})
"""Details of the timeline that a person typed; all others are codes, digests, numbers and names of staff."""


def with_texts(appeal: Appeal, change: Change) -> Appeal:
    """``appeal`` with ``change`` applied to each of its free texts. The applicant and the tags stay."""
    return replace(
        appeal,
        text=change(appeal.text),
        essence=_maybe(appeal.essence, change),
        closing_reason=_maybe(appeal.closing_reason, change),
        rating_comment=_maybe(appeal.rating_comment, change),
        external_ids={name: change(value) for name, value in appeal.external_ids.items()},
        place=_place(appeal.place, change),
        assignments=tuple(_assignment(one, change) for one in appeal.assignments),
        clocks=tuple(_clock(one, change) for one in appeal.clocks),
        answers=tuple(_answer(one, change) for one in appeal.answers),
        notes=tuple(_note(one, change) for one in appeal.notes),
        checklists=tuple(_checklist(one, change) for one in appeal.checklists),
        attachments=tuple(_attachment(one, change) for one in appeal.attachments),
        timeline=tuple(_event(one, change) for one in appeal.timeline),
    )


def _maybe(text: str | None, change: Change) -> str | None:
    return change(text) if text else text


def _place(place: Place, change: Change) -> Place:
    return replace(place, settlement=_maybe(place.settlement, change), address=_maybe(place.address, change))


def _assignment(cycle: Assignment, change: Change) -> Assignment:
    return replace(cycle, return_reason=change(cycle.return_reason)) if cycle.return_reason else cycle


def _clock(clock: Clock, change: Change) -> Clock:
    extension = clock.extension
    if extension is None:
        return clock
    told = replace(extension, reason=change(extension.reason), text=change(extension.text))
    return replace(clock, extension=told)


def _answer(answer: Answer, change: Change) -> Answer:
    return replace(
        answer,
        text=change(answer.text),
        evidence=tuple(change(proof) for proof in answer.evidence),
        review_text=_maybe(answer.review_text, change),
        external_ref=_maybe(answer.external_ref, change),
        failure=_maybe(answer.failure, change),
    )


def _note(note: Note, change: Change) -> Note:
    return replace(note, text=change(note.text))


def _checklist(checklist: Checklist, change: Change) -> Checklist:
    return replace(checklist, records=tuple(_record(one, change) for one in checklist.records))


def _record(record: StepRecord, change: Change) -> StepRecord:
    return replace(record, evidence=_maybe(record.evidence, change), reason=_maybe(record.reason, change))


def _attachment(file: Attachment, change: Change) -> Attachment:
    return replace(file, name=change(file.name))


def _event(event: Event, change: Change) -> Event:
    if FREE_DETAILS.isdisjoint(event.details):
        return event
    told = {name: change(text) if name in FREE_DETAILS else text for name, text in event.details.items()}
    return replace(event, details=told)
