"""A list of labelled entries to choose from; each wraps under its label in whatever width there is."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from widgets.ledger import Entry, hanging

SCROLLBAR = 2
"""Cells kept free on the right, so that a scrollbar that appears moves no word."""


class EntryList(OptionList, inherit_bindings=False):
    """Entries with a cursor. An entry without a label is a heading and cannot be chosen.

    What Enter does is the screen's; a click chooses.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", show=False),
        Binding("down,j", "cursor_down", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
    ]

    DEFAULT_CSS = """
    EntryList { background: $background; border: none; padding: 0 1; scrollbar-size-vertical: 1; }
    EntryList:focus { border: none; background-tint: transparent; }
    EntryList > .option-list--option-highlighted { background: $panel; color: $foreground; text-style: none; }
    EntryList:focus > .option-list--option-highlighted {
        background: $primary 25%; color: $foreground; text-style: none;
    }
    EntryList > .option-list--option-disabled { color: $primary; text-style: bold; }
    """

    def __init__(self, label_width: int, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._label_width = label_width
        self._entries: tuple[Entry, ...] = ()
        self._drawn_width = 0

    def show(self, entries: tuple[Entry, ...], at: int | None = None) -> None:
        """Show these entries; the cursor stays where it was unless ``at`` says where to put it."""
        if entries != self._entries:
            self._entries = entries
            self._draw()
        if at is not None and at < len(entries):
            self.highlighted = at

    def on_resize(self, _: events.Resize) -> None:
        """Wrap anew."""
        if self._width() != self._drawn_width:
            self._draw()

    def _draw(self) -> None:
        self._drawn_width = self._width()
        at = self.highlighted
        self.clear_options()
        self.add_options([self._option(entry) for entry in self._entries])
        if not self._entries:
            return
        first = next((n for n, entry in enumerate(self._entries) if entry.label), None)
        self.highlighted = first if at is None else min(at, len(self._entries) - 1)

    def _option(self, entry: Entry) -> Option:
        if not entry.label:
            return Option(entry.value, disabled=True)
        return Option(Content("\n").join(hanging(entry, self._label_width, self._drawn_width)))

    def _width(self) -> int:
        return max(self.size.width - SCROLLBAR - 2, 20)
