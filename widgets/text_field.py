"""Fields that begin with a text of somebody else: it is made neutral, since the library draws it as it is."""

from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from cur_tui.domain.texts.text import neutralise


class TextField(TextArea):
    """The library's editor as a field: Tab leaves it, and the function keys keep their one meaning.

    In the library F6 and F7 select text, so that whoever looks for the exchange types over the letter.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f6,f7", "pass_on", show=False)]

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        text = neutralise(text)
        super().__init__(text, id=id, classes=classes, soft_wrap=True, compact=True, tab_behavior="focus")

    def action_pass_on(self) -> None:
        """Leave the key to the screen."""
        raise SkipAction


def line_of(text: str) -> str:
    """What a field of one line may begin with."""
    return neutralise(text).replace("\n", " ")
