"""What came, what was done and how, day by day: the last four weeks beside the four before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from cur_tui.domain.figures.cuts import period_terms
from cur_tui.domain.figures.ranking import policy_in_force
from cur_tui.domain.figures.sums import Measures, total_of
from cur_tui.domain.time.periods import Basis, Period, PeriodKind
from cur_tui.i18n import N_
from cur_tui.services.figures.cuts import CutDesk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cur_tui.services.desk import Desk

DAYS: Final = 28
"""Whole weeks, so that every weekday counts alike."""
_CAME: Final = frozenset({"count", "repeats"})


@dataclass(frozen=True, slots=True)
class Recent:
    """The sums of each of the last :data:`DAYS` days, today the last, and of as many days before together.

    ``came``: by day of registration; ``done``: by day of completion.
    """

    period: Period
    came: tuple[Measures, ...]
    done: tuple[Measures, ...]
    came_before: Measures
    done_before: Measures


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure by day. ``number``: over all of ``days``, whose appeals ``query`` finds; ``before``: over
    as many days before; ``more_is``: what a growth means.
    """

    code: str
    title: str
    days: tuple[int, ...]
    number: int
    before: int
    query: str
    more_is: str = ""


_TRENDS: Final = (
    ("count", N_("Came"), Basis.REGISTERED, "", ""),
    ("done", N_("Done"), Basis.DONE, "", "good"),
    ("late", N_("Late"), Basis.DONE, "late", "bad"),
    ("repeats", N_("Repeated"), Basis.REGISTERED, "repeat", "bad"),
)


def recent_of(desk: Desk) -> Recent:
    """The sums of the last days from the cache. Call it in a worker."""
    today = desk.local_now().date()
    period = Period(PeriodKind.RANGE, today - timedelta(days=DAYS - 1), today)
    cuts = CutDesk(desk)

    def came(days: Period) -> Mapping[str | None, Measures]:
        cells = cuts.cells("day", None, period_terms(days, Basis.REGISTERED), _CAME)
        return {row: found for (row, _), found in cells.items()}

    days = [period.first + timedelta(days=n) for n in range(DAYS)]
    by_day = came(period)
    stretches = [(_second(desk, day), _second(desk, day + timedelta(days=1))) for day in days]
    before = _second(desk, period.previous.first), stretches[0][0]
    positive = policy_in_force(desk.rulebook.region).positive
    done_before, *done = desk.cache.reader.done_in([before, *stretches], positive)
    return Recent(
        period,
        tuple(by_day.get(day.isoformat(), Measures()) for day in days),
        tuple(done),
        total_of([Measures(), *came(period.previous).values()]),
        done_before,
    )


def _second(desk: Desk, day: date) -> int:
    return int(datetime.combine(day, time(), desk.zone).timestamp())


def trends_of(recent: Recent) -> tuple[Trend, ...]:
    """What is shown of the last days."""
    found = []
    for name, title, basis, flag, more_is in _TRENDS:
        by_day = recent.came if basis is Basis.REGISTERED else recent.done
        before = recent.came_before if basis is Basis.REGISTERED else recent.done_before
        days = tuple(getattr(sums, name) for sums in by_day)
        query = " ".join(part for part in (recent.period.query(basis), flag) if part)
        found.append(Trend(name, title, days, sum(days), getattr(before, name), query, more_is))
    return tuple(found)
