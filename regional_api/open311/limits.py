"""How often somebody may call: a bucket that refills steadily, kept in the database for all processes.

An address that calls without a key has a bucket as well, by a keyed hash; a bucket that has had a minute to
refill is full and need not be kept.
"""

import hashlib
import math
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select, update

from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.database.connections import upsert
from regional_api.open311.tables import OPEN311_USE
from regional_api.problems import RefusedWith

OF_ADDRESS: Final = 60
"""Calls a minute without a key: an office or a household behind one address."""
_CALL: Final = 1_000
_MINUTE: Final = 60_000
_SECONDS: Final = 60


def take_call(centre: Centre, subject: str, per_minute: int, now: datetime) -> None:
    """Count one call of ``subject``. Raises ``too_many_attempts`` when none is left, and counts nothing."""
    instant = int(now.timestamp() * 1_000)
    with centre.database.writing() as connection:
        left = _left(connection, subject, per_minute, instant)
        if left < _CALL:
            raise too_many(math.ceil((_CALL - left) * _SECONDS / (per_minute * _CALL)))
        connection.execute(
            update(OPEN311_USE).where(OPEN311_USE.c.subject == subject).values(left=left - _CALL, at=instant)
        )


def too_many(seconds: int) -> Refused:
    """The refusal to somebody who has to wait so long."""
    return RefusedWith("too_many_attempts", headers={"Retry-After": str(seconds)}, seconds=str(seconds))


def subject_of(centre: Centre, address: str) -> str:
    """What an address is counted by."""
    data = f"open311\0{address}".encode(errors="surrogatepass")
    return hashlib.blake2b(data, digest_size=16, key=centre.cursor_key).hexdigest()


def _left(connection: Connection, subject: str, per_minute: int, instant: int) -> int:
    """Thousandths of a call in the bucket now, held until the transaction ends."""
    full = per_minute * _CALL
    first = upsert(connection, OPEN311_USE).values(subject=subject, left=full, at=instant)
    if connection.execute(first.on_conflict_do_nothing()).rowcount:
        _forget(connection, subject, instant)
    row = connection.execute(
        select(OPEN311_USE).where(OPEN311_USE.c.subject == subject).with_for_update()
    ).one()
    # A clock that was set back refills nothing.
    elapsed = max(instant - row.at, 0)
    left: int = row.left + elapsed * per_minute // _SECONDS
    return min(full, left)


def _forget(connection: Connection, spared: str, instant: int) -> None:
    full = (
        select(OPEN311_USE.c.subject)
        .where(OPEN311_USE.c.at < instant - _MINUTE, OPEN311_USE.c.subject != spared)
        # Two that forget at once must not wait for each other.
        .with_for_update(skip_locked=True)
    )
    connection.execute(delete(OPEN311_USE).where(OPEN311_USE.c.subject.in_(full)))
