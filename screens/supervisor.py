"""The supervisor's board: queues by how soon their work is due, the numbers above them, and how they moved.

Every number opens the queue behind it; one key each leads on to the other places of supervision.
"""

from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import DataTable, Static

from cur_tui.domain.texts.text import cell_width, one_line
from cur_tui.formats import format_date, format_datetime, format_duration, format_number
from cur_tui.i18n import _
from cur_tui.services.due import span
from cur_tui.services.figures.kpis import Kpi
from cur_tui.services.figures.supervision import (
    BANDS,
    PROVISIONAL,
    Board,
    Column,
    QueueLine,
    board_of,
    cell_query,
    spoken,
)
from cur_tui.services.figures.trends import Trend
from screens.figures import FiguresScreen
from screens.reports import order_report
from widgets.figure_table import FigureTable, Heading
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
NAME: Final = 16
"""Cells for the name of a queue at the least; it gets what the numbers leave."""
WIDTHS: Final = {
    150: (14, 9, 11, 10, 9, 12, 12, 14, 9),
    WIDE: (12, 8, 10, 9, 8, 11, 11, 5, 8),
    0: (12, 7, 7, 7, 7, 5, 6, 5, 7),
}
"""From which width of the terminal on: cells for each column; one of them parts it from the one before."""
_STYLES: Final = {"overdue": "error", "soon": "warning"}


class BoardTable(FigureTable):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("supervisor.open", "select_cursor")]


class SupervisorScreen(FiguresScreen[Board]):
    """The board of the cache, live."""

    CSS_PATH = ["figures.tcss", "supervisor.tcss"]
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
        yield BoardTable(id="board")
        yield Static("", id="basis", markup=False)
        yield KeyLine("supervisor")

    def count_figures(self) -> Board:
        """The board of this moment."""
        return board_of(self.desk)

    # --- drawing -----------------------------------------------------------------------------------

    def draw(self, figures: Board) -> None:
        """Show the board."""
        for at, kpi in enumerate(figures.kpis):
            self.query_one(f"#kpi-{at}", FigureTile).set_class(kpi.code == "answer", "-broad")
        # How much room a tile has is known once all of them have found their places.
        self.call_after_refresh(self._draw_tiles)
        self._draw_table(figures)
        self._draw_basis()

    def _draw_tiles(self) -> None:
        if self.figures is None or not self.is_attached:
            return
        for at, kpi in enumerate(self.figures.kpis):
            self._draw_kpi(self.query_one(f"#kpi-{at}", FigureTile), kpi)
        for at, trend in enumerate(self.figures.trends):
            self._draw_trend(self.query_one(f"#trend-{at}", FigureTile), trend)

    def draw_header(self) -> None:
        """Of when it is, how old the data are, how late the latest is."""
        moment = format_datetime(self.desk.now(), self.desk.zone)
        parts = [Content.styled(_("The board on {moment}").format(moment=moment), "bold")]
        worst = self.figures.total.worst if self.figures else None
        if worst is not None:
            late = _("the latest +{span}").format(span=span(int(worst.total_seconds())))
            if self.has_class("-wide"):
                late = _("the latest is over by {duration}").format(duration=format_duration(worst))
            parts.append(Content.styled(f"▲ {late}", "bold $text-error"))
        self.show_header(*parts)

    def _draw_kpi(self, tile: FigureTile, kpi: Kpi) -> None:
        room = tile.content_size.width
        words = f"▲ {kpi.words}" if kpi.is_wrong else kpi.words
        said = Content.styled(words, _kpi_style(kpi))
        if kpi.whole is not None:
            of = _("{part} of {whole}").format(part=format_number(kpi.number), whole=format_number(kpi.whole))
            if cell_width(f"{words}  {of}") <= room:
                said = Content.assemble(said, (f"  {of}", "$text-muted"))
        tile.show(said, Content(kpi.title if cell_width(kpi.title) <= room else kpi.short))

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
        widths = next(widths for least, widths in WIDTHS.items() if self.size.width >= least)
        # One cell is the scrollbar's: no number may end behind the edge because of it.
        headings = [Heading(board.heading, max(self.size.width - sum(widths) - 1, NAME), is_number=False)]
        headings += [
            Heading(_title_in(column, width - 1), width)
            for column, width in zip(COLUMNS, widths, strict=True)
        ]
        table.fill(
            headings,
            (
                [Text(line.name, "bold"), *(self._cell(line, one.band) for one in COLUMNS)]
                for line in (*board.lines, board.total)
            ),
        )

    def _cell(self, line: QueueLine, band: str) -> Text:
        number = line.number(band)
        if not number:
            return Text("—", self.colour("text-muted"))
        words = format_number(number)
        if band == "overdue" and line.worst is not None:
            words = f"{words} +{span(int(line.worst.total_seconds()))}"
        colour = _STYLES.get(band)
        return Text(words, f"bold {self.colour(colour)}" if colour else "")

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
            words = f"{column.symbol} {_(column.title)}: {number}".strip()
            if column.band == "overdue" and line.worst is not None:
                words = f"{words}, {_('the latest by {time}').format(time=format_duration(line.worst))}"
            # The name last: it is in the table too, and what does not fit is cut off at the end.
            words = f"{words} · {line.name}"
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

    def on_descendant_focus(self) -> None:
        """Say what has got the focus: a tile, or the table again."""
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


def _title_in(column: Column, width: int) -> str:
    """The heading of a column in ``width`` cells: its name where it fits, else the short one."""
    titles = (f"{column.symbol} {_(title)}".strip() for title in (column.title, column.short) if title)
    return next((title for title in titles if cell_width(title) <= width), column.symbol)


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
