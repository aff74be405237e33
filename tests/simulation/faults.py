"""What goes wrong: processes that are killed at any statement, and a network that does its worst."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from tests.sync.faulty import (
    Deliver,
    Fault,
    cut,
    duplicate,
    failing,
    fine,
    lose_answer,
    lose_request,
    problem,
    web_page,
)

__all__ = ["Fault", "Fuse", "FusedConnection", "Killed", "Taken", "Turn", "fine", "weather"]


class Killed(BaseException):
    """The process ends here. Not an ``Exception``: no part of the product may live on by catching it."""


class Taken(BaseException):
    """Another step of the same program holds the lock; a thread would wait, a simulated one goes away."""


class Turn:
    """A lock of a program whose threads are simulated."""

    def __init__(self) -> None:
        self.held = False

    def __enter__(self) -> None:
        if self.held:
            raise Taken
        self.held = True

    def __exit__(self, *_: object) -> None:
        self.held = False


class Fuse:
    """Ends a process after so many statements of its database."""

    def __init__(self) -> None:
        self._left = 0

    def set(self, statements: int) -> None:
        """Let the process live for so many statements more; 0: for good."""
        self._left = statements

    @contextmanager
    def spared(self) -> Iterator[None]:
        """What is looked at from outside costs the process nothing."""
        left, self._left = self._left, 0
        yield
        self._left = left

    def burn(self) -> None:
        """One statement more. Raises :class:`Killed` at the last one."""
        if self._left:
            self._left -= 1
            if not self._left:
                raise Killed


class FusedConnection:
    """The cache's connection for writing, on which the process may end before or behind any statement."""

    def __init__(self, connection: Any, fuse: Fuse) -> None:
        self._connection = connection
        self._fuse = fuse

    def execute(self, sql: str, params: Sequence[object] = ()) -> Any:
        if sql != "ROLLBACK":  # the way in which an ended process leaves its transaction
            self._fuse.burn()
        result = self._connection.execute(sql, params)
        if sql == "COMMIT":
            self._fuse.burn()
        return result

    def executemany(self, sql: str, params: Any) -> Any:
        self._fuse.burn()
        return self._connection.executemany(sql, params)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def killed_before_sending(request: httpx.Request, deliver: Deliver) -> httpx.Response:
    raise Killed


def killed_before_the_answer(request: httpx.Request, deliver: Deliver) -> httpx.Response:
    deliver(request)
    raise Killed


def weather(
    choose: Callable[[Sequence[Any]], Any], number: Callable[[int], int], others: Sequence[Fault]
) -> Fault:
    """One fault; ``others`` are those that need to know the world."""
    return choose(
        [
            lose_request,
            lose_answer,
            lose_answer,
            duplicate,
            web_page,
            failing(500),
            failing(503),
            problem(429, "too_many_attempts", seconds="1"),
            cut(number(2_000), silently=True),
            cut(number(2_000), silently=False),
            killed_before_sending,
            killed_before_the_answer,
            *others,
        ]
    )
