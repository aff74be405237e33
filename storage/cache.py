"""The cache of one profile on one machine: opened here, read through ``reader``, written through ``writer``.

Opening an existing cache loads neither SQLModel nor SQLAlchemy: the first screen is painted from ``reader``
alone, and ``writer`` brings them with its first use.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

from cur_tui.domain.refusal import Refused
from storage.changes import Changes
from storage.database import damage
from storage.database.connection import REKEYED, connect, prepare_file
from storage.database.lock import FileLock
from storage.database.schema import SCHEMA
from storage.errors import CacheError
from storage.read_connections import ReadConnections
from storage.reader import Reader

if TYPE_CHECKING:
    from cur_tui.domain.commands import Command
    from cur_tui.domain.model import Appeal
    from storage.writing.core import Replay
    from storage.writing.writer import Writer


def _nobody_replays(appeal: "Appeal", command: "Command") -> "Appeal":
    """Before anybody has signed in no rule can be asked: commands stay as they are, with a doubt."""
    raise Refused("token_invalid", command=command.type, number=appeal.number)


class Cache:
    """An open cache. Close it when done; its lock ends with the process in any case."""

    def __init__(self, path: Path, key: bytes, lock: FileLock | None, connections: ReadConnections) -> None:
        self.path = path
        self.changes = Changes()
        self._key: bytes | None = key
        self._lock = lock
        self._replay: Replay = _nobody_replays
        self._writer: Writer | None = None
        self._making_writer = threading.Lock()
        self._connections = connections
        self.reader = Reader(connections)

    @classmethod
    def open(cls, path: Path, key: bytes, *, read_only: bool = False) -> Self:
        """Open the cache in ``path`` with its raw 32-byte ``key``, making it when it is not there.

        ``read_only`` opens an existing cache beside the workstation that holds it. Raises
        :class:`storage.errors.CacheBusy` when another process has it for writing, and
        :class:`storage.errors.CacheError` for a wrong key, a damaged file, a newer schema, an unsafe place.
        A damaged cache is made anew by :func:`storage.salvage.rebuild.rebuild`.
        """
        prepare_file(path, create=not read_only)
        lock = None if read_only else FileLock.take(path.with_name(path.name + ".lock"))
        try:
            if lock is not None:  # so nobody changes the key at this moment: what lies there was left behind
                path.with_name(path.name + REKEYED).unlink(missing_ok=True)
                damage.check(path)
            return cls(path, key, lock, _connected(path, key, may_write=not read_only))
        except BaseException as error:
            if lock is not None:
                lock.release()
            if isinstance(error, CacheError) and error.code == "cache_wrong_key":
                _look_closer(path, key)
            raise

    @staticmethod
    def check_free(path: Path) -> None:
        """Raise :class:`storage.errors.CacheBusy` while another process has the cache open for writing."""
        if path.exists():
            FileLock.take(path.with_name(path.name + ".lock")).release()

    @property
    def read_only(self) -> bool:
        """Whether this process may not write."""
        return self._lock is None

    @property
    def writer(self) -> "Writer":
        """The one writer, made on first use. Raises :class:`CacheError` ``cache_read_only``."""
        if self._lock is None:
            raise CacheError("cache_read_only")
        with self._making_writer:
            if self._writer is None:
                if self._key is None:
                    raise CacheError("cache_sealed")
                from storage.writing.writer import Writer

                self._writer = Writer(self.path, self._key, self.changes, self._replay)
            return self._writer

    def replay_with(self, replay: "Replay") -> None:
        """Replay pending commands by ``replay``: ``decide`` bound to the actor, the rulebook and the time."""
        self._replay = replay
        with self._making_writer:
            if self._writer is not None:
                self._writer.replay_with(replay)

    def seal(self) -> None:
        """Finish writing and reading and forget the key, keeping other processes out.

        Until :meth:`unseal` every use raises :class:`CacheError` ``cache_sealed``.
        """
        with self._making_writer:
            self._key = None
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self._connections.close()

    def unseal(self, key: bytes) -> None:
        """Go on after :meth:`seal`. Raises :class:`CacheError` for a wrong key and stays sealed."""
        self._connections.reopen(key)
        with self._making_writer:
            self._key = key

    def close(self) -> None:
        """Finish writing and reading, and give the lock back. Closing twice is harmless."""
        self.seal()
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _look_closer(path: Path, key: bytes) -> None:
    """A damaged first page looks like a wrong key; raises ``cache_damaged`` where others know the key."""
    from storage.salvage.pages import belongs_to

    if belongs_to(path, key):
        raise CacheError(damage.DAMAGED, path=str(path)) from None


def _connected(path: Path, key: bytes, *, may_write: bool) -> ReadConnections:
    """Connections to a file of the present schema; the one that looked at it stays, if it need not change."""
    connections = ReadConnections(path, key)
    try:
        if _is_present(connections.user_version(), may_write=may_write):
            return connections
    except BaseException:
        connections.close()
        raise
    connections.close()
    from storage.database.migrations import migrate

    writer = connect(path, key, writer=True)
    try:
        migrate(writer)
    finally:
        writer.close()
    return ReadConnections(path, key)


def _is_present(found: int, *, may_write: bool) -> bool:
    if found > SCHEMA:
        raise CacheError("cache_newer", found=str(found))
    if found != SCHEMA and not may_write:
        raise CacheError("cache_older" if found else "cache_missing")
    return found == SCHEMA
