"""Commands: the only way in which anything changes.

One thing that a person does is one command. The workstation, the headless program and the server all
build, check and apply the same values; :mod:`cur_tui.domain.decide` gives them their meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cur_tui.domain.vocabulary import (
    AnswerKind,
    DeliveryChannel,
    ItemKind,
    LinkKind,
    Outcome,
    Priority,
    Regime,
    RejectionReason,
    ReworkReason,
    Source,
    SpecialGround,
    Tone,
)


@dataclass(frozen=True, slots=True)
class ClaimAppeal:
    """Take an appeal into work: a lease that activity renews."""


@dataclass(frozen=True, slots=True)
class ReleaseClaim:
    """Give a claimed appeal back to the queue."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Take an appeal from whoever holds it, knowingly."""


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write an internal remark."""

    text: str


@dataclass(frozen=True, slots=True)
class Tag:
    """Add and remove tags."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetFlag:
    """Raise or lower a flag: ``conflict``, ``communication_error`` or ``on_control``."""

    flag: str
    raised: bool = True


@dataclass(frozen=True, slots=True)
class LinkAppeal:
    """Tie this appeal to another one as a duplicate, a repeat or a part of a mass incident."""

    kind: LinkKind
    target: str
    target_number: str


@dataclass(frozen=True, slots=True)
class KeepApart:
    """State that this appeal and another one do not belong together: undo their link, propose none again."""

    target: str
    target_number: str


@dataclass(frozen=True, slots=True)
class LeadIncident:
    """Make this appeal the head of a mass incident, whose answer its members get; or no longer."""

    leads: bool = True


@dataclass(frozen=True, slots=True)
class Classify:
    """State what the appeal is about. Fields left None stay as they are."""

    block: str | None = None
    topic: str | None = None
    item_kind: ItemKind | None = None
    tone: Tone | None = None
    priority: Priority | None = None
    essence: str | None = None
    municipality: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Assign:
    """Give the appeal to the body that must answer; another body later opens a new cycle."""

    authority: str
    executor: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnAssignment:
    """Give the appeal back to distribution, inside the return window, with a reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Forward:
    """Send the appeal on by competence, with notice to the applicant (59-ФЗ art. 8 part 3: within 7 days)."""

    to: str
    reason: str
    notice: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Close an open-source item that is not worked on."""

    reason: RejectionReason
    text: str = ""


@dataclass(frozen=True, slots=True)
class HandleSpecially:
    """Special handling of 59-ФЗ art. 11, with its notice (none is owed to an anonymous author).

    For statutory appeals only; ``url`` is the page of a published answer.
    """

    ground: SpecialGround
    notice: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """Begin to work on the answer."""


@dataclass(frozen=True, slots=True)
class StartChecklist:
    """Start a fast track: the scheme with this code as it is in force now."""

    fast_track: str


@dataclass(frozen=True, slots=True)
class TickStep:
    """Mark a checklist step as done, with its evidence."""

    step: int
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class SkipStep:
    """Leave a checklist step out, with the reason."""

    step: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReopenStep:
    """Take back the tick of a checklist step."""

    step: int


@dataclass(frozen=True, slots=True)
class SubmitAnswer:
    """Send an answer for approval. ``answer`` is the id made with the draft."""

    answer: str
    text: str
    kind: AnswerKind = AnswerKind.FINAL
    outcome: Outcome | None = None
    template: str | None = None
    template_version: int | None = None
    promised_date: date | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approve:
    """Approve exactly the text whose digest is named; never one's own."""

    answer: str
    digest: str


