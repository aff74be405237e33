"""The load of blocks and operators: what lies on them, came and left, the forecast, the people it needs."""

from datetime import timedelta
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import DataTable, Static

from cur_tui.domain.figures.workload import BlockLoad, WorkerLoad, Workload
from cur_tui.domain.texts.text import cell_width
from cur_tui.formats import format_date, format_number
from cur_tui.i18n import _
from cur_tui.services.due import span
from cur_tui.services.figures.measure_words import EMPTY, dimension_value, names_of
from cur_tui.services.figures.supervision import spoken
from cur_tui.services.figures.workload import (
    block_scope,
    forecast_lines,
    number_query,
    shown,
    staffing_lines,
    worker_scope,
    workload_of,
)
from screens.figures import FiguresScreen
from widgets.figure_table import FigureTable, Heading
from widgets.key_line import KeyLine
from widgets.keys import binding_of, bindings_for
from widgets.status_line import StatusLine

WIDE: Final = 110
WIDEST: Final = 140
"""From so many cells on there is room for whole headings."""
NAME: Final = 15
"""Cells for a name at the least; it gets what the numbers leave."""
NUMBERS: Final = ("open", "overdue", "due_this_week", "came", "left")
"""The columns that have a queue behind them, in their order."""


class LoadTable(FigureTable):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("workload.open", "select_cursor")]


class WorkloadScreen(FiguresScreen[Workload]):
    """The load as the cache has it, live."""

    CSS_PATH = "figures.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("workload")

    _by_worker = False

    def compose(self) -> ComposeResult:
        """The age of the data, what is shown, the table, the calculation behind a line, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        yield LoadTable(id="grid")
        yield Static("", id="steps", classes="below", markup=False)
        yield KeyLine("workload")

    def count_figures(self) -> Workload:
        """The load of this moment."""
        return workload_of(self.desk)

    # --- drawing -----------------------------------------------------------------------------------

    def draw_header(self) -> None:
        """What is shown, of which days, how old the data are."""
        head = _("Load of operators") if self._by_worker else _("Load of blocks")
        parts = [Content.styled(head, "bold")]
        if self.figures is not None:
            days = _("came and left from {first} to {last}").format(
                first=format_date(self.figures.first), last=format_date(self.figures.last)
            )
            parts.append(Content(days))
        self.show_header(*parts)

    def draw(self, figures: Workload) -> None:
        """Show the load."""
        lines = self._lines(figures)
        self.query_one(LoadTable).fill(self._headings(), (self._row(line) for line in lines))
        self._draw_steps()

    def _headings(self) -> list[Heading]:
        is_whole = self.size.width >= WIDEST
        titles = [
            (_("Not closed"), _("Now open"), 9),
            (_("Overdue"), _("Over"), 7),
            (_("Due this week"), _("By Sun."), 8),
            (_("Came"), _("Came"), 7),
            (_("Left"), _("Left"), 7),
            (_("Mean age"), _("Age"), 8),
            (_("Time in work"), _("Took"), 8),
        ]
        if not self._by_worker:
            titles.append((_("Forecast"), _("Forecast"), 10))
            if self.has_class("-wide"):
                titles.append((_("People needed / present"), _("Needed / present"), 17))
        numbers = [
            Heading(whole, max(cell_width(whole) + 3, width)) if is_whole else Heading(short, width)
            for whole, short, width in titles
        ]
        left = self.size.width - sum(heading.width for heading in numbers) - 1
        first = _("Operator") if self._by_worker else _("Block")
        return [Heading(first, max(left, NAME), is_number=False), *numbers]

    def _lines(self, load: Workload) -> tuple[BlockLoad | WorkerLoad, ...]:
        return load.workers if self._by_worker else (*load.blocks, load.total)

    def _row(self, line: BlockLoad | WorkerLoad) -> list[Text | str]:
        counts = line.counts
        overdue = Text(_number(counts.overdue), f"bold {self.colour('text-error')}" if counts.overdue else "")
        cells: list[Text | str] = [
            Text(self._title_of(line), "bold"),
            _number(counts.open),
            overdue,
            *(_number(getattr(counts, name)) for name in NUMBERS[2:]),
            _length(counts.age),
            _length(counts.time_in_work),
        ]
        if isinstance(line, BlockLoad):
            cells.append(self._forecast(line))
            if self.has_class("-wide"):
                staffing = line.staffing
                cells.append(EMPTY if staffing is None else f"{staffing.needed} / {shown(staffing.present)}")
        return cells

    def _forecast(self, line: BlockLoad) -> Text:
        forecast = line.forecast
        grows = forecast.open_then > forecast.open_now
        sign = "▲" if grows else "▼" if forecast.open_then < forecast.open_now else "="
        return Text(f"{sign} {shown(forecast.open_then)}", self.colour("text-warning") if grows else "")

    def _title_of(self, line: BlockLoad | WorkerLoad) -> str:
        if isinstance(line, WorkerLoad):
            if line.worker is None:
                return _("(held by nobody)")
            return dimension_value("worker", line.worker, names_of(self.desk))
        if line.block is None:
            return _("Total")
        return dimension_value("block", line.block, names_of(self.desk))

    def _draw_steps(self) -> None:
        """How the forecast and the number of people of the line under the cursor came about."""
        line = self._line()
        steps = self.query_one("#steps", Static)
        steps.display = isinstance(line, BlockLoad)
        if isinstance(line, BlockLoad) and self.figures is not None:
            # What came out stands above how it came out: there may be no room for all.
            *steps_then, then = forecast_lines(line.forecast)
            lines = [Content.styled(then, "bold $foreground"), *map(Content, steps_then)]
            if line.staffing is not None:
                *steps_people, proposal = staffing_lines(line.staffing)
                lines += [Content.styled(proposal, "bold $foreground"), *map(Content, steps_people)]
            steps.update(Content("\n").join(lines))

    def _line(self) -> BlockLoad | WorkerLoad | None:
        lines = self._lines(self.figures) if self.figures is not None else ()
        at = self.query_one(LoadTable).cursor_coordinate.row
        return lines[at] if at < len(lines) else None

    # --- what a person asks ------------------------------------------------------------------------

    def on_data_table_cell_highlighted(self, _: DataTable.CellHighlighted) -> None:
        """Show the calculation of the line."""
        self._draw_steps()

    def on_data_table_cell_selected(self, _: DataTable.CellSelected) -> None:
        """Open the queue behind the number."""
        self.action_open()

    def action_open(self) -> None:
        """Open the queue behind the number; means and forecasts are about what is open."""
        line, load = self._line(), self.figures
        if line is None or load is None:
            return
        column = self.query_one(LoadTable).cursor_coordinate.column
        number = NUMBERS[column - 1] if 1 <= column <= len(NUMBERS) else NUMBERS[0]
        scope = worker_scope(line.worker) if isinstance(line, WorkerLoad) else block_scope(line.block)
        self.station.open_queue(spoken(self.desk, number_query(load, scope, number)), self._title_of(line))

    def action_whom(self) -> None:
        """Blocks, or operators."""
        self._by_worker = not self._by_worker
        self.draw_header()
        if self.figures is not None:
            self.draw(self.figures)

    def action_back(self) -> None:
        """Back to the board."""
        self.app.switch_mode("supervisor")


def _number(value: int) -> str:
    return format_number(value) if value else EMPTY


def _length(value: timedelta | None) -> str:
    return EMPTY if value is None else span(int(value.total_seconds()))
