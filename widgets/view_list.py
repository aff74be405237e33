"""The list of queues with their counts. It draws its own lines, and anew only those that have changed."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from cur_tui.services.lists.views import View
from storage.entries import Count
from widgets.keys import binding_of
from widgets.queue_place import Place
from widgets.queue_table import WHEEL
from widgets.view_lines import INKS, ViewLine, lines_of


class ViewList(Widget, can_focus=True):
    """Queues in groups; the headings of the groups cannot be chosen."""

    DEFAULT_CSS = """
    ViewList { width: 32; height: 1fr; color: $foreground; background: $surface; }
    ViewList:focus { background-tint: $foreground 5%; }
    ViewList > .view-list--hover { background: $block-hover-background; }
    ViewList > .view-list--cursor { color: $foreground; background: $panel; }
    ViewList:focus > .view-list--cursor { background: $primary 30%; text-style: bold; }
    ViewList > .view-list--heading { color: $text-muted; text-style: bold; }
    ViewList > .view-list--dim { color: $text-muted; }
    ViewList > .view-list--open { color: $primary; text-style: bold; }
    ViewList > .view-list--mark { color: $primary; }
    ViewList > .view-list--alarm { color: $error; text-style: bold; }
    ViewList > .view-list--bar { color: $panel; }
    ViewList > .view-list--thumb { color: $primary; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"view-list--{name}" for name in (*INKS, "hover", "cursor", "bar", "thumb")
    }
    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        binding_of("queue.open", "select"),
        Binding("up", "up", show=False),
        Binding("down", "down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
    ]

    class Chosen(Message):
        """A queue is to be opened."""

        def __init__(self, view: View) -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._views: tuple[View, ...] = ()
        self._counts: Mapping[str, Count] = {}
        self._open: str | None = None
        self._lines: tuple[ViewLine, ...] = ()
        self._choices: list[int] = []
        self._place = Place()
        self._under_mouse: int | None = None
        self._bar_held = False

    @property
    def views(self) -> tuple[View, ...]:
        """The queues in their order."""
        return self._views

    @property
    def current(self) -> View | None:
        """The queue under the cursor."""
        return self._lines[self._place.cursor].view if self._lines else None

    def show(self, views: tuple[View, ...], counts: Mapping[str, Count], open_code: str | None) -> None:
        """List ``views``; the open one is marked, and the cursor goes there when it is opened."""
        if (views, counts, open_code) == (self._views, self._counts, self._open):
            return
        relisted, reopened = views != self._views, open_code != self._open
        self._views, self._counts, self._open = views, counts, open_code
        before, self._lines = self._lines, tuple(lines_of(views, counts, open_code))
        self._choices = [at for at, line in enumerate(self._lines) if line.view is not None]
        if len(before) == len(self._lines):
            pairs = zip(before, self._lines, strict=True)
            self._redraw(*(at for at, (old, new) in enumerate(pairs) if old.pieces != new.pieces))
        else:
            self._place = Place(self._place.cursor, self._place.top, len(self._lines), self._place.page)
            self.refresh()
        if relisted or reopened:
            codes = [view.code for view in views]
            self._move_to(self._choices[codes.index(open_code)] if open_code in codes else self._place.cursor)

    # --- drawing -----------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line in sight; the library keeps it until it is refreshed."""
        at, width, thumb = y + self._place.top, self.size.width, self._place.thumb()
        line = self._lines[at] if at < len(self._lines) else ViewLine(())
        ground = self.get_visual_style(*self._ground(at, line))
        segments = [
            Segment(text, (ground + self._ink(ink) if ink else ground).rich_style)
            for text, ink in line.pieces
        ]
        strip = Strip(segments).adjust_cell_length(width - bool(thumb), ground.rich_style)
        if not thumb:
            return strip
        bar = self.get_visual_style() + self._ink("thumb" if y in thumb else "bar")
        return Strip([*strip, Segment("▐", bar.rich_style)], width)

    def _ground(self, at: int, line: ViewLine) -> tuple[str, ...]:
        if line.view is None:
            return ()
        if at == self._place.cursor:
            return ("view-list--cursor",)
        return ("view-list--hover",) if at == self._under_mouse else ()

    def _ink(self, name: str) -> Style:
        return self.get_visual_style(f"view-list--{name}", partial=True)

    def _redraw(self, *lines: int) -> None:
        top, (width, height) = self._place.top, self.size
        regions = [Region(0, at - top, width, 1) for at in lines if top <= at < top + height]
        if regions:
            self.refresh(*regions)

    def on_resize(self) -> None:
        """See as many lines as there is room for."""
        self._place = self._stand(self._place.sized(self.size.height), self._place.cursor)
        self.refresh()

    # --- moving ------------------------------------------------------------------------------------

    def action_up(self) -> None:
        """The queue above; from the first one to the last."""
        self._choose(bisect_left(self._choices, self._place.cursor) - 1)

    def action_down(self) -> None:
        """The queue below; from the last one to the first."""
        self._choose(bisect_right(self._choices, self._place.cursor))

    def action_page_up(self) -> None:
        """One screen up."""
        self._choose(max(bisect_right(self._choices, self._place.cursor - self._place.page) - 1, 0))

    def action_page_down(self) -> None:
        """One screen down."""
        below = bisect_left(self._choices, self._place.cursor + self._place.page)
        self._choose(min(below, len(self._choices) - 1))

    def action_first(self) -> None:
        """The first queue."""
        self._choose(0)

    def action_last(self) -> None:
        """The last queue."""
        self._choose(-1)

    def action_select(self) -> None:
        """Open the queue under the cursor."""
        view = self.current
        if view is not None:
            self.post_message(self.Chosen(view))

    def _choose(self, number: int) -> None:
        """Put the cursor on a queue by its number among them, round and round."""
        if self._choices:
            self._move_to(self._choices[number % len(self._choices)])

    def _move_to(self, at: int) -> None:
        """Put the cursor on a line, or near it on one that can be chosen."""
        nearest = max(
            (choice for choice in self._choices if choice <= at), default=min(self._choices, default=0)
        )
        self._go(self._stand(self._place, nearest))

    def _stand(self, place: Place, at: int) -> Place:
        """``place`` with the cursor on a line; a heading above it comes into sight with it."""
        headed = 0 < at < len(self._lines) and self._lines[at - 1].view is None
        return place.at(at - 1).at(at) if headed else place.at(at)

    def _go(self, place: Place) -> None:
        before, self._place = self._place, place
        if place.top != before.top:
            self.refresh()
        elif place.cursor != before.cursor:
            self._redraw(before.cursor, place.cursor)

    # --- mouse -------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Open the queue under the mouse."""
        at = self._line_at(event)
        if at is not None:
            self._move_to(at)
            self.action_select()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the scroll bar."""
        if self._place.thumb() and event.x == self.size.width - 1:
            self._bar_held = True
            self.capture_mouse()
            self._go(self._place.scrolled(self._place.top_for_thumb(event.y)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw the scroll bar along, or show which queue a click would open."""
        if self._bar_held:
            self._go(self._place.scrolled(self._place.top_for_thumb(event.y)))
        else:
            self._hover(self._line_at(event))

    def on_mouse_up(self) -> None:
        """Let the scroll bar go."""
        if self._bar_held:
            self._bar_held = False
            self.release_mouse()

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self._hover(None)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """See further lines; the cursor stays where it is."""
        event.stop()
        self._go(self._place.scrolled(self._place.top + WHEEL))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """See earlier lines."""
        event.stop()
        self._go(self._place.scrolled(self._place.top - WHEEL))

    def _line_at(self, event: events.MouseEvent) -> int | None:
        """The line of the queue under the mouse, if there is one."""
        at = event.y + self._place.top
        on_bar = event.x >= self.size.width - (1 if self._place.thumb() else 0)
        listed = not on_bar and 0 <= at < len(self._lines) and self._lines[at].view is not None
        return at if listed else None

    def _hover(self, at: int | None) -> None:
        if at != self._under_mouse:
            before, self._under_mouse = self._under_mouse, at
            self._redraw(*(line for line in (before, at) if line is not None))
