"""Where the exchange says what it is doing, for any thread to read and to listen to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from cur_tui.i18n import N_, current
from cur_tui.sync.clock import ServerClock
from cur_tui.sync.faults import NoContact, SecretsOutOfReachError, ServerProblem, SignInNeeded
from cur_tui.sync.state import Phase, Progress, SyncState
from storage.errors import CacheError
from storage.reader import Reader

Told = NoContact | ServerProblem | SignInNeeded | SecretsOutOfReachError | CacheError
"""Failures that have a sentence."""

UNEXPECTED: Final = N_(
    "The exchange failed ({reason}). It is tried again; tell the administrator if it stays."
)
STAYS: Final = frozenset(
    {Phase.SIGN_IN_NEEDED, Phase.ACCESS_ENDED, Phase.UPDATE_NEEDED, Phase.OFFLINE, Phase.HELD}
)

Listener = Callable[[SyncState], None]


class Board:
    """The state of one exchange. Each change makes a new :class:`SyncState` and tells the listeners."""

    def __init__(self, reader: Reader, clock: ServerClock) -> None:
        self._reader = reader
        self._clock = clock
        self._lock = threading.RLock()
        self._state = SyncState()
        self._before_push: Phase | None = None
        self._listeners: tuple[Listener, ...] = ()

    @property
    def state(self) -> SyncState:
        """The state now."""
        return self._state

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every new state; returns how to stop it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def stop() -> None:
            with self._lock:
                self._listeners = tuple(known for known in self._listeners if known is not listener)

        return stop

    def show(self, phase: Phase) -> None:
        """The exchange is in ``phase``, whatever the server says: it begins, or it ends."""
        with self._lock:
            self._put(replace(self._state, phase=phase, progress=None))

    def pause(self) -> None:
        """The first reading rests where it is, by the person's wish."""
        with self._lock:
            self._put(replace(self._state, phase=Phase.PAUSED))

    def indexing(self, progress: Progress | None) -> None:
        """So much of the archive is in the search; None when all of it is."""
        with self._lock:
            self._put(replace(self._state, indexing=progress))

    def push_began(self) -> None:
        """Commands are being sent."""
        with self._lock:
            self._before_push = self._state.phase
            if self._state.phase is Phase.IDLE:
                self._put(replace(self._state, phase=Phase.PUSHING))

    def push_ended(self) -> None:
        """Sending ended, well or not."""
        with self._lock:
            if self._state.phase is Phase.PUSHING:
                self._put(replace(self._state, phase=self._before_push or Phase.IDLE))

    def contact(
        self, phase: Phase | None = None, progress: Progress | None = None, *, may_send: bool = True
    ) -> None:
        """The server answered, and the exchange is in ``phase`` (in its old one, or no longer in trouble).

        What was wrong is over, unless it is that we may only read.
        """
        with self._lock:
            state = replace(self._state, last_contact=self._clock.now())
            if may_send or state.phase is not Phase.UPDATE_NEEDED:
                calm = Phase.IDLE if state.phase in STAYS else state.phase
                state = replace(
                    state,
                    phase=phase or calm,
                    progress=progress if phase else state.progress,
                    problem=None,
                    problem_params={},
                    sentence=None,
                )
            self._put(state)

    def problem(self, phase: Phase, failure: Exception) -> None:
        """Something went wrong."""
        code, params, sentence = describe(failure)
        with self._lock:
            self._put(
                replace(
                    self._state,
                    phase=phase,
                    progress=None,
                    problem=code,
                    problem_params=params,
                    sentence=sentence,
                    last_contact=self._last_contact(failure),
                )
            )

    def refresh(self) -> None:
        """Count again what waits."""
        with self._lock:
            self._put(self._state)

    def _last_contact(self, failure: Exception) -> datetime | None:
        answered = isinstance(failure, ServerProblem | SignInNeeded)
        return self._clock.now() if answered else self._state.last_contact

    def _put(self, state: SyncState) -> None:
        state = replace(state, clock_skewed=self._clock.is_skewed)
        # Of a damaged cache what was counted last is shown, rather than nothing.
        with suppress(CacheError):
            pending, unsent = len(self._reader.outbox()), len(self._reader.unsent())
            state = replace(state, pending=pending, unsent=unsent)
        if state != self._state:
            self._state = state
            for listener in self._listeners:
                listener(state)


def describe(failure: Exception) -> tuple[str, dict[str, str], str]:
    """Code, parameters and sentence of a failure."""
    if isinstance(failure, Told):
        return failure.code, dict(getattr(failure, "params", {})), failure.sentence()
    reason = type(failure).__name__
    return "unexpected", {"reason": reason}, current().gettext(UNEXPECTED).format(reason=reason)
