"""A field of several lines."""

from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.widgets import TextArea


class TextField(TextArea):
    """The library's editor as a field: Tab leaves it, and the function keys keep their one meaning.

    In the library F6 and F7 select text, so that whoever looks for the exchange types over the letter.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f6,f7", "pass_on", show=False)]

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(text, id=id, classes=classes, soft_wrap=True, compact=True, tab_behavior="focus")

    def action_pass_on(self) -> None:
        """Leave the key to the screen."""
        raise SkipAction
