"""The tables of the cache as SQLModel classes: the source of the schema and of the writer's statements.

Readers do not import this module; they use plain SQL over the same columns.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData
from sqlmodel import Field, SQLModel

from storage.database.schema import FTS_NONE


class CacheTable(SQLModel):
    """The ground of every table here: its own metadata, apart from other schemas in the same process."""

    metadata = MetaData()


class AppealTable(CacheTable, table=True):
    """The narrow row that lists, counts and filters read: the optimistic state where commands are pending.

    The columns after ``words`` are those of :class:`cur_tui.contract.row.AppealRow`, in its order.
    """

    __tablename__ = "appeal"

    pk: int = Field(sa_column=Column(Integer, primary_key=True))
    generation: int
    is_open: int
    pending: int = 0
    conflict: int = 0
    due_rank: int = Field(sa_type=BigInteger)
    urgency: int
    fts: int = FTS_NONE
    """Which search index holds the row: one of the ``FTS_*`` numbers."""
    words: int = Field(default=0, sa_type=BigInteger)
    """Digest of the indexed text; 0 while it is not indexed."""
    id: str = Field(unique=True)
    number: str
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
    claim_until: int | None = Field(sa_type=BigInteger)
    control_due_at: int | None = Field(sa_type=BigInteger)
    legal_due_at: int | None = Field(sa_type=BigInteger)
    due_clock: str | None
    provisional: int
    received_at: int = Field(sa_type=BigInteger)
    registered_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)
    answered_at: int | None = Field(sa_type=BigInteger)
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


class DocTable(CacheTable, table=True):
    """The whole appeal as JSON, apart from the row, since lists never read it. The applicant apart again."""

    __tablename__ = "appeal_doc"

    pk: int = Field(sa_column=Column(Integer, primary_key=True))
    doc: bytes
    applicant: bytes | None


class TallyTable(CacheTable, table=True):
    """How many appeals there are of each block in each state, kept up to date with the rows."""

    __tablename__ = "tally"

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    block: str | None
    state: str
    is_open: int
    n: int


class CodeTable(CacheTable, table=True):
    """The dictionary of :class:`FactTable`: a number for each code of each column."""

    __tablename__ = "code"

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    kind: str
    code: str


class FactTable(CacheTable, table=True):
    """What cuts and rankings add up, one narrow row of numbers for each appeal (``figures.facts``)."""

    __tablename__ = "fact"

    pk: int = Field(sa_column=Column(Integer, primary_key=True))
    block: int | None
    topic: int | None
    authority: int | None
    municipality: int | None
    source: int
    regime: int
    state: int
    priority: int
    worker: int | None
    item_kind: int | None
    tone: int | None
    outcome: int | None
    rating: int | None
    registered_at: int = Field(sa_type=BigInteger)
    answer_seconds: int | None
    is_open: int
    is_repeat: int
    is_duplicate: int
    is_fast_track: int
    done_at: int | None = Field(sa_type=BigInteger)
    in_time: int | None
    spent: int | None
    allowed: int | None
    reworks: int
    complete: int | None


class ShadowTable(CacheTable, table=True):
    """The server's state of an appeal with pending commands: what they are replayed upon."""

    __tablename__ = "shadow"

    pk: int = Field(sa_column=Column(Integer, primary_key=True))
    version: int
    row: bytes
    doc: bytes
    applicant: bytes | None


class OutboxTable(CacheTable, table=True):
    """Commands that the server has not settled, in the order in which they were given (``n``)."""

    __tablename__ = "outbox"

    n: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    cid: str = Field(unique=True)
    dseq: int | None = Field(default=None, unique=True)
    """Given when the command is first handed to the transport, so that an undo leaves no gap."""
    type: str
    appeal: str = Field(index=True)
    number: str
    base: int
    document: bytes = Field(sa_type=LargeBinary)
    state: str = "pending"
    doubt: str | None = None
    device_at: str


class SettledTable(CacheTable, table=True):
    """Settled commands of the last weeks: a server restored from a backup is offered them again."""

    __tablename__ = "settled"

    n: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    """The order in which they were settled."""
    cid: str
    type: str
    appeal: str
    number: str
    base: int
    document: bytes
    device_at: str
    refused: int
    at: int = Field(sa_type=BigInteger)


class UnsentTable(CacheTable, table=True):
    """Commands that were finally refused, with everything typed in them, until the operator decides."""

    __tablename__ = "unsent"

    cid: str = Field(primary_key=True)
    type: str
    appeal: str = Field(index=True)
    number: str
    code: str
    params: str
    detail: str
    document: bytes
    at: int = Field(sa_type=BigInteger)


class UploadTable(CacheTable, table=True):
    """Files to be attached that the server does not have yet; ``id`` is that of the command that follows.

    They lie here and not beside the cache, so that they are encrypted. ``code``: why the server refused one.
    """

    __tablename__ = "upload"

    id: str = Field(primary_key=True)
    appeal: str = Field(index=True)
    number: str
    sha256: str
    name: str
    size: int
    media_type: str
    code: str | None
    params: str | None
    data: bytes = Field(sa_type=LargeBinary)
    at: int = Field(sa_type=BigInteger)


class DraftTable(CacheTable, table=True):
    """Texts being written. They outlive the appeal's own row."""

    __tablename__ = "draft"

    appeal: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    number: str
    answer: str
    text: str
    outcome: str | None
    template: str | None
    template_version: int | None
    promised_date: str | None
    evidence: str
    saved_at: int = Field(sa_type=BigInteger)


class ReferenceTable(CacheTable, table=True):
    """Documents of reference data: the region profile and the colleagues."""

    __tablename__ = "reference"

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    version: int
    generation: int
    doc: bytes


class StateTable(CacheTable, table=True):
    """Where the synchronisation stands: cursor, snapshot token, generation, next command number."""

    __tablename__ = "sync_state"

    k: str = Field(primary_key=True)
    v: str


class ViewTable(CacheTable, table=True):
    """Queries that the operator keeps under a name."""

    __tablename__ = "saved_view"

    code: str = Field(primary_key=True)
    title: str
    query: str
    position: int
