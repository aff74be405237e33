"""What the first tables of a server read, read before somebody waits for it.

After the machine has started, the indexes that tables are counted from lie on its disk in thousands of small
pieces. A table that is counted then waits for each of them; several readers wait at the same time, and what
they have read the system keeps for everybody. Nothing is counted and nothing kept here.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from sqlalchemy import ColumnElement, Index, Select, and_, func, select

from regional_api.centre import Centre
from regional_api.database import indexes
from regional_api.database.connections import Database, follow
from regional_api.database.tables import APPEAL
from regional_api.process.standing import StandingWork

_PART: Final = 25_000
"""Appeals that are read at once. A region that has fewer is read in no time."""
_READERS: Final = 4
_AGAIN: Final = 86_400.0
"""Seconds until the next time: what nobody has asked for in a day may have been put out of memory."""
_WALKED: Final[tuple[tuple[ColumnElement[int], Index], ...]] = (
    (APPEAL.c.registered_at, indexes.REGISTERED),
    (APPEAL.c.done_at, indexes.DONE),
)
_CARRIED: Final = (APPEAL.c.spent, APPEAL.c.outcome, APPEAL.c.fast_track)
"""Only these two indexes carry all of this, so that PostgreSQL reads no other."""


def keep_warm(centre: Centre) -> StandingWork:
    """Reads them at the start of the server, and daily."""
    leaving = threading.Event()

    def step() -> float:
        warm(centre.database, leaving)
        return _AGAIN

    return StandingWork("warming", step, after_failure=_AGAIN, interrupt=leaving.set)


def warm(database: Database, leaving: threading.Event, part: int = _PART) -> int:
    """Read the indexes; returns how many entries were read. Ends early, between parts, when ``leaving``."""
    with ThreadPoolExecutor(_READERS, "warming") as readers:
        parts = [
            readers.submit(_read, database, leaving, moment, index, start, end)
            for moment, index in _WALKED
            for start, end in _parts(database, moment, index, part)
        ]
        return sum(one.result() for one in parts)


def _parts(database: Database, moment: ColumnElement[int], index: Index, part: int) -> list[tuple[int, int]]:
    """Stretches of time, of about so many appeals each; none where there are fewer."""
    known = moment.is_not(None)
    ends: list[Select[Any]] = [select(end(moment)).where(known) for end in (func.min, func.max)]
    with database.reading() as connection:
        amount = connection.execute(select(func.max(APPEAL.c.pk))).scalar_one() or 0
        first, last = (connection.execute(follow(end, APPEAL, index)).scalar_one() or 0 for end in ends)
    step = (last - first) // max(amount // part, 1) + 1
    return [(start, start + step) for start in range(first, last + 1, step)] if amount >= part else []


def _read(
    database: Database,
    leaving: threading.Event,
    moment: ColumnElement[int],
    index: Index,
    start: int,
    end: int,
) -> int:
    if leaving.is_set():
        return 0
    counted: Select[Any] = select(func.count())
    statement = counted.add_columns(*map(func.count, _CARRIED)).where(and_(moment >= start, moment < end))
    with database.engine.connect() as connection:
        # A connection of its own that ends here: kept, it would hold the pages that it has seen.
        connection.detach()
        return int(connection.execute(follow(statement, APPEAL, index)).one()[0])
