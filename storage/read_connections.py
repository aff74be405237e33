"""Connections for reading: one for the main thread, which draws the screen, one shared by all others."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from storage.connection import Connection, connect
from storage.errors import driver_errors

Row = tuple[object, ...]
Params = Sequence[object] | Mapping[str, object]


class ReadConnections:
    """Runs a read statement to its end. No cursor ever stays open, since that would keep the log growing.

    The screen's thread has a connection for itself, so that a long list read by a worker never delays it; the
    workers share the second one, which bounds memory however many threads there are.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        # Not the thread that opens the cache: the workstation does that in a worker, and draws in this one.
        self._owner = threading.main_thread().ident
        self._own = connect(path, key, writer=False)
        self._own_lock = threading.Lock()
        self._shared: Connection | None = None
        self._shared_lock = threading.Lock()

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        """Every row of the answer. Raises :class:`storage.errors.CacheError`."""
        if threading.get_ident() == self._owner:
            with self._own_lock, driver_errors(str(self._path)):
                return self._own.execute(sql, cast("Sequence[Any]", params)).fetchall()
        with self._shared_lock, driver_errors(str(self._path)):
            if self._shared is None:
                self._shared = connect(self._path, self._key, writer=False)
            return self._shared.execute(sql, cast("Sequence[Any]", params)).fetchall()

    def one(self, sql: str, params: Params = ()) -> Row | None:
        """The first row, or None."""
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def close(self) -> None:
        """Close both; waits for a read that is under way."""
        with self._own_lock:
            self._own.close()
        with self._shared_lock:
            if self._shared is not None:
                self._shared.close()
                self._shared = None
