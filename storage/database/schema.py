"""Names and numbers of the cache's schema that the readers and the writer share."""

from typing import Final

from cur_tui.contract.row import LISTED, AppealRow
from cur_tui.domain.vocabulary import OPEN_STATES, Priority

SCHEMA: Final = 5
"""The schema this code reads and writes, kept in ``PRAGMA user_version``."""

CURSOR: Final = "cursor"
"""State: how far the change feed has been read."""
SCOPES: Final = "scopes"
"""State: the scope keys that the feed is read for, as JSON; absent until the server has told them."""
SNAPSHOT_TOKEN: Final = "snapshot"
"""State: behind what a snapshot goes on; empty before its first page."""
GENERATION: Final = "generation"
"""State: which reading of everything this is. Server rows are written under it; absent, it is the first."""
BOOTSTRAP: Final = "bootstrap"
"""State: :data:`READING` until a snapshot is complete, then :data:`COMPLETE`."""
READING: Final = "reading"
COMPLETE: Final = "complete"

NO_DUE: Final = 253_402_300_799
"""``due_rank`` of an appeal without a running term: the last second of the year 9999."""

PK_BITS: Final = 6
"""A ``pk`` is the second of registration shifted by so many bits, plus a number within that second.

So the order of the keys is the order of registration: the search index yields the newest first without
sorting, and neighbours in time are neighbours on the disk.
"""

IS_UNDELIVERED: Final = "answer_status IS 'failed'"
"""Of a row: its latest answer could not be delivered. Never unknown, so that it can be negated."""
IS_ESCALATED: Final = "instr(flags,'escalated')>0"
"""Of a row: it has an open alert. The index of these rows is looked for by this very text."""
IS_CONFLICT_SITUATION: Final = "instr(flags,'conflict')>0"
IS_COMMUNICATION_ERROR: Final = "instr(flags,'communication_error')>0"
"""Of a row: people marked it so; open or closed, these are few."""

DUE_FALLING: Final = f"ifnull(nullif(due_rank, {NO_DUE}), 0)"
"""Key of the falling order by term, which also puts appeals without one last."""
RATING_RISING: Final = "ifnull(rating, 9)"
RATING_FALLING: Final = "ifnull(rating, 0)"

OPEN_STATE_CODES: Final = frozenset(state.value for state in OPEN_STATES)
_URGENCY: Final = {Priority.EMERGENCY.value: 0, Priority.ELEVATED.value: 1, Priority.NORMAL.value: 2}

FTS_NONE: Final = 0
"""Not in a search index yet; :meth:`storage.writing.writer.Writer.index_archive` will put it there."""
FTS_OPEN: Final = 1
FTS_ARCHIVE: Final = 2
FTS_TABLES: Final = {FTS_OPEN: "fts_open", FTS_ARCHIVE: "fts_archive"}

LOCAL_COLUMNS: Final = (
    "pk",
    "generation",
    "is_open",
    "pending",
    "conflict",
    "due_rank",
    "urgency",
    "fts",
    "words",
)
"""What the cache adds to the columns of the contract."""

APPEAL_COLUMNS: Final = (*LOCAL_COLUMNS, *LISTED)

UNREADABLE: Final = "unreadable"
"""State: documents of reference data that could not be read, as JSON; absent or empty when there is none."""


def is_open(row: AppealRow) -> bool:
    """Whether somebody still owes work on the appeal."""
    return row.state in OPEN_STATE_CODES


def due_rank(row: AppealRow) -> int:
    """The control date as a sort key that is never empty. A closed appeal owes nothing any more."""
    return row.control_due_at if row.control_due_at is not None and row.state in OPEN_STATE_CODES else NO_DUE


def urgency(row: AppealRow) -> int:
    """0 for an emergency up to 2 for the ordinary; a priority this version does not know is ordinary."""
    return _URGENCY.get(row.priority, 2)
