"""The list of queues with their counts."""

from collections.abc import Mapping
from itertools import groupby
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cur_tui.domain.text import cell_width
from cur_tui.formats import format_number
from cur_tui.i18n import N_, _
from cur_tui.services.views import View
from storage.entries import Count
from widgets.keys import binding_of
from widgets.show import line_text

WIDTH = 32
"""Cells of the whole list; its lines are drawn to this width."""

_TEXT = WIDTH - 3
_GROUPS = {"work": N_("Work"), "blocks": N_("Blocks"), "saved": N_("Saved views")}
_ALARMING = frozenset({"overdue"})
_NUMBERED = 9


class ViewList(OptionList):
    """Queues in groups; the first nine carry the digit that opens them."""

    DEFAULT_CSS = """
    ViewList {
        width: 32; height: 1fr; background: $surface; border: none; padding: 0 1;
        scrollbar-size-vertical: 1;
    }
    ViewList:focus { background: $surface; }
    ViewList > .option-list--option-highlighted { background: $panel; color: $foreground; text-style: none; }
    ViewList:focus > .option-list--option-highlighted { background: $primary 30%; color: $foreground; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [binding_of("queue.open", "select")]

    class Chosen(Message):
        """A queue is to be opened."""

        def __init__(self, view: View) -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._views: tuple[View, ...] = ()
        self._counts: Mapping[str, Count] = {}
        self._open: str | None = None

    @property
    def views(self) -> tuple[View, ...]:
        """The queues in their order."""
        return self._views

    def show(self, views: tuple[View, ...], counts: Mapping[str, Count], open_code: str | None) -> None:
        """List ``views``; the open one is marked."""
        if views != self._views:
            self._views, self._counts, self._open = views, counts, open_code
            self._fill()
            return
        changed = {view.code for view in views if counts.get(view.code) != self._counts.get(view.code)}
        changed |= {code for code in (self._open, open_code) if code is not None and self._open != open_code}
        known = {view.code for view in views}
        if open_code is not None and open_code in known and open_code != self._open:
            self.highlighted = self.get_option_index(open_code)
        self._counts, self._open = counts, open_code
        for number, view in enumerate(views, 1):
            if view.code in changed & known:
                self.replace_option_prompt(view.code, self._line(number, view))

    def _fill(self) -> None:
        self.clear_options()
        numbered = list(enumerate(self._views, 1))
        for group, members in groupby(numbered, key=lambda item: item[1].group):
            heading = Content.styled(_(_GROUPS[group]), "bold $text-muted")
            self.add_option(Option(heading, disabled=True, id=f"group:{group}"))
            for number, view in members:
                self.add_option(Option(self._line(number, view), id=view.code))
        if self._open is not None and self._open in {view.code for view in self._views}:
            self.highlighted = self.get_option_index(self._open)

    def _line(self, number: int, view: View) -> Content:
        count = self._counts.get(view.code)
        told = "" if count is None else format_number(count.number) + ("" if count.exact else "+")
        digit = str(number) if number <= _NUMBERED else " "
        room = _TEXT - 2 - cell_width(told) - 1
        title = line_text(view.title, room)
        gap = " " * (room - cell_width(title) + 1)
        is_open = view.code == self._open
        empty = count is not None and count.number == 0
        alarming = view.code in _ALARMING and count is not None and count.number > 0
        title_style = "bold $primary" if is_open else ("$text-muted" if empty else "")
        return Content.assemble(
            ("▌" if is_open else digit, "$primary" if is_open else "$text-muted"),
            " ",
            (title, title_style),
            gap,
            (told, "bold $error" if alarming else "$text-muted"),
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click opens a queue."""
        event.stop()
        view = next((view for view in self._views if view.code == event.option_id), None)
        if view is not None:
            self.post_message(self.Chosen(view))
