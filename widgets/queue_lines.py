"""One appeal as one line of the queue: which columns fit, what stands in them, in which style."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec
from rich.segment import Segment
from rich.style import Style

from cur_tui.domain.texts.text import cell_width
from cur_tui.domain.vocabulary import HEAD_FLAG, Priority, State
from cur_tui.i18n import N_, _
from cur_tui.services.due import Band, due_of
from cur_tui.services.labels import label_of
from cur_tui.services.lists.found import Find
from cur_tui.services.lists.window import Names
from storage.entries import CachedRow
from widgets.show import line_text

MIN_TITLE = 24


class Column(msgspec.Struct, frozen=True):
    """A column: its heading and width in cells; the title takes what is left."""

    code: str
    heading: str
    width: int
    wide_from: int = 0
    """Shown only in tables at least this wide."""


COLUMNS: tuple[Column, ...] = (
    Column("mark", "", 2),
    Column("due", N_("Due"), 9),
    Column("number", N_("Number"), 17, wide_from=72),
    Column("title", N_("Essence"), 0),
    Column("topic", N_("Topic"), 26, wide_from=124),
    Column("municipality", N_("Municipality"), 18, wide_from=152),
    Column("state", N_("State"), 13, wide_from=50),
    Column("worker", N_("Who"), 16, wide_from=100),
)


class LineStyles(msgspec.Struct, frozen=True):
    """The styles of a line, each with its ground, taken from the theme's component classes."""

    heading: Style
    base: Style
    cursor: Style
    dim: Style
    overdue: Style
    soon: Style
    day: Style
    strong: Style
    found: Style
    found_at_cursor: Style
    bar: Style
    thumb: Style

    def of_band(self, band: Band) -> Style:
        """The ink of a deadline."""
        match band:
            case Band.OVERDUE:
                return self.overdue
            case Band.SOON:
                return self.soon
            case Band.DAY:
                return self.day
        return self.base


@lru_cache(64)
def layout(width: int) -> tuple[tuple[Column, int], ...]:
    """The columns that fit ``width`` cells, each with its width; one blank stands between two."""
    chosen = [column for column in COLUMNS if width >= column.wide_from]
    fixed = sum(column.width for column in chosen) + len(chosen) - 1
    title = max(width - fixed, MIN_TITLE)
    return tuple((column, column.width or title) for column in chosen)


def heading(width: int, style: Style) -> Segment:
    """The line of headings."""
    cells = [_fit(_(column.heading) if column.heading else "", cells) for column, cells in layout(width)]
    return Segment(_fit(" ".join(cells), width), style)


def line(
    listed: CachedRow,
    width: int,
    *,
    now: int,
    names: Names,
    styles: LineStyles,
    at_cursor: bool,
    marked: bool,
    find: Find | None = None,
) -> list[Segment]:
    """One appeal in exactly ``width`` cells. ``find`` says where the words of a search stand in a text."""
    row = listed.row
    # On the cursor's own ground the other inks would not be legible; the signs carry the meaning there.
    ground = styles.cursor if at_cursor else styles.base
    dim = ground if at_cursor else styles.dim
    runs = _Runs()
    for column, cells in layout(width):
        if column is not COLUMNS[0]:
            runs.add(" ", ground)
        style = ground
        match column.code:
            case "mark":
                text = ("■" if marked else " ") + _signal(listed)
            case "due":
                due = due_of(row.control_due_at, now, provisional=bool(row.provisional))
                text, style = due.badge, ground if at_cursor else styles.of_band(due.band)
            case "number":
                text, style = line_text(row.number, cells), dim
            case "title":
                # No appeal comes without a text; what has none has lost it with the personal data.
                text = line_text(row.title or _("personal data erased"), cells)
                if row.priority != Priority.NORMAL.value and not at_cursor:
                    style = styles.strong
                if find is not None:
                    found = styles.found_at_cursor if at_cursor else styles.found
                    text, taken = runs.add_found(text, find(text), style, found)
                    cells -= taken
            case "topic":
                text, style = names.topics.get(row.topic or "", ""), dim
            case "municipality":
                text, style = names.municipalities.get(row.municipality or "", ""), dim
            case "state":
                text = label_of(State, row.state)
            case _:
                text, style = names.colleagues.get(row.worker or "", row.worker or ""), dim
        runs.add(_fit(text, cells), style)
    return runs.segments(width, ground)


class _Runs:
    """Pieces of a line; neighbours of one style become one segment, since each costs time to paint."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._styles: list[Style] = []

    def add(self, text: str, style: Style) -> None:
        if self._styles and self._styles[-1] is style:
            self._texts[-1] += text
        else:
            self._texts.append(text)
            self._styles.append(style)

    def add_found(
        self, text: str, spans: Sequence[tuple[int, int]], style: Style, found: Style
    ) -> tuple[str, int]:
        """Add ``text`` up to the last of ``spans``; returns the rest of it and how many cells were added."""
        at = 0
        for start, end in spans:
            self.add(text[at:start], style)
            self.add(text[start:end], found)
            at = end
        return text[at:], cell_width(text[:at])

    def segments(self, width: int, ground: Style) -> list[Segment]:
        """The line, cut or filled to ``width``."""
        line = list(map(Segment, self._texts, self._styles))
        if sum(map(cell_width, self._texts)) == width:
            return line
        return Segment.adjust_line_length(line, width, ground)


def _signal(listed: CachedRow) -> str:
    """The one sign that matters most: unsent work, then emergency, importance, the head of a mass incident, a
    member of one, a repeat.
    """
    row = listed.row
    if listed.pending:
        return "↑"
    if row.priority == Priority.EMERGENCY.value:
        return "‼"
    if row.priority == Priority.ELEVATED.value:
        return "!"
    if HEAD_FLAG in row.flags:
        return "≣"
    if row.mass_incident:
        return "≡"
    return "↻" if row.is_repeat else " "


def _fit(text: str, cells: int) -> str:
    """``text`` cut with an ellipsis or filled with blanks to exactly ``cells``."""
    width = cell_width(text)
    if width > cells:
        text = line_text(text, cells)
        width = cell_width(text)
    return text + " " * (cells - width)
