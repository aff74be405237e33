"""The ranking of authorities or municipalities; Enter shows how a score came about, down to the appeals."""

from __future__ import annotations

from datetime import date
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import DataTable, Static

from cur_tui.domain.figures.ranking import RankedBy, RankingLine, RankingTable, Score, Zone
from cur_tui.domain.texts.text import cell_width
from cur_tui.domain.vocabulary import Regime
from cur_tui.formats import format_decimal, format_number, format_percent
from cur_tui.i18n import N_, _, current
from cur_tui.services.figures.measure_words import (
    EMPTY,
    against_words,
    aspect_title,
    days_words,
    dimension_title,
    dimension_value,
    names_of,
    number_title,
    period_title,
    share_words,
    zone_sign,
)
from cur_tui.services.figures.ranking import Derivation, RankingDesk
from cur_tui.services.forms import Choice, FieldKind, Form, FormField, enum_choices
from screens.acts import ask
from screens.figures import FiguresScreen
from screens.period_choice import choose_period
from screens.picker import Picker
from widgets.figure_table import FigureTable, Heading
from widgets.key_line import KeyLine
from widgets.keys import binding_of, bindings_for
from widgets.status_line import StatusLine

WIDE: Final = 110
WIDEST: Final = 130
"""From so many cells on there is room for what a score rests on."""
NAME: Final = 18
"""Cells for a name at the least; it gets what the numbers leave."""
_ALL: Final = "-"
_COLOURS: Final = {Zone.GREEN: "success", Zone.YELLOW: "warning", Zone.RED: "error"}
_ASPECTS: Final = ("speed", "timeliness", "quality", "completeness")


class RankingGrid(FigureTable):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("ranking.open", "select_cursor")]


