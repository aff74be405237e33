"""The exchange in the background: one thread reads, one sends, and anybody can see where it stands."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from cur_tui.domain.model import Appeal
from cur_tui.sync.backoff import Backoff
from cur_tui.sync.board import Board
from cur_tui.sync.engine import Bootstrapped, SyncEngine
from cur_tui.sync.faults import AccessEnded, NoContact, SecretsOutOfReachError, ServerProblem, SignInNeeded
from cur_tui.sync.rate import Meter
from cur_tui.sync.state import Phase, Progress, SyncState
from cur_tui.sync.transport import Transport
from storage.database.damage import DAMAGED
from storage.errors import CacheError

if TYPE_CHECKING:
    from cur_tui.sync.cuts import CutCalls
    from cur_tui.sync.delivering import DeliveryCalls
    from cur_tui.sync.importing import ImportCalls
    from cur_tui.sync.related import RelatedCalls

POLL_SECONDS: Final = 25.0
UPDATE_SECONDS: Final = 600.0
"""Seconds until a server that finds us too old is asked again."""
INDEX_STEPS: Final = 20
"""Batches put into cuts and the search between two looks at the server."""
INDEX_BATCH: Final = 200
"""Appeals in a batch: one short transaction."""
REST: Final = 0.5
"""How long the indexing rests after a batch, in terms of how long the batch took."""

_log = logging.getLogger(__name__)


class SyncRunner:
    """Runs an engine from :meth:`start` to :meth:`stop`; it cannot be started twice.

    ``poll``: seconds that the server may hold an answer back. ``scale`` shortens the waits between attempts.
    """

    def __init__(
        self, engine: SyncEngine, transport: Transport, *, poll: float = POLL_SECONDS, scale: float = 1.0
    ) -> None:
        self._engine = engine
        self._transport = transport
        self._poll = poll
        self._board = Board(engine.cache.reader, engine.clock)
        self._stopping = threading.Event()
        self._pull_wake, self._push_wake = threading.Event(), threading.Event()
        self._pull_backoff, self._push_backoff = Backoff(scale=scale), Backoff(scale=scale)
        self._threads = [
            threading.Thread(name=name, target=self._run, args=(step, wake, backoff), daemon=True)
            for name, step, wake, backoff in (
                ("pull", self._pull_step, self._pull_wake, self._pull_backoff),
                ("push", self._push_step, self._push_wake, self._push_backoff),
            )
        ]
        self._held = threading.Event()
        self._ended: AccessEnded | None = None
        self._reading, self._indexing = Meter(), Meter()
        self._to_index: tuple[int, int] | None = None
        """How many appeals were to be put into cuts and the search, and how many of them still are."""

    # --- for everybody ----------------------------------------------------------------------------------

    @property
    def state(self) -> SyncState:
        """What it is doing, at this moment."""
        return self._board.state

    @property
    def ended(self) -> AccessEnded | None:
        """The end of this access by the administrator, once the server has told it."""
        return self._ended

    def subscribe(self, listener: Callable[[SyncState], None]) -> Callable[[], None]:
        """Call ``listener`` with every new state, from the threads of the exchange; returns how to stop it.

        A listener must be quick and must not raise.
        """
        return self._board.subscribe(listener)

    def start(self) -> None:
        """Begin; returns at once."""
        self._board.show(Phase.IDLE)
        for thread in self._threads:
            thread.start()

    def poke(self) -> None:
        """Send now, and try again now what waits after a failure: a new command is there, or a person asks.

        A wait that the server asked for is kept all the same.
        """
        self._push_wake.set()
        self._pull_wake.set()

    @property
    def is_paused(self) -> bool:
        """Whether a person has put the long works off."""
        return self._held.is_set()

    def pause(self) -> None:
        """Put off what takes long, the first reading and the indexing of the archive, from the next piece on.

        What has come so far stays; acts are sent and, after the first reading, changes read as always.
        """
        self._held.set()
        self._pull_wake.set()

    def resume(self) -> None:
        """Go on where it was put off."""
        self._held.clear()
        self._pull_wake.set()

    def next(self, query: str) -> Appeal | None:
        """Claim the most urgent unheld appeal on the server; None when there is none. Blocks."""
        return self._engine.next(query)

    def disclose(self, appeal: str, reason: str) -> Appeal:
        """The appeal with this id and its personal data, opened by the server for ``reason``. Blocks."""
        return self._engine.disclose(appeal, reason)

    @property
    def imports(self) -> ImportCalls:
        """What the server is asked about imports. Its requests block."""
        return self._engine.imports

    @property
    def related(self) -> RelatedCalls:
        """What the server is asked about likenesses and mass incidents. Its requests block."""
        return self._engine.related

    @property
    def cuts(self) -> CutCalls:
        """What the server is told about shared cuts. Its requests block."""
        return self._engine.cuts

    @property
    def deliveries(self) -> DeliveryCalls:
        """What the server is asked about deliveries. Its requests block."""
        return self._engine.deliveries

    def stop(self, timeout: float = 5.0) -> bool:
        """Stop promptly, whatever is being waited for; what is cut off is done again at the next start.

        Returns whether both threads ended within ``timeout`` seconds.
        """
        self._stopping.set()
        self.poke()
        self._transport.shut_down()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))
        ended = not any(thread.is_alive() for thread in self._threads)
        if ended:
            self._transport.close()
        self._board.show(Phase.STOPPED)
        return ended

    # --- the two threads ----------------------------------------------------------------------------------

    def _run(self, step: Callable[[], float | None], wake: threading.Event, backoff: Backoff) -> None:
        """Do ``step`` until the end. It returns how long to rest: 0 not at all, None until woken."""
        while not self._stopping.is_set():
            wake.clear()
            try:
                rest = step()
                backoff.reset()
            except Exception as failure:
                rest = self._after(failure, backoff)
            if rest is None or rest > 0:
                wake.wait(rest)

    def _pull_step(self) -> float | None:
        engine = self._engine
        if not engine.is_greeted:
            self._greet()
        if engine.needs_bootstrap:
            return self._bootstrap_step()
        indexing = not self._held.is_set() and self._left_to_index() > 0
        pulled = engine.pull_once(0.0 if indexing else self._poll)
        if pulled.renewed:
            # Whoever is told to start anew time and again must not do so without a pause.
            return self._pull_backoff.next_delay()
        self._contact(Phase.PULLING if pulled.more else Phase.IDLE)
        if not pulled.more and indexing:
            self._index()
        return 0.0

    def _greet(self) -> None:
        try:
            self._engine.hello()
        except ServerProblem as problem:
            if problem.status != 426 or not self._engine.can_read:
                raise
            self._board.problem(Phase.UPDATE_NEEDED, problem)

    def _bootstrap_step(self) -> float | None:
        if self._held.is_set():
            self._reading.rest()
            self._engine.cache.writer.narrow()  # put off between two pages
            self._board.pause()
            return None
        step = self._engine.bootstrap_step(self._read_piece)
        if not step.total and not step.complete:
            return self._pull_backoff.next_delay()
        if step.complete:
            self._reading.rest()
            self._to_index = None
            self._contact(Phase.IDLE)
        return 0.0

    def _read_piece(self, step: Bootstrapped) -> bool:
        """Show how far the first reading is; whether to go on with it."""
        self._contact(Phase.BOOTSTRAPPING, self._reading.progress(step.done, step.total, time.monotonic()))
        return not (self._stopping.is_set() or self._held.is_set())

    def _left_to_index(self) -> int:
        if self._to_index is None or self._to_index[1] <= 0:
            reader = self._engine.cache.reader
            left = reader.unmeasured() + reader.unindexed()
            self._to_index = left, left
            self._indexing.rest()
        return self._to_index[1]

    def _index(self) -> None:
        """Put a part of the archive into cuts and the search, in steps that leave room for what people do."""
        writer = self._engine.cache.writer
        total, left = self._to_index or (0, 0)
        for _ in range(INDEX_STEPS):
            if self._stopping.is_set() or self._held.is_set():
                break
            began = time.monotonic()
            done = writer.measure_archive(INDEX_BATCH) or writer.index_archive(INDEX_BATCH)
            ended = time.monotonic()
            # A count that others have changed meanwhile is taken anew when it comes to its end.
            left = max(left - done, 0) if done else 0
            self._to_index = total, left
            if not left:
                break
            self._board.indexing(self._indexing.progress(total - left, total, ended))
            self._stopping.wait((ended - began) * REST)
        if not left:
            self._board.indexing(None)
        elif self._held.is_set():
            self._indexing.rest()
            self._board.indexing(Progress(total - left, total, 0.0))

    def _push_step(self) -> float | None:
        reader = self._engine.cache.reader
        if not reader.outbox() and reader.next_upload() is None:
            self._board.refresh()
            return None
        self._board.push_began()
        try:
            pushed = self._engine.push_once()
        finally:
            self._board.push_ended()
        self._board.contact()
        if self._held.is_set():
            self._pull_wake.set()  # which says again that the reading rests, should contact have been lost
        return 0.0 if pushed.more else None

    def _contact(self, phase: Phase, progress: Progress | None = None) -> None:
        """The server answered: show it, and let commands that wait for the network go."""
        was_away = self._board.state.phase is Phase.OFFLINE
        self._board.contact(phase, progress, may_send=self._engine.is_greeted)
        if was_away:
            self._push_wake.set()

    # --- failures -----------------------------------------------------------------------------------------

    def _after(self, failure: Exception, backoff: Backoff) -> float | None:
        """Show what happened and how long to rest after it."""
        if self._stopping.is_set():
            return 0.0
        if isinstance(failure, AccessEnded):
            self._ended = failure
            self._board.problem(Phase.ACCESS_ENDED, failure)
            return None
        if isinstance(failure, SignInNeeded | SecretsOutOfReachError):
            self._board.problem(Phase.SIGN_IN_NEEDED, failure)
            return None
        if isinstance(failure, ServerProblem):
            return self._after_problem(failure, backoff)
        if isinstance(failure, CacheError):
            self._board.problem(Phase.HELD, failure)
            # Nothing more is written into a damaged file; the next start makes it anew.
            return None if failure.code == DAMAGED else backoff.next_delay()
        if not isinstance(failure, NoContact):
            # A mistake in the program. Its text may hold a citizen's, so only the places are logged.
            places = (
                f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(failure.__traceback__)
            )
            _log.error("the exchange failed by %s at %s", type(failure).__name__, " < ".join(places))
        self._board.problem(Phase.OFFLINE, failure)
        return backoff.next_delay()

    def _after_problem(self, problem: ServerProblem, backoff: Backoff) -> float | None:
        if problem.status == 426:
            self._board.problem(Phase.UPDATE_NEEDED, problem)
            return UPDATE_SECONDS
        self._board.problem(Phase.IDLE if problem.is_answer else Phase.OFFLINE, problem)
        rest = backoff.next_delay(problem.retry_after)
        if problem.retry_after is None:
            return rest
        # What a server asks for is not cut short by anybody's impatience.
        self._stopping.wait(rest)
        return 0.0
