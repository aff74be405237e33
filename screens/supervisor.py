"""The clocks by queue: how much of each block's work is late, due soon, due later, and what waits."""

from datetime import timedelta

from rich.text import Text
from textual import events, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Static

from cur_tui.domain.text import one_line
from cur_tui.formats import format_datetime, format_duration, format_number
from cur_tui.i18n import _
from cur_tui.services.desk import Area, Change
from cur_tui.services.due import span
from cur_tui.services.exchange import SyncState
from cur_tui.services.exchange_words import age_words
from cur_tui.services.supervision import BANDS, Board, Kpi, QueueLine, board_of, cell_query
from screens.base import DeskScreen, station
from widgets.key_line import KeyLine
from widgets.keys import binding_of, bindings_for
from widgets.status_line import StatusLine

TICK = 20
"""Seconds after which the board is counted anew, because time alone moves work from band to band."""

CALM = 1.0
"""Seconds in which changes are gathered before the board is counted anew."""

WIDE = 110
NAME = {False: 18, True: 44}
"""Cells for the name of a block, on a narrow and on a wide terminal."""

_TOTAL = "total"
_COLUMNS = (*(column.band for column in BANDS), _TOTAL)
_STYLES = {"overdue": "error", "within_two_hours": "warning"}


class KpiTile(Static, can_focus=True):
    """A number with its name; Enter or a click opens the queue behind it."""

    BINDINGS = [binding_of("supervisor.open", "open")]

    def __init__(self, at: int) -> None:
        super().__init__("", id=f"kpi-{at}", markup=False)
        self._kpi: Kpi | None = None

    def show(self, kpi: Kpi) -> None:
        """Show a number."""
        self._kpi = kpi
        style = "bold $warning" if kpi.number else "bold $success"
        self.update(Content.assemble((format_number(kpi.number), style), f"\n{kpi.title}"))

    def action_open(self) -> None:
        """Open the queue."""
        if self._kpi is not None:
            station(self).open_queue(self._kpi.query, self._kpi.title)

    def on_click(self, _: events.Click) -> None:
        """Open the queue."""
        self.action_open()


class BoardTable(DataTable[Text]):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("supervisor.open", "select_cursor")]


class SupervisorScreen(DeskScreen):
    """The board of the cache, live."""

    CSS_PATH = "supervisor.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("supervisor")

    def __init__(self) -> None:
        super().__init__()
        self._board: Board | None = None

    def compose(self) -> ComposeResult:
        """The age of the data, the numbers, the table, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        with Horizontal(id="kpis"):
            for at in range(4):
                yield KpiTile(at)
        yield BoardTable(id="board", cursor_type="cell", zebra_stripes=True)
        yield KeyLine("supervisor")

    def on_mount(self) -> None:
        """Count, and go on counting."""
        super().on_mount()
        self.query_one(DataTable).focus()
        self._count()
        self.set_interval(TICK, self._count)

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
        """The names of the blocks get what room there is."""
        if self._board is not None:
            self._draw(self._board)

    def _count(self) -> None:
        if self.is_current:
            self._counted()

    @work(group="board", exclusive=True, exit_on_error=False)
    async def _counted(self) -> None:
        board = await self.station.attempt(lambda: board_of(self.desk))
        if board is not None and self.is_attached:
            self._board = board
            self._draw(board)

    # --- drawing -----------------------------------------------------------------------------------

    def _draw(self, board: Board) -> None:
        self._draw_header()
        for at, kpi in enumerate(board.kpis):
            self.query_one(f"#kpi-{at}", KpiTile).show(kpi)
        table: DataTable[Text] = self.query_one(DataTable)
        cursor = table.cursor_coordinate
        table.clear(columns=True)
        wide = self.has_class("-wide")
        name = NAME[wide]
        table.add_column(Text(board.heading), width=name)
        for column in BANDS:
            heading = column.title if wide else column.short
            table.add_column(Text(f"{column.symbol} {_(heading)}".strip()))
        table.add_column(Text(_("Total")))
        for line in (*board.lines, board.total):
            table.add_row(Text(one_line(line.name, name), "bold"), *self._cells(line))
        if table.row_count:
            table.cursor_coordinate = Coordinate(min(cursor.row, table.row_count - 1), max(cursor.column, 1))

    def _cells(self, line: QueueLine) -> list[Text]:
        cells = []
        for band in _COLUMNS:
            number = line.number(band)
            words = format_number(number) if number else "—"
            if band == "overdue" and line.worst is not None:
                words = f"{words} +{span(int(line.worst.total_seconds()))}"
            cells.append(Text(words, self._style(band) if number else self._colour("text-muted")))
        return cells

    def _style(self, band: str) -> str:
        colour = _STYLES.get(band)
        return f"bold {self._colour(colour)}" if colour else ""

    def _colour(self, name: str) -> str:
        return self.app.get_css_variables()[name]

    def _draw_header(self) -> None:
        now = self.desk.now()
        state = self.station.exchange.state()
        head = _("Clocks by queue on {moment}").format(moment=format_datetime(now, self.desk.zone))
        worst = self._board.total.worst if self._board else None
        parts = [Content.styled(head, "bold"), Content.styled(age_words(state, now), "$text-muted")]
        if worst is not None and worst > timedelta(0):
            late = _("the latest is over by {duration}").format(duration=format_duration(worst))
            parts.append(Content.styled(f"▲ {late}", "bold $error"))
        self.query_one("#header", Static).update(Content("  ·  ").join(parts))

    # --- places ------------------------------------------------------------------------------------

    def on_data_table_cell_selected(self, _: DataTable.CellSelected) -> None:
        """Open the queue behind the number."""
        self.action_open()

    def action_open(self) -> None:
        """Open the queue behind the number."""
        if self._board is None:
            return
        at = self.query_one(DataTable).cursor_coordinate
        lines = (*self._board.lines, self._board.total)
        if at.row >= len(lines):
            return
        line, band = lines[at.row], _COLUMNS[at.column - 1] if at.column else _TOTAL
        heading = next((column.title for column in BANDS if column.band == band), "")
        title = f"{line.name} · {_(heading)}" if heading else line.name
        self.station.open_queue(cell_query(self.desk, line.scope, band), title)

    def action_ranking(self) -> None:
        """Go to the ranking."""
        self.app.switch_mode("ranking")

    def action_back(self) -> None:
        """Back to the queues."""
        self.app.switch_mode("queues")
