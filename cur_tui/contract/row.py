"""The projection of an appeal that lists, counts and filters read.

The server computes it when it writes and sends it along, so that a client can store a record without
decoding it; the client computes it by the same function for what it applies optimistically.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from cur_tui.domain.query.query import Field
from cur_tui.domain.vocabulary import AnswerKind, LinkKind, StepStatus

if TYPE_CHECKING:
    from cur_tui.domain.figures.measured import Pace
    from cur_tui.domain.model import Appeal

TITLE_LENGTH = 160

Instant = Annotated[int, msgspec.Meta(ge=-2_208_988_800, le=250_000_000_000)]
"""Whole seconds since 1970 UTC, from 1900 to 9892: a moment that every calendar and clock here can show."""
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A count, a version or a position: what both databases and JSON hold exactly."""


class AppealRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One appeal as a list shows it. Instants are whole seconds since 1970 UTC; None where there is none."""

    id: str
    number: str
    version: Number
    state: str
    regime: str
    source: str
    priority: str
    block: str | None
    topic: str | None
    authority: str | None
    municipality: str | None
    worker: str | None
    """The account that works on it: holder of the claim, else author of the last answer, else executor."""
    claim_holder: str | None
    claim_until: Instant | None
    control_due_at: Instant | None
    """Control date of the nearest running clock; None when no clock runs."""
    legal_due_at: Instant | None
    due_clock: str | None
    provisional: Number
    received_at: Instant
    registered_at: Instant
    updated_at: Instant
    answered_at: Instant | None
    title: str
    item_kind: str | None
    tone: str | None
    fast_track: str | None
    outcome: str | None
    rating: Number | None
    is_repeat: Number
    is_duplicate: Number
    mass_incident: str | None
    """Number of the head of the mass incident that this appeal belongs to."""
    answer_status: str | None
    steps_done: Number
    steps_total: Number
    flags: str
    tags: str
    done_at: Instant | None = None
    """When the final answer arrived, or the appeal was closed without (``figures.measured``)."""
    in_time: Number | None = None
    spent: Number | None = None
    """Minutes of the term's own time until the answer; like ``allowed`` measured by the server alone."""
    allowed: Number | None = None
    reworks: Number = 0
    complete: Number | None = None


COLUMNS: tuple[str, ...] = AppealRow.__struct_fields__
MEASURED: Final = ("done_at", "in_time", "spent", "allowed", "reworks", "complete")
"""The last columns, which tell what was measured (``figures.measured``): lists do without them."""
LISTED: Final = COLUMNS[: -len(MEASURED)]

FIELD_COLUMNS: Final = {
    Field.BLOCK: "block",
    Field.TOPIC: "topic",
    Field.STATE: "state",
    Field.REGIME: "regime",
    Field.PRIORITY: "priority",
    Field.SOURCE: "source",
    Field.TONE: "tone",
    Field.KIND: "item_kind",
    Field.MUNICIPALITY: "municipality",
    Field.AUTHORITY: "authority",
    Field.ASSIGNEE: "worker",
    Field.NUMBER: "number",
    Field.RATING: "rating",
    Field.OUTCOME: "outcome",
}
"""The column that holds the value of a field of the query language, in every database."""


def _seconds(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp())


def row_of(appeal: "Appeal", pace: "Pace | None" = None) -> AppealRow:
    """The projection of ``appeal``, whose answer took its time as ``pace`` says."""
    from cur_tui.domain.figures import measured  # the aggregate and the working time, which no list needs

    due = appeal.nearest_clock
    answers = [answer for answer in appeal.answers if answer.kind is not AnswerKind.NOTICE]
    last = answers[-1] if answers else None
    checklist = appeal.checklists[-1] if appeal.checklists else None
    links = {link.kind: link for link in appeal.links}
    mass = links.get(LinkKind.MASS_INCIDENT)
    return AppealRow(
        id=appeal.id,
        number=appeal.number,
        version=appeal.version,
        state=appeal.state.value,
        regime=appeal.regime.value,
        source=appeal.source.value,
        priority=appeal.priority.value,
        block=appeal.block,
        topic=appeal.topic,
        authority=appeal.authority,
        municipality=appeal.place.municipality,
        worker=appeal.worker,
        claim_holder=appeal.claim.holder if appeal.claim else None,
        claim_until=_seconds(appeal.claim.until) if appeal.claim else None,
        control_due_at=_seconds(due.control_due_at) if due else None,
        legal_due_at=_seconds(due.due_at) if due else None,
        due_clock=due.kind.value if due else None,
        provisional=int(due is not None and due.provisional),
        received_at=int(appeal.received_at.timestamp()),
        registered_at=int(appeal.registered_at.timestamp()),
        updated_at=int((appeal.timeline[-1].at if appeal.timeline else appeal.registered_at).timestamp()),
        answered_at=_answered_at(appeal),
        done_at=_seconds(measured.done_at(appeal)),
        in_time=_truth(measured.in_time(appeal)),
        spent=pace.spent if pace else None,
        allowed=pace.allowed if pace else None,
        reworks=measured.reworks(appeal),
        complete=_truth(measured.is_complete(appeal)),
        title=title_of(appeal),
        item_kind=appeal.item_kind.value if appeal.item_kind else None,
        tone=appeal.tone.value if appeal.tone else None,
        fast_track=appeal.fast_track,
        outcome=appeal.outcome.value if appeal.outcome else None,
        rating=appeal.rating,
        is_repeat=int(appeal.is_repeat or appeal.is_reconsideration),
        is_duplicate=int(LinkKind.DUPLICATE in links),
        mass_incident=mass.number if mass else None,
        answer_status=last.status.value if last else None,
        steps_done=sum(checklist.status(s.n) is not StepStatus.OPEN for s in checklist.steps)
        if checklist
        else 0,
        steps_total=len(checklist.steps) if checklist else 0,
        flags=" ".join(appeal.listed_flags),
        tags=" ".join(appeal.tags),
    )


def measured_as(row: AppealRow, server: AppealRow) -> AppealRow:
    """``row`` with the pace that the server measured, as long as it is about the same answer."""
    if row.done_at is None or row.done_at != server.done_at or row.in_time is None:
        return row
    return msgspec.structs.replace(row, spent=server.spent, allowed=server.allowed)


def _truth(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _answered_at(appeal: "Appeal") -> int | None:
    from cur_tui.domain.figures.measured import final_answer

    answer = final_answer(appeal)
    return None if answer is None else _seconds(answer.confirmed_at)


def title_of(appeal: "Appeal", change: Callable[[str], str] = str) -> str:
    """What a list shows of the text, with ``change`` applied to it before it is cut."""
    told = change(appeal.essence or appeal.text[: TITLE_LENGTH * 4])
    return " ".join(told.split())[:TITLE_LENGTH]
