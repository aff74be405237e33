"""The audit of the clock in words."""

from datetime import date, timedelta

from cur_tui.formats import format_date, format_duration, format_number, format_percent
from cur_tui.i18n import N_, _, ngettext
from regional_api.importers.audit import Audit, Difference
from regional_api.importers.fitting import Fit, as_profile

_CAUSES = {
    "clock_time": N_("it counts time by the clock, not working time"),
    "no_lunch_there": N_("it counts the lunch break as working time"),
    "no_calendar_there": N_("it knows no holidays and moved days off"),
    "no_short_days_there": N_("it does not shorten days before holidays"),
    "no_lunch_no_calendar_there": N_("it knows neither a lunch break nor holidays"),
    "other_zone": N_("its times are in another time zone"),
    "other_hours": N_("its working hours are others; see --fit-hours"),
    "this_row_only": N_("only this row: its hours agree elsewhere, so the figure was set in another way"),
    "counts_from_registration": N_("it counts the day of registration as the first one"),
    "counts_from_next_day": N_("it counts from the day after the registration"),
    "end_not_moved": N_("it lets a term end on a day off"),
    "end_moved_forward": N_("it moves the end of a term to the next working day"),
    "end_moved_back": N_("it moves the end of a term to the working day before"),
    "other_term": N_("its term has another length, as categories with terms of their own do"),
    "flag_against_its_own_date": N_("its flag contradicts its own date"),
    "unknown": N_("unknown"),
}
_FIGURES = {
    "working_time": N_("working time"),
    "planned_date": N_("planned date"),
    "overdue": N_("overdue"),
}
_SHOWN = 20


def audit_words(audit: Audit) -> str:
    """The result, the causes, and the first differing rows."""
    if not (audit.agree or audit.differ or audit.skipped):
        return _("The file has a header and no rows.")
    rows = ngettext("{count} row agrees", "{count} rows agree", audit.agree)
    lines = [
        _("{agree}; differ: {differ}; without figures: {skipped}.").format(
            agree=rows.format(count=format_number(audit.agree)),
            differ=format_number(audit.differ),
            skipped=format_number(audit.skipped),
        )
    ]
    for cause, count in audit.likely.most_common():
        lines.append(f"  {format_number(count)}: {_(_CAUSES[cause])}")
    for difference in audit.differences[:_SHOWN]:
        words = _("row {row} ({key}), {figure}: {source} there, {ours} here: {cause}")
        lines.append(
            words.format(
                row=difference.row,
                key=difference.key,
                figure=_(_FIGURES[difference.figure]),
                source=_shown(difference, difference.source),
                ours=_shown(difference, difference.ours),
                cause=_(_CAUSES[difference.cause]),
            )
        )
    return "\n".join(lines)


def fit_words(fit: Fit | None) -> str:
    """The fitted hours as lines of a profile."""
    if fit is None:
        return _("There are too few working times to fit hours to.")
    if fit.agree <= fit.agree_now:
        words = _("No other hours explain more: {share} of {tried} agree with the region's own.")
        share = format_percent(fit.agree_now / fit.tried)
        return words.format(share=share, tried=format_number(fit.tried))
    words = _("These hours explain {share} of {tried} working times, the region's own {now}:")
    head = words.format(
        share=format_percent(fit.agree / fit.tried),
        tried=format_number(fit.tried),
        now=format_percent(fit.agree_now / fit.tried),
    )
    return f"{head}\n\n{as_profile(fit.hours)}\n"


def _shown(difference: Difference, value: str | int | bool) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return format_duration(timedelta(seconds=value), working=True)
    return format_date(date.fromisoformat(value))
