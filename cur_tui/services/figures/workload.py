"""The workload of blocks and operators as the desk shows it: from the cache alone, with the calculation."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from cur_tui.domain.figures.workload import Colleague
from cur_tui.domain.figures.workload_reckoning import span_of
from cur_tui.domain.figures.workload_reckoning import workload_of as reckon
from cur_tui.domain.query.query import NONE
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Role
from cur_tui.formats import format_decimal
from cur_tui.i18n import _, ngettext

if TYPE_CHECKING:
    from cur_tui.domain.figures.workload import Forecast, Staffing, Workload
    from cur_tui.services.desk import Desk


def workload_of(desk: Desk) -> Workload:
    """The load of what the person sees. Call it in a worker."""
    region = desk.rulebook.region
    span = span_of(desk.now(), region.time_zone)
    opened, came, left = desk.cache.reader.workload(span)
    return reckon(
        span,
        opened,
        came,
        left,
        region=region,
        clock=desk.rulebook.time,
        colleagues=_colleagues(desk),
    )


def block_scope(block: str | None) -> str:
    """What finds a block's appeals; what has none yet is on the general desk. None: the whole region."""
    if block is None:
        return ""
    return f"block:{block},{NONE}" if block == GENERAL_BLOCK else f"block:{block}"


def worker_scope(worker: str | None) -> str:
    """What finds an operator's appeals; None: those that nobody holds."""
    return f"assignee:{NONE if worker is None else worker}"


def number_query(load: Workload, scope: str, number: str) -> str:
    """The query behind a number of what ``scope`` finds; ``number`` is a field of the counts."""
    days = f"{load.first.isoformat()}..{load.last.isoformat()}"
    sunday = (load.week_end - timedelta(days=1)).date().isoformat()
    terms = {
        "open": "open",
        "overdue": "open overdue",
        "due_this_week": f"open due:..{sunday} -overdue",
        "came": f"registered:{days}",
        "left": f"done:{days}",
    }
    return " ".join(part for part in (scope, terms[number]) if part)


def forecast_lines(forecast: Forecast) -> list[str]:
    """How the forecast came about, step by step."""
    return [
        _("Open now: {n}").format(n=forecast.open_now),
        _(
            "Will come: {on} on {days} working days, {off} on {days_off} days off before;"
            " {ahead} and {off_ahead} such days ahead: {result}"
        ).format(
            on=forecast.came_on_working_days,
            days=forecast.working_days,
            off=forecast.came_on_days_off,
            days_off=forecast.days_off,
            ahead=shown(forecast.working_days_ahead),
            off_ahead=shown(forecast.days_off_ahead),
            result=shown(forecast.will_come),
        ),
        _("Will leave: {left} in {minutes} working minutes before; {ahead} minutes ahead: {result}").format(
            left=forecast.left,
            minutes=forecast.working_minutes,
            ahead=forecast.working_minutes_ahead,
            result=shown(forecast.will_leave),
        ),
        _("Open at the end of the week: {now} + {come} − {leave} = {then}").format(
            now=forecast.open_now,
            come=shown(forecast.will_come),
            leave=shown(forecast.will_leave),
            then=shown(forecast.open_then),
        ),
    ]


def staffing_lines(staffing: Staffing) -> list[str]:
    """How the number of people came about, step by step."""
    return [
        _("Appeals in four weeks, with those overdue from before: {n}").format(n=staffing.items),
        _("Their work: {n} × {each} min = {minutes} min").format(
            n=staffing.items, each=staffing.minutes_per_item, minutes=staffing.minutes
        ),
        _("One person has {share} % of {minutes} working minutes: {capacity} min").format(
            share=staffing.utilisation, minutes=staffing.working_minutes, capacity=shown(staffing.capacity)
        ),
        _("Needed: {minutes} ÷ {capacity}, rounded up: {needed}; there are {present}").format(
            minutes=staffing.minutes,
            capacity=shown(staffing.capacity),
            needed=staffing.needed,
            present=shown(staffing.present),
        ),
        _proposal(staffing.proposal),
    ]


def shown(number: Fraction) -> str:
    """A number with one digit behind the comma, if it needs one."""
    text = format_decimal(float(number))
    return text[:-2] if text.endswith("0") else text


def _proposal(n: int) -> str:
    if n > 0:
        return ngettext("Proposal: {n} person more", "Proposal: {n} people more", n).format(n=n)
    if n < 0:
        words = ngettext("Proposal: {n} person fewer", "Proposal: {n} people fewer", -n)
        return words.format(n=-n)
    return _("Proposal: as many as there are")


def _colleagues(desk: Desk) -> list[Colleague]:
    known = set(Role)
    return [
        Colleague(str(one["account"]), Role(one["role"]), tuple(one.get("blocks") or ()))
        for one in desk.cache.reader.accounts()
        if one.get("role") in known
    ]
