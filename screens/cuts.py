"""Cuts: rows by columns of any attribute, a measure, a period, a filter; behind each number its queue."""

from __future__ import annotations

from typing import Final

import msgspec
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Static

from cur_tui.domain.cuts import HEAT, MEASURES, Cut, CutTable, SavedCut
from cur_tui.domain.dimensions import DIMENSIONS
from cur_tui.domain.periods import Basis
from cur_tui.domain.text import one_line
from cur_tui.formats import format_percent
from cur_tui.i18n import N_, _, current
from cur_tui.services.cuts import CutDesk
from cur_tui.services.desk import Area, Change
from cur_tui.services.exchange import SyncState
from cur_tui.services.exchange_words import age_words, uncounted_words
from cur_tui.services.forms import Choice, FieldKind, Form, FormField
from cur_tui.services.measure_words import (
    EMPTY,
    PERIODS,
    against_words,
    days_words,
    dimension_title,
    dimension_value,
    measure_title,
    names_of,
    period_title,
    value_words,
)
from screens.acts import ask
from screens.base import DeskScreen
from screens.cut_keeping import choose, keep, remove, share
from screens.picker import Picker
from widgets.key_line import KeyLine
from widgets.keys import binding_of, bindings_for
from widgets.show import show_line
from widgets.status_line import StatusLine

FIRST: Final = Cut("block", "state", period="month", compare=True)
"""What is shown before anybody has asked for anything."""
CALM: Final = 2.0
"""Seconds in which changes are gathered before the table is counted anew."""
WIDE: Final = 110
NAME: Final = {False: 22, True: 44}
COLUMN: Final = {False: 9, True: 14}
MOST_ROWS: Final = 500
MOST_COLUMNS: Final = 60
"""More are not drawn: nobody reads them, and each costs time. Totals count everything all the same."""
_NONE: Final = "-"
_COLOURS: Final = ("", "", "warning-muted", "warning", "error")


class CutGrid(DataTable[Text]):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("cuts.open", "select_cursor")]


