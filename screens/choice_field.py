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
    """Shows the chosen value; Enter, a blank or a click asks for the list, a letter looks for it there."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "open", show=False)]

    class Opened(Message):
        """The person wants to choose."""

        def __init__(self, field: "ChoiceField", typed: str) -> None:
            super().__init__()
            self.field = field
            self.typed = typed

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
        self.post_message(self.Opened(self, ""))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters and figures are the beginning of a name: they are neither folded nor anybody else's."""
        return character is not None and character.isalnum()

    def on_key(self, event: events.Key) -> None:
        """Ask for the list with what was typed."""
        if event.character is not None and self.check_consume_key(event.key, event.character):
            event.stop()
            self.post_message(self.Opened(self, event.character))

    def on_click(self, _: events.Click) -> None:
        """Ask for the list."""
        self.action_open()
