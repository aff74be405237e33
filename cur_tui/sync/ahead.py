"""Reading on while what was read is being written: a source that works in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

T = TypeVar("T")

DEPTH: Final = 2
"""Pieces that may wait: this bounds the memory, whatever the size of the whole."""
_LOOK: Final = 0.1
"""Seconds after which a full queue is looked at again, to see whether anybody still reads."""


class _LeftError(Exception):
    """Nobody reads any more."""


@contextmanager
def ahead(source: Callable[[Callable[[T], None]], None]) -> Iterator[Iterator[T]]:
    """The pieces that ``source`` gives to its argument, fetched ahead of their use; iterate once.

    What it raises is raised to the one who iterates, behind the pieces that came before. Whoever leaves the
    block early does not wait for the source: its thread ends with the next piece that it wants to give.
    """
    waiting: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(DEPTH)
    left = threading.Event()

    def put(piece: tuple[T] | BaseException | None) -> None:
        while not left.is_set():
            try:
                return waiting.put(piece, timeout=_LOOK)
            except queue.Full:
                continue
        raise _LeftError

    def run() -> None:
        try:
            try:
                source(lambda piece: put((piece,)))
            except Exception as error:
                put(error)
            else:
                put(None)
        except _LeftError:
            pass

    def pieces() -> Iterator[T]:
        while (piece := waiting.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece[0]

    threading.Thread(target=run, name="fetch", daemon=True).start()
    try:
        yield pieces()
    finally:
        left.set()
