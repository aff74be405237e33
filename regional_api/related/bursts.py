"""Bursts: topics and places with many more open appeals than usual are proposed as a mass incident.

One reading of the last weeks along the index by registration counts all topics and places at once. What is
proposed, led or was dismissed lately is not proposed again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, case, func, insert, select, update
from uuid6 import uuid7

from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.profile import BurstRule
from cur_tui.domain.related.bursts import Level, is_burst
from cur_tui.domain.vocabulary import HEAD_FLAG
from regional_api.clock import seconds
from regional_api.database.connections import Database, follow
from regional_api.database.indexes import REGISTERED
from regional_api.database.lease import take_turns
from regional_api.database.tables import APPEAL
from regional_api.related.tables import MASS_INCIDENT

PROPOSED: Final = "proposed"
LED: Final = "led"
DISMISSED: Final = "dismissed"
OVER: Final = "over"
STATES: Final = (PROPOSED, LED, DISMISSED, OVER)

_HOUR: Final = 3_600
_ROW = MASS_INCIDENT.c


@dataclass(frozen=True, slots=True)
class Cell:
    """One topic and place: how many came lately, how many are usual, and the first of the late ones."""

    topic: str
    municipality: str
    level: Level
    first: int


def refresh(database: Database, rule: BurstRule, now: datetime) -> int:
    """Propose what is a burst at ``now``, and end proposals that are none any more; how many are new."""
    with database.reading() as connection:
        cells = {(cell.topic, cell.municipality): cell for cell in _cells(connection, rule, now)}
        fresh, gone = _to_do(connection, cells, rule, now)
    if not fresh and not gone:
        return 0
    with database.writing() as connection:
        # Every process looks, and after a commit all of them at once: what one has written the next one sees.
        take_turns(connection)
        fresh, gone = _to_do(connection, cells, rule, now)
        if gone:
            connection.execute(_state(gone, OVER, now))
        for cell in fresh:
            _propose(connection, cell, rule, now)
    return len(fresh)


def led_heads(connection: Connection) -> set[int]:
    """The keys of the appeals that lead an incident now."""
    return set(connection.execute(select(_ROW.head).where(_ROW.state == LED)).scalars())


def follow_head(connection: Connection, pk: int, appeal: Appeal, now: datetime) -> None:
    """Keep the incident of an appeal that leads, or led, in step with it."""
    led = connection.execute(select(_ROW.id).where(_ROW.head == pk, _ROW.state == LED)).scalar_one_or_none()
    leads = HEAD_FLAG in appeal.flags and appeal.state.is_open
    if led is not None:
        if not leads:
            connection.execute(_state([led], OVER, now))
        return
    if not leads:
        return
    place = (_ROW.topic == appeal.topic) & (_ROW.municipality == appeal.place.municipality)
    found = connection.execute(select(_ROW.id).where(_ROW.state == PROPOSED, place)).scalars().first()
    if found is not None:
        connection.execute(
            update(MASS_INCIDENT).where(_ROW.id == found).values(state=LED, head=pk, until=None)
        )
        return
    values = {"topic": appeal.topic, "municipality": appeal.place.municipality, "head": pk, "usual": 0.0}
    since = seconds(appeal.registered_at)
    _insert(connection, **values, state=LED, since=since, found_at=seconds(now))


def dismiss(connection: Connection, id: str, now: datetime) -> bool:
    """Dismiss a proposal; whether it was one. Messages that come later may make another."""
    done = connection.execute(
        update(MASS_INCIDENT)
        .where(_ROW.id == id, _ROW.state == PROPOSED)
        .values(state=DISMISSED, until=seconds(now))
    )
    return bool(done.rowcount)


def _cells(connection: Connection, rule: BurstRule, now: datetime) -> list[Cell]:
    window = rule.window_hours * _HOUR
    begin = seconds(now) - window
    first = begin - rule.baseline_days * 24 * _HOUR
    late = APPEAL.c.registered_at > begin
    # Members of an incident are accounted for: they must not make another one when their head is closed.
    open_late = late & (APPEAL.c.is_open == 1) & APPEAL.c.mass_incident.is_(None)
    counted = func.sum(case((open_late, 1), else_=0)).label("late")
    query: Select[Any] = (
        select(
            APPEAL.c.topic,
            APPEAL.c.municipality,
            counted,
            func.sum(case((late, 0), else_=1)).label("before"),
            func.min(case((open_late, APPEAL.c.pk))).label("first"),
        )
        .where(
            APPEAL.c.registered_at > first,
            APPEAL.c.registered_at <= seconds(now),
            APPEAL.c.topic.is_not(None),
            APPEAL.c.municipality.is_not(None),
        )
        .group_by(APPEAL.c.topic, APPEAL.c.municipality)
        .having(counted >= rule.least)
    )
    rows = connection.execute(follow(query, APPEAL, REGISTERED)).all()
    oldest = connection.execute(select(func.min(APPEAL.c.registered_at))).scalar_one()
    # A register that is younger than the usual weeks knows its usual level by what it has.
    windows = max(1.0, (begin - max(first, oldest or begin)) / window)
    return [
        Cell(row.topic, row.municipality, Level(row.late, row.before / windows), row.first) for row in rows
    ]


def _to_do(
    connection: Connection, cells: dict[tuple[str, str], Cell], rule: BurstRule, now: datetime
) -> tuple[list[Cell], list[str]]:
    """The bursts that are to be proposed, and the ids of what is none any more."""
    known = connection.execute(select(MASS_INCIDENT).where(_ROW.state != OVER)).all()
    fresh = [cell for cell in cells.values() if _is_new(cell, known, rule, now)]
    return fresh, [row.id for row in known if _is_gone(row, cells, rule, now)]


def _is_new(cell: Cell, known: Sequence[Row[Any]], rule: BurstRule, now: datetime) -> bool:
    same = [row for row in known if (row.topic, row.municipality) == (cell.topic, cell.municipality)]
    return is_burst(cell.level, rule) and not any(
        row.state in (PROPOSED, LED) or _is_lately(row, rule, now) for row in same
    )


def _is_gone(row: Row[Any], cells: dict[tuple[str, str], Cell], rule: BurstRule, now: datetime) -> bool:
    if row.state == DISMISSED:
        return not _is_lately(row, rule, now)
    return row.state == PROPOSED and (row.topic, row.municipality) not in cells


def _is_lately(row: Row[Any], rule: BurstRule, now: datetime) -> bool:
    """Whether a dismissal still covers what the window holds."""
    return row.state == DISMISSED and now.timestamp() - (row.until or 0) < rule.window_hours * _HOUR


def _propose(connection: Connection, cell: Cell, rule: BurstRule, now: datetime) -> None:
    since = now - timedelta(hours=rule.window_hours)
    _insert(
        connection,
        topic=cell.topic,
        municipality=cell.municipality,
        head=cell.first,
        usual=round(cell.level.usual, 2),
        state=PROPOSED,
        since=seconds(since),
        found_at=seconds(now),
    )


def _insert(connection: Connection, **values: object) -> None:
    connection.execute(insert(MASS_INCIDENT).values(id=str(uuid7()), until=None, **values))


def _state(ids: Sequence[str], state: str, now: datetime) -> Any:
    return update(MASS_INCIDENT).where(_ROW.id.in_(ids)).values(state=state, until=seconds(now))
