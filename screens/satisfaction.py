"""Satisfaction: how applicants rated answers, by channel, and the comments on the low ratings."""

from dataclasses import dataclass
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import DataTable, Static

from cur_tui.domain.figures.satisfaction import HIGHEST, LOWEST, TARGET, ChannelRatings, Satisfaction
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.periods import Period, parse_period
from cur_tui.domain.vocabulary import Source
from cur_tui.formats import format_decimal, format_number, format_percent
from cur_tui.i18n import _
from cur_tui.services.desk import Desk
from cur_tui.services.figures.measure_words import EMPTY, days_words, period_title
from cur_tui.services.figures.satisfaction import LowRating, low_ratings, ratings_query, satisfaction_of
from cur_tui.services.figures.supervision import spoken
from cur_tui.services.labels import label_of
from screens.figures import FiguresScreen
from screens.period_choice import choose_period
from widgets.figure_table import FigureTable, Heading
from widgets.key_line import KeyLine
from widgets.keys import binding_of, bindings_for
from widgets.show import show_line
from widgets.status_line import StatusLine

WIDE: Final = 110
NAME: Final = 15
"""Cells for a channel at the least; it gets what the numbers leave."""
WIDTHS: Final = {150: (14, 10, 14), WIDE: (11, 6, 11), 0: (9, 5, 10)}
"""From which width of the terminal on: cells for the answers, for each rating, and for each share."""
_STARS: Final = range(LOWEST, HIGHEST + 1)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted, and the low ratings of the same days."""

    period: Period
    satisfaction: Satisfaction
    low: list[LowRating]


class RatingTable(FigureTable):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("satisfaction.open", "select_cursor")]


class SatisfactionScreen(FiguresScreen[Figures]):
    """The ratings in the cache, live."""

    CSS_PATH = "figures.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("satisfaction")

    _period = "month"
    _reads = False
    """Whether the low ratings are shown instead of the channels."""

    def compose(self) -> ComposeResult:
        """The age of the data, what is shown, the table, the comment under the cursor, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        yield RatingTable(id="grid")
        yield Static("", id="comment", classes="below", markup=False)
        yield KeyLine("satisfaction")

    @property
    def asked(self) -> str:
        """The days, as text."""
        return self._period

    def count_figures(self) -> Figures:
        """The ratings of the period, seen from now."""
        period = self.period_of(self.desk, self._period)
        found = satisfaction_of(self.desk, period.first, period.last)
        return Figures(period, found, low_ratings(self.desk, period.first, period.last))

    @staticmethod
    def period_of(desk: Desk, text: str) -> Period:
        """The days of a period. Raises ``invalid_value``, for ``all`` too, which is not offered."""
        period = parse_period(text, desk.local_now().date())
        if period is None:
            raise Refused("invalid_value", field="period", value=text)
        return period

    # --- drawing -----------------------------------------------------------------------------------

    def draw_header(self) -> None:
        """What is shown, of which days, how old the data are."""
        head = _("Low ratings to read") if self._reads else _("Satisfaction by channel")
        period = period_title(self._period)
        if self.answer is not None:
            period = f"{period} ({days_words(self.answer.period.first, self.answer.period.last)})"
        self.show_header(Content.styled(head, "bold"), Content(period))

    def draw(self, figures: Figures) -> None:
        """Show the channels, or the low ratings."""
        table = self.query_one(RatingTable)
        if self._reads:
            headings = [
                Heading(_("Number"), 19, is_number=False),
                Heading(_("Rating"), 8),
                Heading(_("State"), 12, is_number=False),
                Heading(_("Comment"), max(self.size.width - 40, 20), is_number=False),
            ]
            table.fill(headings, (_low_row(one) for one in figures.low))
        else:
            lines = (*figures.satisfaction.channels, figures.satisfaction.total)
            table.fill(self._headings(), (self._row(line) for line in lines))
        self._draw_comment()

    def _headings(self) -> list[Heading]:
        widths = next(widths for least, widths in WIDTHS.items() if self.size.width >= least)
        answers, stars, shares = widths
        numbers = [Heading(_("Answered"), answers), *(Heading(f"{star} ★", stars) for star in _STARS)]
        numbers += [Heading(title, shares) for title in (_("Rated"), _("On average"), _("4 and 5"))]
        left = self.size.width - sum(heading.width for heading in numbers) - 1
        return [Heading(_("Channel"), max(left, NAME), is_number=False), *numbers]

    def _row(self, line: ChannelRatings) -> list[Text | str]:
        return [
            Text(_channel(line), "bold"),
            _number(line.answered),
            *(_number(n) for n in line.counts),
            EMPTY if line.coverage is None else format_percent(line.coverage),
            EMPTY if line.mean is None else format_decimal(line.mean),
            self._positive(line),
        ]

    def _positive(self, line: ChannelRatings) -> Text:
        """The share beside the target: below it stands a sign, and not a colour alone."""
        if line.positive is None:
            return Text(EMPTY)
        is_low = 100 * line.positive < TARGET
        style = self.colour("text-error" if is_low else "text-success")
        return Text(f"{'▼' if is_low else '●'} {format_percent(line.positive)}", style)

    def _draw_comment(self) -> None:
        below = self.query_one("#comment", Static)
        low = self._low()
        if low is not None:
            said = show_line(low.comment, 2_000) if low.comment else Content(_("No comment."))
            below.update(Content("\n").join([show_line(low.title, 200, "bold $foreground"), said]))
            return
        if self._reads:
            below.update(Content(_("No low rating in these days. P chooses others, L leads back.")))
            return
        words = _(
            "● at least {target} % of ratings are 4 or 5, ▼ fewer. "
            "Only the first rating of a delivered answer counts."
        )
        below.update(Content(words.format(target=TARGET)))

    def _low(self) -> LowRating | None:
        found = self.figures.low if self._reads and self.figures is not None else []
        at = self.query_one(RatingTable).cursor_coordinate.row
        return found[at] if at < len(found) else None

    # --- what a person asks ------------------------------------------------------------------------

    def on_data_table_cell_highlighted(self, _: DataTable.CellHighlighted) -> None:
        """Show the comment."""
        self._draw_comment()

    def on_data_table_cell_selected(self, _: DataTable.CellSelected) -> None:
        """Open what is behind the cell."""
        self.action_open()

    def action_open(self) -> None:
        """Open the queue behind the number, or the appeal with the low rating."""
        figures, low = self.figures, self._low()
        if low is not None:
            self.station.open_appeal(low.number)
        elif figures is not None and not self._reads:
            at = self.query_one(RatingTable).cursor_coordinate
            lines = (*figures.satisfaction.channels, figures.satisfaction.total)
            if at.row < len(lines):
                query = ratings_query(figures.period, lines[at.row].source, _asked(at.column))
                self.station.open_queue(spoken(self.desk, query), _channel(lines[at.row]))

    def action_low(self) -> None:
        """The low ratings with their comments, or the channels."""
        self._reads = not self._reads
        self.draw_header()
        if self.figures is not None:
            self.draw(self.figures)

    def action_acknowledge(self) -> None:
        """Take on the alert of the low rating under the cursor."""
        low = self._low()
        if low is not None:
            from screens.acts import give

            self.station.start(give(self.station, "acknowledge", [low.number]))

    def action_undo(self) -> None:
        """Take back the latest act that has not been sent yet."""
        from screens.acts import undo

        self.station.start(undo(self.station))

    def action_period(self) -> None:
        """Choose the period, or write one."""
        self.station.start(self._choose_period())

    async def _choose_period(self) -> None:
        code = await choose_period(self.station, self._period, bounded=True)
        if code is not None:
            self._period = code
            self.count()

    def action_back(self) -> None:
        """Back to the board."""
        self.app.switch_mode("supervisor")


def _asked(column: int) -> str:
    """Which ratings the number in a column is about."""
    first = 2
    if first <= column < first + len(_STARS):
        return str(_STARS[column - first])
    return {7: "any", 8: "any", 9: "positive"}.get(column, "")


def _low_row(one: LowRating) -> list[Text | str]:
    state = _("in work") if one.is_open else _("read") if one.is_read else _("to read")
    sign = "●" if one.is_open else "✓" if one.is_read else "▲"
    return [one.number, "★" * one.rating, f"{sign} {state}", one.comment or EMPTY]


def _channel(line: ChannelRatings) -> str:
    return _("All channels") if line.source is None else label_of(Source, line.source)


def _number(value: int) -> str:
    return format_number(value) if value else EMPTY
