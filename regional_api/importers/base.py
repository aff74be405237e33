"""What a source says of one message, in the words of this product; and a row that cannot be taken."""

from dataclasses import dataclass
from datetime import datetime

from cur_tui.domain.model import Applicant
from cur_tui.domain.vocabulary import ItemKind, Outcome, Priority, Regime, Source, State, Tone

REASONS = (
    "no_text",
    "too_long",
    "broken_row",
    "no_key",
    "bad_date",
    "bad_number",
    "date_in_the_future",
    "date_out_of_order",
    "formula",
    "cell_error",
    "rule_refused",
    "appeal_full",
)
"""Why a row is put into quarantine; the sentences are in :mod:`regional_api.importers.words`."""


QUARANTINE_KEY = "Карантин: ключ"
"""The column of a quarantine that keeps the key which a row had before somebody mended it."""
QUARANTINE_MARK = "Карантин: метка"
"""The column of a quarantine that says which of the region's rows in quarantine a row was."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A row for the quarantine: its number in the file, why, in which column, and its cells as they stand.

    ``key`` is the one that was made of these cells, empty where the row names its own. ``mark`` is that of
    the row in quarantine which it was, where its file says so.
    """

    row: int
    reason: str
    column: str = ""
    cells: tuple[str, ...] = ()
    key: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer that the source has delivered. ``is_final`` False: an interim one."""

    at: datetime
    text: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class History:
    """What happened to the message in its source before it came here. Instants are UTC.

    ``state`` None: the source says nothing of the state, so the appeal begins its life here.
    """

    state: State | None = None
    outcome: Outcome | None = None
    assigned_at: datetime | None = None
    answers: tuple[GivenAnswer, ...] = ()
    closed_at: datetime | None = None
    closing_reason: str = ""
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One message of a file. ``key`` identifies it within its source for ever; labels are names, not codes.

    ``fingerprint`` stands for everything that the row says and for what it was read by: equal ones need no
    second look.
    """

    row: int
    key: str
    fingerprint: str
    source: Source
    regime: Regime
    text: str
    original: bytes
    media_type: str
    received: datetime | None
    registered: datetime | None
    """When the source registered it; None for a file of bare messages, which are registered on import."""
    category: str
    theme: str
    rubric: str
    authority: str
    municipality: str
    settlement: str
    address: str
    applicant: Applicant
    priority: Priority
    kind: ItemKind | None
    tone: Tone | None
    is_fast_track: bool
    is_reconsideration: bool
    tags: tuple[str, ...]
    labels: dict[str, str]
    """What the source calls things, kept with the appeal as its external ids."""
    history: History
    cells: tuple[str, ...]
    """The row as it stands, in case it ends in quarantine after all."""
    made_key: str = ""
    """``key`` again if it was made of the row's own cells, which somebody may mend."""
    mark: str = ""
    """The mark of the row in quarantine which this one was, where its file says so."""
