"""Following the feed: for each appeal that changed, when it must be looked at next.

The alarms and the position up to which they were set change in one transaction, so a process that is killed
goes on where it was. A region whose rules have changed, and one that never escalated before, goes through its
open appeals once; low ratings from before are left to the lists.
"""

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Select, and_, delete, or_, select

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.domain.escalation import next_look
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.time.calendar import load_calendar
from regional_api.centre import Centre
from regional_api.database.connections import upsert
from regional_api.database.indexes import IS_OPEN
from regional_api.database.schema import write_meta
from regional_api.database.tables import APPEAL, META
from regional_api.escalating.tables import ESCALATION
from regional_api.unit_of_work import horizon

_KEY: Final = "escalation"
"""Meta: the position."""
_CHUNK: Final = 200
_COLUMNS: Final = (APPEAL.c.pk, APPEAL.c.seq, APPEAL.c.doc)


class Position(msgspec.Struct, frozen=True):
    """``walking``: the open appeals are gone through, behind ``pk``; the feed goes on from ``seq`` then.

    Later every record up to ``seq`` is known, and of the next transaction those up to ``pk``.
    """

    rules: str
    seq: int
    pk: int = 0
    walking: bool = False


def follow(centre: Centre, now: datetime) -> bool:
    """Set the alarms of the next appeals that changed; False when there were none."""
    with centre.database.snapshot() as connection:
        position = _position(connection, centre)
        rows = connection.execute(_next_rows(position)).all()
    looks = [(row.pk, _look(centre, row, now)) for row in rows]
    with centre.database.writing() as connection:
        set_alarms(connection, looks)
        after = _behind(position, rows)
        if after is not None:
            write_meta(connection, _KEY, msgspec.json.encode(after).decode())
    return after is not None


def set_alarms(connection: Connection, looks: Sequence[tuple[int, datetime | None]]) -> None:
    """Look at each appeal at its time, and at those with None no more."""
    wanted = [{"pk": pk, "at": math.ceil(at.timestamp())} for pk, at in looks if at is not None]
    if wanted:
        alarm = upsert(connection, ESCALATION)
        connection.execute(
            alarm.on_conflict_do_update(index_elements=["pk"], set_={"at": alarm.excluded.at}), wanted
        )
    gone = [pk for pk, at in looks if at is None]
    if gone:
        connection.execute(delete(ESCALATION).where(ESCALATION.c.pk.in_(gone)))


def _position(connection: Connection, centre: Centre) -> Position:
    kept = connection.execute(select(META.c.value).where(META.c.key == _KEY)).scalar_one_or_none()
    position = None if kept is None else msgspec.json.decode(kept, type=Position)
    last, rules = horizon(connection, centre.shard), _rules(centre.region)
    # A database from a backup may know less than the position that it keeps.
    if position is None or position.rules != rules or position.seq > last:
        return Position(rules, last, walking=True)
    return position


def _rules(region: Region) -> str:
    """What the alarms depend on besides the appeals: the steps, the working hours and the calendar."""
    told = (region.escalation, region.working_hours, region.region_days_off, load_calendar().horizon)
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _next_rows(position: Position) -> Select[Any]:
    if position.walking:
        return select(*_COLUMNS).where(IS_OPEN, APPEAL.c.pk > position.pk).order_by(APPEAL.c.pk).limit(_CHUNK)
    behind = or_(APPEAL.c.seq > position.seq, and_(APPEAL.c.seq == position.seq, APPEAL.c.pk > position.pk))
    return (
        select(*_COLUMNS)
        .where(behind, APPEAL.c.seq >= position.seq)
        .order_by(APPEAL.c.seq, APPEAL.c.pk)
        .limit(_CHUNK)
    )


def _behind(position: Position, rows: Sequence[Row[Any]]) -> Position | None:
    """The position behind ``rows``; None when it is the same."""
    if position.walking:
        if len(rows) < _CHUNK:
            # All records of that transaction were there when the walk began.
            return Position(position.rules, position.seq, _LAST_PK)
        return msgspec.structs.replace(position, pk=rows[-1].pk)
    return Position(position.rules, rows[-1].seq, rows[-1].pk) if rows else None


_LAST_PK: Final = 2**62


def _look(centre: Centre, row: Row[Any], now: datetime) -> datetime | None:
    return next_look(decode_appeal(unpack(bytes(row.doc))), centre.rulebook, now)
