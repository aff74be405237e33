"""What came, what was done and how, day by day: the last four weeks beside the four before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cur_tui.domain.cuts import period_terms
from cur_tui.domain.periods import Basis, Period, PeriodKind
from cur_tui.domain.sums import Measures, total_of
from cur_tui.i18n import N_
from cur_tui.services.cuts import CutDesk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cur_tui.services.desk import Desk

DAYS: Final = 28
"""Whole weeks, so that every weekday counts alike."""
_CAME: Final = frozenset({"count", "repeats"})
_DONE: Final = frozenset({"done", "answered", "answer_seconds", "late", "rated", "positive", "reworked"})


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

    def sums(rows: str, days: Period, basis: Basis, wanted: frozenset[str]) -> Mapping[str | None, Measures]:
        cells = cuts.cells(rows, None, period_terms(days, basis), wanted)
        return {row: found for (row, _), found in cells.items()}

    def before(rows: str, basis: Basis, wanted: frozenset[str]) -> Measures:
        return total_of([Measures(), *sums(rows, period.previous, basis, wanted).values()])

    days = [(period.first + timedelta(days=n)).isoformat() for n in range(DAYS)]
    came = sums("day", period, Basis.REGISTERED, _CAME)
    done = sums("done_day", period, Basis.DONE, _DONE)
    return Recent(
        period,
        tuple(came.get(day, Measures()) for day in days),
        tuple(done.get(day, Measures()) for day in days),
        before("day", Basis.REGISTERED, _CAME),
        before("done_day", Basis.DONE, _DONE),
    )


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
