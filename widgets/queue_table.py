"""The queue: a virtual list that draws only the lines in sight, whatever its length.

A general data table measures and keeps every cell; at a million rows that costs minutes and gigabytes.
Here the widget knows a count and asks its source for the rows it is about to draw. Moving the cursor
repaints two lines.
"""

from typing import ClassVar, Protocol

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cur_tui.services.window import Names
from storage.entries import CachedRow
from widgets.queue_lines import LineStyles, heading, line


class RowSource(Protocol):
    """Where the rows come from. ``row`` is cheap for any index near those asked for last."""

    @property
    def count(self) -> int:
        """How many rows there are."""

    def row(self, index: int) -> CachedRow | None:
        """The row at ``index``; None when it has gone meanwhile."""

    def index_of(self, pk: int) -> int | None:
        """Where the appeal with this key stands; None when it is not in the list."""


class QueueTable(ScrollView, can_focus=True):
    """The list of appeals with its cursor and marks. The first line is the heading and stays in place."""

    DEFAULT_CSS = """
    QueueTable { background: $background; scrollbar-gutter: stable; overflow-x: hidden; }
    QueueTable > .queue--heading { color: $text-muted; background: $panel; text-style: bold; }
    QueueTable > .queue--line { color: $foreground; background: $background; }
    QueueTable > .queue--cursor { color: $foreground; background: $panel; }
    QueueTable:focus > .queue--cursor { color: $background; background: $primary; text-style: bold; }
    QueueTable > .queue--dim { color: $text-muted; }
    QueueTable > .queue--overdue { color: $error; text-style: bold; }
    QueueTable > .queue--soon { color: $warning; text-style: bold; }
    QueueTable > .queue--day { color: $warning; }
    QueueTable > .queue--strong { text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "queue--heading",
        "queue--line",
        "queue--cursor",
        "queue--dim",
        "queue--overdue",
        "queue--soon",
        "queue--day",
        "queue--strong",
    }

    cursor: reactive[int] = reactive(0, repaint=False)

    class Highlighted(Message):
        """The cursor came to rest on a row."""

        def __init__(self, listed: CachedRow | None) -> None:
            super().__init__()
            self.listed = listed

        def can_replace(self, message: Message) -> bool:
            """Only the last position matters while a key is held down."""
            return isinstance(message, QueueTable.Highlighted)

    class Opened(Message):
        """A row was clicked twice."""

        def __init__(self, listed: CachedRow) -> None:
            super().__init__()
            self.listed = listed

    class MarksChanged(Message):
        """The set of marked rows changed."""

        def __init__(self, count: int) -> None:
            super().__init__()
            self.count = count

    def __init__(self, names: Names, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = names
        self._source: RowSource | None = None
        self._now = 0
        self._strips: dict[int, Strip] = {}
        self.marked: set[int] = set()

    # --- what it shows -----------------------------------------------------------------------------

    def show(self, source: RowSource, *, now: int, keep: int | None = None) -> None:
        """Show ``source``. The cursor stays on the appeal ``keep`` (its key) if it is still listed, and that
        appeal stays on its line of the screen, whatever came or went above it.
        """
        self._source = source
        self._now = now
        self._strips.clear()
        index = source.index_of(keep) if keep is not None else None
        if index is None:
            index = min(self.cursor, max(source.count - 1, 0)) if keep is not None else 0
        top = max(self.scroll_offset.y + index - self.cursor, 0) if keep is not None else 0
        self.virtual_size = Size(0, source.count + 1)
        self.set_reactive(QueueTable.cursor, index)
        self.scroll_to(y=top, animate=False, immediate=True)
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Highlighted(self.current))

    def tick(self, now: int) -> None:
        """Redraw with a later time, so that the clocks move on."""
        self._now = now
        self._strips.clear()
        self.refresh()

    def redraw(self) -> None:
        """Draw every line anew from its source."""
        self._strips.clear()
        self.refresh()

    def rename(self, names: Names) -> None:
        """Use other names for codes."""
        self._names = names
        self._strips.clear()
        self.refresh()

    @property
    def count(self) -> int:
        """How many rows are listed."""
        return self._source.count if self._source else 0

    @property
    def current(self) -> CachedRow | None:
        """The row under the cursor."""
        return self._source.row(self.cursor) if self._source and self.cursor < self.count else None

    # --- drawing -----------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Drop drawn lines when the theme or the focus changes."""
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self, _: events.Resize) -> None:
        """Drop drawn lines when the width changes."""
        self._strips.clear()
        self._scroll_to_cursor()

    def render_line(self, y: int) -> Strip:
        """The line at ``y`` of the widget."""
        width = self.scrollable_content_region.width
        if y == 0:
            return heading(width, self.get_component_rich_style("queue--heading"))
        index = y - 1 + self.scroll_offset.y
        strip = self._strips.get(index)
        if strip is None:
            strip = self._draw(index, width)
            if len(self._strips) > 512:
                self._strips.clear()
            self._strips[index] = strip
        return strip

    def _draw(self, index: int, width: int) -> Strip:
        listed = self._source.row(index) if self._source and index < self._source.count else None
        styles = self._styles()
        if listed is None:
            return Strip.blank(width, styles.base)
        return line(
            listed,
            width,
            now=self._now,
            names=self._names,
            styles=styles,
            at_cursor=index == self.cursor,
            marked=listed.pk in self.marked,
        )

    def _styles(self) -> LineStyles:
        def ink(name: str) -> Style:
            style = self.get_component_rich_style(name, partial=True)
            return Style(color=style.color, bold=style.bold)

        return LineStyles(
            base=self.get_component_rich_style("queue--line"),
            cursor=self.get_component_rich_style("queue--cursor"),
            dim=ink("queue--dim"),
            overdue=ink("queue--overdue"),
            soon=ink("queue--soon"),
            day=ink("queue--day"),
            strong=ink("queue--strong"),
        )

    # --- moving ------------------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """How many rows are in sight."""
        return max(self.scrollable_content_region.height - 1, 1)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, by its index."""
        if self.count:
            self.cursor = max(0, min(index, self.count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the two lines that changed and keep the cursor in sight."""
        for index in (old, new):
            self._strips.pop(index, None)
        if self._scroll_to_cursor():
            return
        self._refresh_row(old)
        self._refresh_row(new)
        self.post_message(self.Highlighted(self.current))

    def _refresh_row(self, index: int) -> None:
        y = index - self.scroll_offset.y + 1
        if 0 < y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _scroll_to_cursor(self) -> bool:
        top = self.scroll_offset.y
        if self.cursor < top:
            target = self.cursor
        elif self.cursor >= top + self.page:
            target = self.cursor - self.page + 1
        else:
            return False
        self.scroll_to(y=target, animate=False, immediate=True)
        self.refresh()
        self.post_message(self.Highlighted(self.current))
        return True

    # --- marks -------------------------------------------------------------------------------------

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor."""
        listed = self.current
        if listed is not None:
            self.marked.symmetric_difference_update({listed.pk})
            self._marks_changed()

    def mark_current(self) -> None:
        """Mark the row under the cursor."""
        listed = self.current
        if listed is not None:
            self.marked.add(listed.pk)
            self._marks_changed()

    def set_marks(self, keys: set[int]) -> None:
        """Mark exactly these appeals."""
        self.marked = set(keys)
        self._marks_changed()

    def _marks_changed(self) -> None:
        self._strips.clear()
        self.refresh()
        self.post_message(self.MarksChanged(len(self.marked)))

    # --- keys and mouse ----------------------------------------------------------------------------

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "up", show=False),
        Binding("down", "down", show=False),
        Binding("pageup,ctrl+u", "page_up", show=False),
        Binding("pagedown,ctrl+d", "page_down", show=False),
    ]

    def action_up(self) -> None:
        """One row up."""
        self.move_to(self.cursor - 1)

    def action_down(self) -> None:
        """One row down."""
        self.move_to(self.cursor + 1)

    def action_page_up(self) -> None:
        """One screen up."""
        self.move_to(self.cursor - self.page)

    def action_page_down(self) -> None:
        """One screen down."""
        self.move_to(self.cursor + self.page)

    def action_top(self) -> None:
        """First row."""
        self.move_to(0)

    def action_bottom(self) -> None:
        """Last row."""
        self.move_to(self.count - 1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        if event.y == 0:
            return
        index = event.y - 1 + self.scroll_offset.y
        if index < self.count:
            self.move_to(index)
            if event.chain == 2 and (listed := self.current) is not None:
                self.post_message(self.Opened(listed))
