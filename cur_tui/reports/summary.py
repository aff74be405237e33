"""The daily digest and the weekly report of the ЦУР: what came, what was done, what is late, and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cur_tui.domain.figures.cuts import MEASURES
from cur_tui.domain.figures.satisfaction import TARGET, ChannelRatings
from cur_tui.domain.figures.sums import Measures, total_of
from cur_tui.domain.time.periods import Basis, Period, PeriodKind
from cur_tui.domain.vocabulary import Source as Channel
from cur_tui.formats import format_date, format_percent
from cur_tui.i18n import _
from cur_tui.reports.document import Body, Chart, Column, Figure, Kind, Row, Series, Table, clean
from cur_tui.reports.listing import overdue_table
from cur_tui.reports.problems import top_problems
from cur_tui.reports.source import Source
from cur_tui.services.figures.measure_words import dimension_title, dimension_value, measure_title
from cur_tui.services.labels import label_of

_KINDS: Final[Mapping[str, Kind]] = {
    "number": "number", "share": "share", "hours": "decimal", "rating": "decimal"
}  # fmt: skip
_NOTHING: Final = Measures()
_TREND: Final = 14
"""Days of the chart behind a single day."""
_MOST: Final = 15
"""Lines of a table that only shows the largest."""
_OLDEST: Final = 20
"""Overdue appeals in the digest; all of them are a report of their own."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Counted:
    """What each value of one dimension came to: in the period, in the one before, and what stands now."""

    came: Mapping[str | None, Measures]
    came_before: Mapping[str | None, Measures]
    done: Mapping[str | None, Measures]
    done_before: Mapping[str | None, Measures]
    now: Mapping[str | None, Measures]


def summary(source: Source, period: Period, query: str) -> Body:
    """The parts of both reports; a week has more of them than a day."""
    blocks = _counted(source, "block", period, query)
    is_day = period.first == period.last
    tables = [
        _places(source, "block", blocks),
        _largest(source, "topic", _counted(source, "topic", period, query)),
        _largest(source, "source", _counted(source, "source", period, query)),
    ]
    if is_day:
        tables.append(overdue_table(source, source.overdue(query, _OLDEST), _("Overdue longest")))
    else:
        tables += [
            top_problems(source, period, query),
            _places(source, "municipality", _counted(source, "municipality", period, query)),
            _places(source, "authority", _counted(source, "authority", period, query)),
        ]
        if not query:  # the ratings are known by channel alone
            tables.append(_satisfaction(source, period))
    trend = Period(PeriodKind.RANGE, period.last - (_TREND - 1) * _DAY, period.last) if is_day else period
    charts = (_days(source, trend, query), _late_blocks(source, blocks))
    return Body(_figures(blocks), charts, tuple(tables))


def _counted(source: Source, rows: str, period: Period, query: str) -> _Counted:
    def sums(asked: str, days: Period | None, basis: Basis) -> Mapping[str | None, Measures]:
        return {row: cell for (row, _), cell in source.sums(rows, None, asked, days, basis).items()}

    before = period.compared(source.now.date())
    return _Counted(
        sums(query, period, Basis.REGISTERED),
        sums(query, before, Basis.REGISTERED),
        sums(query, period, Basis.DONE),
        sums(query, before, Basis.DONE),
        sums(f"{query} open".strip(), None, Basis.REGISTERED),
    )


def _figures(blocks: _Counted) -> tuple[Figure, ...]:
    came, came_before, done, done_before, now = (
        total_of(part.values()) if part else _NOTHING
        for part in (blocks.came, blocks.came_before, blocks.done, blocks.done_before, blocks.now)
    )

    def figure(title: str, code: str, sums: Measures, before: Measures | None = None) -> Figure:
        measure = MEASURES[code]
        value = measure.of(sums)
        was = None if before is None else measure.of(before)
        change = None if value is None or was is None else value - was
        good = {"good": True, "bad": False}.get(measure.more_is)
        better = None if good is None or not change else (change > 0) is good
        return Figure(title, value, _KINDS[measure.unit], change, better)

    return (
        figure(_("Registered"), "count", came, came_before),
        figure(measure_title("done"), "done", done, done_before),
        figure(measure_title("in_time_share"), "in_time_share", done, done_before),
        figure(measure_title("late"), "late", done, done_before),
        figure(measure_title("mean_rating"), "mean_rating", done, done_before),
        figure(_("Open now"), "open", now),
        figure(_("Overdue now"), "overdue", now),
    )


