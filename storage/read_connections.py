"""Connections for reading: one for the main thread, which draws the screen, one shared by all others."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Final, cast

from storage.database.connection import Connection, connect, user_version
from storage.database.damage import watched
from storage.errors import CacheError, ReadStopped, TooLong, driver_errors, is_interrupted

Row = tuple[object, ...]
Params = Sequence[object] | Mapping[str, object]
Stop = Callable[[], bool]

_STEPS_BETWEEN_LOOKS: Final = 10_000
"""Steps of the database's machine between two looks at whether a read is still wanted: under a millisecond
inside an index, ten where each row is fetched. A look waits for the interpreter, so there are not more."""


class Snapshot:
    """Statements on one state of the cache, whatever is written meanwhile."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        """Every row of the answer; no cursor stays open behind it."""
        return self._connection.execute(sql, cast("Sequence[Any]", params)).fetchall()

    def one(self, sql: str, params: Params = ()) -> Row | None:
        """The first row, or None."""
        rows = self.all(sql, params)
        return rows[0] if rows else None


class ReadConnections:
    """Runs read statements to their end. No transaction outlives its read: the log would grow.

    The screen's thread has a connection for itself, so that a long list read by a worker never delays it; the
    workers share the second one, which bounds memory however many threads there are.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key: bytes | None = key
        # Not the thread that opens the cache: the workstation does that in a worker, and draws in this one.
        self._owner = threading.main_thread().ident
        self._own: Connection | None = connect(path, key, writer=False)
        self._own_lock = threading.Lock()
        self._shared: Connection | None = None
        self._shared_lock = threading.Lock()

    @contextmanager
    def snapshot(self, *, patience: float | None = None, stop: Stop | None = None) -> Iterator[Snapshot]:
        """One consistent state for several statements.

        What takes longer than ``patience`` in seconds raises :class:`TooLong`. Once ``stop`` says so, the
        statement ends within milliseconds and :class:`ReadStopped` is raised. Otherwise raises
        :class:`CacheError`.
        """
        with self._connection() as connection:
            connection.execute("BEGIN")
            try:
                if patience is not None:
                    end = monotonic() + patience
                    connection.set_progress_handler(lambda: monotonic() >= end, _STEPS_BETWEEN_LOOKS)
                elif stop is not None:
                    connection.set_progress_handler(stop, _STEPS_BETWEEN_LOOKS)
                yield Snapshot(connection)
            except Exception as error:
                if not is_interrupted(error):
                    raise
                raise (TooLong() if patience is not None else ReadStopped()) from None
            finally:
                connection.set_progress_handler(None, 0)
                connection.execute("COMMIT")

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        """Every row of the answer of one statement. Raises :class:`storage.errors.CacheError`."""
        with self._connection() as connection:
            return Snapshot(connection).all(sql, params)

    def one(self, sql: str, params: Params = ()) -> Row | None:
        """The first row, or None."""
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def user_version(self) -> int:
        """The schema version that the file carries; 0 for an empty one. For whoever has just opened it."""
        assert self._own is not None
        return user_version(self._own)

    def damage(self) -> AbstractContextManager[None]:
        """Inside the block, what is wrong with something that was read names this cache."""
        return driver_errors(str(self._path))

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        if threading.get_ident() == self._owner:
            with self._own_lock, watched(self._path):
                if self._own is None:
                    raise CacheError("cache_sealed")
                yield self._own
        else:
            with self._shared_lock, watched(self._path):
                if self._shared is None:
                    if self._key is None:
                        raise CacheError("cache_sealed")
                    self._shared = connect(self._path, self._key, writer=False)
                yield self._shared

    def close(self) -> None:
        """Close both and forget the key; waits for a read that is under way."""
        with self._own_lock:
            if self._own is not None:
                self._own.close()
                self._own = None
        with self._shared_lock:
            self._key = None
            if self._shared is not None:
                self._shared.close()
                self._shared = None

    def reopen(self, key: bytes) -> None:
        """Read again after :meth:`close`. Raises :class:`CacheError` and stays closed."""
        with self._own_lock, self._shared_lock:
            self._own = connect(self._path, key, writer=False)
            self._key = key
