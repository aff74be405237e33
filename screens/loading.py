"""The first start: nothing is on this machine yet, and the server is being read."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import ProgressBar, Static

from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.access.workplace import Workplace
from cur_tui.services.desk import Desk
from cur_tui.services.exchange.exchange import Exchange, Phase, SyncState, progress_words
from widgets.key_line import hint
from widgets.keys import bindings_for
from widgets.show import show_line

LOOK = 0.25
"""Seconds between two looks."""


class LoadingScreen(Screen[Desk | None]):
    """Answers with the desk as soon as the region profile is here; the appeals go on arriving behind it.

    None: the person does not want to wait.
    """

    CSS_PATH = "loading.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("loading")

    def __init__(self, place: Workplace, exchange: Exchange) -> None:
        super().__init__()
        self._place = place
        self._exchange = exchange

    def compose(self) -> ComposeResult:
        """What is happening, how far it is, the keys."""
        with Vertical(id="box"):
            yield Static(Content(_("First reading")), id="title")
            yield Static("", id="state", markup=False)
            yield ProgressBar(total=None, show_eta=False, id="bar")
            yield Static(hint(_("R: try again now   Esc: back")), id="keys")

    def on_mount(self) -> None:
        """Look, and look again."""
        self._look()
        self.set_interval(LOOK, self._look)

    def _look(self) -> None:
        state = self._exchange.state()
        self.query_one("#state", Static).update(_words(state))
        progress = state.progress
        if progress is not None and progress.total:
            self.query_one(ProgressBar).update(total=progress.total, progress=progress.done)
        try:
            desk = self._place.desk
        except Refused:
            return
        if self.is_current:
            self.dismiss(desk)

    def action_again(self) -> None:
        """Do not wait for the next attempt."""
        self._exchange.poke()

    def action_back(self) -> None:
        """Do not wait."""
        self.dismiss(None)


def _words(state: SyncState) -> Content:
    if state.sentence:
        return show_line(state.sentence, 400, "$error")
    if state.phase is Phase.BOOTSTRAPPING and state.progress is not None:
        return Content(progress_words(state.progress))
    return Content(_("The server is asked what you may see …"))
