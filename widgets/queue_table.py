"""The queue: a list of any length with a cursor, marks, keys and the mouse. Moving repaints two lines."""

from collections.abc import Callable
from time import monotonic

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.timer import Timer

from cur_tui.services.lists.window import Names
from widgets.queue_canvas import QueueCanvas, RowSource
from widgets.queue_place import Place

REST = 0.08
"""Seconds after which the cursor has come to rest."""

WHEEL = 3
"""Rows that a turn of the wheel scrolls."""


class QueueTable(QueueCanvas, can_focus=True):
    """The list of appeals. What it shows is :class:`QueueCanvas`; here are the ways to move and to mark."""

    class Rested(Message):
        """The cursor has come to rest."""

    class Opened(Message):
        """A row was clicked twice."""

    class MarksChanged(Message):
        """The set of marked rows changed."""

    def __init__(self, names: Names, *, id: str | None = None) -> None:
        super().__init__(names, id=id)
        self._moved_at = 0.0
        self._resting: Timer | None = None
        self._bar_held = False
        # By key and not by bindings, which are looked up on the whole way from here to the application: the
        # keys that are held down go the short way.
        self._short_ways: dict[str, Callable[[], None]] = {
            "up": self.action_up,
            "down": self.action_down,
            "pageup": self.action_page_up,
            "pagedown": self.action_page_down,
            "ctrl+u": self.action_page_up,
            "ctrl+d": self.action_page_down,
        }

    def show(self, source: RowSource, *, now: int, at: int = 0, keep: bool = False) -> None:
        """Show a list; see :meth:`QueueCanvas.show`."""
        super().show(source, now=now, at=at, keep=keep)
        self._rest_soon()

    def return_to(self, place: Place) -> None:
        """Stand again where one stood before; the list may have changed since.

        What took room away meanwhile gives it back: the table is resized in a moment.
        """
        self._place = Place(place.cursor, place.top, self.count, place.page).at(place.cursor)
        self.refresh()

    # --- moving ------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Move, by the keys that are pressed most."""
        move = self._short_ways.get(event.key)
        if move is not None:
            event.stop()
            event.prevent_default()
            move()

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, by its index."""
        if self.count:
            self._go(self._place.at(index))

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

    def _go(self, place: Place) -> None:
        before, self._place = self._place, place
        if place.top != before.top:
            self.refresh()
            if abs(place.cursor - before.cursor) > 1:
                self.call_after_refresh(self._draw_neighbours, place.cursor - before.cursor)
        elif place.cursor != before.cursor:
            width = self.size.width
            self.refresh(*(Region(0, at.cursor - at.top + 1, width, 1) for at in (before, place)))
        self._rest_soon()

    def _draw_neighbours(self, *steps: int) -> None:
        """Draw what the next keys will show, in the idle moment after a paint."""
        for step in steps:
            self.draw_ahead(self._place.at(self._place.cursor + step))

    def _rest_soon(self) -> None:
        """One timer, however many keys come meanwhile: it looks at its end whether the cursor has rested."""
        self._moved_at = monotonic()
        if self._resting is None:
            self._resting = self.set_timer(REST, self._rest)

    def _rest(self) -> None:
        left = self._moved_at + REST - monotonic()
        if left > REST / 8:
            self._resting = self.set_timer(left, self._rest)
            return
        self._resting = None
        self.post_message(self.Rested())
        self.call_later(self._draw_neighbours, self.page, -self.page)

    # --- marks -------------------------------------------------------------------------------------

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor."""
        listed = self.current
        if listed is not None:
            self.marked.symmetric_difference_update({listed.pk})
            self._mark_changed()

    def mark_current(self) -> None:
        """Mark the row under the cursor."""
        listed = self.current
        if listed is not None and listed.pk not in self.marked:
            self.marked.add(listed.pk)
            self._mark_changed()

    def set_marks(self, keys: set[int]) -> None:
        """Mark exactly these appeals."""
        if keys != self.marked:
            self.marked = set(keys)
            self.redraw()
            self.post_message(self.MarksChanged())

    def _mark_changed(self) -> None:
        self.redraw_line(self.cursor)
        self.post_message(self.MarksChanged())

    # --- mouse -------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        index = event.y - 1 + self.top
        if event.y > 0 and index < self.count and event.x < self.size.width - 1:
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the scroll bar."""
        if event.x == self.size.width - 1:
            self._bar_held = True
            self.capture_mouse()
            self._scroll(self._place.top_for_thumb(event.y - 1))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw the scroll bar along."""
        if self._bar_held:
            self._scroll(self._place.top_for_thumb(event.y - 1))

    def on_mouse_up(self) -> None:
        """Let the scroll bar go."""
        if self._bar_held:
            self._bar_held = False
            self.release_mouse()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """See further rows; the cursor stays where it is."""
        event.stop()
        self._scroll(self.top + WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """See earlier rows."""
        event.stop()
        self._scroll(self.top - WHEEL)

    def _scroll(self, top: int) -> None:
        place = self._place.scrolled(top)
        if place != self._place:
            self._place = place
            self.refresh()
