"""Work that one process of the server does at a time: a row that whoever works renews, and that runs out by
itself.

A lease saves work and guards nothing. Two may hold it at once, by clocks that differ or because one of them
was asleep: whatever is done under it must be right even then, by what it locks and looks at again.
"""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, delete, or_, select, update

from regional_api.clock import seconds
from regional_api.database.connections import Database, upsert
from regional_api.database.tables import LEASE, META


class Lease:
    """One process's part in the lease of ``work``. Not for use by several threads at once."""

    def __init__(self, database: Database, work: str) -> None:
        self._database = database
        self._work = work
        self._holder = uuid4().hex
        self._until = 0

    def take(self, now: datetime, lasts: int) -> bool:
        """Have it for ``lasts`` seconds from ``now`` on, or for half of that at least; False while another
        process has it.
        """
        at = seconds(now)
        if lasts // 2 < self._until - at <= lasts:
            return True
        self._until = 0
        if self._is_free(at):
            with self._database.writing() as connection:
                if self._taken(connection, at, at + lasts):
                    self._until = at + lasts
        return self._until > 0

    def drop(self) -> None:
        """Let another process go on at once."""
        self._until = 0
        own = (LEASE.c.work == self._work) & (LEASE.c.holder == self._holder)
        with self._database.reading() as connection:
            held = connection.execute(select(LEASE.c.work).where(own)).first() is not None
        if held:
            with self._database.writing() as connection:
                connection.execute(delete(LEASE).where(own))

    def _is_free(self, at: int) -> bool:
        """Looked at without the writer's turn: mostly another process has it."""
        others = (LEASE.c.work == self._work) & (LEASE.c.holder != self._holder) & (LEASE.c.until > at)
        with self._database.reading() as connection:
            return connection.execute(select(LEASE.c.work).where(others)).first() is None

    def _taken(self, connection: Connection, at: int, until: int) -> bool:
        # Made first, so that two who come together meet on one row.
        first = upsert(connection, LEASE).values(work=self._work, holder=self._holder, until=0)
        connection.execute(first.on_conflict_do_nothing())
        free = or_(LEASE.c.holder == self._holder, LEASE.c.until <= at)
        mine = update(LEASE).where(LEASE.c.work == self._work, free)
        return connection.execute(mine.values(holder=self._holder, until=until)).rowcount == 1


def take_turns(connection: Connection) -> None:
    """Keep others who call this waiting until the transaction ends: what a lease does not guard. On SQLite
    there is one writer anyway.
    """
    # A row that is always there.
    connection.execute(select(META.c.value).where(META.c.key == "schema").with_for_update()).scalar_one()