@dataclass(frozen=True, slots=True)
class SendToRework:
    """Return an answer to its author with reasons: one that waits for approval, or one that was approved
    and has not left.
    """

    answer: str
    reasons: tuple[ReworkReason, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class QueueDelivery:
    """Let an approved text leave anew or by another channel; None leaves the choice to the policy."""

    answer: str
    channel: DeliveryChannel | None = None


@dataclass(frozen=True, slots=True)
class MarkSent:
    """State that an approved text has left by its channel."""

    answer: str
    external_ref: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmDelivery:
    """State that the applicant has the text; only this stops the last clock."""

    answer: str
    external_ref: str = ""


@dataclass(frozen=True, slots=True)
class FailDelivery:
    """State that a text could not be delivered, and why."""

    answer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Extend:
    """Prolong a final term in calendar days, 30 at most, before it ends, with notice (59-ФЗ art. 12).

    A term in hours gains time by an interim answer instead.
    """

    days: int
    reason: str
    notice: str


@dataclass(frozen=True, slots=True)
class Defer:
    """Put the appeal off until an instant. Terms set by law go on running."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Take up a deferred or interim-answered appeal again."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open a resolved appeal again; the old answer stays and a new term starts."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Record the applicant's rating of a delivered answer, 1 to 5; the first one counts."""

    rating: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Attach:
    """Tie an uploaded file to the appeal by its content hash."""

    sha256: str
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Take on what an alert tells of; an empty ``alert`` means every open one that is for the person."""

    alert: str = ""


@dataclass(frozen=True, slots=True)
class Remind:
    """Alert whoever works on the appeal to see to it; where nobody does, its operators and its body."""


@dataclass(frozen=True, slots=True)
class RegisterAppeal:
    """Take down what was said on the hotline or at reception, or came by post; the only command that makes an
    appeal instead of changing one.

    ``regime`` None: the usual one of the channel. ``address`` is that of the problem, ``post_address`` the
    applicant's own. ``received_at`` is when it was said or handed in.
    """

    source: Source
    text: str
    received_at: datetime
    regime: Regime | None = None
    name: str = ""
    phone: str = ""
    email: str = ""
    post_address: str = ""
    municipality: str | None = None
    address: str = ""
    topic: str | None = None
    item_kind: ItemKind | None = None
    priority: Priority = Priority.NORMAL


Arguments = (
    ClaimAppeal
    | ReleaseClaim
    | TakeOver
    | AddNote
    | Tag
    | SetFlag
    | LinkAppeal
    | KeepApart
    | LeadIncident
    | Classify
    | Assign
    | ReturnAssignment
    | Forward
    | Reject
    | HandleSpecially
    | Start
    | StartChecklist
    | TickStep
    | SkipStep
    | ReopenStep
    | SubmitAnswer
    | Approve
    | SendToRework
    | QueueDelivery
    | MarkSent
    | ConfirmDelivery
    | FailDelivery
    | Extend
    | Defer
    | Resume
    | Reopen
    | Rate
    | Attach
    | Acknowledge
    | Remind
    | RegisterAppeal
)

COMMANDS: dict[str, type[Arguments]] = {
    "claim": ClaimAppeal,
    "release": ReleaseClaim,
    "take_over": TakeOver,
    "note": AddNote,
    "tag": Tag,
    "flag": SetFlag,
    "link": LinkAppeal,
    "keep_apart": KeepApart,
    "lead_incident": LeadIncident,
    "classify": Classify,
    "assign": Assign,
    "return": ReturnAssignment,
    "forward": Forward,
    "reject": Reject,
    "handle_specially": HandleSpecially,
    "start": Start,
    "start_checklist": StartChecklist,
    "tick": TickStep,
    "skip": SkipStep,
    "reopen_step": ReopenStep,
    "submit": SubmitAnswer,
    "approve": Approve,
    "rework": SendToRework,
    "queue_delivery": QueueDelivery,
    "mark_sent": MarkSent,
    "confirm_delivery": ConfirmDelivery,
    "fail_delivery": FailDelivery,
    "extend": Extend,
    "defer": Defer,
    "resume": Resume,
    "reopen": Reopen,
    "rate": Rate,
    "attach": Attach,
    "acknowledge": Acknowledge,
    "remind": Remind,
}
"""Every command on an appeal by the name under which it is stored, sent, journaled and typed."""

WRITTEN: Mapping[str, str] = {
    "note": "text",
    "reject": "text",
    "rework": "text",
    "forward": "notice",
    "extend": "notice",
    "handle_specially": "notice",
    "rate": "comment",
}
"""The argument in which a person writes at length, by command: what is written is kept until it is given.

Answers have drafts of their own. The essence is a value of the record, and another one may stand there by the
time that a draft of it would come back.
"""

REGISTER = "register"
EVERY_COMMAND: dict[str, type[Arguments]] = {**COMMANDS, REGISTER: RegisterAppeal}
"""Those on an appeal, and the one that makes an appeal."""

COMMAND_NAMES: dict[type[Arguments], str] = {shape: name for name, shape in EVERY_COMMAND.items()}


@dataclass(frozen=True, slots=True)
class Command:
    """One act of one person on one appeal.

    ``id`` is a UUIDv7 made where the act happened and is its idempotency key. ``base`` is the version of
    the appeal that the person looked at. ``device_at`` is what the device's clock said; nothing is ever
    ordered or decided by it.
    """

    id: str
    appeal: str
    arguments: Arguments
    base: int
    device_at: datetime

    @property
    def type(self) -> str:
        """The command's name."""
        return COMMAND_NAMES[type(self.arguments)]
