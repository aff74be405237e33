"""A field of a form whose value is chosen from a list."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from cur_tui.i18n import _
from cur_tui.services.forms import FormField
from widgets.show import show_line


class ChoiceField(Static, can_focus=True):
    """Shows the chosen value; Enter, a blank or a click asks for the list."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "open", show=False)]

    class Opened(Message):
        """The person wants to choose."""

        def __init__(self, field: "ChoiceField") -> None:
            super().__init__()
            self.field = field

    def __init__(self, field: FormField, *, id: str, classes: str = "") -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self.field = field
        self.value = field.initial

    def on_mount(self) -> None:
        """Show the first value."""
        self.choose(self.value)

    def choose(self, code: str) -> None:
        """Take a value."""
        self.value = code
        title = next((choice.title for choice in self.field.choices if choice.code == code), "")
        self.update(Content.assemble(show_line(title or _("— choose —")), " ▾"))

    def action_open(self) -> None:
        """Ask for the list."""
        self.post_message(self.Opened(self))

    def on_click(self, _: events.Click) -> None:
        """Ask for the list."""
        self.action_open()
