"""The one writer's ground: its connection, its lock, and what a transaction is."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cur_tui.domain.commands import Command
from cur_tui.domain.model import Appeal
from storage.changes import Area, Changes
from storage.database.connection import Connection, connect, narrow, widen
from storage.database.damage import watched
from storage.database.schema import GENERATION
from storage.database.statements import upsert
from storage.errors import CacheError, driver_errors

Replay = Callable[[Appeal, Command], Appeal]
"""Applies a command to an appeal by the rules of the domain, as this operator, now; raises ``Refused``."""

NEXT_DSEQ: Final = "next_dseq"
SERVER_DSEQ: Final = "server_dseq"
"""State: up to which number the server has said that it settled this device's commands."""
LEFTOVERS: Final = "leftovers"
"""State: empty when the cache was empty as the present generation began, so that nothing older is left."""

_PUT_STATE: Final = upsert("sync_state", ["k", "v"], ["k"])

Stored = tuple[Any, ...]
"""A row of the driver, whose columns carry no types."""


@dataclass(slots=True)
class Unit:
    """One transaction: its connection, and what it touched."""

    connection: Connection
    areas: set[Area] = field(default_factory=set)
    pks: set[int] = field(default_factory=set)

    def touch(self, pks: Iterable[int]) -> None:
        """These appeals were written or removed."""
        before = len(self.pks)
        self.pks.update(pks)
        if len(self.pks) > before:
            self.areas.add(Area.APPEALS)

    def all(self, sql: str, params: Sequence[object] = ()) -> list[Stored]:
        """Every row of the answer."""
        return self.connection.execute(sql, tuple(params)).fetchall()

    def one(self, sql: str, params: Sequence[object] = ()) -> Stored | None:
        """The only row of the answer, or None."""
        rows = self.all(sql, params)
        assert len(rows) <= 1, "what is asked by its key is there once"
        return rows[0] if rows else None

    def required(self, sql: str, params: Sequence[object] = ()) -> Stored:
        """The only row of the answer."""
        found = self.one(sql, params)
        assert found is not None, "asked for what must be there"
        return found

    def state(self, key: str) -> str | None:
        """One value of the synchronisation's state, as this transaction sees it."""
        found = self.one("SELECT v FROM sync_state WHERE k=?", (key,))
        return None if found is None else str(found[0])

    def set_state(self, key: str, value: str) -> None:
        """Keep one value of the synchronisation's state."""
        self.connection.execute(_PUT_STATE, (key, value))
        self.areas.add(Area.STATE)

    @property
    def generation(self) -> int:
        """The generation that server rows are written under; grows with every reading anew."""
        return int(self.state(GENERATION) or "1")


class WriterCore:
    """Holds the one connection that writes. Every public method of a writer is one short transaction."""

    def __init__(self, path: Path, key: bytes, changes: Changes, replay: Replay) -> None:
        self._path = path
        self._changes = changes
        self._replay = replay
        self._lock = threading.RLock()
        with driver_errors(str(path)):
            self._connection = connect(path, key, writer=True)
        self._is_wide = False
        self._is_closed = False

    def _widen(self) -> None:
        """Take more memory: everything is being read."""
        with self._lock:
            if not self._is_wide:
                self._is_wide = True
                widen(self._connection)

    def narrow(self) -> None:
        """Give that memory back: the reading is over or rests. Its next page takes it again."""
        with self._lock:
            if self._is_wide:
                self._is_wide = False
                narrow(self._connection)

    def replay_with(self, replay: Replay) -> None:
        """Replay pending commands by ``replay`` from now on: after sign-in, or with a new region profile."""
        with self._lock:
            self._replay = replay

    def close(self) -> None:
        """Close the connection.

        No ``PRAGMA optimize`` here: with statistics the planner changes its mind from machine to machine.
        Without them it follows the indexes as the tests hold them.
        """
        with self._lock:
            self._is_wide = False  # a reading that is cut off by this has nothing left to give back
            self._is_closed = True
            self._connection.close()

    @contextmanager
    def _transaction(self, *, durable: bool) -> Iterator[Unit]:
        """A transaction that either happens whole or not at all; listeners hear of it after its commit.

        ``durable``: a commit survives a power cut, which the operator's own texts and commands need. Server
        rows do without, since their cursor is in the same transaction and a lost tail is pulled again.
        """
        with self._lock, watched(self._path):
            if self._is_closed:  # whoever got hold of the writer before a lock is told what others are told
                raise CacheError("cache_sealed")
            connection = self._connection
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            # Take the write lock at once: a transaction that reads first could fail at its first write.
            connection.execute("BEGIN IMMEDIATE")
            unit = Unit(connection)
            try:
                yield unit
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        if unit.areas:
            self._changes.publish(frozenset(unit.areas), frozenset(unit.pks))
