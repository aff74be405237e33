"""Facts of appeals that came before there were any: measured anew from their documents, in quiet moments."""

from functools import lru_cache
from typing import Any, Final

import msgspec

from cur_tui.contract.row import LISTED, AppealRow, row_of
from cur_tui.domain.figures import measured
from cur_tui.domain.profile.load import region_from_document
from cur_tui.domain.time.working_time import WorkClock, work_clock_for
from storage.database.connection import Connection
from storage.documents import appeal_of
from storage.errors import CacheError
from storage.figures.facts import enter_facts
from storage.lists.legs import PAST_THE_END

UNMEASURED: Final = "unmeasured_below"
"""State: below which key appeals have no facts yet; absent when all have."""

_MARK: Final = "INSERT INTO sync_state (k, v) VALUES (?,?) ON CONFLICT (k) DO UPDATE SET v=excluded.v"
_WAITING: Final = (
    f"SELECT pk, {', '.join(LISTED)}, doc FROM appeal JOIN appeal_doc USING (pk) "  # noqa: S608
    "WHERE pk<? ORDER BY pk DESC LIMIT ?"
)


def mark_unmeasured(connection: Connection) -> None:
    """No appeal has facts: a migration must not wait for the documents of a million."""
    if connection.execute("SELECT 1 FROM appeal LIMIT 1").fetchone() is not None:
        connection.execute(_MARK, (UNMEASURED, str(PAST_THE_END)))


def measure_waiting(connection: Connection, limit: int) -> int:
    """Give up to ``limit`` appeals their facts, the newest first; returns how many, 0 when all have some."""
    found = connection.execute("SELECT v FROM sync_state WHERE k=?", (UNMEASURED,)).fetchone()
    if found is None:
        return 0
    time = _working_time(connection)
    stored = connection.execute(_WAITING, (int(found[0]), limit)).fetchall()
    enter_facts(connection, [(pk, _measured(values, doc, time)) for pk, *values, doc in stored])
    if len(stored) < limit:
        connection.execute("DELETE FROM sync_state WHERE k=?", (UNMEASURED,))
    else:
        connection.execute(_MARK, (UNMEASURED, str(stored[-1][0])))
    return len(stored)


def _measured(values: list[Any], doc: bytes, time: WorkClock | None) -> AppealRow:
    """The row with what its document tells. One that cannot be read keeps its row and tells nothing."""
    row = AppealRow(*values)
    try:
        appeal = appeal_of(doc, None)
        told = row_of(appeal, None if time is None else measured.pace(appeal, time))
    except (CacheError, msgspec.MsgspecError, UnicodeDecodeError):
        return row
    return msgspec.structs.replace(
        row,
        done_at=told.done_at,
        in_time=told.in_time,
        spent=told.spent,
        allowed=told.allowed,
        reworks=told.reworks,
        complete=told.complete,
    )


def _working_time(connection: Connection) -> WorkClock | None:
    """That of the region whose profile is in the cache; None before the first one has come."""
    found = connection.execute("SELECT doc FROM reference WHERE kind='profile'").fetchone()
    return None if found is None else _clock_of(found[0])


@lru_cache(maxsize=1)
def _clock_of(profile: bytes) -> WorkClock | None:
    """Kept from one part to the next: reading a profile takes as long as measuring a hundred appeals."""
    try:
        return work_clock_for(region_from_document(msgspec.json.decode(profile)))
    except (ValueError, msgspec.MsgspecError):
        return None
