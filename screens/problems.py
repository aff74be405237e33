"""The problems of the region: top of each block, what is left over, where, and what bursts; to the queues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Static

from cur_tui.domain.query.query import NONE
from cur_tui.formats import format_number
from cur_tui.i18n import N_, _, current
from cur_tui.services.figures.measure_words import (
    against_words,
    days_words,
    dimension_value,
    names_of,
    period_title,
)
from cur_tui.services.figures.problem_pictures import AddressPicture, ProblemPicture, ResidualPicture
from cur_tui.services.figures.problems import ProblemDesk
from cur_tui.services.forms import Choice
from screens.figures import FiguresScreen
from screens.period_choice import choose_period
from screens.picker import Picker
from screens.problem_grids import (
    Grid,
    Look,
    address_grid,
    map_grid,
    residual_grid,
    signal_grid,
    top_grid,
)
from widgets.key_line import KeyLine
from widgets.keys import binding_of, bindings_for
from widgets.show import show_line
from widgets.status_line import StatusLine

if TYPE_CHECKING:
    from cur_tui.services.figures.problem_pictures import Figure

WIDE: Final = 110
_ALL: Final = "-"
_NOTE: Final = 400
_COLOURS: Final = ("text-muted", "", "text-warning", "warning", "error")
_TITLES: Final = {
    "top": N_("Top problems by block"),
    "residual": N_("Residual appeals, taken apart"),
    "map": N_("Municipalities by appeals"),
    "addresses": N_("Addresses of several appeals"),
    "signals": N_("Repeats, conflicts, bursts"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is shown: the view, the days, and the block if it is one."""

    view: str = "top"
    period: str = "month"
    block: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was counted for it."""

    asked: Asked
    picture: ProblemPicture | ResidualPicture | AddressPicture


class ProblemGrid(DataTable[Text]):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("problems.open", "select_cursor")]


class ProblemsScreen(FiguresScreen[Answer]):
    """The problems as the cache has them."""

    CSS_PATH = ["figures.tcss", "problems.tcss"]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("problems")
    CALM = 5.0
    TICK = 300.0

    def __init__(self) -> None:
        super().__init__()
        self._asked = Asked()
        self._grid = Grid((), ())

    def compose(self) -> ComposeResult:
        """The age of the data, what is shown, the table, more of the row under the cursor, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        yield ProblemGrid(id="grid", cursor_type="cell", cell_padding=0, zebra_stripes=True)
        yield Static("", id="note", markup=False)
        yield KeyLine("problems")

    @property
    def asked(self) -> Asked:
        """What is to be shown."""
        return self._asked

    def count_figures(self) -> Answer:
        """What is asked for, of this moment."""
        asked = self._asked
        desk = ProblemDesk(self.desk, current().language)
        match asked.view:
            case "residual":
                return Answer(asked, desk.residual(asked.period, asked.block))
            case "addresses":
                return Answer(asked, desk.addresses(asked.period, asked.block))
        return Answer(asked, desk.picture(asked.period, asked.block))

    # --- drawing -----------------------------------------------------------------------------------

    def draw(self, figures: Answer) -> None:
        """Show what was counted."""
        look = Look(self.size.width - 2, names_of(self.desk), self._heat_colour)
        self._grid = grid = _grid_of(figures, look)
        table = self.query_one(ProblemGrid)
        cursor = table.cursor_coordinate
        table.show_header = any(column.title for column in grid.columns)
        table.clear(columns=True)
        for column in grid.columns:
            title = Text(column.title, justify="right" if column.is_number else "left")
            table.add_column(title, width=column.width)
        for row in grid.rows:
            table.add_row(*(cell.text for cell in row), height=grid.height)
        if grid.rows:
            last = Coordinate(len(grid.rows) - 1, len(grid.columns) - 1)
            table.cursor_coordinate = Coordinate(min(cursor.row, last.row), min(cursor.column, last.column))
        self._draw_note()

    def draw_header(self) -> None:
        """What is shown, of which days, of how many texts, and how old the data are."""
        asked = self._asked
        parts = [Content.styled(_(_TITLES[asked.view]), "bold"), Content(period_title(asked.period))]
        if asked.block is not None:
            block = None if asked.block == NONE else asked.block
            parts.append(show_line(dimension_value("block", block, names_of(self.desk)), 40))
        if self.answer is not None:
            parts += [Content(words) for words in _basis(self.answer.picture)]
        self.show_header(*parts)

    def on_data_table_cell_highlighted(self, _: DataTable.CellHighlighted) -> None:
        """Tell more of the row under the cursor."""
        self._draw_note()

    def _draw_note(self) -> None:
        notes, at = self._grid.notes, self.query_one(ProblemGrid).cursor_coordinate.row
        told = notes[at] if 0 <= at < len(notes) else ()
        if self.answer is not None and not self._grid.rows:
            told = (_("There is none in these days. P chooses others, T shows the top problems."),)
        note = self.query_one("#note", Static)
        note.display = bool(told)
        note.update(Content("\n").join(show_line(line, _NOTE) for line in told))

    def _heat_colour(self, heat: int) -> str:
        name = _COLOURS[heat]
        return self.colour(name) if name else ""

    # --- what a person asks ------------------------------------------------------------------------

    def action_top(self) -> None:
        """Show the top problems of each block."""
        self._ask(view="top")

    def action_residual(self) -> None:
        """Show the residual appeals taken apart."""
        self._ask(view="residual")

    def action_map(self) -> None:
        """Show the heat map of municipalities."""
        self._ask(view="map")

    def action_addresses(self) -> None:
        """Show the addresses of several appeals."""
        self._ask(view="addresses")

    def action_signals(self) -> None:
        """Show repeats, conflicts, errors of communication and bursts."""
        self._ask(view="signals")

    def action_period(self) -> None:
        """Choose the period, or write one."""
        self.station.start(self._choose_period())

    def action_block(self) -> None:
        """Choose one block, or all of them."""
        self.station.start(self._choose_block())

    def action_back(self) -> None:
        """Back to the board."""
        self.app.switch_mode("supervisor")

    def _ask(self, **what: str | None) -> None:
        values = {"view": self._asked.view, "period": self._asked.period, "block": self._asked.block, **what}
        view, period = values["view"] or "top", values["period"] or "month"
        self._asked = Asked(view, period, values["block"])
        self.query_one(ProblemGrid).cursor_coordinate = Coordinate(0, 0)
        self.draw_header()
        self.count()

    async def _choose_period(self) -> None:
        code = await choose_period(self.station, self._asked.period)
        if code is not None:
            self._ask(period=code)

    async def _choose_block(self) -> None:
        blocks = tuple(Choice(block.code, block.name) for block in self.desk.rulebook.region.blocks)
        choices = (Choice(_ALL, _("all blocks")), *blocks, Choice(NONE, _("(none)")))
        code = await self.station.push_screen_wait(Picker(_("Block"), choices, self._asked.block or _ALL))
        if code is not None:
            self._ask(block=None if code == _ALL else code)

    # --- the queue behind a number -----------------------------------------------------------------

    def on_data_table_cell_selected(self, _: DataTable.CellSelected) -> None:
        """Open the queue behind the number."""
        self.action_open()

    def action_open(self) -> None:
        """Open the queue behind the number."""
        at = self.query_one(ProblemGrid).cursor_coordinate
        if at.row >= len(self._grid.rows) or at.column >= len(self._grid.rows[at.row]):
            return
        cell = self._grid.rows[at.row][at.column]
        if cell.query:
            self.station.open_queue(cell.query, cell.title)


def _grid_of(answer: Answer, look: Look) -> Grid:
    match answer.picture:
        case ResidualPicture() as residual:
            return residual_grid(residual, look)
        case AddressPicture() as addresses:
            return address_grid(addresses, look)
        case ProblemPicture() as picture:
            return {"map": map_grid, "signals": signal_grid}.get(answer.asked.view, top_grid)(picture, look)


def _basis(picture: ProblemPicture | ResidualPicture | AddressPicture) -> list[str]:
    """What the picture rests on: how many appeals, and of how many the texts were read."""
    match picture:
        case ResidualPicture():
            read = _("{read} of {all} read, {rest} in no group").format(
                read=format_number(picture.read), all=_count(picture.all), rest=format_number(picture.rest)
            )
            return [read]
        case AddressPicture():
            return [
                _("the latest {read} of {all} read").format(
                    read=format_number(picture.read), all=format_number(picture.total)
                )
            ]
        case ProblemPicture(first=first, last=last, against_first=before, against_last=until):
            days = [] if first is None or last is None else [days_words(first, last)]
            return days if before is None or until is None else [*days, against_words(before, until)]


def _count(figure: Figure) -> str:
    return format_number(figure.value)
