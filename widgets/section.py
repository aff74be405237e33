"""A titled part of a screen that is not there while it has nothing to say."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget


class Section(Vertical):
    """A rule with a title above one widget."""

    DEFAULT_CSS = """
    Section {
        height: auto; padding: 0 1; margin-bottom: 1;
        border-top: solid $foreground 20%; border-title-color: $primary; border-title-style: bold;
    }
    """

    def __init__(self, title: str, body: Widget, *, id: str) -> None:
        super().__init__(id=id)
        self.border_title = Content(title)
        self._body = body

    def compose(self) -> ComposeResult:
        """The body under the title."""
        yield self._body

    def title(self, title: str) -> None:
        """Change the title."""
        self.border_title = Content(title)
