"""What travels about imports: a file, its job, what came of its rows, the rows that could not be taken."""

from typing import Final

import msgspec

MAX_IMPORT: Final = 512 * 1_048_576
"""The largest file that is imported, in bytes: four hundred thousand messages with room to spare."""
MAX_PIECE: Final = 4 * 1_048_576
"""The largest piece in which such a file travels, in bytes."""

STANDING: Final = frozenset({"queued", "running"})
"""States of a job that change by themselves; all others wait for a person."""


class ImportFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Announce a file of ``size`` bytes. ``id`` makes the request repeatable."""

    id: str
    name: str
    size: int
    sha256: str


class ImportOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a file is to be read. A dry run stores nothing.

    ``columns``: field → name of its column. ``aliases``: kind → label of the source → code of the region; the
    kinds are ``authority``, ``municipality``, ``block`` and ``topic``.
    """

    dry_run: bool = True
    source: str | None = None
    regime: str | None = None
    charset: str | None = None
    delimiter: str | None = None
    columns: dict[str, str] = {}
    aliases: dict[str, dict[str, str]] = {}


class PreviewRow(msgspec.Struct, frozen=True):
    """One of the first rows as it was read; ``became``: ``new``, ``changed``, ``same`` or ``quarantined``."""

    row: int
    became: str
    number: str
    received: str | None
    regime: str
    state: str | None
    about: str
    authority: str
    place: str
    text: str


class BadRow(msgspec.Struct, frozen=True):
    """A row for the quarantine; ``advice`` says in the reader's language what to do."""

    row: int
    column: str
    reason: str
    advice: str = ""


class ChangedRow(msgspec.Struct, frozen=True):
    """A row that brought a known appeal in line, and in what."""

    row: int
    number: str
    fields: tuple[str, ...]


class UnknownWord(msgspec.Struct, frozen=True):
    """A word of the source that no rule of its form knows."""

    column: str
    word: str
    rows: int


class UnmatchedName(msgspec.Struct, frozen=True):
    """A name that equals nothing here; ``code`` and ``name`` are what is most like it, if anything is."""

    kind: str
    label: str
    rows: int
    code: str | None
    name: str | None
    likeness: float


class ImportReport(msgspec.Struct, frozen=True):
    """What became of the rows. Lists name at most a hundred entries; the counts are of the whole file.

    ``quarantined`` rows wait to be mended; ``mended`` and ``set_aside`` are bad rows that were settled since
    they first came. ``confirmed``: names that the region keeps, with what they mean. ``preview``: the first
    rows as they were read, of a dry run only.
    """

    source: str
    total: int
    new: int
    changed: int
    same: int
    quarantined: int
    repeated: int
    text_kept: int
    fields: dict[str, int]
    changes: tuple[ChangedRow, ...]
    rows: tuple[BadRow, ...]
    unknown: tuple[UnknownWord, ...]
    unmatched: tuple[UnmatchedName, ...]
    first_numbers: tuple[str, ...]
    preview: tuple[PreviewRow, ...] = ()
    mended: int = 0
    set_aside: int = 0
    confirmed: tuple[UnmatchedName, ...] = ()


class ImportJob(msgspec.Struct, frozen=True):
    """Where an import stands.

    ``state``: ``receiving`` until the file is here, ``ready``, ``queued``, ``running``, ``checked`` after a
    dry run, ``done``, ``failed`` (``problem`` says why), ``cancelled`` (the file is kept), ``dropped``.
    ``read`` and ``settled`` count rows: a file is read once to its end before the first row is settled.
    """

    id: str
    name: str
    size: int
    sha256: str
    received: int
    state: str
    dry_run: bool
    by: str
    at: str
    read: int
    settled: int
    total: int
    problem: str | None = None
    report: ImportReport | None = None


class ImportJobs(msgspec.Struct, frozen=True):
    """The latest imports, newest first, without their reports."""

    items: tuple[ImportJob, ...]


class QuarantineLine(msgspec.Struct, frozen=True):
    """A row that could not be taken, as lists show it."""

    n: int
    job: str
    file: str
    source: str
    row: int
    column: str
    reason: str
    advice: str
    excerpt: str
    state: str
    at: str


class QuarantinePage(msgspec.Struct, frozen=True):
    """Rows of the quarantine in their order; ``count`` of all that are open, ``next`` as in other lists."""

    items: tuple[QuarantineLine, ...]
    count: int
    next: int | None


class QuarantineRow(msgspec.Struct, frozen=True):
    """A row with its cells, under the names of their columns."""

    line: QuarantineLine
    header: tuple[str, ...]
    cells: tuple[str, ...]


class QuarantineAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Mend a row: its cells anew, all of them. Or set it aside, for a reason that the journal keeps."""

    cells: tuple[str, ...] = ()
    set_aside: str = ""


class QuarantineOutcome(msgspec.Struct, frozen=True):
    """What came of it: ``new``, ``changed`` or ``same`` with the appeal's number, ``set_aside``, or ``open``
    with the row as it stands, when something is still wrong with it.
    """

    became: str
    number: str
    row: QuarantineRow | None = None
