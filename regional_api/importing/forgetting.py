"""What imports keep beside the appeals goes with them, or when nobody needs it any more."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from cur_tui.domain.model import Appeal
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.importing.keeping import MENDED, NO_CELLS, OPEN, SET_ASIDE, WAITING
from regional_api.importing.tables import IMPORT_JOB, QUARANTINE
from regional_api.record import journal
from regional_api.unit_of_work import unit_of_work

SETTLED_SECONDS: Final = 90 * 24 * 3600
"""How long a row that somebody has settled can be looked at, from the day on which it came."""
FORGET_ROWS: Final = "forget_rows"
"""The line of the journal about rows that nobody has mended in time."""
_OF: Final = QUARANTINE.c


def forget_rows(connection: Connection, appeal: Appeal) -> None:
    """Empty what lies in quarantine of ``appeal``: rows of its source with the key that it has there.

    Nothing could come of them any more, since an erased appeal takes nothing from its source.
    """
    own = [and_(_OF.form == form, _OF.key == key) for form, key in appeal.external_ids.items() if key]
    if own:
        connection.execute(update(QUARANTINE).where(or_(*own)).values(cells=NO_CELLS, state=SET_ASIDE))


def forget_settled(connection: Connection, now: int) -> None:
    """Empty rows that were mended or set aside long ago, with a key or without.

    The mark stays, which quotes nothing: without it the same file would bring them again.
    """
    old = (_OF.at < now - SETTLED_SECONDS) & _OF.state.in_((MENDED, SET_ASIDE))
    filled = or_(_OF.cells != NO_CELLS, _OF.number != "", _OF.key != "")
    connection.execute(update(QUARANTINE).where(old, filled).values(cells=NO_CELLS, number="", key=""))


def count_unmended(connection: Connection, before: datetime) -> int:
    """How many rows that came ``before`` this instant still wait for somebody to mend them."""
    query = select(func.count()).select_from(QUARANTINE).where(_unmended(before))
    return int(connection.execute(query).scalar_one())


def forget_unmended(centre: Centre, before: datetime, reason: str) -> int:
    """Drop the rows that came ``before`` this instant and that nobody has mended; returns how many were.

    They go with their marks, so that their file, imported anew, brings them again. The journal keeps how many
    of which file there were, and ``reason``.
    """
    told = (IMPORT_JOB.c.sha256, _OF.form, func.count().label("rows"))
    files = select(*told).join(IMPORT_JOB, IMPORT_JOB.c.id == _OF.job).where(_unmended(before))
    with unit_of_work(centre.database, centre.rulebook) as work:
        found = work.connection.execute(files.group_by(*told[:2]).order_by(*told[:2])).all()
        for sha256, form, rows in found:
            facts = {"source": form, "file_sha256": sha256, "rows": rows, "reason": reason}
            work.record(journal.entry_of(work.now, FORGET_ROWS, facts))
        over = (_OF.at < seconds(before)) & _OF.state.in_(WAITING)
        work.connection.execute(delete(QUARANTINE).where(over))
        return sum(rows for _, _, rows in found)


def _unmended(before: datetime) -> ColumnElement[bool]:
    return and_(_OF.state == OPEN, _OF.at < seconds(before))
