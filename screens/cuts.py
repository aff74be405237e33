"""Cuts: rows by columns of any attribute, a measure, a period, a filter; behind each number its queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import DataTable, Static

from cur_tui.domain.figures.cuts import HEAT, MEASURES, Cut, CutTable, SavedCut
from cur_tui.domain.figures.dimensions import DIMENSIONS
from cur_tui.domain.time.periods import Basis
from cur_tui.formats import format_percent
from cur_tui.i18n import N_, _, current
from cur_tui.services.figures.cuts import CutDesk
from cur_tui.services.figures.measure_words import (
    EMPTY,
    against_words,
    days_words,
    dimension_title,
    dimension_value,
    measure_title,
    names_of,
    period_title,
    value_words,
)
from cur_tui.services.forms import Choice, FieldKind, Form, FormField
from screens.acts import ask
from screens.cut_keeping import choose, keep, remove, share
from screens.figures import FiguresScreen
from screens.period_choice import choose_period
from screens.picker import Picker
from widgets.figure_table import FigureTable, Heading
from widgets.key_line import KeyLine
from widgets.keys import binding_of, bindings_for
from widgets.show import show_line
from widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST: Final = Cut("block", "state", period="month", compare=True)
"""What is shown before anybody has asked for anything."""
WIDE: Final = 110
WIDTHS: Final = {150: (44, 15), WIDE: (34, 12), 0: (22, 10)}
"""From which width of the terminal on: cells for the names at the least, and for each column of numbers."""
SCROLLBAR: Final = 1
MOST_ROWS: Final = 500
MOST_COLUMNS: Final = 60
"""More are not drawn: nobody reads them, and each costs time. Totals count everything all the same."""
_NONE: Final = "-"
_COLOURS: Final = ("", "", "text-warning", "warning", "error")


class CutGrid(FigureTable):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("cuts.open", "select_cursor")]


class CutScreen(FiguresScreen[CutTable]):
    """One cut of the cache, live."""

    CSS_PATH = "figures.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("cuts")
    CALM = 2.0
    TICK = None

    def __init__(self, cut: Cut = FIRST) -> None:
        super().__init__()
        self._cut = cut
        self._title = ""

    def compose(self) -> ComposeResult:
        """The age of the data, what is asked, the table, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        # Totals stand beside the names: behind twenty columns nobody would find them.
        yield CutGrid(id="grid", fixed=2)
        yield KeyLine("cuts")

    @property
    def asked(self) -> Cut:
        """The cut that is to be shown."""
        return self._cut

    def count_figures(self) -> CutTable:
        """The cut of this moment."""
        return CutDesk(self.desk).table(self._cut)

    def show_cut(self, cut: Cut, title: str = "") -> None:
        """Show another cut."""
        self._cut, self._title = cut, title
        self.count()

    # --- drawing -----------------------------------------------------------------------------------

    def draw(self, figures: CutTable) -> None:
        """Show the table, its totals in the last line."""
        self.query_one(CutGrid).fill(list(self._headings(figures)), self._rows(figures))

    def _headings(self, table: CutTable) -> Iterator[Heading]:
        name, number = next(widths for least, widths in WIDTHS.items() if self.size.width >= least)
        # The columns beside the names are whole, wherever they are scrolled to: half a number is another one.
        name += (self.size.width - SCROLLBAR - name) % number
        yield Heading(dimension_title(table.cut.rows), name, is_number=False)
        names = names_of(self.desk)
        columns = (dimension_value(table.cut.columns or "", column, names) for column in self._columns(table))
        for title in (_("Total"), *self._extras(table), *columns):
            yield Heading(title, number)

    def _rows(self, table: CutTable) -> Iterator[list[Text | str]]:
        names, measure, columns = names_of(self.desk), table.measure, self._columns(table)
        for row in table.rows[:MOST_ROWS]:
            sums = table.row_total(row)
            yield [
                Text(dimension_value(table.cut.rows, row, names), "bold"),
                Text(value_words(measure, measure.of(sums)), "bold"),
                *self._told(table, table.share(sums), table.change(row)),
                *(self._cell(table, row, column) for column in columns),
            ]
        share = None if table.share(table.total) is None else 1.0
        yield [
            Text(_("Total"), "bold"),
            Text(value_words(measure, measure.of(table.total)), "bold"),
            *self._told(table, share, table.total_change),
            *(Text(value_words(measure, measure.of(table.column_total(one))), "bold") for one in columns),
        ]

    def _columns(self, table: CutTable) -> tuple[str | None, ...]:
        return table.columns[:MOST_COLUMNS] if table.cut.columns is not None else ()

    def _extras(self, table: CutTable) -> list[str]:
        found = [_("Share")] if table.measure.unit == "number" else []
        return [*found, *([_("Change")] if table.before is not None else [])]

    def _told(self, table: CutTable, share: float | None, change: float | None) -> list[Text]:
        told = []
        if table.measure.unit == "number":
            told.append(Text(EMPTY if share is None else format_percent(share)))
        if table.before is not None:
            words = value_words(table.measure, change, signed=True)
            told.append(Text(words, self._change_style(table, change)))
        return told

    def _change_style(self, table: CutTable, change: float | None) -> str:
        if not change or not table.measure.more_is:
            return ""
        good = (change > 0) == (table.measure.more_is == "good")
        return self.colour("success" if good else "error")

    def _cell(self, table: CutTable, row: str | None, column: str | None) -> Text:
        heat = table.heat(row, column)
        words = value_words(table.measure, table.value(row, column))
        colour = _COLOURS[heat]
        return Text(f"{words} {HEAT[heat]}", self.colour(colour) if colour else "")

    def draw_header(self) -> None:
        """What is counted of which days, and beside which."""
        cut, table = self._cut, self.answer
        head = dimension_title(cut.rows)
        if cut.columns is not None:
            head = f"{head} × {dimension_title(cut.columns)}"
        if self._title:
            head = f"{self._title}: {head}"
        period = period_title(cut.period)
        if table is not None and table.period is not None:
            period = f"{period} ({days_words(table.period.first, table.period.last)})"
        if cut.basis is Basis.DONE:
            period = _("{period}, by completion").format(period=period)
        parts = [Content.styled(head, "bold"), Content(measure_title(cut.measure)), Content(period)]
        if table is not None and table.against is not None:
            parts.append(Content(against_words(table.against.first, table.against.last)))
        if cut.query:
            parts.append(show_line(_("filter: {query}").format(query=cut.query)))
        if table is not None and len(table.columns) > MOST_COLUMNS:
            parts.append(Content.styled(_("the first {n} columns").format(n=MOST_COLUMNS), "$text-warning"))
        self.show_header(*parts)

    # --- what a person asks ------------------------------------------------------------------------

    def action_rows(self) -> None:
        """Choose the rows."""
        self.station.start(self._choose("rows", N_("Rows"), self._dimensions(), self._cut.rows))

    def action_columns(self) -> None:
        """Choose the columns, or none."""
        choices = (Choice(_NONE, _("no columns")), *self._dimensions())
        self.station.start(self._choose("columns", N_("Columns"), choices, self._cut.columns or _NONE))

    def action_measure(self) -> None:
        """Choose the measure."""
        choices = tuple(Choice(code, measure_title(code), code) for code in MEASURES)
        self.station.start(self._choose("measure", N_("Measure"), choices, self._cut.measure))

    def action_period(self) -> None:
        """Choose the period, or write one."""
        self.station.start(self._choose_period())

    def action_basis(self) -> None:
        """By the day of registration, or by that of completion."""
        basis = Basis.DONE if self._cut.basis is Basis.REGISTERED else Basis.REGISTERED
        self.show_cut(msgspec.structs.replace(self._cut, basis=basis), self._title)

    def action_compare(self) -> None:
        """With the period before, or without."""
        self.show_cut(msgspec.structs.replace(self._cut, compare=not self._cut.compare), self._title)

    def action_filter(self) -> None:
        """Ask which appeals are counted."""
        self.station.start(self._ask_filter())

    def action_turn(self) -> None:
        """Rows become columns and columns rows."""
        if self._cut.columns is not None:
            cut = msgspec.structs.replace(self._cut, rows=self._cut.columns, columns=self._cut.rows)
            self.show_cut(cut, self._title)

    def action_save(self) -> None:
        """Keep the cut under a name."""
        self.station.start(keep(self.station, self.desk, self._cut, self._title, self._named))

    def action_share(self) -> None:
        """Share the cut with all who supervise."""
        self.station.start(share(self.station, self.desk, self._cut, self._title, self._named))

    def action_saved(self) -> None:
        """Open a kept cut."""
        self.station.start(self._open_saved())

    def action_remove(self) -> None:
        """Take a kept or shared cut away."""
        self.station.start(remove(self.station, self.desk))

    def action_ranking(self) -> None:
        """Go to the ranking."""
        self.app.switch_mode("ranking")

    def action_back(self) -> None:
        """Back to the queues."""
        self.app.switch_mode("queues")

    def _dimensions(self) -> tuple[Choice, ...]:
        return tuple(Choice(code, dimension_title(code), code) for code in DIMENSIONS)

    async def _choose(self, field: str, title: str, choices: tuple[Choice, ...], initial: str) -> None:
        code = await self.station.push_screen_wait(Picker(_(title), choices, initial))
        if code is None:
            return
        value = None if field == "columns" and code == _NONE else code
        cut = msgspec.structs.replace(self._cut, **{field: value})
        if cut.rows == cut.columns:
            cut = msgspec.structs.replace(cut, columns=None)
        self.show_cut(cut, self._title)

    async def _choose_period(self) -> None:
        code = await choose_period(self.station, self._cut.period)
        if code is not None:
            self.show_cut(msgspec.structs.replace(self._cut, period=code), self._title)

    async def _ask_filter(self) -> None:
        field = FormField("query", N_("Filter"), FieldKind.LINE, required=False, initial=self._cut.query)

        async def take(values: dict[str, object]) -> bool:
            query = str(values.get("query") or "").strip()
            read = await self.station.attempt(lambda: self.desk.lists.parse(query))
            if read is not None:
                self.show_cut(msgspec.structs.replace(self._cut, query=query), self._title)
            return read is not None

        await ask(self.station, _("Which appeals are counted"), Form("cut_filter", (field,)), take)

    def _named(self, saved: SavedCut) -> None:
        self._title = saved.title
        self.draw_header()

    async def _open_saved(self) -> None:
        chosen = await choose(self.station, self.desk, _("Kept cuts"))
        if chosen is not None:
            self.show_cut(chosen.cut, chosen.title)

    # --- the queue behind a number -----------------------------------------------------------------

    def on_data_table_cell_selected(self, _: DataTable.CellSelected) -> None:
        """Open the queue behind the number."""
        self.action_open()

    def action_open(self) -> None:
        """Open the queue behind the number."""
        table = self.figures
        if table is None:
            return
        at = self.query_one(DataTable).cursor_coordinate
        rows, columns = table.rows[:MOST_ROWS], self._columns(table)
        first = 2 + len(self._extras(table))
        in_rows, in_columns = at.row < len(rows), first <= at.column < first + len(columns)
        row = rows[at.row] if in_rows else None
        column = columns[at.column - first] if in_columns else None
        of = {(True, True): "cell", (True, False): "row", (False, True): "column"}.get(
            (in_rows, in_columns), "table"
        )
        query = CutDesk(self.desk).query_behind(table, row, column, of=of, language=current().language)
        self.station.open_queue(query, measure_title(table.cut.measure))