def _places(source: Source, rows: str, counted: _Counted) -> Table:
    """One line for each block, municipality or authority: what came, went, and stands."""
    columns = (
        Column(dimension_title(rows), width=44),
        Column(_("Registered"), "number"),
        Column(_("Change"), "number"),
        Column(measure_title("done"), "number"),
        Column(measure_title("in_time_share"), "share", 16),
        Column(measure_title("late"), "number"),
        Column(_("Open now"), "number"),
        Column(_("Overdue now"), "number"),
        Column(measure_title("mean_rating"), "decimal"),
    )

    def line(name: str, came: Measures, before: Measures, done: Measures, now: Measures) -> Row:
        return (
            name,
            came.count,
            came.count - before.count,
            done.done,
            MEASURES["in_time_share"].of(done),
            done.late,
            now.open,
            now.overdue,
            MEASURES["mean_rating"].of(done),
        )

    parts = (counted.came, counted.came_before, counted.done, counted.now)
    named = [
        line(_name(source, rows, value), *(part.get(value, _NOTHING) for part in parts))
        for value in _ordered(counted)
    ]
    total = line(_("Total"), *(total_of(part.values()) if part else _NOTHING for part in parts))
    return Table(dimension_title(rows), columns, tuple(named), total)


def _largest(source: Source, rows: str, counted: _Counted) -> Table:
    """What most appeals are about, with the change against the period before and the residual («прочее»)."""
    whole = sum(sums.count for sums in counted.came.values())

    def line(name: str, now: int, before: int) -> Row:
        return name, now, now - before, now / whole if whole else None

    values = [value for value in _ordered(counted) if counted.came.get(value, _NOTHING).count]
    lines = [
        line(
            _name(source, rows, value),
            counted.came[value].count,
            counted.came_before.get(value, _NOTHING).count,
        )
        for value in values[:_MOST]
    ]
    named = set(values[:_MOST])
    rest = [
        sum(sums.count for value, sums in part.items() if value not in named)
        for part in (counted.came, counted.came_before)
    ]
    if rest[0]:
        lines.append(line(_("Other"), *rest))
    columns = (
        Column(dimension_title(rows), width=60),
        Column(_("Registered"), "number"),
        Column(_("Change"), "number"),
        Column(_("Share"), "share"),
    )
    total = line(_("Total"), whole, sum(sums.count for sums in counted.came_before.values()))
    return Table(dimension_title(rows), columns, tuple(lines), total)


def _satisfaction(source: Source, period: Period) -> Table:
    known = source.satisfaction(period.first, period.last)

    def line(name: str, one: ChannelRatings) -> Row:
        return name, one.answered, one.rated, one.coverage, one.mean, one.positive

    return Table(
        _("Satisfaction by channel"),
        (
            Column(dimension_title("source"), width=36),
            Column(measure_title("answered"), "number"),
            Column(measure_title("rated"), "number"),
            Column(measure_title("rated_share"), "share", 16),
            Column(measure_title("mean_rating"), "decimal"),
            Column(measure_title("positive_share"), "share", 16),
        ),
        tuple(line(label_of(Channel, one.source or ""), one) for one in known.channels),
        line(_("Total"), known.total),
        _("The target is {share} of ratings 4 and 5.").format(share=format_percent(TARGET / 100)),
    )


def _days(source: Source, period: Period, query: str) -> Chart:
    """What came and what was done on each day."""
    came = source.sums("day", None, query, period, Basis.REGISTERED)
    done = source.sums("done_day", None, query, period, Basis.DONE)
    days = [period.first + n * _DAY for n in range(period.days)]

    def values(sums: Mapping[tuple[str | None, str | None], Measures]) -> tuple[int, ...]:
        return tuple(sums.get((day.isoformat(), None), _NOTHING).count for day in days)

    return Chart(
        _("Registered and done by day"),
        tuple(map(_short_day, days)),
        (Series(_("Registered"), values(came)), Series(measure_title("done"), values(done))),
        "columns",
    )


def _late_blocks(source: Source, blocks: _Counted) -> Chart:
    late = [
        (value, sums)
        for value, sums in sorted(blocks.now.items(), key=lambda item: (-item[1].overdue, item[0] or ""))
        if sums.overdue
    ][:_MOST]
    return Chart(
        _("Overdue now by block"),
        tuple(_name(source, "block", value) for value, _ in late),
        (Series(_("Overdue now"), tuple(sums.overdue for _, sums in late)),),
    )


def _ordered(counted: _Counted) -> list[str | None]:
    values = {*counted.came, *counted.done, *counted.now}

    def order(value: str | None) -> tuple[bool, int, int, str]:
        came, now = counted.came.get(value, _NOTHING).count, counted.now.get(value, _NOTHING).open
        return value is None, -came, -now, value or ""

    return sorted(values, key=order)


def _name(source: Source, rows: str, value: str | None) -> str:
    return clean(dimension_value(rows, value, source.names))


def _short_day(day: date) -> str:
    """The day without its year, which the title has."""
    return format_date(day).replace(str(day.year), "").strip(".-")
