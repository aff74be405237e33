"""The open alerts: what escalation tells, for oneself or for all, and taking them on, one or many."""

from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import DataTable, Static

from cur_tui.formats import format_datetime, format_number
from cur_tui.i18n import _
from cur_tui.services.figures.alerts import AlertLine, alerts_here
from screens.figures import FiguresScreen
from widgets.figure_table import FigureTable, Heading
from widgets.key_line import KeyLine
from widgets.keys import binding_of, bindings_for
from widgets.show import show_line
from widgets.status_line import StatusLine

WIDE: Final = 110


class AlertTable(FigureTable):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("alerts.open", "select_cursor")]


class AlertsScreen(FiguresScreen[list[AlertLine]]):
    """The alerts in the cache, live."""

    CSS_PATH = "figures.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("alerts")
    IS_SUM = False

    _mine = False

    def __init__(self) -> None:
        super().__init__()
        self._marked: set[str] = set()

    def compose(self) -> ComposeResult:
        """The age of the data, how many, the table, the appeal under the cursor, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        yield AlertTable(id="grid", by_row=True)
        yield Static("", id="about", classes="below", markup=False)
        yield KeyLine("alerts")

    @property
    def asked(self) -> bool:
        """Whether only those for oneself."""
        return self._mine

    def count_figures(self) -> list[AlertLine]:
        """The open alerts, the latest first."""
        return alerts_here(self.desk, mine=self._mine)

    # --- drawing -----------------------------------------------------------------------------------

    def draw_header(self) -> None:
        """Whose alerts, how many, how old the data are."""
        head = _("Alerts for me") if self._mine else _("All alerts")
        if self.answer is not None:
            head = f"{head}: {format_number(len(self.answer))}"
        parts = [Content.styled(head, "bold")]
        if self._marked:
            parts.append(Content.styled(_("marked: {n}").format(n=len(self._marked)), "bold $primary"))
        self.show_header(*parts)

    def draw(self, figures: list[AlertLine]) -> None:
        """Show the alerts."""
        self._marked &= {one.alert.id for one in figures}
        wide = self.has_class("-wide")
        left = self.size.width - 2 - 20 - 18 - 1
        rule = left // 2 if wide else left
        headings = [
            Heading("", 2, is_number=False),
            Heading(_("Number"), 20, is_number=False),
            Heading(_("Told"), 18, is_number=False),
            Heading(_("Alert"), max(rule, 12), is_number=False),
        ]
        if wide:
            headings.append(Heading(_("What"), left - rule, is_number=False))
        self.query_one(AlertTable).fill(headings, (self._row(one, wide=wide) for one in figures))
        self._draw_about()

    def _row(self, one: AlertLine, *, wide: bool) -> list[Text | str]:
        style = f"bold {self.colour('text-warning')}" if one.is_mine else ""
        mark = "✓" if one.alert.id in self._marked else ""
        told = format_datetime(one.alert.at, self.desk.zone)
        rule = Text(f"▲ {one.rule_title}" if one.is_mine else one.rule_title, style)
        return [mark, one.number, told, rule, *([one.words] if wide else [])]

    def _draw_about(self) -> None:
        one = self._line()
        below = self.query_one("#about", Static)
        if one is None:
            below.update(Content(_("No alert is open.")))
            return
        for_me = _("For you.") if one.is_mine else _("For others.")
        first = Content.assemble(
            show_line(one.rule_title, 120, "bold $foreground"), "  ", show_line(one.words), "  ", for_me
        )
        below.update(Content("\n").join([first, show_line(one.title, 300)]))

    def _line(self) -> AlertLine | None:
        at = self.query_one(AlertTable).cursor_coordinate.row
        return self.figures[at] if self.figures and at < len(self.figures) else None

    # --- what a person asks ------------------------------------------------------------------------

    def on_data_table_row_highlighted(self, _: DataTable.RowHighlighted) -> None:
        """Show the appeal."""
        self._draw_about()

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        """Open the appeal."""
        self.action_open()

    def action_open(self) -> None:
        """Open the appeal under the cursor."""
        one = self._line()
        if one is not None:
            self.station.open_appeal(one.appeal)

    def action_queue(self) -> None:
        """Open the queue of all appeals with an open alert."""
        self.station.open_queue("escalated", _("Alerts"))

    def action_mark(self) -> None:
        """Mark or unmark the alert, and go on to the next."""
        one = self._line()
        if one is not None:
            self._marked ^= {one.alert.id}
            self._drawn_anew()
            self.query_one(AlertTable).action_cursor_down()

    def action_mark_all(self) -> None:
        """Mark all alerts, or none when all are marked."""
        every = {one.alert.id for one in self.figures or ()}
        self._marked = set() if self._marked == every else every
        self._drawn_anew()

    def action_acknowledge(self) -> None:
        """Take on the marked alerts, else the one under the cursor."""
        one = self._line()
        if self._marked:
            marked = [line for line in self.figures or () if line.alert.id in self._marked]
            self.station.start(self._acknowledge([line.appeal for line in marked], {}))
        elif one is not None:
            self.station.start(self._acknowledge([one.appeal], {"alert": one.alert.id}))

    async def _acknowledge(self, appeals: list[str], values: dict[str, object]) -> None:
        from screens.acts import act

        if await act(self.station, "acknowledge", list(dict.fromkeys(appeals)), values):
            self._marked.clear()
            self.count()

    def action_undo(self) -> None:
        """Take back the latest act that has not been sent yet."""
        from screens.acts import undo

        self.station.start(undo(self.station))

    def action_whose(self) -> None:
        """All alerts, or those for oneself."""
        self._mine = not self._mine
        self.count()

    def action_back(self) -> None:
        """Back to the board."""
        self.app.switch_mode("supervisor")

    def _drawn_anew(self) -> None:
        self.draw_header()
        self.draw(self.figures or [])
