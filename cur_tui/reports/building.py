"""From an order to the report: what is asked of the source, and under which titles it is shown."""

from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.periods import Period, parse_period
from cur_tui.formats import format_date
from cur_tui.i18n import N_, _
from cur_tui.reports import listing, summary, tables
from cur_tui.reports.document import Report, clean
from cur_tui.reports.order import PERIODS, Order, ReportKind
from cur_tui.reports.source import Source
from cur_tui.services.figures.measure_words import dimension_title, measure_title

TITLES = {
    ReportKind.DAILY: N_("Daily digest"),
    ReportKind.WEEKLY: N_("Weekly report of the ЦУР"),
    ReportKind.RANKING: N_("Ranking"),
    ReportKind.OVERDUE: N_("Overdue appeals"),
    ReportKind.CYCLES: N_("Assignment cycles"),
    ReportKind.CUT: N_("Statistical cut"),
}


def build(source: Source, order: Order) -> Report:
    """The report that is ordered, as of the source's moment.

    Raises :class:`Refused`: ``not_permitted``, ``invalid_value`` for a period, a query or a cut that makes no
    sense, ``missing_field`` for a cut report without a cut.
    """
    period = _period_of(source, order)
    title = _(TITLES[order.kind])
    match order.kind:
        case ReportKind.DAILY | ReportKind.WEEKLY:
            assert period is not None
            body = summary.summary(source, period, order.query)
        case ReportKind.RANKING:
            ranked = source.ranking(order.by, str(period), order.query)
            body = tables.ranking(source, ranked)
            title = f"{title}: {dimension_title(order.by).lower()}"
        case ReportKind.OVERDUE:
            body = listing.overdue(source, order.query)
        case ReportKind.CYCLES:
            if order.query:
                raise Refused("invalid_value", field="query", value=order.query[:80])
            assert period is not None
            body = listing.cycles(source, period)
        case ReportKind.CUT:
            if order.cut is None:
                raise Refused("missing_field", command="report", field="cut")
            counted = source.cut(order.cut)
            body = tables.of_cut(source, counted)
            period = counted.period
            title = clean(order.title) or measure_title(order.cut.measure)
    query = order.cut.query if order.cut is not None else order.query
    return Report(
        code=order.kind.value,
        title=title,
        region=clean(source.region.name),
        period=_period_words(order.kind, period),
        stretch=_stretch(source, period),
        made_at=source.now,
        facts=((_("Filter"), clean(query)),) if query else (),
        body=body,
        lacking=source.lacking if order.kind.adds_up else "",
    )


def _period_of(source: Source, order: Order) -> Period | None:
    """The days of a report; None where it knows none, or brings them along."""
    usual = PERIODS.get(order.kind)
    if usual is None:
        return None
    period = parse_period(order.period or usual, source.now.date())
    if period is None:
        raise Refused("invalid_value", field="period", value=order.period[:80])
    return period


def _period_words(kind: ReportKind, period: Period | None) -> str:
    if period is None:
        return _("as of now, whatever the period") if kind is ReportKind.OVERDUE else _("all time")
    if period.first == period.last:
        return format_date(period.first)
    return f"{format_date(period.first)} – {format_date(period.last)}"


def _stretch(source: Source, period: Period | None) -> str:
    if period is None:
        return source.now.date().isoformat()
    if period.first == period.last:
        return period.first.isoformat()
    return f"{period.first}_{period.last}"
