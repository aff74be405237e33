"""One process at a time: a row in the database that whoever works renews, and that runs out by itself.

The lease saves work and guards nothing. Two that hold it at once, by clocks that differ, still tell each
alert once, since what was told is part of the appeal that both lock.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, or_, select, update

from regional_api.clock import seconds
from regional_api.database import Database, upsert
from regional_api.escalating.tables import ESCALATION_LEASE

SECONDS: Final = 90
"""How long a process that was killed keeps the others waiting."""


def take_lease(database: Database, shard: str, holder: str, now: datetime) -> bool:
    """Take the lease or renew it; False while another has it."""
    with database.writing() as connection:
        # Made first, so that two who come together meet on one row.
        first = upsert(connection, ESCALATION_LEASE).values(shard=shard, holder=holder, until=0)
        connection.execute(first.on_conflict_do_nothing())
        free = or_(ESCALATION_LEASE.c.holder == holder, ESCALATION_LEASE.c.until <= seconds(now))
        taken = connection.execute(
            update(ESCALATION_LEASE)
            .where(ESCALATION_LEASE.c.shard == shard, free)
            .values(holder=holder, until=seconds(now) + SECONDS)
        )
        return taken.rowcount == 1


def drop_lease(database: Database, shard: str, holder: str) -> None:
    """Give the lease back, if one has it."""
    with database.writing() as connection:
        own = (ESCALATION_LEASE.c.shard == shard) & (ESCALATION_LEASE.c.holder == holder)
        connection.execute(delete(ESCALATION_LEASE).where(own))


def holder_of(database: Database, shard: str) -> str | None:
    """Who has the lease now, or had it last."""
    with database.reading() as connection:
        query = select(ESCALATION_LEASE.c.holder).where(ESCALATION_LEASE.c.shard == shard)
        return connection.execute(query).scalar_one_or_none()
