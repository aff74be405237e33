"""Telling the screens what changed, so that they repaint that and nothing else."""

import threading
from collections.abc import Callable
from enum import StrEnum

import msgspec


class Area(StrEnum):
    """Which part of the cache a change touched."""

    APPEALS = "appeals"
    OUTBOX = "outbox"
    UNSENT = "unsent"
    DRAFTS = "drafts"
    REFERENCE = "reference"
    VIEWS = "views"
    STATE = "state"


class Change(msgspec.Struct, frozen=True):
    """One committed transaction. ``pks`` are the appeals it wrote or removed."""

    number: int
    areas: frozenset[Area]
    pks: frozenset[int] = frozenset()


Listener = Callable[[Change], None]


class Changes:
    """A counter of committed changes and the listeners that hear of each. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._listeners: tuple[Listener, ...] = ()

    @property
    def count(self) -> int:
        """Grows with every committed change; equal counts mean that nothing changed in between."""
        return self._count

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each commit, on the thread that wrote; returns how to stop it.

        A listener must be quick and must not raise: it posts a message to where it is handled.
        """
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def stop() -> None:
            with self._lock:
                self._listeners = tuple(known for known in self._listeners if known is not listener)

        return stop

    def publish(self, areas: frozenset[Area], pks: frozenset[int]) -> None:
        """Count a committed change and tell of it."""
        with self._lock:
            self._count += 1
            change = Change(self._count, areas, pks)
            listeners = self._listeners
        for listener in listeners:
            listener(change)
