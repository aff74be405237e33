"""What came of an act on many appeals: which ones refused it, and why."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cur_tui.i18n import _
from widgets.key_line import hint
from widgets.show import show_line

NUMBERS = 2_000
"""Characters of the numbers that one reason has refused: more than anybody reads."""


class OutcomeScreen(ModalScreen[None]):
    """A sentence and the reasons, each once with the numbers that it refused."""

    CSS_PATH = "outcome.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,escape", "close", show=False)]

    def __init__(self, summary: str, lines: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._summary = summary
        self._refused: dict[str, list[str]] = {}
        for number, reason in lines:
            self._refused.setdefault(reason, []).append(number)

    def compose(self) -> ComposeResult:
        """The sentence, the refused ones, the keys."""
        with Vertical(id="box"):
            yield Static(show_line(self._summary), id="title")
            with VerticalScroll(id="lines"):
                for reason, numbers in self._refused.items():
                    whom = show_line(", ".join(numbers), NUMBERS, "bold")
                    yield Static(Content.assemble(whom, "  ", show_line(reason)))
            yield Static(hint(_("Enter: close   ↑↓: scroll")), id="keys")

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one("#lines").focus()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
