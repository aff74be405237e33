"""The ranking of authorities or municipalities; Enter shows how a score came about, down to the appeals."""

from __future__ import annotations

from datetime import date
from typing import Final

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Static

from cur_tui.domain.ranking import RankedBy, RankingLine, RankingTable, Score, Zone
from cur_tui.domain.text import one_line
from cur_tui.domain.vocabulary import Regime
from cur_tui.formats import format_decimal, format_number, format_percent
from cur_tui.i18n import N_, _, current
from cur_tui.services.cuts import CutDesk
from cur_tui.services.desk import Area, Change
from cur_tui.services.exchange import SyncState
from cur_tui.services.exchange_words import age_words, uncounted_words
from cur_tui.services.forms import Choice, FieldKind, Form, FormField, enum_choices
from cur_tui.services.measure_words import (
    EMPTY,
    PERIODS,
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
from cur_tui.services.ranking import Derivation, RankingDesk
from screens.acts import ask
from screens.base import DeskScreen
from screens.picker import Picker
from widgets.key_line import KeyLine
from widgets.keys import binding_of, bindings_for
from widgets.status_line import StatusLine

CALM: Final = 2.0
"""Seconds in which changes are gathered before the table is counted anew."""
WIDE: Final = 110
NAME: Final = {False: 25, True: 56}
_ALL: Final = "-"
_COLOURS: Final = {Zone.GREEN: "success", Zone.YELLOW: "warning", Zone.RED: "error"}
_ASPECTS: Final = ("speed", "timeliness", "quality", "completeness")


class RankingGrid(DataTable[Text]):
    """The table; its Enter is the registry's."""

    BINDINGS = [binding_of("ranking.open", "select_cursor")]


class RankingScreen(DeskScreen):
    """One ranking of the cache, live."""

    CSS_PATH = "ranking.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("ranking")

    def __init__(self) -> None:
        super().__init__()
        self._by: RankedBy = "authority"
        self._period = "month"
        self._query = ""
        self._table: RankingTable | None = None
        self._uncounted = 0

    def compose(self) -> ComposeResult:
        """The age of the data, what is asked, the table, what it rests on, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        yield RankingGrid(id="grid", cursor_type="row", zebra_stripes=True)
        yield Static("", id="basis", markup=False)
        yield KeyLine("ranking")

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

    def _count(self) -> None:
        if self.is_current:
            self._counted()

    @work(group="ranking", exclusive=True, exit_on_error=False)
    async def _counted(self) -> None:
        asked, desk = (self._by, self._period, self._query), self.desk
        counted = await self.station.attempt(
            lambda: (RankingDesk(desk).table(*asked), CutDesk(desk).uncounted)
        )
        asks_still = asked == (self._by, self._period, self._query)
        if counted is not None and self.is_attached and asks_still:
            self._table, self._uncounted = counted
            self._draw(self._table)

    # --- drawing -----------------------------------------------------------------------------------

    def _draw(self, table: RankingTable) -> None:
        self._draw_header()
        grid = self.query_one(RankingGrid)
        cursor = grid.cursor_coordinate
        grid.clear(columns=True)
        wide = self.has_class("-wide")
        width, names = NAME[wide], names_of(self.desk)
        grid.add_column(Text("№"), width=4)
        grid.add_column(Text(dimension_title(table.by)), width=width)
        headings = [
            _("Score"),
            "±",
            "n",
            *(map(aspect_title, _ASPECTS) if wide else (_("Spd"), _("Time"), _("Qual"), _("Full"))),
        ]
        headings += [_("Overdue"), _("Rated")] if wide else []
        for heading in headings:
            grid.add_column(Text(heading, justify="right"))
        for line in table.lines:
            name = one_line(dimension_value(table.by, line.code, names), width)
            place = EMPTY if line.place is None else str(line.place)
            grid.add_row(Text(place), Text(name, "bold"), *self._cells(line, wide=wide))
        if grid.row_count:
            grid.cursor_coordinate = Coordinate(min(cursor.row, grid.row_count - 1), 0)
        self.query_one("#basis", Static).update(self._basis(table))

    def _cells(self, line: RankingLine, *, wide: bool) -> list[Text]:
        score = line.score
        shares = [share_words(None if score is None else getattr(score, name)) for name in _ASPECTS]
        words = [format_number(line.sums.answered), *shares]
        if wide:
            rated = line.sums.rated / line.sums.answered if line.sums.answered else 0
            words += [format_number(line.sums.overdue), format_percent(rated)]
        return [self._score(score), self._moved(line), *(Text(word, justify="right") for word in words)]

    def _score(self, score: Score | None) -> Text:
        if score is None:
            return Text(EMPTY, justify="right")
        words = f"{zone_sign(score.zone)} {format_decimal(score.total)}"
        return Text(words, f"bold {self._colour(_COLOURS[score.zone])}", justify="right")

    def _moved(self, line: RankingLine) -> Text:
        if line.score is None or line.previous is None:
            return Text(EMPTY, justify="right")
        moved = line.score.total - line.previous.total
        sign = "▲" if moved > 0 else "▼" if moved < 0 else "="
        colour = self._colour("success" if moved > 0 else "error") if moved else ""
        return Text(f"{sign}{format_decimal(abs(moved))}", colour, justify="right")

    def _colour(self, name: str) -> str:
        return self.app.get_css_variables()[name]

    def _draw_header(self) -> None:
        table = self._table
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
        if self._uncounted:
            words = uncounted_words(self._uncounted, self.station.exchange.state())
            parts.append(Content.styled(words, "$text-warning"))
        parts.append(Content.styled(age_words(self.station.exchange.state(), self.desk.now()), "$text-muted"))
        self.query_one("#header", Static).update(Content("  ·  ").join(parts))

    def _basis(self, table: RankingTable) -> Content:
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
        self._count()

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
        def written(words: str) -> Choice | None:
            return Choice(words.strip(), words.strip()) if words.strip()[:1].isdigit() else None

        choices = tuple(Choice(code, period_title(code), code) for code in PERIODS if code != "all")
        hint = _("For example 2026-11, 2026-Q3, 2026-11-01..2026-11-15")
        picker = Picker(_("Period"), choices, self._period, typed=written, placeholder=hint)
        code = await self.station.push_screen_wait(picker)
        if code is not None:
            self._period = code
            self._count()

    async def _choose_regime(self) -> None:
        choices = (Choice(_ALL, _("all kinds of feedback")), *enum_choices(Regime))
        code = await self.station.push_screen_wait(Picker(_("Kind of feedback"), choices))
        if code is not None:
            self._query = "" if code == _ALL else f"regime:{code}"
            self._count()

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
            self._count()
            return taken is not None

        await ask(self.station, _("Weights of the score"), Form("ranking_weights", (field,)), take)

    # --- how a score came about --------------------------------------------------------------------

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        """Show how the score came about."""
        self.action_open()

    def action_open(self) -> None:
        """Show how the score under the cursor came about."""
        table = self._table
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
