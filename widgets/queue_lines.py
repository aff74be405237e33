"""One appeal as one line of the queue: which columns fit, what stands in them, in which style."""

from dataclasses import dataclass
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from cur_tui.domain.text import cell_width
from cur_tui.domain.vocabulary import Priority, State
from cur_tui.i18n import N_, _
from cur_tui.services.due import Band, due_of
from cur_tui.services.labels import label_of
from cur_tui.services.window import Names
from storage.entries import CachedRow
from widgets.show import line_text

MIN_TITLE = 24


@dataclass(frozen=True, slots=True)
class Column:
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


@dataclass(frozen=True, slots=True)
class LineStyles:
    """The styles of a line, taken from the theme's component classes."""

    base: Style
    cursor: Style
    dim: Style
    overdue: Style
    soon: Style
    day: Style
    strong: Style


@lru_cache(64)
def layout(width: int) -> tuple[tuple[Column, int], ...]:
    """The columns that fit ``width`` cells, each with its width; one blank stands between two."""
    chosen = [column for column in COLUMNS if width >= column.wide_from]
    fixed = sum(column.width for column in chosen) + len(chosen) - 1
    title = max(width - fixed, MIN_TITLE)
    return tuple((column, column.width or title) for column in chosen)


def heading(width: int, style: Style) -> Strip:
    """The line of headings."""
    cells = [_fit(_(column.heading) if column.heading else "", cells) for column, cells in layout(width)]
    return Strip([Segment(_fit(" ".join(cells), width), style)], width)


def line(
    listed: CachedRow,
    width: int,
    *,
    now: int,
    names: Names,
    styles: LineStyles,
    at_cursor: bool,
    marked: bool,
) -> Strip:
    """The strip of one appeal, exactly ``width`` cells wide."""
    row = listed.row
    due = due_of(row.control_due_at, now, provisional=bool(row.provisional))
    ground = styles.cursor if at_cursor else styles.base
    # On the cursor's own ground the other inks would not be legible; the signs carry the meaning there.
    inks = {Band.OVERDUE: styles.overdue, Band.SOON: styles.soon, Band.DAY: styles.day}
    due_style = None if at_cursor else inks.get(due.band)
    dim = ground if at_cursor else ground + styles.dim
    segments: list[Segment] = []
    used = 0
    for column, cells in layout(width):
        if used:
            segments.append(Segment(" ", ground))
            used += 1
        style = ground
        match column.code:
            case "mark":
                text = ("■" if marked else " ") + _signal(listed)
            case "due":
                text, style = due.badge, ground + due_style if due_style else ground
            case "number":
                text, style = row.number, dim
            case "title":
                text = line_text(row.title, cells)
                if row.priority != Priority.NORMAL.value:
                    style = ground + styles.strong
            case "topic":
                text, style = names.topics.get(row.topic or "", ""), dim
            case "municipality":
                text, style = names.municipalities.get(row.municipality or "", ""), dim
            case "state":
                text = label_of(State, row.state)
            case _:
                text, style = names.colleagues.get(row.worker or "", row.worker or ""), dim
        segments.append(Segment(_fit(text, cells), style))
        used += cells
    strip = Strip(segments, used)
    return strip.adjust_cell_length(width, ground)


def _signal(listed: CachedRow) -> str:
    """The one sign that matters most: unsent work, then emergency, importance, a mass, a repeat."""
    row = listed.row
    if listed.pending:
        return "↑"
    if row.priority == Priority.EMERGENCY.value:
        return "‼"
    if row.priority == Priority.ELEVATED.value:
        return "!"
    if row.mass_incident:
        return "≡"
    return "↻" if row.is_repeat else " "


def _fit(text: str, cells: int) -> str:
    """``text`` cut with an ellipsis or filled with blanks to exactly ``cells``."""
    if cell_width(text) > cells:
        text = line_text(text, cells)
    return text + " " * (cells - cell_width(text))
