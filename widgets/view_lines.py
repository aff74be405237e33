"""The lines of the list of queues: what stands in each and in which ink, before any colour is known."""

from collections.abc import Iterator, Mapping
from itertools import groupby

import msgspec

from cur_tui.domain.texts.text import cell_width
from cur_tui.formats import format_number
from cur_tui.i18n import N_, _
from cur_tui.services.lists.views import View
from storage.entries import Count
from widgets.show import line_text

TEXT = 29
"""Cells of a line's words."""

INKS = ("heading", "dim", "open", "mark", "alarm")
"""Names of the inks; an empty name is the ink of plain words."""

_GROUPS = {"work": N_("Work"), "blocks": N_("Blocks"), "saved": N_("Saved views")}
_ALARMING = frozenset({"overdue"})
_NUMBERED = 9


class ViewLine(msgspec.Struct, frozen=True):
    """One line: its pieces, each a text with the name of its ink, and the queue that it opens.

    Lines of equal pieces look the same. A heading opens nothing.
    """

    pieces: tuple[tuple[str, str], ...]
    view: View | None = None


def lines_of(
    views: tuple[View, ...], counts: Mapping[str, Count], open_code: str | None
) -> Iterator[ViewLine]:
    """The queues under the headings of their groups; the first nine carry the digit that opens them."""
    for group, members in groupby(enumerate(views, 1), key=lambda numbered: numbered[1].group):
        yield ViewLine(((line_text(_(_GROUPS[group]), TEXT), "heading"),))
        for number, view in members:
            yield ViewLine(_pieces(number, view, counts.get(view.code), view.code == open_code), view)


def _pieces(number: int, view: View, count: Count | None, is_open: bool) -> tuple[tuple[str, str], ...]:
    told = "" if count is None else format_number(count.number) + ("" if count.exact else "+")
    digit = str(number) if number <= _NUMBERED else " "
    empty = count is not None and count.number == 0
    alarming = view.code in _ALARMING and count is not None and count.number > 0
    room = TEXT - 3 - cell_width(told)
    title = line_text(view.title, room)
    return (
        ("▌", "mark") if is_open else (digit, "dim"),
        (" ", ""),
        (title, "open" if is_open else "dim" if empty else ""),
        (" " * (room - cell_width(title) + 1), ""),
        (told, "alarm" if alarming else "dim"),
    )
