"""The queue of the writers on SQLite: in turn, and with one commit for those who follow each other closely.

SQLite lets one writer in at a time, and each commit waits for the disk, which takes longer than everything
before it. So whoever is done while another waits hands the open transaction on, and the last one commits for
all. Nobody hears that it is done before that. Each follower has a savepoint, so one that fails takes back its
own work only; what breaks the transaction itself is told to all of its writers, and nothing has changed.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as QueueTimeout

WRITE_WAIT: Final = 10.0
"""Seconds that a writer waits for its turn."""
_TOGETHER: Final = 32
"""Writers that share a commit at most."""
LONGEST: Final = 0.02
"""Seconds after which a transaction is not handed on any more."""


@dataclass(slots=True, eq=False)
class _Shared:
    """An open transaction and what became of it."""

    connection: Connection
    began: float
    writers: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None

    @property
    def takes_more(self) -> bool:
        return self.writers < _TOGETHER and time.monotonic() - self.began < LONGEST

    def end(self) -> None:
        """Commit, unless it has failed already."""
        try:
            if self.error is None:
                self.connection.commit()
        except Exception as error:
            self.error = error
            # What state it is in is the file's secret; closed, it takes back what was not committed.
            self.connection.invalidate()
        finally:
            try:
                self.connection.close()
            finally:
                self.over.set()


@dataclass(slots=True, eq=False)
class _Waiting:
    """A writer in the queue, and the transaction that it is handed; None: it begins one."""

    shared: _Shared | None = None
    turn: threading.Event = field(default_factory=threading.Event)


class Writers:
    """The writers of one database in this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(writing=True)
        self._guard = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._busy = False

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed when this returns, alone or with others; an exception takes back
        what was done in the block, and leaves it when what the block has seen of the others is committed.

        Raises SQLAlchemy's ``TimeoutError`` when the turn does not come within :data:`WRITE_WAIT`.
        """
        shared = self._enter()
        own = None
        try:
            if shared is None:
                shared = self._begin()
            yield from _work(shared)
        except Exception as error:
            own = error
        finally:
            self._leave(shared)
        if shared is not None:
            shared.over.wait()
            # First: who was refused by what another wrote was told nothing if that is not there after all.
            if shared.error is not None:
                raise shared.error
        if own is not None:
            raise own

    def _enter(self) -> _Shared | None:
        with self._guard:
            if not self._busy:
                self._busy = True
                return None
            waiting = _Waiting()
            self._queue.append(waiting)
        if not waiting.turn.wait(WRITE_WAIT):
            with self._guard:
                if waiting in self._queue:
                    # Without an end to it, waiting writers would take every thread, and nobody could read.
                    self._queue.remove(waiting)
                    raise QueueTimeout("the queue of the writers does not move")
        return waiting.shared

    def _begin(self) -> _Shared:
        connection = self._engine.connect()
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return _Shared(connection, time.monotonic())

    def _leave(self, shared: _Shared | None) -> None:
        """Hand the transaction on or end it, and let the next writer in."""
        if shared is not None and shared.error is None and shared.takes_more and self._hand_on(shared):
            return
        try:
            if shared is not None:
                shared.end()
        finally:
            with self._guard:
                if self._queue:
                    self._queue.popleft().turn.set()
                else:
                    self._busy = False

    def _hand_on(self, shared: _Shared) -> bool:
        with self._guard:
            if not self._queue:
                return False
            follower = self._queue.popleft()
            # Before anybody sees that it is out of the queue: its patience may end at this moment.
            follower.shared = shared
        follower.turn.set()
        return True


def _work(shared: _Shared) -> Iterator[Connection]:
    """One writer's part of a transaction."""
    shared.writers += 1
    if shared.writers == 1:
        try:
            yield shared.connection
        except BaseException as error:
            shared.error = error if isinstance(error, Exception) else RuntimeError("interrupted")
            raise
        return
    part = shared.connection.begin_nested()
    try:
        yield shared.connection
    except BaseException as error:
        try:
            part.rollback()
        except Exception as broken:
            # What went wrong has taken everything back already, as a full disk does: that is what to tell.
            shared.error = error if isinstance(error, SQLAlchemyError) else broken
        raise
    try:
        part.commit()
    except Exception as error:
        shared.error = error
        raise
