"""Labelled entries with a hanging indent: facts, clocks, answers, the timeline."""

from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from cur_tui.domain.texts.text import cell_width

GAP = 2
MIN_VALUE = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its label and its text, which may have several lines; ``style`` is the label's."""

    label: str
    value: Content
    style: str = "$text-muted"


class Ledger(Widget):
    """A list of entries. Texts of the records come as ``Content`` made by :mod:`widgets.show`."""

    DEFAULT_CSS = """
    Ledger { height: auto; width: 1fr; }
    """

    def __init__(self, *, label_width: int = 14, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._label_width = label_width
        self._entries: tuple[Entry, ...] = ()
        self._wrapped: tuple[int, Content, int] | None = None

    def show(self, entries: tuple[Entry, ...]) -> None:
        """Show these entries; nothing is drawn anew when they are the same."""
        if entries == self._entries:
            return
        self._entries = entries
        self._wrapped = None
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the entries take in ``width``."""
        return self._wrap(width)[2]

    def render(self) -> Content:
        """The entries, wrapped."""
        return self._wrap(self.content_size.width)[1]

    def _wrap(self, width: int) -> tuple[int, Content, int]:
        if self._wrapped is None or self._wrapped[0] != width:
            lines = [line for entry in self._entries for line in hanging(entry, self._label_width, width)]
            self._wrapped = (width, Content("\n").join(lines), len(lines))
        return self._wrapped


def hanging(entry: Entry, label_width: int, width: int) -> list[Content]:
    """The lines of an entry in ``width`` cells: the label on the left, the text beside it."""
    labels = min(label_width, max(width - MIN_VALUE, 0) // 2)
    room = max(width - labels - GAP, MIN_VALUE)
    value = [line for part in entry.value.split("\n", allow_blank=True) for line in _wrapped(part, room)]
    label = _wrapped(Content(entry.label), labels) if entry.label else []
    lines = []
    for index in range(max(len(value), len(label))):
        head = label[index] if index < len(label) else Content("")
        pad = " " * (labels + GAP - cell_width(head.plain))
        tail = value[index] if index < len(value) else Content("")
        lines.append(Content.assemble(head.stylize(entry.style), pad, tail))
    return lines


def _wrapped(text: Content, width: int) -> list[Content]:
    return text.wrap(width) if text.plain and width > 0 else [text]
