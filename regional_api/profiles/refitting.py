"""After a new edition: appeals whose topic became restricted, or stopped being so, take their new place.

In short transactions, so that nobody waits for the whole; where it stands is kept beside the appeals, and
whichever process comes first goes on after one that died. Changes made meanwhile go by the new edition.
"""

from typing import Final

import msgspec
from sqlalchemy import Connection, delete, select, true

from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.database.connections import Database
from regional_api.database.schema import write_meta
from regional_api.database.store import load
from regional_api.database.tables import APPEAL, META
from regional_api.unit_of_work import unit_of_work

_KEY: Final = "refit"
_CHUNK: Final = 200


class Refit(msgspec.Struct, frozen=True):
    """What is left to do: appeals behind ``pk`` on these topics, or with ``everything`` of any topic."""

    topics: tuple[str, ...] = ()
    everything: bool = False
    pk: int = 0


def begin_refit(connection: Connection, topics: frozenset[str], *, everything: bool) -> None:
    """Have the appeals on ``topics`` put down anew, with what an earlier edition has left to do."""
    left = _left(connection) or Refit()
    if topics or everything:
        wanted = tuple(sorted({*left.topics, *topics}))
        _keep(connection, Refit(wanted, everything or left.everything))


def is_refit_due(connection: Connection) -> bool:
    """Whether anything is left to do."""
    return _left(connection) is not None


def refit_next(database: Database, rulebook: Rulebook) -> int | None:
    """A bounded step: how many appeals took a new place. None when nothing is left to do."""
    with database.reading() as connection:
        if not is_refit_due(connection):
            return None
    with unit_of_work(database, rulebook) as work:
        left = _left(work.connection, lock=True)
        if left is None:
            return None
        rows = work.connection.execute(
            select(APPEAL.c.pk, APPEAL.c.id)
            .where(APPEAL.c.pk > left.pk, true() if left.everything else APPEAL.c.topic.in_(left.topics))
            .order_by(APPEAL.c.pk)
            .limit(_CHUNK)
        ).all()
        done = 0
        for stored in load(work.connection, [row.id for row in rows], lock=True).values():
            if left.everything or work.rulebook.is_restricted(stored.appeal.topic) != stored.place.restricted:
                work.refit(stored)
                done += 1
        if len(rows) < _CHUNK:
            work.connection.execute(delete(META).where(META.c.key == _KEY))
        else:
            _keep(work.connection, msgspec.structs.replace(left, pk=rows[-1].pk))
    return done


def _left(connection: Connection, *, lock: bool = False) -> Refit | None:
    query = select(META.c.value).where(META.c.key == _KEY)
    kept = connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    return None if kept is None else msgspec.json.decode(kept, type=Refit)


def _keep(connection: Connection, refit: Refit) -> None:
    write_meta(connection, _KEY, msgspec.json.encode(refit).decode())
