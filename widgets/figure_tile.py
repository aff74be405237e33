"""A number with its name, as large as the screen has room for; Enter or a click opens what is behind it."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from widgets.keys import binding_of


class FigureTile(Static, can_focus=True):
    """``at`` is its place among the others; what stands on it the screen decides."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding_of("supervisor.open", "open"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]
    ALLOW_SELECT = False

    class Opened(Message):
        """The queue behind the tile is wanted."""

        def __init__(self, tile: "FigureTile") -> None:
            super().__init__()
            self.tile = tile

    def __init__(self, kind: str, at: int) -> None:
        super().__init__("", id=f"{kind}-{at}", markup=False)
        self.kind = kind
        self.at = at

    def show(self, first: Content, second: Content) -> None:
        """Show two lines."""
        self.update(Content("\n").join([first, second]))

    def action_open(self) -> None:
        """Open what is behind it."""
        self.post_message(self.Opened(self))

    def on_click(self, _: events.Click) -> None:
        """Open what is behind it."""
        self.action_open()
