"""Choosing one entry from a list, with a few letters typed to find it."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cur_tui.i18n import _
from cur_tui.services.forms import Choice
from widgets.choice import matching
from widgets.key_line import hint
from widgets.keys import bindings_for
from widgets.show import show_line

MAX_SHOWN = 200


def _nothing(typed: str) -> Choice | None:
    return None


class Picker(ModalScreen[str | None]):
    """Answers with the chosen code, or None."""

    CSS_PATH = "picker.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("picker"),
        ("down", "move(1)"),
        ("up", "move(-1)"),
        ("pagedown", "move(10)"),
        ("pageup", "move(-10)"),
    ]

    def __init__(
        self,
        title: str,
        choices: tuple[Choice, ...],
        initial: str = "",
        *,
        typed: Callable[[str], Choice | None] = _nothing,
        placeholder: str = "",
        begun: str = "",
    ) -> None:
        """``typed`` may make one more choice of what is being typed; ``begun`` is typed already."""
        super().__init__()
        self._begun = begun
        self._typed_choice = typed
        self._placeholder = placeholder or _("Type a few letters to find it")
        self._title = title
        self._choices = choices
        self._initial = initial
        self._shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        """Title, the line to type in, the list."""
        with Vertical(id="box"):
            yield Static(show_line(self._title), id="title")
            yield Input(
                self._begun, placeholder=self._placeholder, id="typed", compact=True, select_on_focus=False
            )
            yield OptionList(id="list", markup=False, compact=True)
            yield Static(hint(_("Enter: choose   Esc: cancel   ↑↓: move")), id="keys")

    def on_mount(self) -> None:
        """Show everything, with the present value under the cursor."""
        self._fill(self._begun)
        codes = [choice.code for choice in self._shown]
        if self._initial and self._initial in codes:
            self.query_one(OptionList).highlighted = codes.index(self._initial)
        self.query_one(Input).focus()

    def type_on(self, letters: str) -> None:
        """Take letters that were typed before the line was there."""
        self._begun += letters
        for line in self.query(Input):
            line.value = self._begun
            line.cursor_position = len(line.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    def _fill(self, typed: str) -> None:
        own = self._typed_choice(typed)
        self._shown = ([own] if own else []) + matching(self._choices, typed)[:MAX_SHOWN]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(_line(choice)) for choice in self._shown])
        if self._shown:
            options.highlighted = 0
        elif typed:
            options.add_option(Option(Content(_("Nothing found.")), disabled=True))

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_choose()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index].code)

    def action_move(self, by: int) -> None:
        """Move through the list while typing goes on."""
        options = self.query_one(OptionList)
        if self._shown:
            at = options.highlighted or 0
            options.highlighted = max(0, min(at + by, len(self._shown) - 1))

    def action_choose(self) -> None:
        """Answer with the line under the cursor."""
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._shown):
            self.dismiss(self._shown[at].code)

    def action_cancel(self) -> None:
        """Answer with nothing."""
        self.dismiss(None)


def _line(choice: Choice) -> Content:
    title = show_line(choice.title)
    return Content.assemble(title, "  ", show_line(choice.hint, 200, "$text-muted")) if choice.hint else title
