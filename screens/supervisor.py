"""The supervisor's board: queues by how soon their work is due, the numbers above them, and how they moved.

Every number opens the queue behind it; one key each leads on to the other places of supervision.
"""

from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Static

from cur_tui.domain.text import one_line
from cur_tui.formats import format_date, format_datetime, format_duration, format_number
from cur_tui.i18n import _
from cur_tui.services.due import span
from cur_tui.services.exchange_words import age_words
from cur_tui.services.kpis import Kpi
from cur_tui.services.supervision import (
    BANDS,
    PROVISIONAL,
    Board,
    Column,
    QueueLine,
    board_of,
    cell_query,
    spoken,
)
from cur_tui.services.trends import Trend
from screens.figures import FiguresScreen
from screens.reports import order_report
from widgets.figure_tile import FigureTile
from widgets.key_line import KeyLine
from widgets.keys import binding_of, bindings_for
from widgets.sparkline import sparkline
from widgets.status_line import StatusLine

WIDE: Final = 110
KPIS: Final = 7
"""In one line; there are two."""
TRENDS: Final = 4
TOTAL: Final = Column("total", "", "Total", "Total")
COLUMNS: Final = (*BANDS, PROVISIONAL, TOTAL)
NAME: Final = {False: 17, True: 44}
"""Cells for the name of a queue, on a narrow and on a wide terminal."""
WIDTHS: Final = {False: (12, 7, 7, 7, 7, 5, 6, 5, 7), True: (16, 14, 11, 11, 12, 11, 12, 12, 12)}
"""Cells for each of the columns; one of them parts it from the one before."""
_STYLES: Final = {"overdue": "error", "soon": "warning"}


class BoardTable(DataTable[Text]):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("supervisor.open", "select_cursor")]


