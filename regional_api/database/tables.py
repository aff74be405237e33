"""The tables of the regional API, one class each.

They live in a registry of their own, because the cache of a workstation has tables of the same names and
both may be loaded into one process. The classes describe the schema; reads and writes go through
SQLAlchemy Core on :data:`APPEAL` and its siblings, which is several times faster than mapped objects.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from cur_tui.contract.row import COLUMNS

LARGE = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both engines; SQLite takes only INTEGER as the alias of its row id."""


def _large(**options: Any) -> Any:
    return Field(sa_column=Column(LARGE, **options))


def _counted() -> Any:
    return Field(sa_column=Column(Integer, nullable=False, server_default="0"))


class ServerTable(SQLModel, registry=registry()):
    """Base of all tables of the server."""


class Meta(ServerTable, table=True):
    """Single values: schema version, region, epoch, the key of the cursors."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


class LeaseRecord(ServerTable, table=True):
    """Which process of the server does some ``work``, and until when unless it says so again."""

    __tablename__ = "lease"
    work: str = Field(primary_key=True)
    holder: str
    until: int = _large(nullable=False)


class FeedClock(ServerTable, table=True):
    """The counter that numbers committed transactions; one row for each shard, which is the region.

    ``floor``: the oldest position from which the feed is complete, since old exits are forgotten.
    """

    __tablename__ = "feed_clock"
    shard: str = Field(primary_key=True)
    v: int = _large(nullable=False)
    floor: int = _large(nullable=False)


class AppealRecord(ServerTable, table=True):
    """One appeal: the columns of the list projection, what the feed needs, and the two documents."""

    __tablename__ = "appeal"
    pk: int | None = _large(primary_key=True, autoincrement=True)
    id: str = Field(unique=True)
    number: str = Field(unique=True)
    version: int
    state: str
    regime: str
    source: str
    priority: str
    block: str | None
    topic: str | None
    authority: str | None
    municipality: str | None
    worker: str | None
    claim_holder: str | None
    claim_until: int | None = _large()
    control_due_at: int | None = _large()
    legal_due_at: int | None = _large()
    due_clock: str | None
    provisional: int
    received_at: int = _large(nullable=False)
    registered_at: int = _large(nullable=False)
    updated_at: int = _large(nullable=False)
    answered_at: int | None = _large()
    title: str
    item_kind: str | None
    tone: str | None
    fast_track: str | None
    outcome: str | None
    rating: int | None
    is_repeat: int
    is_duplicate: int
    mass_incident: str | None
    answer_status: str | None
    steps_done: int
    steps_total: int
    flags: str
    tags: str
    done_at: int | None = _large()
    in_time: int | None
    spent: int | None
    allowed: int | None
    reworks: int = _counted()
    complete: int | None
    seq: int = _large(nullable=False)
    is_open: int
    restricted: int
    doc: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    applicant: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    registered_day: int = _counted()
    registered_month: int = _counted()
    done_day: int | None
    done_month: int | None
    title_masked: str | None
    """The title for readers who may not see personal data; None where it is the same."""
    erased_at: int | None = _large()


class Former(ServerTable, table=True):
    """What statistics saw of an appeal from transaction ``was`` until transaction ``seq`` changed it.

    With these rows a table counted at one position is carried on to a later one without counting anew.
    """

    __tablename__ = "former"
    n: int | None = _large(primary_key=True, autoincrement=True)
    seq: int = _large(nullable=False, index=True)
    was: int = _large(nullable=False)
    number: str
    state: str
    regime: str
    source: str
    priority: str
    block: str | None
    topic: str | None
    authority: str | None
    municipality: str | None
    worker: str | None
    claim_until: int | None = _large()
    control_due_at: int | None = _large()
    provisional: int
    registered_at: int = _large(nullable=False)
    answered_at: int | None = _large()
    item_kind: str | None
    tone: str | None
    fast_track: str | None
    outcome: str | None
    rating: int | None
    is_repeat: int
    is_duplicate: int
    mass_incident: str | None
    flags: str
    tags: str
    is_open: int
    restricted: int
    registered_day: int
    registered_month: int
    in_time: int | None
    done_at: int | None = _large()
    done_day: int | None
    done_month: int | None
    spent: int | None
    allowed: int | None
    reworks: int
    complete: int | None


class Moved(ServerTable, table=True):
    """An appeal left a scope: where it was before. The feed tells readers of that scope."""

    __tablename__ = "moved"
    n: int | None = _large(primary_key=True, autoincrement=True)
    seq: int = _large(nullable=False, index=True)
    id: str
    block: str | None
    authority: str | None
    restricted: int
    at: int = _large(nullable=False)


class Deleted(ServerTable, table=True):
    """An appeal was deleted: its last version and scope."""

    __tablename__ = "deleted"
    id: str = Field(primary_key=True)
    seq: int = _large(nullable=False, index=True)
    version: int
    block: str | None
    authority: str | None
    restricted: int
    at: int = _large(nullable=False)


class ReferenceRecord(ServerTable, table=True):
    """Reference data that every reader gets: the region profile and the public entries of the accounts."""

    __tablename__ = "reference"
    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    version: int
    seq: int = _large(nullable=False, index=True)
    doc: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class OriginalRecord(ServerTable, table=True):
    """The message exactly as it was received: evidence, never altered."""

    __tablename__ = "original"
    appeal: str = Field(primary_key=True)
    media_type: str
    sha256: str
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class DayCounter(ServerTable, table=True):
    """The last card number given out for a day of registration in the region."""

    __tablename__ = "day_counter"
    day: str = Field(primary_key=True)
    n: int


class Device(ServerTable, table=True):
    """The last command number that was settled for a device of an account."""

    __tablename__ = "device"
    account: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    last_dseq: int = _large(nullable=False)


class Settled(ServerTable, table=True):
    """What became of a command, by its id: the memory that makes a repeat harmless."""

    __tablename__ = "settled"
    id: str = Field(primary_key=True)
    account: str
    fingerprint: str
    appeal: str
    status: str
    version: int | None
    code: str | None
    params: str | None
    at: int = _large(nullable=False)


class JournalEntry(ServerTable, table=True):
    """One line of the append-only journal. ``hash`` covers the line and the hash of the line before it."""

    __tablename__ = "journal"
    n: int = _large(primary_key=True, autoincrement=False)
    at: str
    device_at: str | None
    account: str
    role: str
    type: str
    appeal: str | None = Field(index=True)
    number: str | None
    before: int | None
    after: int | None
    command: str | None
    payload_sha256: str
    prev: str
    hash: str


class JournalPayload(ServerTable, table=True):
    """What a journal line was about, kept apart so that an erasure leaves the chain whole."""

    __tablename__ = "journal_payload"
    n: int = _large(primary_key=True, autoincrement=False)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class JournalHead(ServerTable, table=True):
    """The end of the chain, so that cutting lines off the journal is noticed as well."""

    __tablename__ = "journal_head"
    shard: str = Field(primary_key=True)
    n: int = _large(nullable=False)
    hash: str


class AccountRecord(ServerTable, table=True):
    """A person or robot that may sign in. ``blocks`` and the like are lists of codes parted by blanks."""

    __tablename__ = "account"
    account: str = Field(primary_key=True)
    name: str
    role: str
    blocks: str
    authority: str | None
    password: str
    blocked: int = 0
    version: int = 1
    sso: str | None = Field(index=True, unique=True)
    """What the region's identity provider calls the person; None for those who sign in by password only."""


