"""The appeal and everything that belongs to it, as one immutable aggregate.

An aggregate is the unit of versioning: one applied command makes the next ``version``, on the server and,
optimistically, in the cache. It also is the unit of the change feed, so that no reader ever meets half of
a change. All instants are aware UTC datetimes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from cur_tui.domain.alerts import ESCALATED, Alert, open_alerts
from cur_tui.domain.profile.profile import FastTrackStep
from cur_tui.domain.vocabulary import (
    AnswerKind,
    AnswerStatus,
    ClockKind,
    DeliveryChannel,
    ItemKind,
    LinkKind,
    Outcome,
    Priority,
    Regime,
    Source,
    State,
    StepStatus,
    TimeUnit,
    Tone,
)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wrote. Personal data: kept apart from the text and withheld from roles without the need."""

    name: str | None = None
    address: str | None = None
    phone: str | None = None
    email: str | None = None
    profile_url: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the problem is: a municipality code of the region profile and the address as written."""

    municipality: str | None = None
    settlement: str | None = None
    address: str | None = None


_IN_WORK = (AnswerStatus.SUBMITTED, AnswerStatus.RETURNED, AnswerStatus.APPROVED)

NO_APPLICANT = Applicant()
NO_PLACE = Place()


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on an appeal in server time: who works on it, and until when without further activity."""

    holder: str
    holder_name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Assignment:
    """One cycle of responsibility. Rework opens no new cycle; each change of authority does."""

    n: int
    authority: str
    executor: str | None
    assigned_by: str
    assigned_at: datetime
    returned_at: datetime | None = None
    return_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """Why a term was prolonged, by how much and by whom (59-ФЗ art. 12 part 2: 30 days at most)."""

    days: int
    reason: str
    text: str
    approved_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """One measured term. ``original_due_at`` is what was promised first and is never overwritten.

    ``due_at`` is the legal date; ``control_due_at`` is the stricter one that drives colours and sorting.
    ``provisional``: a production calendar for the due date's year is not loaded yet.
    """

    kind: ClockKind
    amount: int
    unit: TimeUnit
    started_at: datetime
    due_at: datetime
    control_due_at: datetime
    original_due_at: datetime
    provisional: bool = False
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    paused_since: datetime | None = None
    stopped_at: datetime | None = None
    extension: Extension | None = None

    @property
    def is_running(self) -> bool:
        """Whether time still counts against somebody."""
        return self.stopped_at is None and self.paused_since is None

    def is_breached(self, now: datetime) -> bool:
        """Whether the control date passed before the clock was stopped."""
        return (self.stopped_at or now) > self.control_due_at


@dataclass(frozen=True, slots=True)
class Answer:
    """One version of an answer or notice, with its own way from submission to delivery.

    ``digest`` is the SHA-256 of the text: an approval names what it approves, so that any edit voids it.
    """

    id: str
    kind: AnswerKind
    text: str
    digest: str
    author: str
    author_name: str
    submitted_at: datetime
    status: AnswerStatus
    outcome: Outcome | None = None
    template: str | None = None
    template_version: int | None = None
    promised_date: date | None = None
    evidence: tuple[str, ...] = ()
    reviewer: str | None = None
    reviewer_name: str | None = None
    reviewed_at: datetime | None = None
    rework_reasons: tuple[str, ...] = ()
    review_text: str | None = None
    sent_at: datetime | None = None
    confirmed_at: datetime | None = None
    external_ref: str | None = None
    failures: int = 0
    failure: str | None = None
    """Why it did not arrive: what a person wrote, or a code of ``answers.delivery_failures``."""
    channel: DeliveryChannel | None = None
    """By what a person wants it to leave; None: as the region's policy says."""


