"""Facts of appeals that came before there were any: measured anew from their documents, once."""

from typing import Any, Final

import msgspec

from cur_tui.contract.row import LISTED, AppealRow, row_of
from cur_tui.domain import measured
from cur_tui.domain.profile_load import region_from_document
from cur_tui.domain.working_time import WorkClock, work_clock_for
from storage.connection import Connection
from storage.documents import appeal_of
from storage.errors import CacheError
from storage.facts import enter_facts

_STEP: Final = 1_000
_NEXT: Final = (
    f"SELECT pk, {', '.join(LISTED)}, doc FROM appeal JOIN appeal_doc USING (pk) "  # noqa: S608
    "WHERE pk>? ORDER BY pk LIMIT ?"
)


def measure_all(connection: Connection) -> None:
    """Fill the empty facts from every document, in the transaction of a migration."""
    time = _working_time(connection)
    last = -1
    while True:
        stored = connection.execute(_NEXT, (last, _STEP)).fetchall()
        enter_facts(connection, [(pk, _measured(values, doc, time)) for pk, *values, doc in stored])
        if len(stored) < _STEP:
            return
        last = stored[-1][0]


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
    if found is None:
        return None
    try:
        return work_clock_for(region_from_document(msgspec.json.decode(found[0])))
    except (ValueError, msgspec.MsgspecError):
        return None
