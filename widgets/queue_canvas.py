"""The lines of a queue on the screen: only those in sight are drawn, whatever the length of the list.

A general data table measures and keeps every cell; at a million rows that costs minutes and gigabytes.
Here the widget knows a count and asks its source for the rows it is about to draw. It draws its scroll bar
itself and hands finished lines to the compositor: neither a longer list nor a moved thumb makes the screen
arrange itself anew.
"""

from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from cur_tui.services.lists.found import Find
from cur_tui.services.lists.window import Names
from storage.entries import CachedRow
from widgets.queue_lines import LineStyles, heading, line
from widgets.queue_place import Place

STRIPS_KEPT = 256
"""How many drawn lines are kept: several screens."""

_MARGIN = "    "


class RowSource(Protocol):
    """Where the rows come from. ``row`` is cheap for any index near those asked for last."""

    @property
    def count(self) -> int:
        """How many rows there are."""

    def row(self, index: int) -> CachedRow | None:
        """The row at ``index``; None when it has gone meanwhile."""


class QueueCanvas(Widget):
    """Draws the part of a list that is in sight. The first line is the heading and stays in place."""

    DEFAULT_CSS = """
    QueueCanvas { background: $background; }
    QueueCanvas > .queue--heading { color: $text-muted; background: $panel; text-style: bold; }
    QueueCanvas > .queue--line { color: $foreground; background: $background; }
    QueueCanvas > .queue--cursor { color: $foreground; background: $panel; }
    QueueCanvas:focus > .queue--cursor { color: $background; background: $primary; text-style: bold; }
    QueueCanvas > .queue--dim { color: $text-muted; }
    QueueCanvas > .queue--overdue { color: $error; text-style: bold; }
    QueueCanvas > .queue--soon { color: $warning; text-style: bold; }
    QueueCanvas > .queue--day { color: $warning; }
    QueueCanvas > .queue--strong { text-style: bold; }
    QueueCanvas > .queue--found { color: $accent; text-style: bold underline; }
    QueueCanvas > .queue--bar { color: $panel; }
    QueueCanvas > .queue--thumb { color: $primary; }
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
        "queue--found",
        "queue--bar",
        "queue--thumb",
    }
    ALLOW_SELECT = False

    def __init__(self, names: Names, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = names
        self._source: RowSource | None = None
        self._place = Place()
        self._now = 0
        self._find: Find | None = None
        self._said = Content("")
        self._strips: dict[tuple[int, bool, bool], Strip] = {}
        self._known_styles: LineStyles | None = None
        self._known_background: Color | None = None
        self.marked: set[int] = set()
        """The keys of the marked appeals."""

    # --- what it shows -----------------------------------------------------------------------------

    def show(self, source: RowSource, *, now: int, at: int = 0, keep: bool = False) -> None:
        """Show ``source`` with the cursor on the row ``at``.

        ``keep`` says that this row was under the cursor before, whatever came or went above it: it stays on
        its line of the screen.
        """
        before, place = self._source, self._place
        self._source = source
        if keep:
            self._place = place.relisted(source.count, at)
        else:
            self._place = Place(0, 0, source.count, place.page).at(at)
        same = before is not None and self._place.top == place.top and now == self._now
        sight = self._place.in_sight if same and keep else range(0)
        kept = {index for index in sight if before and before.row(index) is source.row(index)}
        self._now = now
        self._strips = {key: strip for key, strip in self._strips.items() if key[0] in kept}
        self.refresh()

    def say_when_empty(self, words: Content) -> None:
        """What stands in place of the rows while there are none."""
        if words != self._said:
            self._said = words
            if not self.count:
                self.redraw()

    def look_for(self, find: Find | None) -> None:
        """Show in the titles where the words of a search stand."""
        if find is not self._find:
            self._find = find
            self.redraw()

    def tick(self, now: int) -> None:
        """Redraw with a later time, so that the clocks move on."""
        self._now = now
        self.redraw()

    def rename(self, names: Names) -> None:
        """Use other names for codes."""
        self._names = names
        self.redraw()

    def redraw(self) -> None:
        """Draw every line anew from its source."""
        self._strips.clear()
        self.refresh()

    def redraw_line(self, index: int) -> None:
        """Draw one line anew."""
        for at_cursor in (False, True):
            for on_thumb in (False, True):
                self._strips.pop((index, at_cursor, on_thumb), None)
        y = index - self.top + 1
        if 0 < y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    @property
    def count(self) -> int:
        """How many rows are listed."""
        return self._place.count

    @property
    def cursor(self) -> int:
        """The index of the row under the cursor."""
        return self._place.cursor

    @property
    def top(self) -> int:
        """The index of the first row in sight."""
        return self._place.top

    @property
    def place(self) -> Place:
        """Where the person stands in the list."""
        return self._place

    def is_seen(self, rows: range) -> bool:
        """Whether any of the rows is in sight."""
        sight = self._place.in_sight
        return max(rows.start, sight.start) < min(rows.stop, sight.stop)

    @property
    def page(self) -> int:
        """How many rows are in sight."""
        return self._place.page

    @property
    def current(self) -> CachedRow | None:
        """The row under the cursor."""
        return self._source.row(self.cursor) if self._source and self.count else None

    # --- drawing -----------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Drop drawn lines when the theme or the focus changes."""
        super().notify_style_update()
        self._known_styles = self._known_background = None
        self._strips.clear()

    def on_resize(self, event: events.Resize) -> None:
        """Drop drawn lines when the width changes."""
        self._place = self._place.sized(event.size.height - 1)
        self._strips.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the widget, finished.

        The library would look at each line's borders and filters again for every key, though nothing of a
        line changes but the cursor.
        """
        lines = self._lines(self._place, crop.line_range) if self.count else self._empty_lines(crop)
        if crop.column_span != (0, self.size.width):
            return [strip.crop(*crop.column_span) for strip in lines]
        return lines

    def draw_ahead(self, place: Place) -> None:
        """Read and draw what would be in sight at ``place``, so that going there only shows it."""
        if self.count and self.size:
            self._lines(place, range(1, len(place.in_sight) + 1))

    def _lines(self, place: Place, sight: range) -> list[Strip]:
        thumb = place.thumb()
        lines = []
        for y in sight:
            index = y - 1 + place.top if y else -1
            key = (index, index == place.cursor, y - 1 in thumb)
            strip = self._strips.get(key)
            if strip is None:
                if len(self._strips) >= STRIPS_KEPT:
                    self._strips.clear()
                strip = self._strips[key] = self._drawn(*key)
            lines.append(strip)
        return lines

    def _drawn(self, index: int, at_cursor: bool, on_thumb: bool) -> Strip:
        width, styles = max(self.size.width - 1, 1), self._styles()
        listed = self._source.row(index) if self._source and 0 <= index < self.count else None
        if index < 0:
            return self._finished([heading(width + 1, styles.heading)])
        if listed is None:
            segments = [Segment(" " * width, styles.base)]
        else:
            segments = line(
                listed,
                width,
                now=self._now,
                names=self._names,
                styles=styles,
                at_cursor=at_cursor,
                marked=listed.pk in self.marked,
                find=self._find,
            )
        scrolls = self.count > self._place.page
        bar = Segment("▐" if scrolls else " ", styles.thumb if on_thumb else styles.bar)
        return self._finished([*segments, bar])

    def _finished(self, segments: list[Segment]) -> Strip:
        """The line behind every filter, the last wall before the terminal among them."""
        if self._known_background is None:
            self._known_background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            segments = line_filter.apply(segments, self._known_background)
        return Strip(segments, self.size.width)

    def _empty_lines(self, crop: Region) -> list[Strip]:
        """The heading and, under it, the sentence that says why there are no rows."""
        styles, width = self._styles(), self.size.width
        lines = [
            *self._lines(self._place, range(1)),
            Strip.blank(width, styles.base),
            Strip.blank(width, styles.base),
        ]
        room = max(width - 2 * len(_MARGIN), 1)
        margin = Segment(_MARGIN, styles.base)
        for strip in Visual.to_strips(self, self._said, room, None, self.visual_style, pad=True):
            lines.append(self._finished([margin, *strip, margin]).adjust_cell_length(width, styles.base))
        lines += [Strip.blank(width, styles.base)] * (self.size.height - len(lines))
        return lines[crop.y : crop.bottom]

    def _styles(self) -> LineStyles:
        if self._known_styles is None:
            base = self.get_component_rich_style("queue--line")
            cursor = self.get_component_rich_style("queue--cursor")

            def ink(name: str) -> Style:
                style = self.get_component_rich_style(f"queue--{name}", partial=True)
                return base + Style(color=style.color, bold=style.bold, underline=style.underline)

            self._known_styles = LineStyles(
                heading=self.get_component_rich_style("queue--heading"),
                base=base,
                cursor=cursor,
                dim=ink("dim"),
                overdue=ink("overdue"),
                soon=ink("soon"),
                day=ink("day"),
                strong=ink("strong"),
                found=ink("found"),
                found_at_cursor=cursor + Style(underline=True),
                bar=ink("bar"),
                thumb=ink("thumb"),
            )
        return self._known_styles
