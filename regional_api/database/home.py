"""Which PostgreSQL database this is, and whether it still is the one that a process began with.

Behind one address another database may answer from one moment to the next: a replica that took over, or one
that was restored. It has gone back in time, and only a start settles what follows from that
(:mod:`regional_api.database.epoch`); a process that went on would give out numbers a second time. So it ends.
"""

from collections.abc import Callable
from typing import Any, Final

from regional_api.log import log_event

EMBEDDED: Final = "embedded"
"""What a database in a file is called: beside that lies a mark, which tells of a restore."""
HIDDEN: Final = "unknown"
"""What is known where a managed service forbids the look; its operator alone tells of a restore then."""

# The timeline of what is being written: that of the last checkpoint stays the old one for a while after a
# replica took over.
_NAME: Final = (
    "SELECT s.system_identifier || '/' "
    "|| ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int || '/' || d.oid "
    "FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()"
)


def _nothing() -> None:
    pass


class Home:
    """The database that a process works with: the one that it was connected to first."""

    def __init__(self) -> None:
        self.name: str = EMBEDDED
        """What it is called, from the first connection on."""
        self.left: Callable[[], None] = _nothing
        """Called, from any thread, when another one is found in its place."""
        self._is_known = False

    def check(self, connection: Any, dbapi: Any) -> None:
        """Look where a new ``connection`` of PostgreSQL's driver ``dbapi`` leads.

        Raises the driver's ``OperationalError`` when that is another database than before, or one that only
        follows yet: nothing may be read from it as if it were the same.
        """
        try:
            found = _name(connection, dbapi)
        finally:
            connection.rollback()
        if not self._is_known:
            self.name, self._is_known = found, True
        elif found != self.name:
            log_event("another_database")
            self.left()
            raise dbapi.OperationalError("another database answers at the address")


def _name(connection: Any, dbapi: Any) -> str:
    with connection.cursor() as cursor:
        if cursor.execute("SELECT pg_is_in_recovery()").fetchone()[0]:
            raise dbapi.OperationalError("the database only follows another one")
        try:
            return str(cursor.execute(_NAME).fetchone()[0])
        except dbapi.ProgrammingError:
            return HIDDEN