class SupervisorScreen(FiguresScreen[Board]):
    """The board of the cache, live."""

    CSS_PATH = "supervisor.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("supervisor")

    def compose(self) -> ComposeResult:
        """The age of the data, the numbers, how they moved, the table, what the cursor is on, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        for row in range(2):
            with Horizontal(classes="kpis"):
                for at in range(row * KPIS, (row + 1) * KPIS):
                    yield FigureTile("kpi", at)
        with Horizontal(id="trends"):
            for at in range(TRENDS):
                yield FigureTile("trend", at)
        yield BoardTable(id="board", cursor_type="cell", zebra_stripes=True, cell_padding=0)
        yield Static("", id="basis", markup=False)
        yield KeyLine("supervisor")

    def on_mount(self) -> None:
        """Count, and go on counting."""
        super().on_mount()
        self.query_one(DataTable).focus()

    def count_figures(self) -> Board:
        """The board of this moment."""
        return board_of(self.desk)

    # --- drawing -----------------------------------------------------------------------------------

    def draw(self, figures: Board) -> None:
        """Show the board."""
        for at, kpi in enumerate(figures.kpis):
            self._draw_kpi(self.query_one(f"#kpi-{at}", FigureTile), kpi)
        for at, trend in enumerate(figures.trends):
            self._draw_trend(self.query_one(f"#trend-{at}", FigureTile), trend)
        self._draw_table(figures)
        self._draw_basis()

    def draw_header(self) -> None:
        """Of when it is, how old the data are, how late the latest is."""
        now = self.desk.now()
        head = _("The board on {moment}").format(moment=format_datetime(now, self.desk.zone))
        age = age_words(self.station.exchange.state(), now)
        parts = [Content.styled(head, "bold"), Content.styled(age, "$text-muted")]
        worst = self.figures.total.worst if self.figures else None
        if worst is not None:
            late = f"+{span(int(worst.total_seconds()))}"
            if self.has_class("-wide"):
                late = _("the latest is over by {duration}").format(duration=format_duration(worst))
            parts.append(Content.styled(f"▲ {late}", "bold $text-error"))
        self.query_one("#header", Static).update(Content("  ·  ").join(parts))

    def _draw_kpi(self, tile: FigureTile, kpi: Kpi) -> None:
        wide = self.has_class("-wide")
        words = Content.styled(f"▲ {kpi.words}" if kpi.is_wrong else kpi.words, _kpi_style(kpi))
        if wide and kpi.whole is not None:
            of = _("{part} of {whole}").format(part=format_number(kpi.number), whole=format_number(kpi.whole))
            words = Content.assemble(words, (f"  {of}", "$text-muted"))
        tile.set_class(kpi.code == "answer", "-broad")
        tile.show(words, Content(kpi.title if wide else kpi.short))

    def _draw_trend(self, tile: FigureTile, trend: Trend) -> None:
        bars = sparkline(trend.days, max(tile.content_size.width, 1))
        moved, style = _moved(trend)
        number = format_number(trend.number)
        tile.show(
            Content.styled(bars, "$primary"),
            Content.assemble(f"{_(trend.title)} ", (number, "bold $foreground"), (f" {moved}", style)),
        )

    def _draw_table(self, board: Board) -> None:
        table = self.query_one(BoardTable)
        cursor, wide = table.cursor_coordinate, self.has_class("-wide")
        table.clear(columns=True)
        name = NAME[wide]
        table.add_column(Text(f" {board.heading}"), width=name)
        for column, width in zip(COLUMNS, WIDTHS[wide], strict=True):
            title = column.title if wide and column.band != "soon" else column.short
            heading = _(title) if title else ""
            words = one_line(f"{column.symbol} {heading}".strip(), width - 1)
            table.add_column(Text(words, justify="right"), width=width)
        for line in (*board.lines, board.total):
            named = Text(f" {one_line(line.name, name - 1)}", "bold")
            table.add_row(named, *(self._cell(line, column.band) for column in COLUMNS))
        at = Coordinate(min(cursor.row, table.row_count - 1), max(cursor.column, 1))
        table.cursor_coordinate = at

    def _cell(self, line: QueueLine, band: str) -> Text:
        number = line.number(band)
        if not number:
            return Text("—", self._colour("text-muted"), justify="right")
        words = format_number(number)
        if band == "overdue" and line.worst is not None:
            words = f"{words} +{span(int(line.worst.total_seconds()))}"
        colour = _STYLES.get(band)
        return Text(words, f"bold {self._colour(colour)}" if colour else "", justify="right")

    def _colour(self, name: str) -> str:
        return self.app.get_css_variables()[name]

    def _draw_basis(self) -> None:
        """What the cursor is on, in full; else what shares and trends are about."""
        board, focused = self.figures, self.focused
        if board is None:
            return
        if isinstance(focused, FigureTile):
            words = _tile_words(board, focused)
        else:
            line, column = self._under_cursor(board)
            number = format_number(line.number(column.band))
            words = f"{line.name} · {column.symbol} {_(column.title)}: {number}"
            if column.band == "overdue" and line.worst is not None:
                words = f"{words}, {_('the latest by {time}').format(time=format_duration(line.worst))}"
        self.query_one("#basis", Static).update(one_line(words, max(self.size.width - 2, 1)))

    def _under_cursor(self, board: Board) -> tuple[QueueLine, Column]:
        at = self.query_one(BoardTable).cursor_coordinate
        lines = (*board.lines, board.total)
        line = lines[min(at.row, len(lines) - 1)]
        return line, COLUMNS[at.column - 1] if at.column else TOTAL

    # --- places ------------------------------------------------------------------------------------

    def on_data_table_cell_highlighted(self, _: DataTable.CellHighlighted) -> None:
        """Say what the cursor is on."""
        self._draw_basis()

    def on_data_table_cell_selected(self, _: DataTable.CellSelected) -> None:
        """Open the queue behind the number."""
        self.action_open()

    def on_figure_tile_looked(self, _: FigureTile.Looked) -> None:
        """Say what the tile is."""
        self._draw_basis()

    def on_figure_tile_opened(self, event: FigureTile.Opened) -> None:
        """Open the queue behind the tile, or the screen."""
        board, tile = self.figures, event.tile
        if board is None:
            return
        if tile.kind == "trend":
            trend = board.trends[tile.at]
            self._open(trend.query, _(trend.title))
        elif board.kpis[tile.at].place:
            self.app.switch_mode(board.kpis[tile.at].place)
        else:
            self._open(board.kpis[tile.at].query, board.kpis[tile.at].title)

    def action_open(self) -> None:
        """Open the queue behind the number."""
        board = self.figures
        if board is not None:
            line, column = self._under_cursor(board)
            title = line.name if column is TOTAL else f"{line.name} · {_(column.title)}"
            self._open(cell_query(self.desk, line.scope, column.band, board.soon), title)

    def _open(self, query: str, title: str) -> None:
        self.station.open_queue(spoken(self.desk, query), title)

    def action_cuts(self) -> None:
        """Go to the statistical cuts."""
        self.app.switch_mode("cuts")

    def action_ranking(self) -> None:
        """Go to the ranking."""
        self.app.switch_mode("ranking")

    def action_problems(self) -> None:
        """Go to the problems."""
        self.app.switch_mode("problems")

    def action_workload(self) -> None:
        """Go to the load."""
        self.app.switch_mode("workload")

    def action_alerts(self) -> None:
        """Go to the alerts."""
        self.app.switch_mode("alerts")

    def action_satisfaction(self) -> None:
        """Go to the satisfaction."""
        self.app.switch_mode("satisfaction")

    def action_report(self) -> None:
        """Write a report into a file."""
        self.station.start(order_report(self.station))

    def action_back(self) -> None:
        """Back to the queues."""
        self.app.switch_mode("queues")


def _kpi_style(kpi: Kpi) -> str:
    return "bold $text-warning" if kpi.is_wrong else "bold $foreground"


def _moved(trend: Trend) -> tuple[str, str]:
    """How much more or less than before, with a sign, and the style of what that means."""
    more = trend.number - trend.before
    if not more:
        return "=", ""
    style = (
        ""
        if not trend.more_is
        else "$text-success"
        if (more > 0) == (trend.more_is == "good")
        else "$text-error"
    )
    return f"{'▲' if more > 0 else '▼'}{format_number(abs(more))}", style


def _tile_words(board: Board, tile: FigureTile) -> str:
    days = board.recent.period
    since = _("{first} – {last}").format(first=format_date(days.first), last=format_date(days.last))
    if tile.kind == "trend":
        trend = board.trends[tile.at]
        return _(
            "{title}, {days}: {number}; in as many days before: {before}; most on one day: {most}"
        ).format(
            title=_(trend.title),
            days=since,
            number=format_number(trend.number),
            before=format_number(trend.before),
            most=format_number(max(trend.days)),
        )
    kpi = board.kpis[tile.at]
    if kpi.whole is None:
        return f"{kpi.title}: {kpi.words}"
    part = _("{part} of {whole}").format(part=format_number(kpi.number), whole=format_number(kpi.whole))
    return f"{kpi.title}: {kpi.words} ({part})"