class RankingScreen(FiguresScreen[RankingTable]):
    """One ranking of the cache, live."""

    CSS_PATH = "figures.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("ranking")
    CALM = 2.0
    TICK = None

    _by: RankedBy = "authority"
    _period = "month"
    _query = ""

    def compose(self) -> ComposeResult:
        """The age of the data, what is asked, the table, what it rests on, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        yield RankingGrid(id="grid", by_row=True)
        yield Static("", id="basis", classes="below", markup=False)
        yield KeyLine("ranking")

    @property
    def asked(self) -> tuple[RankedBy, str, str]:
        """Whom to rank, the days, and the kind of feedback as a query."""
        return self._by, self._period, self._query

    def count_figures(self) -> RankingTable:
        """The ranking of this moment."""
        return RankingDesk(self.desk).table(*self.asked)

    # --- drawing -----------------------------------------------------------------------------------

    def draw(self, figures: RankingTable) -> None:
        """Show the bodies, the best first."""
        headings = self._headings(figures)
        self.query_one(RankingGrid).fill(headings, (self._row(figures, line) for line in figures.lines))
        self.query_one("#basis", Static).update(self._basis(figures))

    def _headings(self, table: RankingTable) -> list[Heading]:
        wide = self.has_class("-wide")
        numbers = [Heading(_("Score"), 8), Heading("±", 7), Heading("n", 7 if wide else 6)]
        titles = map(aspect_title, _ASPECTS) if wide else (_("Spd"), _("Time"), _("Qual"), _("Full"))
        numbers += [Heading(title, max(10, cell_width(title) + 1) if wide else 6) for title in titles]
        if self._has_room:
            numbers += [Heading(_("Overdue"), 12), Heading(_("Rated"), 10)]
        place = Heading("№", 4, is_number=False)
        left = self.size.width - place.width - sum(heading.width for heading in numbers) - 1
        return [place, Heading(dimension_title(table.by), max(left, NAME), is_number=False), *numbers]

    @property
    def _has_room(self) -> bool:
        return self.size.width >= WIDEST

    def _row(self, table: RankingTable, line: RankingLine) -> list[Text | str]:
        score, names = line.score, names_of(self.desk)
        cells: list[Text | str] = [
            EMPTY if line.place is None else str(line.place),
            Text(dimension_value(table.by, line.code, names), "bold"),
            self._score(score),
            self._moved(line),
            format_number(line.sums.answered),
            *(share_words(None if score is None else getattr(score, name)) for name in _ASPECTS),
        ]
        if self._has_room:
            rated = line.sums.rated / line.sums.answered if line.sums.answered else 0
            cells += [format_number(line.sums.overdue), format_percent(rated)]
        return cells

    def _score(self, score: Score | None) -> Text:
        if score is None:
            return Text(EMPTY)
        words = f"{zone_sign(score.zone)} {format_decimal(score.total)}"
        return Text(words, f"bold {self.colour(_COLOURS[score.zone])}")

    def _moved(self, line: RankingLine) -> Text:
        if line.score is None or line.previous is None:
            return Text(EMPTY)
        moved = line.score.total - line.previous.total
        sign = "▲" if moved > 0 else "▼" if moved < 0 else "="
        colour = self.colour("success" if moved > 0 else "error") if moved else ""
        return Text(f"{sign}{format_decimal(abs(moved))}", colour)

    def draw_header(self) -> None:
        """Who is ranked, by what they did on which days."""
        table = self.answer
        head = _("Ranking of municipalities") if self._by == "municipality" else _("Ranking of authorities")
        period = period_title(self._period)
        if table is not None:
            first, last = date.fromisoformat(table.first), date.fromisoformat(table.last)
            period = f"{period} ({days_words(first, last)})"
        parts = [Content.styled(head, "bold"), Content(period)]
        if self._query:
            parts.append(Content(_("only {what}").format(what=self._query)))
        if table is not None and table.against is not None:
            parts.append(Content(against_words(*map(date.fromisoformat, table.against))))
        self.show_header(*parts)

    def _basis(self, table: RankingTable) -> Content:
        if not table.lines:
            return Content(_("Nobody has finished anything in these days. P chooses others."))
        rated = table.total.rated / table.total.answered if table.total.answered else 0
        weights = table.weights
        return Content(
            _(
                "n = {n} answered, {rated} of them rated; speed {speed}, in time {timeliness}, "
                "quality {quality}, completeness {completeness}; policy {policy}; "
                "a place takes {least} answers"
            ).format(
                n=format_number(table.total.answered),
                rated=format_percent(rated),
                speed=weights.speed,
                timeliness=weights.timeliness,
                quality=weights.quality,
                completeness=weights.completeness,
                policy=table.policy,
                least=table.minimum,
            )
        )

    # --- what a person asks ------------------------------------------------------------------------

    def action_by(self) -> None:
        """Authorities, or municipalities."""
        self._by = "authority" if self._by == "municipality" else "municipality"
        self.count()

    def action_period(self) -> None:
        """Choose the period, or write one."""
        self.station.start(self._choose_period())

    def action_regime(self) -> None:
        """All kinds of feedback together, or one."""
        self.station.start(self._choose_regime())

    def action_weights(self) -> None:
        """Set one's own weights."""
        self.station.start(self._ask_weights())

    def action_cuts(self) -> None:
        """Go to the cuts."""
        self.app.switch_mode("cuts")

    def action_back(self) -> None:
        """Back to the queues."""
        self.app.switch_mode("queues")

    async def _choose_period(self) -> None:
        code = await choose_period(self.station, self._period, bounded=True)
        if code is not None:
            self._period = code
            self.count()

    async def _choose_regime(self) -> None:
        choices = (Choice(_ALL, _("all kinds of feedback")), *enum_choices(Regime))
        code = await self.station.push_screen_wait(Picker(_("Kind of feedback"), choices))
        if code is not None:
            self._query = "" if code == _ALL else f"regime:{code}"
            self.count()

    async def _ask_weights(self) -> None:
        desk = self.desk
        weights = await self.station.attempt(lambda: RankingDesk(desk).weights)
        if weights is None:
            return
        initial = ",".join(str(getattr(weights, name)) for name in _ASPECTS)
        label = N_("Speed, in time, quality, completeness; empty: as the policy has them")
        field = FormField("weights", label, FieldKind.LINE, required=False, initial=initial)

        async def take(values: dict[str, object]) -> bool:
            text = str(values.get("weights") or "")
            taken = await self.station.attempt(lambda: RankingDesk(desk).set_weights(text))
            self.count()
            return taken is not None

        await ask(self.station, _("Weights of the score"), Form("ranking_weights", (field,)), take)

    # --- how a score came about --------------------------------------------------------------------

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        """Show how the score came about."""
        self.action_open()

    def action_open(self) -> None:
        """Show how the score under the cursor came about."""
        table = self.figures
        at = self.query_one(DataTable).cursor_coordinate.row
        if table is not None and 0 <= at < len(table.lines):
            self.station.start(self._derive(table, table.lines[at]))

    async def _derive(self, table: RankingTable, line: RankingLine) -> None:
        desk, language = self.desk, current().language
        derived = await self.station.attempt(lambda: RankingDesk(desk).derivation(table, line, language))
        if derived is None:
            return
        name = dimension_value(table.by, line.code, names_of(desk))
        choices = tuple(_choices(derived))
        query = await self.station.push_screen_wait(Picker(_title(name, line), choices))
        if query is not None:
            self.station.open_queue(query, name)


def _title(name: str, line: RankingLine) -> str:
    if line.score is None:
        return name
    return _("{name}: {score} = sum of aspect × weight").format(
        name=name, score=format_decimal(line.score.total)
    )


def _choices(derived: Derivation) -> list[Choice]:
    """Each number of a derivation as a line to choose: choosing it opens its queue."""
    numbers = derived.everything
    lines = [Choice(numbers.query, f"{number_title(numbers.code)}: {format_number(numbers.value)}")]
    for step in derived.steps:
        whole = f"{aspect_title(step.aspect)} {share_words(step.value)} × {step.weight}"
        for number in step.numbers:
            told = f"{whole} ← {number_title(number.code)}: {format_number(number.value)}"
            if all(line.code != number.query or line.title != told for line in lines):
                lines.append(Choice(number.query, told))
    return lines
