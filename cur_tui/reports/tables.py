"""Reports that show one table of the region: the ranking of bodies, and any cut."""

from typing import Final

from cur_tui.domain.figures.cuts import CutTable
from cur_tui.domain.figures.ranking import RankingLine, RankingTable, Zone
from cur_tui.domain.figures.sums import Measures
from cur_tui.i18n import N_, _
from cur_tui.reports.document import Body, Chart, Column, Figure, Kind, Row, Series, Table, Value, clean
from cur_tui.reports.source import Source
from cur_tui.services.figures.measure_words import (
    aspect_title,
    dimension_title,
    dimension_value,
    measure_title,
    zone_sign,
)

_KINDS: Final[dict[str, Kind]] = {
    "number": "number", "share": "share", "hours": "decimal", "rating": "decimal"
}  # fmt: skip
_ZONES: Final = {Zone.GREEN: N_("green"), Zone.YELLOW: N_("yellow"), Zone.RED: N_("red")}
_MOST: Final = 20
"""Bars of a chart."""


def ranking(source: Source, table: RankingTable) -> Body:
    """Everybody with their place, score and zone, what these rest on, and the place in the period before."""
    columns = (
        Column(_("Place"), "number", 8),
        Column(_("Place before"), "number", 10),
        Column(dimension_title(table.by), width=48),
        Column(_("Score"), "decimal", 9),
        Column(_("Score before"), "decimal", 9),
        Column(_("Zone"), width=12),
        Column(measure_title("answered"), "number"),
        *(Column(aspect_title(name), "share") for name in ("speed", "timeliness", "quality", "completeness")),
        Column(measure_title("late"), "number"),
        Column(_("Overdue now"), "number"),
        Column(measure_title("rated"), "number"),
        Column(measure_title("rated_share"), "share", 16),
        Column(measure_title("reworked"), "number"),
        Column(measure_title("repeats"), "number"),
    )
    lines = tuple(_ranked(source, table, line) for line in table.lines)
    placed = [line for line in table.lines if line.place is not None and line.score is not None]
    best = placed[:_MOST]
    chart = Chart(
        _("Score"),
        tuple(_body(source, table, line) for line in best),
        (Series(_("Score"), tuple(line.score.total for line in best if line.score is not None)),),
        kind="decimal",
    )
    total = table.total
    figures = (
        Figure(_("With a place"), len(placed)),
        Figure(measure_title("answered"), total.answered),
        Figure(
            measure_title("rated_share"), total.rated / total.answered if total.answered else None, "share"
        ),
        Figure(_("Overdue now"), total.overdue),
    )
    weights = table.weights
    note = _(
        "Policy {policy}; weights: speed {speed}, in time {timeliness}, quality {quality}, completeness"
        " {completeness}. A place takes {least} answers."
    ).format(
        policy=clean(table.policy),
        speed=weights.speed,
        timeliness=weights.timeliness,
        quality=weights.quality,
        completeness=weights.completeness,
        least=table.minimum,
    )
    return Body(figures, (chart,), (Table(_("Ranking"), columns, lines, note=note),))


def _ranked(source: Source, table: RankingTable, line: RankingLine) -> Row:
    score, sums = line.score, line.sums
    return (
        line.place,
        line.was,
        _body(source, table, line),
        None if score is None else score.total,
        None if line.previous is None else line.previous.total,
        "" if score is None else f"{zone_sign(score.zone)}\N{NO-BREAK SPACE}{_(_ZONES[score.zone])}",
        sums.answered,
        *(
            None if score is None else getattr(score, name)
            for name in ("speed", "timeliness", "quality", "completeness")
        ),
        sums.late,
        sums.overdue,
        sums.rated,
        sums.rated / sums.answered if sums.answered else None,
        sums.reworked,
        sums.repeats,
    )


def _body(source: Source, table: RankingTable, line: RankingLine) -> str:
    return clean(dimension_value(table.by, line.code, source.names))


def of_cut(source: Source, counted: CutTable) -> Body:
    """A cut as it stands on the screen, with its totals, shares and changes."""
    cut, measure = counted.cut, counted.measure
    kind = _KINDS[measure.unit]
    columns = counted.columns if cut.columns is not None else ()
    is_compared, is_number = counted.before is not None, measure.unit == "number"

    def name(dimension: str, value: str | None) -> str:
        return clean(dimension_value(dimension, value, source.names))

    def line(title: str, values: list[Value], sums: Measures, change: float | None) -> Row:
        share = [counted.share(sums)] if is_number else []
        return (title, *values, measure.of(sums), *share, *([change] if is_compared else []))

    lines = tuple(
        line(
            name(cut.rows, row),
            [counted.value(row, column) for column in columns],
            counted.row_total(row),
            counted.change(row),
        )
        for row in counted.rows
    )
    sums = [measure.of(counted.column_total(column)) for column in columns]
    heading = (
        Column(dimension_title(cut.rows), width=48),
        *(Column(name(cut.columns or "", column), kind, 14) for column in columns),
        Column(_("Total"), kind),
        *([Column(_("Share"), "share")] if is_number else []),
        *([Column(_("Change"), kind)] if is_compared else []),
    )
    shown = counted.rows[:_MOST]
    chart = Chart(
        measure_title(measure.code),
        tuple(name(cut.rows, row) for row in shown),
        (Series(measure_title(measure.code), tuple(measure.of(counted.row_total(row)) for row in shown)),),
        kind=kind,
    )
    better = {"good": True, "bad": False}.get(measure.more_is)
    change = counted.total_change
    whole = Figure(
        measure_title(measure.code),
        measure.of(counted.total),
        kind,
        change,
        None if better is None or not change else (change > 0) is better,
    )
    total = line(_("Total"), list(sums), counted.total, change)
    return Body((whole,), (chart,), (Table(measure_title(measure.code), heading, lines, total),))
