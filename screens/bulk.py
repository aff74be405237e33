"""An act on many appeals while it goes on: how far it is, and Escape to stop it."""

from collections.abc import Generator
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import ProgressBar, Static
from textual.worker import get_current_worker

from cur_tui.i18n import _
from cur_tui.services.desk import Done, Failed
from screens.base import station
from widgets.key_line import hint
from widgets.show import show_line

TOLD_EVERY = 0.1
"""Seconds between two movements of the bar."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many took the command, and which ones refused it."""

    took: int
    failed: list[Failed]


class BulkScreen(ModalScreen[Outcome]):
    """Works through ``steps`` in a thread and answers with what came of them, also when it is stopped."""

    CSS_PATH = "bulk.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "halt", show=False)]

    def __init__(self, title: str, total: int, steps: Generator[Done | Failed, None, None]) -> None:
        super().__init__()
        self._title = title
        self._total = total
        self._steps = steps
        self._stopping = False

    def compose(self) -> ComposeResult:
        """What is done, how far, how to stop."""
        with Vertical(id="box"):
            yield Static(show_line(self._title), id="title")
            yield ProgressBar(total=self._total, show_eta=False, id="bar")
            yield Static(hint(_("Esc: stop; what is done stays")), id="keys")

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._work, thread=True, exit_on_error=False)

    def action_halt(self) -> None:
        """Stop after the present appeal."""
        self._stopping = True

    def _work(self) -> None:
        worker = get_current_worker()
        took, failed = 0, list[Failed]()
        told = monotonic()
        try:
            for result in self._steps:
                if isinstance(result, Failed):
                    failed.append(result)
                else:
                    took += 1
                if self._stopping or worker.is_cancelled:
                    break
                if monotonic() - told > TOLD_EVERY:
                    told = monotonic()
                    self.app.call_from_thread(self._moved, took + len(failed))
        except Exception as error:
            self.app.call_from_thread(station(self).tell_failure, error)
        finally:
            # Ends the act, so that it can be taken back as one.
            self._steps.close()
        if not worker.is_cancelled:
            self.app.call_from_thread(self.dismiss, Outcome(took, failed))

    def _moved(self, done: int) -> None:
        self.query_one(ProgressBar).update(progress=done)