@dataclass(frozen=True, slots=True)
class Note:
    """An internal remark; it never leaves the centre."""

    id: str
    author: str
    author_name: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What became of one checklist step. Device time and server time are both kept."""

    n: int
    status: StepStatus
    by: str
    by_name: str
    at: datetime
    device_at: datetime
    evidence: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Checklist:
    """A fast track at work: a copy of the scheme in force when it was started, and its records by step."""

    fast_track: str
    version: int
    title: str
    started_at: datetime
    started_by: str
    steps: tuple[FastTrackStep, ...]
    records: tuple[StepRecord, ...] = ()

    def record(self, n: int) -> StepRecord | None:
        """The latest record of step ``n``, or None while it is open."""
        return next((record for record in reversed(self.records) if record.n == n), None)

    def status(self, n: int) -> StepStatus:
        """The status of step ``n``."""
        record = self.record(n)
        return record.status if record else StepStatus.OPEN


@dataclass(frozen=True, slots=True)
class Link:
    """A tie to another appeal, by its id; undone by removing it, since nothing is moved."""

    kind: LinkKind
    appeal: str
    number: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file by its content hash. ``name`` is display data from a stranger and never a path."""

    sha256: str
    name: str
    size: int
    media_type: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline, made by one applied command. ``version`` is the aggregate's after it."""

    version: int
    command: str
    type: str
    at: datetime
    device_at: datetime
    account: str
    name: str
    role: str
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal, message or incident of any regime (обращение, сообщение, инцидент).

    ``text`` is the citizen's text made safe to store and is never edited; the bytes as received stay with
    the server as evidence. ``essence`` is the formalised essence that an operator writes beside it.
    ``policy`` is the SLA policy frozen at registration.
    """

    id: str
    number: str
    region: str
    version: int
    regime: Regime
    source: Source
    received_at: datetime
    registered_at: datetime
    text: str
    policy: str
    state: State = State.NEW
    external_ids: dict[str, str] = field(default_factory=dict)
    essence: str | None = None
    applicant: Applicant = NO_APPLICANT
    place: Place = NO_PLACE
    block: str | None = None
    topic: str | None = None
    item_kind: ItemKind | None = None
    tone: Tone | None = None
    priority: Priority = Priority.NORMAL
    fast_track: str | None = None
    outcome: Outcome | None = None
    closing_reason: str | None = None
    deferred_until: datetime | None = None
    claim: Claim | None = None
    assignments: tuple[Assignment, ...] = ()
    clocks: tuple[Clock, ...] = ()
    answers: tuple[Answer, ...] = ()
    notes: tuple[Note, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    is_repeat: bool = False
    is_reconsideration: bool = False
    rating: int | None = None
    rating_comment: str | None = None
    timeline: tuple[Event, ...] = ()
    alerts: tuple[Alert, ...] = ()
    erased_at: datetime | None = None
    """When the personal data and all texts were erased; nothing can be done with the appeal since."""

    @property
    def assignment(self) -> Assignment | None:
        """The current cycle, or None while the appeal is with nobody."""
        last = self.assignments[-1] if self.assignments else None
        return last if last is not None and last.returned_at is None else None

    @property
    def authority(self) -> str | None:
        """Code of the body that owes the answer now."""
        current = self.assignment
        return current.authority if current else None

    @property
    def worker(self) -> str | None:
        """Who works on it: holder of the claim, else author of the last answer, else executor."""
        if self.claim is not None:
            return self.claim.holder
        for answer in reversed(self.answers):
            if answer.status in _IN_WORK:
                return answer.author
        return self.assignment.executor if self.assignment else None

    @property
    def listed_flags(self) -> tuple[str, ...]:
        """The flags as lists show them: with the mark of an open alert among them."""
        return (*self.flags, ESCALATED) if open_alerts(self) else self.flags

    @property
    def pending_answer(self) -> Answer | None:
        """The answer version that waits for an approver."""
        return next((a for a in reversed(self.answers) if a.status is AnswerStatus.SUBMITTED), None)

    @property
    def nearest_clock(self) -> Clock | None:
        """The running clock that is due first by its control date: the one that people work against.

        The return window is left out: its end takes a right away, but nobody owes anything by then.
        """
        running = [c for c in self.clocks if c.is_running and c.kind is not ClockKind.RETURN_WINDOW]
        return min(running, key=lambda clock: clock.control_due_at, default=None)

    def answer(self, answer_id: str) -> Answer | None:
        """The answer version with this id."""
        return next((answer for answer in self.answers if answer.id == answer_id), None)

    def clock(self, kind: ClockKind) -> Clock | None:
        """The latest clock of a kind, running or not."""
        return next((clock for clock in reversed(self.clocks) if clock.kind is kind), None)
