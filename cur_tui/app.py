"""The workstation: one application over one desk, with a mode for each place that keeps its state."""

import gc
import threading
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from cur_tui.i18n import _
from cur_tui.services.desk import Change, Desk
from cur_tui.services.exchange import Exchange, SyncState
from cur_tui.services.window import Window
from screens.base import DeskApp
from widgets.guard import TerminalGuard
from widgets.keys import bindings_for
from widgets.themes import DARK, THEMES, next_theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COALESCE = 0.25
"""Seconds in which changes of the cache are gathered before the screens repaint."""

EXCHANGE_LOOK = 0.5
"""Seconds between two looks at the exchange."""


class CacheChanged(Message):
    """Somebody wrote into the cache on another thread."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self.change = change


def _queues() -> Screen[None]:
    from screens.queues import QueuesScreen

    return QueuesScreen()


def _supervisor() -> Screen[None]:
    from screens.supervisor import SupervisorScreen

    return SupervisorScreen()


def _sync() -> Screen[None]:
    from screens.sync import SyncScreen

    return SyncScreen()


class Workstation(DeskApp):
    """The application of one person at one desk."""

    MODES = {"queues": _queues, "supervisor": _supervisor, "sync": _sync}
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("app")
    ENABLE_COMMAND_PALETTE = False
    PAUSE_GC_ON_SCROLL = True

    def __init__(
        self,
        desk: Desk,
        exchange: Exchange,
        *,
        theme: str | None = None,
        remember_theme: "Callable[[str], None] | None" = None,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._exchange = exchange
        self._remember_theme = remember_theme
        self._guard = TerminalGuard()
        self._gathered: Change | None = None
        self._gathering: Timer | None = None
        self._gather_lock = threading.Lock()
        self._last_state = SyncState()
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme if theme in self.available_themes else DARK.name
        self.title = _("Regional management centre")

    @property
    def desk(self) -> Desk:
        """The desk of the person who is signed in."""
        return self._desk

    @property
    def exchange(self) -> Exchange:
        """The exchange with the regional API."""
        return self._exchange

    def get_line_filters(self) -> "Sequence[LineFilter]":
        """The library's filters, and the last wall before the terminal behind them."""
        return [*super().get_line_filters(), self._guard]

    # --- life --------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Open the queues and begin to listen."""
        self._stop_listening = self._desk.on_change(self._cache_changed)
        self.set_interval(EXCHANGE_LOOK, self._look_at_exchange)
        self.switch_mode("queues")
        self.call_after_refresh(_settle_memory)

    def on_unmount(self) -> None:
        """Stop listening and exchanging."""
        self._stop_listening()
        self._exchange.stop()

    # --- what changes ------------------------------------------------------------------------------

    def _cache_changed(self, change: Change) -> None:
        with self._gather_lock:
            known = self._gathered
            self._gathered = change if known is None else _merged(known, change)
            first = known is None
        if first:
            self.post_message(CacheChanged(change))

    def on_cache_changed(self) -> None:
        """Give further changes a moment to arrive, then repaint once."""
        self.set_timer(COALESCE, self.publish_changes)

    def publish_changes(self) -> None:
        """Tell the screens at once of what has changed since they were told last."""
        with self._gather_lock:
            change, self._gathered = self._gathered, None
        if change is not None:
            self.changed.publish(change)

    def _look_at_exchange(self) -> None:
        state = self._exchange.state()
        if state != self._last_state:
            self._last_state = state
            self.exchanged.publish(state)

    # --- going places ------------------------------------------------------------------------------

    def open_appeal(self, key: str, beside: Window | None = None) -> None:
        """Open an appeal over the present screen."""
        from screens.appeal import AppealScreen

        self.push_screen(AppealScreen(key, beside))

    def open_answer(self, key: str) -> None:
        """Open the answer of an appeal over the present screen."""
        from screens.answer import AnswerScreen

        self.push_screen(AnswerScreen(key))

    def open_checklist(self, key: str) -> None:
        """Open the fast track of an appeal over the present screen."""
        from screens.checklist import ChecklistScreen

        self.push_screen(ChecklistScreen(key))

    def open_queue(self, query: str, title: str = "") -> None:
        """Go to the queues and show what ``query`` finds."""
        from screens.queues import QueuesScreen

        self.switch_mode("queues")
        while not isinstance(self.screen, QueuesScreen):
            self.pop_screen()
        self.screen.show_query(query, title)

    def action_queues(self) -> None:
        """Go to the queues."""
        self.switch_mode("queues")

    def action_supervisor(self) -> None:
        """Go to the clocks by queue."""
        self.switch_mode("supervisor")

    def action_sync(self) -> None:
        """Go to the exchange."""
        self.switch_mode("sync")

    def action_sync_now(self) -> None:
        """Exchange now."""
        self._exchange.poke()
        self.say(_("Exchange begins."))

    def action_theme(self) -> None:
        """Next theme."""
        self.theme = next_theme(self.theme)
        if self._remember_theme is not None:
            self._remember_theme(self.theme)

    def action_help(self) -> None:
        """All keys of this screen."""
        from screens.help import HelpScreen

        self.push_screen(HelpScreen())

    def action_palette(self) -> None:
        """Find any command by its name."""
        from screens.palette import open_palette

        open_palette(self)


def _merged(known: Change, change: Change) -> Change:
    return Change(change.number, known.areas | change.areas, known.pks | change.pks)


def _settle_memory() -> None:
    """What was made during the start lives as long as the program: never look through it again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def run_workstation(
    desk: Desk,
    exchange: Exchange,
    *,
    theme: str | None = None,
    remember_theme: "Callable[[str], None] | None" = None,
) -> None:
    """Run the workstation until the person leaves it. Collecting garbage waits for the first paint."""
    gc.disable()
    Workstation(desk, exchange, theme=theme, remember_theme=remember_theme).run()
