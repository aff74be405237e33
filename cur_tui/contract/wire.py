"""Envelopes of contract v1: what is asked and answered around the domain's values."""

from typing import TYPE_CHECKING

import msgspec

from cur_tui.contract.row import AppealRow, Number
from cur_tui.domain.figures.sums import Measures

if TYPE_CHECKING:
    OptionalRaw = msgspec.Raw | None
else:
    # The library reads `Raw | None` as null alone and refuses a document; plain Raw takes both.
    OptionalRaw = msgspec.Raw

_NULL = msgspec.Raw(b"null")

# --- streams: one JSON value a line, told apart by "_" -------------------------------------------


class Put(msgspec.Struct, tag_field="_", tag="put", frozen=True, gc=False):
    """A record in its latest state. ``doc`` stays undecoded: a client stores it as it came, the document
    itself or packed (:func:`cur_tui.contract.packing.sent_form`).

    ``applicant`` is None for readers who may not see personal data.
    """

    seq: Number
    row: AppealRow
    doc: msgspec.Raw
    applicant: OptionalRaw = None

    def __post_init__(self) -> None:
        if self.applicant == _NULL:
            msgspec.structs.force_setattr(self, "applicant", None)


class Out(msgspec.Struct, tag_field="_", tag="out", frozen=True):
    """A record that left the reader's scope, with its current version."""

    seq: Number
    id: str
    version: Number


class Gone(msgspec.Struct, tag_field="_", tag="del", frozen=True):
    """A record that was deleted."""

    seq: Number
    id: str
    version: Number


class Reference(msgspec.Struct, tag_field="_", tag="ref", frozen=True):
    """A document of reference data: ``profile`` (the region) or ``account`` (a colleague, in public)."""

    seq: Number
    kind: str
    id: str
    version: Number
    doc: msgspec.Raw


class Checkpoint(msgspec.Struct, tag_field="_", tag="ck", frozen=True):
    """Snapshot: complete up to here; ``after`` resumes behind it; ``n`` rows so far, of ``total``."""

    after: str
    n: Number
    total: Number


class End(msgspec.Struct, tag_field="_", tag="end", frozen=True):
    """Snapshot: complete."""

    n: Number


class CursorLine(msgspec.Struct, tag_field="_", tag="cur", frozen=True):
    """Changes: the last line of a page. A page without it was cut off and must be asked for again."""

    cursor: str
    more: bool
    server_time: str
    scopes: tuple[str, ...] | None = None
    """The scope that the cursor is for; None: the server does not tell."""


StreamLine = Put | Out | Gone | Reference | Checkpoint | End | CursorLine


# --- requests and answers --------------------------------------------------------------------------


class SignIn(msgspec.Struct, frozen=True):
    """Password sign-in. ``device`` is the client's own random id, kept per installed profile."""

    name: str
    password: str
    device: str
    device_name: str = ""


class SsoStart(msgspec.Struct, frozen=True):
    """Begin a sign-in at the region's identity provider."""

    device: str
    device_name: str = ""


class SsoStarted(msgspec.Struct, frozen=True):
    """What to show to the person; ``handle`` is for the polls, which are ``interval`` seconds apart."""

    handle: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str | None
    expires_in: int
    interval: int


class SsoPoll(msgspec.Struct, frozen=True):
    """Ask whether the person has agreed."""

    handle: str
    device: str


class Refresh(msgspec.Struct, frozen=True):
    """Exchange of a refresh token; it works once."""

    refresh_token: str
    device: str


class PasswordChange(msgspec.Struct, frozen=True):
    """The signed-in account's own new password."""

    old: str
    new: str


class Account(msgspec.Struct, frozen=True):
    """Who is signed in and what they may do. ``blocks`` of ("*",) means every block."""

    account: str
    name: str
    role: str
    blocks: tuple[str, ...]
    authority: str | None
    permissions: tuple[str, ...]


