"""What every screen knows of the application it runs in: the desk, the exchange, and how to tell a person."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar, cast

from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.signal import Signal
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.text import display, neutralise
from cur_tui.i18n import _
from cur_tui.services.desk import Change, Desk
from cur_tui.services.exchange.exchange import Exchange, SyncState
from cur_tui.services.lists.window import Window
from widgets.layout import RussianLayout

SENTENCE = 500
"""The longest sentence that is said."""

GLANCE = 2.0
"""Seconds in which a person notices a sentence at all."""

READ_A_SECOND = 25
"""Letters that a person reads in a second."""

SHORTEST = 0.02
"""Seconds; the library skips a timer whose time is over before it looks at it first."""

T = TypeVar("T")


class DeskApp(RussianLayout):
    """The application as its screens see it.

    ``changed`` tells of changes in the cache, ``exchanged`` of the exchange; subscribe in ``on_mount``:
    ``station(self).changed.subscribe(self, self.on_data)``. Both arrive on the screen's own turn. ``painted``
    tells once that the first rows are on the terminal.
    """

    def __init__(self) -> None:
        super().__init__()
        self.changed: Signal[Change] = Signal(self, "changed")
        self.exchanged: Signal[SyncState] = Signal(self, "exchanged")
        self.painted: Signal[None] = Signal(self, "painted")
        self.has_painted = False

    def _fatal_error(self) -> None:
        """Leave without the library's own report, which shows the values of all variables."""
        from cur_tui.services.explain import is_damage
        from screens.crash import crash_words

        error = self._exception
        if error is not None:
            # Who has opened the application opens it again and tells what was saved.
            self.panic(*(() if is_damage(error) else (crash_words(error),)))

    @property
    def is_locked(self) -> bool:
        """Whether the screens are covered and the cache is closed."""
        raise NotImplementedError

    def when_open(self, call: Callable[[], object]) -> None:
        """Call now, or as soon as the workstation is not locked any more."""
        raise NotImplementedError

    @property
    def desk(self) -> Desk:
        """The desk of the person who is signed in."""
        raise NotImplementedError

    @property
    def exchange(self) -> Exchange:
        """The exchange with the regional API."""
        raise NotImplementedError

    def publish_changes(self) -> None:
        """Tell the screens at once of what has changed since they were told last."""
        raise NotImplementedError

    def open_appeal(self, key: str, beside: Window | None = None) -> None:
        """Open an appeal by its id or number; ``beside`` is the list it was opened from."""
        raise NotImplementedError

    def open_answer(self, key: str) -> None:
        """Open the answer of an appeal."""
        raise NotImplementedError

    def open_checklist(self, key: str) -> None:
        """Open the fast track of an appeal."""
        raise NotImplementedError

    def open_lookalikes(self, key: str) -> None:
        """Open the probable duplicates of an appeal."""
        raise NotImplementedError

    def open_quarantine(self) -> None:
        """Open the rows that no import could take."""
        raise NotImplementedError

    def open_queue(self, query: str, title: str = "") -> None:
        """Go to the queues and show what ``query`` finds."""
        raise NotImplementedError

    def say(self, sentence: str, *, problem: bool = False) -> None:
        """Tell the person one sentence; it disappears by itself as soon as it can have been read."""
        told = display(sentence, max_line=SENTENCE, max_chars=SENTENCE).text
        self.notify(
            told,
            severity="error" if problem else "information",
            timeout=(2 if problem else 1) * GLANCE + len(told) / READ_A_SECOND,
            markup=False,
        )

    def copy_to_clipboard(self, text: str) -> None:
        """Copy ``text``: where it is pasted it neither acts nor, by a line end of its own, runs."""
        super().copy_to_clipboard(neutralise(text).rstrip("\n"))

    def start(self, task: Coroutine[None, None, object]) -> None:
        """Do something that takes a while or asks the person."""
        self.run_worker(task, group="task", exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A mistake in a worker is told; the application stays."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.tell_failure(event.worker.error)

    def tell_failure(self, error: BaseException) -> None:
        """Tell of an error; one without a sentence of its own is named by its kind, never by its text."""
        from cur_tui.services.explain import explain_error

        sentence = explain_error(error) or _(
            "Something failed in the program ({kind}). Nothing is lost."
        ).format(kind=type(error).__name__)
        self.say(sentence, problem=True)

    async def attempt(self, act: Callable[[], T], *, is_told: bool = True) -> T | None:
        """The result of ``act``, done beside the event loop; None when it was refused, which is told unless
        nobody has asked for it.
        """
        try:
            result = await asyncio.to_thread(act)
        except Exception as error:
            from cur_tui.services.explain import explain_error

            sentence = explain_error(error)
            if sentence is None:
                raise
            if is_told:
                self.say(sentence, problem=True)
            return None
        self.publish_changes()
        return result


def station(node: MessagePump) -> DeskApp:
    """The application that a screen or widget runs in."""
    return cast("DeskApp", node.app)


class DeskScreen(Screen[None]):
    """A full screen over the desk. Subclasses override what they want to hear of."""

    _has_gone = False

    @property
    def station(self) -> DeskApp:
        """The application."""
        return station(self)

    @property
    def desk(self) -> Desk:
        """The desk of the person who is signed in."""
        return station(self).desk

    def on_mount(self) -> None:
        """Listen to the cache and to the exchange."""
        station(self).changed.subscribe(self, self.on_data)
        station(self).exchanged.subscribe(self, self.on_exchange)

    def every(self, seconds: float, call: Callable[[], object]) -> None:
        """Call again and again, while the workstation is not locked."""
        self.set_interval(seconds, lambda: None if self.station.is_locked else call())

    def after(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call once, in ``seconds``, or when the lock has ended that came in between."""
        wait = max(seconds, SHORTEST)
        return self.set_timer(wait, lambda: self.station.when_open(lambda: self.call_later(call)))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A mistake in a worker of the screen is told as one of the application's is."""
        self.station.on_worker_state_changed(event)

    def gone(self, refused: Refused) -> None:
        """What this screen shows has left the cache: say so and close, unless another screen lies over it."""
        if self.app.screen is self and not self._has_gone:
            self._has_gone = True
            self.station.tell_failure(refused)
            self.dismiss()

    async def find_here(self, key: str) -> bool:
        """Show the appeal with this id or number where it stands on this screen; False when it does not."""
        return False

    def on_data(self, change: Change) -> None:
        """The cache has changed: ``change.areas`` and ``change.pks`` say what."""

    def on_exchange(self, state: SyncState) -> None:
        """The exchange has changed its state."""
