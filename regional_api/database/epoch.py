"""The epoch of the feed: a new one whenever the database has gone back in time.

A restored backup hands out numbers again that clients have already seen for something else. So the highest
number ever shown is also kept *outside* the database, with the epoch it was shown in: in a small file beside
an SQLite database; on PostgreSQL a restore is told by the cluster's identity, its timeline and the database's
own. The epoch belongs to it, since a backup that is restored twice brings the epoch back in which clients had
read on before the first restore, and nothing shown in between need have been beyond its numbers.
"""

import os
import secrets
import threading
from pathlib import Path

from sqlalchemy import Connection

from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.database.connections import Database
from regional_api.database.schema import read_meta, write_meta
from regional_api.record import journal
from regional_api.unit_of_work import horizon, unit_of_work

_WIDTH = 20


class Mark:
    """The high-water mark beside an SQLite database; on PostgreSQL there is nothing to keep."""

    def __init__(self, path: Path | None, value: int = 0, epoch: str | None = None) -> None:
        self._path = path
        self._value = value
        self.epoch = epoch
        """The epoch in which it was shown; None: not known."""
        self._lock = threading.Lock()

    @classmethod
    def beside(cls, database: Database) -> "Mark":
        """The mark of ``database`` as it was left."""
        if database.path is None:
            return cls(None)
        path = database.path.with_name(database.path.name + ".mark")
        try:
            value, _, epoch = path.read_text("ascii").partition(" ")
            return cls(path, int(value), epoch or None)
        except (FileNotFoundError, ValueError):
            return cls(path)

    @property
    def value(self) -> int:
        """The highest number that was shown to anybody."""
        return self._value

    def raise_to(self, seq: int) -> None:
        """Remember that ``seq`` is about to be shown. A plain write: it outlives a killed process."""
        if seq > self._value:
            with self._lock:
                # Looked at again: a higher one may have been written while this one waited.
                if seq > self._value:
                    self._put(seq, unless_higher=True)

    def reset(self, seq: int, epoch: str) -> None:
        """Begin again at ``seq``, in ``epoch``."""
        with self._lock:
            self.epoch = epoch
            self._put(seq, f" {epoch}")

    def _put(self, seq: int, more: str = "", *, unless_higher: bool = False) -> None:
        if self._path is not None:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _lock(handle)
                if not unless_higher or seq > int(os.pread(handle, _WIDTH, 0) or b"0"):
                    os.pwrite(handle, f"{seq:0{_WIDTH}d}{more}".encode("ascii"), 0)
            finally:
                os.close(handle)
        self._value = seq


def _lock(handle: int) -> None:
    """Against other processes of the server, which exist where there is such a lock."""
    if hasattr(os, "lockf"):
        os.lockf(handle, os.F_LOCK, 0)


def settle_epoch(database: Database, shard: str) -> tuple[str, Mark]:
    """The epoch in force; a new one is begun when the database turns out to be older than what was shown."""
    mark = Mark.beside(database)
    with database.reading() as connection:
        epoch, identity = read_meta(connection, "epoch"), database.home.name
        last = horizon(connection, shard)
        known = _known_identity(connection)
    is_older = last < mark.value or mark.epoch not in (None, epoch) or known not in (None, identity)
    if is_older or known is None:
        with database.writing() as connection:
            if is_older:
                epoch = secrets.token_hex(8)
                write_meta(connection, "epoch", epoch)
            write_meta(connection, "identity", identity)
    if is_older or mark.epoch != epoch:
        mark.reset(last, epoch)
    return epoch, mark


def begin_epoch(database: Database, rulebook: Rulebook) -> str:
    """Begin a new epoch, for a restore that the database itself does not tell of; returns the epoch.

    Servers take it over when they start; whoever was signed in before reads everything anew then and offers
    again what the database has forgotten.
    """
    epoch = secrets.token_hex(8)
    with unit_of_work(database, rulebook) as work:
        write_meta(work.connection, "epoch", epoch)
        write_meta(work.connection, "identity", database.home.name)
        work.record(journal.entry_of(work.now, "begin_epoch", {"epoch": epoch}))
    with database.reading() as connection:
        last = horizon(connection, rulebook.region.code)
    Mark.beside(database).reset(last, epoch)
    return epoch


def _known_identity(connection: Connection) -> str | None:
    try:
        return read_meta(connection, "identity")
    except LookupError:
        return None
