"""What screens with fields have in common: how a person goes from one field to the next."""

from typing import ClassVar, TypeVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from widgets.keys import bindings_for

T = TypeVar("T")


class Fields(Screen[T]):
    """A screen whose fields carry the class ``field``.

    Going on has priority over the fields themselves: a field that had to pass the key on would receive what
    is typed right behind it, and a password would land in the name.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("dialog"),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("enter", "go_on", show=False, priority=True),
    ]

    def action_go_on(self) -> None:
        """From a line to the next field, from the last one accept; elsewhere Enter is the field's own."""
        if not isinstance(self.focused, Input):
            raise SkipAction
        fields = [field for field in self.query(".field") if field.focusable]
        if self.focused is fields[-1]:
            self.action_accept()
        else:
            self.focus_next()

    def action_accept(self) -> None:
        """Check what was entered and answer with it."""
        raise NotImplementedError

    def action_cancel(self) -> None:
        """Answer with nothing."""
        self.dismiss(None)