class Session(msgspec.Struct, frozen=True):
    """A fresh pair of tokens. ``expires_in`` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    account: Account


class SsoPolled(msgspec.Struct, frozen=True):
    """The session once the person has agreed. ``slower``: polls must be five seconds further apart."""

    session: Session | None = None
    slower: bool = False


class Hello(msgspec.Struct, frozen=True):
    """The first request of a sync session."""

    device: str
    app_version: str
    schema: int


class Welcome(msgspec.Struct, frozen=True):
    """The server's side of the handshake.

    ``cursor`` is where a client without one must start *before* it reads a snapshot. ``last_dseq`` is the
    last command number of this device that the server has settled.
    """

    epoch: str
    region: str
    scopes: tuple[str, ...]
    schema: int
    last_dseq: int
    server_time: str
    cursor: str
    account: Account


class Health(msgspec.Struct, frozen=True):
    """What anybody may know of a server."""

    status: str
    api: int
    schema: int
    region: str
    server_time: str


class CommandEnvelope(msgspec.Struct, frozen=True):
    """One command on its way up. ``dseq`` numbers the commands of a device without gaps."""

    id: str
    dseq: int
    type: str
    appeal: str
    base: int
    device_at: str
    arguments: dict[str, object] = msgspec.field(default_factory=dict)


class CommandBatch(msgspec.Struct, frozen=True):
    """Commands of one device in their order; applied in one transaction."""

    device: str
    commands: tuple[CommandEnvelope, ...]


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457 problem details with the product's stable ``code``, its parameters and both languages."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    params: dict[str, str] = msgspec.field(default_factory=dict)
    detail_ru: str = ""
    detail_en: str = ""


class CommandResult(msgspec.Struct, frozen=True):
    """What became of one command: ``applied``, ``duplicate`` (settled before) or ``rejected``.

    ``record`` is the appeal as it now is, when the caller may still see it; ``number`` that of one which the
    command has registered.
    """

    id: str
    dseq: int
    status: str
    version: int | None = None
    problem: Problem | None = None
    record: Put | None = None
    number: str | None = None


class BatchResult(msgspec.Struct, frozen=True):
    """Results in the order of the commands. ``scopes``: as whose the records are shown (:class:`Welcome`)."""

    results: tuple[CommandResult, ...]
    server_time: str
    scopes: tuple[str, ...] | None = None


class AppealPage(msgspec.Struct, frozen=True):
    """A page of a list. ``next`` asks for what follows; None: nothing does. Only then is the list complete:
    a page may be short, or empty, and yet have a next one.

    ``count`` is what was counted of the list when asked for; ``longer``: not to its end, it may have more.
    """

    items: tuple[AppealRow, ...]
    next: str | None
    count: int | None = None
    longer: bool | None = None


class Cell(msgspec.Struct, frozen=True):
    """The appeals with one value of each dimension; None: they have none."""

    row: str | None
    column: str | None
    measures: Measures


class Statistics(msgspec.Struct, frozen=True):
    """A table of two dimensions, or of one. Cells without appeals are left out."""

    rows: str
    columns: str | None
    cells: tuple[Cell, ...]
    total: Measures


class Disclosure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for the personal data of one appeal; the journal keeps who asked, when, and this ``reason``."""

    reason: str


class BlobState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the server has of a file of ``size`` bytes: ``received`` of them from its beginning. Once it has
    all and found them whole, it names instead the ``media_type`` that the bytes have.
    """

    sha256: str
    size: int
    received: int | None = None
    media_type: str | None = None


class NextRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for the most urgent appeal that nobody holds; ``id`` makes the request repeatable."""

    id: str
    device: str
    query: str = ""


class NextResult(msgspec.Struct, frozen=True):
    """The appeal that is now claimed, None when the queue is empty; ``scopes`` as in :class:`BatchResult`."""

    record: Put | None
    server_time: str
    scopes: tuple[str, ...] | None = None
