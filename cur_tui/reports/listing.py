"""Reports with a line for each appeal or cycle: everything overdue, and whatever was given to a body."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from cur_tui.domain.figures.measured import done_at
from cur_tui.domain.model import Appeal, Assignment
from cur_tui.domain.time.periods import Period
from cur_tui.domain.vocabulary import Regime, State
from cur_tui.formats import format_duration
from cur_tui.i18n import _
from cur_tui.reports.document import Body, Chart, Column, Figure, Row, Series, Table, clean
from cur_tui.reports.source import Late, Source
from cur_tui.services.figures.measure_words import dimension_title, dimension_value
from cur_tui.services.labels import label_of

_HOUR: Final = timedelta(hours=1)


def overdue(source: Source, query: str) -> Body:
    """Everything that is open and past its control date, whenever it was registered, the oldest first."""
    every = source.overdue(query)
    by_block: dict[str | None, int] = {}
    for one in every:
        by_block[one.row.block] = by_block.get(one.row.block, 0) + 1
    blocks = sorted(by_block, key=lambda block: (-by_block[block], block or ""))
    oldest = None if not every else clean(format_duration(_over(source, every[0])))
    figures = (
        Figure(_("Overdue now"), len(every)),
        Figure(_("Longest overdue"), oldest, "text"),
    )
    chart = Chart(
        _("Overdue now by block"),
        tuple(clean(dimension_value("block", block, source.names)) for block in blocks),
        (Series(_("Overdue now"), tuple(by_block[block] for block in blocks)),),
    )
    return Body(figures, (chart,), (overdue_table(source, every, _("Overdue now")),))


def overdue_table(source: Source, every: Sequence[Late], title: str) -> Table:
    """A line for each overdue appeal. What a citizen wrote is in it only with personal data."""
    columns = (
        Column(_("Number"), width=18),
        Column(_("Registered"), "moment", 17),
        Column(_("Control date"), "moment", 17),
        Column(_("Date by law"), "moment", 17),
        Column(_("Hours over"), "decimal"),
        Column(dimension_title("block"), width=26),
        Column(dimension_title("topic"), width=34),
        Column(dimension_title("authority"), width=34),
        Column(dimension_title("municipality"), width=22),
        Column(dimension_title("worker"), width=22),
        Column(dimension_title("state"), width=15),
        *(
            [Column(_("Text"), width=60), Column(_("Applicant"), width=28)]
            if source.with_personal_data
            else []
        ),
    )
    return Table(title, columns, tuple(_late_row(source, one) for one in every))


def _late_row(source: Source, one: Late) -> Row:
    row = one.row
    return (
        clean(row.number),
        _moment(source, row.registered_at),
        _moment(source, row.control_due_at),
        _moment(source, row.legal_due_at),
        _over(source, one) / _HOUR,
        _name(source, "block", row.block),
        _name(source, "topic", row.topic),
        _name(source, "authority", row.authority),
        _name(source, "municipality", row.municipality),
        _name(source, "worker", row.worker),
        _name(source, "state", row.state),
        *([clean(one.title or ""), clean(one.applicant or "")] if source.with_personal_data else []),
    )


def cycles(source: Source, period: Period) -> Body:
    """One line for each time that an appeal was given to a body in the period, in the order of giving."""
    begins = datetime.combine(period.first, datetime.min.time(), source.now.tzinfo)
    ends = datetime.combine(period.last + timedelta(days=1), datetime.min.time(), source.now.tzinfo)
    found = [
        (given.assigned_at, appeal.number, given.n, appeal, given)
        for appeal in source.assigned_since(begins)
        for given in appeal.assignments
        if begins <= given.assigned_at < ends
    ]
    found.sort(key=lambda one: one[:3])
    lines = tuple(_cycle_row(source, appeal, given) for *_, appeal, given in found)
    returned = sum(given.returned_at is not None for *_, given in found)
    figures = (
        Figure(_("Cycles"), len(found)),
        Figure(dimension_title("authority"), len({given.authority for *_, given in found})),
        Figure(_("Returned by the body"), returned),
    )
    columns = (
        Column(_("Number"), width=18),
        Column(_("Cycle"), "number", 8),
        Column(dimension_title("regime"), width=20),
        Column(dimension_title("block"), width=26),
        Column(dimension_title("topic"), width=34),
        Column(dimension_title("municipality"), width=22),
        Column(dimension_title("authority"), width=34),
        Column(_("Executor"), width=22),
        Column(_("Given by"), width=22),
        Column(_("Given"), "moment", 17),
        Column(_("Ended"), "moment", 17),
        Column(_("How it ended"), width=16),
        Column(_("Hours"), "decimal"),
        Column(dimension_title("state"), width=15),
        *([Column(_("Reason of return"), width=40)] if source.with_personal_data else []),
    )
    return Body(figures, tables=(Table(_("Assignment cycles"), columns, lines),))


def _cycle_row(source: Source, appeal: Appeal, given: Assignment) -> Row:
    ended, how = _end_of(appeal, given)
    zone = source.now.tzinfo
    return (
        clean(appeal.number),
        given.n,
        label_of(Regime, appeal.regime.value),
        _name(source, "block", appeal.block),
        _name(source, "topic", appeal.topic),
        _name(source, "municipality", appeal.place.municipality),
        _name(source, "authority", given.authority),
        _name(source, "worker", given.executor),
        _name(source, "worker", given.assigned_by),
        given.assigned_at.astimezone(zone),
        None if ended is None else ended.astimezone(zone),
        how,
        ((ended or source.now) - given.assigned_at) / _HOUR,
        label_of(State, appeal.state.value),
        *([clean(given.return_reason or "")] if source.with_personal_data else []),
    )


def _end_of(appeal: Appeal, given: Assignment) -> tuple[datetime | None, str]:
    """When a cycle ended and how; None while it runs."""
    if given.returned_at is not None:
        return given.returned_at, _("returned")
    later = next(_after(appeal, given), None)
    if later is not None:
        return later.assigned_at, _("given to another")
    done = done_at(appeal)
    if done is None or appeal.state.is_open or done < given.assigned_at:
        return None, _("in work")
    return done, label_of(State, appeal.state.value)


def _after(appeal: Appeal, given: Assignment) -> Iterator[Assignment]:
    return (other for other in appeal.assignments if other.n > given.n)


def _over(source: Source, one: Late) -> timedelta:
    return timedelta(seconds=source.now.timestamp() - (one.row.control_due_at or 0))


def _moment(source: Source, second: int | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(second, source.now.tzinfo)


def _name(source: Source, dimension: str, value: str | None) -> str:
    return "" if value is None else clean(dimension_value(dimension, value, source.names))