class SessionRecord(ServerTable, table=True):
    """One signed-in device; all its tokens end with it."""

    __tablename__ = "session"
    id: str = Field(primary_key=True)
    account: str = Field(index=True)
    device: str
    device_name: str
    created_at: int = _large(nullable=False)
    revoked_at: int | None = _large()
    by_office: int = _counted()
    """Whether the administrator ended it, and not the person."""
    wipe: int = _counted()
    """Whether its device is to destroy what it keeps."""


class Attempt(ServerTable, table=True):
    """How often a sign-in failed of late, by keyed hashes of what it was for and where it came from.

    ``name`` or ``origin`` is empty where only the other is counted.
    """

    __tablename__ = "attempt"
    name: str = Field(primary_key=True)
    origin: str = Field(primary_key=True)
    failures: int
    until: int = _large(nullable=False)
    at: int = _large(nullable=False, index=True)


class Token(ServerTable, table=True):
    """A token by the hash of its value; the value itself is never stored."""

    __tablename__ = "token"
    hash: str = Field(primary_key=True)
    session: str = Field(index=True)
    kind: str
    expires_at: int = _large(nullable=False)
    used_at: int | None = _large()
    repeated: int = 0


class Blob(ServerTable, table=True):
    """An attachment's content by its hash."""

    __tablename__ = "blob"
    sha256: str = Field(primary_key=True)
    size: int
    media_type: str
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class BlobPart(ServerTable, table=True):
    """A piece of a file that is still coming in, by its sender: nobody else can add to it or learn of it."""

    __tablename__ = "blob_part"
    account: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    start: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    total: int
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: int = _large(nullable=False, index=True)


class BlobOwner(ServerTable, table=True):
    """Who uploaded a blob: they may use it before it is tied to an appeal."""

    __tablename__ = "blob_owner"
    sha256: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    at: int = _large(nullable=False, server_default="0")
    """When they last sent it or asked for it."""


class AppealFile(ServerTable, table=True):
    """Which appeals a blob belongs to: whoever may see one of them may read the file."""

    __tablename__ = "appeal_file"
    sha256: str = Field(primary_key=True)
    appeal: str = Field(primary_key=True)


METADATA = ServerTable.metadata
APPEAL: Table = METADATA.tables["appeal"]
FORMER: Table = METADATA.tables["former"]
MOVED: Table = METADATA.tables["moved"]
DELETED: Table = METADATA.tables["deleted"]
REFERENCE: Table = METADATA.tables["reference"]
ORIGINAL: Table = METADATA.tables["original"]
META: Table = METADATA.tables["meta"]
LEASE: Table = METADATA.tables["lease"]
FEED_CLOCK: Table = METADATA.tables["feed_clock"]
DAY_COUNTER: Table = METADATA.tables["day_counter"]
DEVICE: Table = METADATA.tables["device"]
SETTLED: Table = METADATA.tables["settled"]
JOURNAL: Table = METADATA.tables["journal"]
JOURNAL_PAYLOAD: Table = METADATA.tables["journal_payload"]
JOURNAL_HEAD: Table = METADATA.tables["journal_head"]
ACCOUNT: Table = METADATA.tables["account"]
SESSION: Table = METADATA.tables["session"]
TOKEN: Table = METADATA.tables["token"]
ATTEMPT: Table = METADATA.tables["attempt"]
BLOB: Table = METADATA.tables["blob"]
BLOB_PART: Table = METADATA.tables["blob_part"]
BLOB_OWNER: Table = METADATA.tables["blob_owner"]
APPEAL_FILE: Table = METADATA.tables["appeal_file"]

ROW_COLUMNS = tuple(APPEAL.c[name] for name in COLUMNS)
"""The columns of :class:`~cur_tui.contract.row.AppealRow`, in its order."""
