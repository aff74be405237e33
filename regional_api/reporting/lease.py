"""Who makes which report: a row for each moment at which one is due, which one process takes.

The row saves work. A process that comes back after its lease ran out, while another has taken the report
over, writes the same files under the same names, and letters are queued once whoever queues them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from regional_api.clock import seconds
from regional_api.database.connections import Database, upsert
from regional_api.reporting.tables import DONE, FAILED, REPORT_LETTER, REPORT_RUN, RUNNING, SKIPPED, WAITING

SECONDS: Final = 900
"""How long a process that was killed keeps a report from the others; more than any report takes."""


@dataclass(frozen=True, slots=True)
class Run:
    """One report that this process is to make; ``tries``: attempts before this one."""

    id: str
    due: int
    tries: int


def take_run(database: Database, id: str, due: datetime, holder: str, now: datetime) -> Run | None:
    """The report ``id`` that was ``due``, if it is to be made and nobody else does; else None.

    What is seen for the first time begins with its next moment: nobody had ordered it for the last one.
    """
    moment = seconds(due)
    with database.writing() as connection:
        last = connection.execute(
            select(func.max(REPORT_RUN.c.due)).where(REPORT_RUN.c.id == id)
        ).scalar_one_or_none()
        if last is None:
            _add(connection, id, moment, SKIPPED, holder, 0)
            return None
        if moment > last:
            added = _add(connection, id, moment, RUNNING, holder, seconds(now) + SECONDS)
            return Run(id, moment, 0) if added else None
        if moment < last:
            return None
        lapsed = or_(REPORT_RUN.c.state == RUNNING, REPORT_RUN.c.state == WAITING)
        taken = connection.execute(
            update(REPORT_RUN)
            .where(_is(id, moment), lapsed, REPORT_RUN.c.until <= seconds(now))
            .values(state=RUNNING, holder=holder, until=seconds(now) + SECONDS, tries=REPORT_RUN.c.tries + 1)
            .returning(REPORT_RUN.c.tries)
        ).scalar_one_or_none()
        return None if taken is None else Run(id, moment, taken)


def finish(database: Database, run: Run, files: Sequence[str], letters: Sequence[dict[str, object]]) -> None:
    """The files are in the folder; let the letters go."""
    with database.writing() as connection:
        connection.execute(
            update(REPORT_RUN)
            .where(_is(run.id, run.due))
            .values(state=DONE, files="\n".join(files), reason=None)
        )
        if letters:
            connection.execute(upsert(connection, REPORT_LETTER).on_conflict_do_nothing(), list(letters))


def fail(database: Database, run: Run, reason: str, again_at: int | None) -> None:
    """It could not be made; it is tried again at ``again_at``, or never."""
    state = FAILED if again_at is None else WAITING
    with database.writing() as connection:
        connection.execute(
            update(REPORT_RUN)
            .where(_is(run.id, run.due))
            .values(state=state, reason=reason, until=again_at or 0)
        )


def _add(connection: Connection, id: str, due: int, state: str, holder: str, until: int) -> bool:
    values = {"id": id, "due": due, "state": state, "holder": holder, "until": until}
    statement = upsert(connection, REPORT_RUN).values(**values, tries=0, files="", reason=None)
    added = connection.execute(statement.on_conflict_do_nothing().returning(REPORT_RUN.c.id))
    return added.scalar_one_or_none() is not None


def _is(id: str, due: int) -> ColumnElement[bool]:
    return and_(REPORT_RUN.c.id == id, REPORT_RUN.c.due == due)
