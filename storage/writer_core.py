"""The one writer's ground: its connection, its lock, and what a transaction is."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection as EngineConnection
from sqlalchemy import create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.pool import StaticPool
from sqlmodel import col, select

from cur_tui.domain.commands import Command
from cur_tui.domain.model import Appeal
from storage.changes import Area, Changes
from storage.connection import connect
from storage.errors import driver_errors
from storage.tables import StateTable

Replay = Callable[[Appeal, Command], Appeal]
"""Applies a command to an appeal by the rules of the domain, as this operator, now; raises ``Refused``."""

GENERATION: Final = "generation"
NEXT_DSEQ: Final = "next_dseq"


@dataclass(slots=True)
class Unit:
    """One transaction: its connection, and what it touched."""

    connection: EngineConnection
    areas: set[Area] = field(default_factory=set)
    pks: set[int] = field(default_factory=set)

    def touch(self, pk: int) -> None:
        """The appeal ``pk`` was written or removed."""
        self.areas.add(Area.APPEALS)
        self.pks.add(pk)

    def state(self, key: str) -> str | None:
        """One value of the synchronisation's state, as this transaction sees it."""
        found: str | None = self.connection.execute(
            select(StateTable.v).where(col(StateTable.k) == key)
        ).scalar_one_or_none()
        return found

    def set_state(self, key: str, value: str) -> None:
        """Keep one value of the synchronisation's state."""
        statement = insert(StateTable).values(k=key, v=value)
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=["k"], set_={"v": statement.excluded.v})
        )
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
            self._driver = connect(path, key, writer=True)
        # The key reaches the engine inside an open connection only, never in its URL.
        self._engine = create_engine(
            "sqlite://",
            module=driver,
            creator=lambda: self._driver,
            poolclass=StaticPool,
            hide_parameters=True,
        )
        event.listen(self._engine, "begin", _begin_immediate)
        self._connection = self._engine.connect()

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
            if not self._connection.closed:
                self._connection.close()
                self._engine.dispose()
                self._driver.close()

    @contextmanager
    def _transaction(self, *, durable: bool) -> Iterator[Unit]:
        """A transaction that either happens whole or not at all; listeners hear of it after its commit.

        ``durable``: a commit survives a power cut, which the operator's own texts and commands need. Server
        rows do without, since their cursor is in the same transaction and a lost tail is pulled again.
        """
        with self._lock, driver_errors(str(self._path)):
            self._driver.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            with self._connection.begin():
                unit = Unit(self._connection)
                yield unit
        if unit.areas:
            self._changes.publish(frozenset(unit.areas), frozenset(unit.pks))


def _begin_immediate(connection: EngineConnection) -> None:
    # Take the write lock at once: a transaction that reads first could fail at its first write.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