class CutScreen(DeskScreen):
    """One cut of the cache, live."""

    CSS_PATH = "cuts.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("cuts")

    def __init__(self, cut: Cut = FIRST) -> None:
        super().__init__()
        self._cut = cut
        self._table: CutTable | None = None
        self._uncounted = 0
        self._title = ""

    def compose(self) -> ComposeResult:
        """The age of the data, what is asked, the table, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        yield CutGrid(id="grid", cursor_type="cell", zebra_stripes=True, fixed_columns=2)
        yield KeyLine("cuts")

    def on_mount(self) -> None:
        """Count."""
        super().on_mount()
        self.query_one(DataTable).focus()
        self._count()

    def on_screen_resume(self) -> None:
        """Count what has changed while another screen was shown."""
        self._count()

    def on_data(self, change: Change) -> None:
        """Count anew, a moment later: changes come in crowds."""
        if change.areas & {Area.APPEALS, Area.REFERENCE}:
            self.set_timer(CALM, self._count)

    def on_exchange(self, state: SyncState) -> None:
        """The age of the data changes with the contact."""
        self._draw_header()

    def on_resize(self) -> None:
        """Names get what room there is."""
        if self._table is not None:
            self._draw(self._table)

    def show_cut(self, cut: Cut, title: str = "") -> None:
        """Show another cut."""
        self._cut, self._title = cut, title
        self._count()

    def _count(self) -> None:
        if self.is_current:
            self._counted()

    @work(group="cut", exclusive=True, exit_on_error=False)
    async def _counted(self) -> None:
        cut, desk = self._cut, self.desk
        counted = await self.station.attempt(lambda: (CutDesk(desk).table(cut), CutDesk(desk).uncounted))
        if counted is not None and self.is_attached and cut == self._cut:
            self._table, self._uncounted = counted
            self._draw(self._table)

    # --- drawing -----------------------------------------------------------------------------------

    def _draw(self, table: CutTable) -> None:
        self._draw_header()
        grid = self.query_one(CutGrid)
        cursor = grid.cursor_coordinate
        grid.clear(columns=True)
        wide = self.has_class("-wide")
        names, width, name_width = names_of(self.desk), COLUMN[wide], NAME[wide]
        grid.add_column(Text(one_line(dimension_title(table.cut.rows), name_width)), width=name_width)
        # Totals stand beside the names: behind twenty columns nobody would find them.
        for heading in (_("Total"), *self._extras(table)):
            grid.add_column(Text(heading, justify="right"), width=width)
        for column in self._columns(table):
            words = dimension_value(table.cut.columns or "", column, names)
            grid.add_column(Text(one_line(words, width), justify="right"), width=width)
        measure = table.measure
        for row in table.rows[:MOST_ROWS]:
            sums = table.row_total(row)
            cells = [self._cell(table, row, column) for column in self._columns(table)]
            total = Text(value_words(measure, measure.of(sums)), "bold", justify="right")
            name = Text(one_line(dimension_value(table.cut.rows, row, names), name_width), "bold")
            told = self._told(table, table.share(sums), table.change(row))
            grid.add_row(name, total, *told, *cells)
        totals = [
            Text(value_words(measure, measure.of(table.column_total(column))), "bold", justify="right")
            for column in self._columns(table)
        ]
        whole = Text(value_words(measure, measure.of(table.total)), "bold", justify="right")
        share = None if table.share(table.total) is None else 1.0
        grid.add_row(Text(_("Total"), "bold"), whole, *self._told(table, share, table.total_change), *totals)
        last = grid.row_count - 1, len(grid.columns) - 1
        grid.cursor_coordinate = Coordinate(min(cursor.row, last[0]), min(max(cursor.column, 1), last[1]))

    def _columns(self, table: CutTable) -> tuple[str | None, ...]:
        return table.columns[:MOST_COLUMNS] if table.cut.columns is not None else ()

    def _extras(self, table: CutTable) -> list[str]:
        found = [_("Share")] if table.measure.unit == "number" else []
        return [*found, *([_("Change")] if table.before is not None else [])]

    def _told(self, table: CutTable, share: float | None, change: float | None) -> list[Text]:
        told = []
        if table.measure.unit == "number":
            told.append(Text(EMPTY if share is None else format_percent(share), justify="right"))
        if table.before is not None:
            words = value_words(table.measure, change, signed=True)
            told.append(Text(words, self._change_style(table, change), justify="right"))
        return told

    def _change_style(self, table: CutTable, change: float | None) -> str:
        if not change or not table.measure.more_is:
            return ""
        good = (change > 0) == (table.measure.more_is == "good")
        return self._colour("success" if good else "error")

    def _cell(self, table: CutTable, row: str | None, column: str | None) -> Text:
        heat = table.heat(row, column)
        words = value_words(table.measure, table.value(row, column))
        colour = _COLOURS[heat]
        return Text(f"{words} {HEAT[heat]}", self._colour(colour) if colour else "", justify="right")

    def _colour(self, name: str) -> str:
        return self.app.get_css_variables()[name]

    def _draw_header(self) -> None:
        cut = self._cut
        head = dimension_title(cut.rows)
        if cut.columns is not None:
            head = f"{head} × {dimension_title(cut.columns)}"
        if self._title:
            head = f"{self._title}: {head}"
        period = period_title(cut.period)
        if self._table is not None and self._table.period is not None:
            period = f"{period} ({days_words(self._table.period.first, self._table.period.last)})"
        if cut.basis is Basis.DONE:
            period = _("{period}, by completion").format(period=period)
        parts = [
            Content.styled(head, "bold"),
            Content(measure_title(cut.measure)),
            Content(period),
            Content.styled(age_words(self.station.exchange.state(), self.desk.now()), "$text-muted"),
        ]
        if cut.query:
            parts.insert(3, show_line(_("filter: {query}").format(query=cut.query)))
        if self._table is not None and self._table.against is not None:
            parts.insert(3, Content(against_words(self._table.against.first, self._table.against.last)))
        if self._uncounted:
            words = uncounted_words(self._uncounted, self.station.exchange.state())
            parts.append(Content.styled(words, "$text-warning"))
        if self._table is not None and len(self._table.columns) > MOST_COLUMNS:
            parts.append(Content.styled(_("the first {n} columns").format(n=MOST_COLUMNS), "$text-warning"))
        self.query_one("#header", Static).update(Content("  ·  ").join(parts))

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
        choices = tuple(Choice(code, period_title(code), code) for code in PERIODS)
        self.station.start(self._choose("period", N_("Period"), choices, self._cut.period, typed=True))

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

    async def _choose(
        self, field: str, title: str, choices: tuple[Choice, ...], initial: str, *, typed: bool = False
    ) -> None:
        def written(words: str) -> Choice | None:
            return Choice(words.strip(), words.strip()) if typed and words.strip()[:1].isdigit() else None

        hint = _("For example 2026-11, 2026-Q3, 2026-11-01..2026-11-15") if typed else ""
        picker = Picker(_(title), choices, initial, typed=written, placeholder=hint)
        code = await self.station.push_screen_wait(picker)
        if code is None:
            return
        value = None if field == "columns" and code == _NONE else code
        cut = msgspec.structs.replace(self._cut, **{field: value})
        if cut.rows == cut.columns:
            cut = msgspec.structs.replace(cut, columns=None)
        self.show_cut(cut, self._title)

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
        self._draw_header()

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
        table = self._table
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
