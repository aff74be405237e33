"""A pane of text that never makes the screen arrange itself anew, however long its text is."""

from textual import events
from textual.content import Content
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

WHEEL = 3
"""Lines that a turn of the wheel scrolls."""


class TextPane(Widget, can_focus=False):
    """Blocks of text one under the other, folded to the width; the wheel scrolls them.

    A widget for each block with a height of its own would cost a layout of the whole screen for every text
    that is shown.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._blocks: tuple[Content, ...] = ()
        self._lines: list[Strip] | None = None
        self._top = 0

    def write(self, *blocks: Content) -> None:
        """Show these blocks from their beginning."""
        if blocks != self._blocks:
            self._blocks, self._lines, self._top = blocks, None, 0
            self.refresh()

    @property
    def plain(self) -> str:
        """What is written, without its styles."""
        return "\n".join(block.plain for block in self._blocks)

    def notify_style_update(self) -> None:
        """Fold anew in the new colours."""
        super().notify_style_update()
        self._lines = None

    def on_resize(self) -> None:
        """Fold anew to the new width."""
        self._lines = None

    def render_line(self, y: int) -> Strip:
        """The line at ``y``."""
        if self._lines is None:
            width, style = self.content_size.width, self.visual_style
            self._lines = [
                strip
                for block in self._blocks
                for strip in Visual.to_strips(self, block, width, None, style, pad=True)
            ]
        at = self._top + y
        if at < len(self._lines):
            return self._lines[at]
        return Strip.blank(self.content_size.width, self.rich_style)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """See what follows."""
        event.stop()
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """See what stood above."""
        event.stop()
        self._scroll(-WHEEL)

    def _scroll(self, by: int) -> None:
        last = max(len(self._lines or ()) - self.content_size.height, 0)
        top = max(0, min(self._top + by, last))
        if top != self._top:
            self._top = top
            self.refresh()
