"""The numbers above the supervisor's board, each with the queue behind it.

What is open now comes first; shares, the mean and the median are about the last four weeks and show how many
appeals they rest on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from cur_tui.domain.figures.ranking import policy_in_force
from cur_tui.domain.figures.sums import total_of
from cur_tui.domain.time.periods import Basis
from cur_tui.formats import format_number, format_percent
from cur_tui.i18n import N_, _
from cur_tui.services.due import span
from cur_tui.services.figures.workload import shown, workload_of
from cur_tui.services.lists.views import View

if TYPE_CHECKING:
    from cur_tui.services.desk import Desk
    from cur_tui.services.figures.trends import Recent
    from storage.entries import BandCounts

_BEST: Final = 5


@dataclass(frozen=True, slots=True)
class Kpi:
    """A number and the ``query`` that finds exactly its ``number`` appeals; ``place``: the screen behind it.

    ``words``: what is shown, such as a share of ``whole``. ``is_wrong``: it should be nought and is not.
    """

    code: str
    title: str
    short: str
    words: str
    number: int
    query: str
    whole: int | None = None
    is_wrong: bool = False
    place: str = ""


_WAITING: Final = (
    ("unassigned", N_("Unassigned"), N_("To assign"), "open unassigned"),
    ("returned", N_("Returned"), N_("Came back"), "state:revision_required"),
    ("in_review", N_("Awaiting approval"), N_("Approval"), "state:in_review"),
    ("approved", N_("Approved, not delivered"), N_("To deliver"), "state:approved"),
    ("escalated", N_("With an open alert"), N_("Alerted"), "escalated"),
)
_FAST_TRACK: Final = "open fast_track"


def kpis_of(desk: Desk, open_now: BandCounts, recent: Recent, soon: str) -> tuple[Kpi, ...]:
    """All of them, in two halves: what is to be done now, and how well it goes. ``soon`` is the term of the
    query for what is due within two working hours.
    """
    views = [View(code, title, query) for code, title, _short, query in _WAITING]
    counts = desk.lists.counts([*views, _TODAY, View("fast_track", "", _FAST_TRACK)])
    fast_track = counts["fast_track"].number, open_now.total
    waiting = [
        _count(code, (title, short), counts[code].number, query) for code, title, short, query in _WAITING
    ]
    return (
        _count("overdue", (N_("Overdue"), N_("Past due")), open_now.overdue, "open overdue"),
        _count("soon", (N_("Under 2 working hours"), N_("<2 h")), open_now.soon, f"open {soon} -overdue"),
        _count("today", (N_("Due today"), N_("Today")), counts[_TODAY.code].number, _TODAY.query, calm=True),
        *waiting,
        *_recently(desk, recent),
        _share("fast_track", (N_("Fast track, of the open"), N_("Fast tr.")), fast_track, _FAST_TRACK),
        _occupancy(desk),
    )


_TODAY: Final = View("today", "", "open due:today -overdue")


def _recently(desk: Desk, recent: Recent) -> tuple[Kpi, ...]:
    done, came = total_of(recent.done), total_of(recent.came)
    by_done, by_came = recent.period.query(Basis.DONE), recent.period.query(Basis.REGISTERED)
    first, until = (
        int(datetime.combine(day, time(), desk.zone).timestamp())
        for day in (recent.period.first, recent.period.last + timedelta(days=1))
    )
    median = desk.cache.reader.median_answer(first, until)
    mean = done.answer_seconds / done.answered if done.answered else None
    satisfied = ",".join(map(str, range(policy_in_force(desk.rulebook.region).positive, _BEST + 1)))
    return (
        Kpi(
            "answer",
            _("Mean and median answer"),
            _("Mean/med."),
            " / ".join("—" if value is None else span(int(value)) for value in (mean, median)),
            done.answered,
            f"{by_done} answered",
        ),
        _share(
            "positive",
            (N_("Rated 4 or 5"), N_("4 and 5")),
            (done.positive, done.rated),
            f"{by_done} rating:{satisfied}",
        ),
        _share("repeats", (N_("Repeated"), N_("Repeats")), (came.repeats, came.count), f"{by_came} repeat"),
        _share(
            "reworked", (N_("Sent back"), N_("Redone")), (done.reworked, done.done), f"{by_done} reworked"
        ),
    )


def _occupancy(desk: Desk) -> Kpi:
    """People that the work needs, beside those there are: how blocks share it is a screen of its own."""
    staffing = workload_of(desk).total.staffing
    words = "—" if staffing is None else f"{staffing.needed} / {shown(staffing.present)}"
    return Kpi(
        "load",
        _("People needed / present"),
        _("People"),
        words,
        0 if staffing is None else staffing.items,
        "",
        is_wrong=staffing is not None and staffing.proposal > 0,
        place="workload",
    )


def _count(code: str, titles: tuple[str, str], number: int, query: str, *, calm: bool = False) -> Kpi:
    """A number that should be nought, unless it is a ``calm`` one."""
    wrong = number > 0 and not calm
    return Kpi(code, _(titles[0]), _(titles[1]), format_number(number), number, query, is_wrong=wrong)


def _share(code: str, titles: tuple[str, str], parts: tuple[int, int], query: str) -> Kpi:
    number, whole = parts
    words = format_percent(number / whole) if whole else "—"
    return Kpi(code, _(titles[0]), _(titles[1]), words, number, query, whole=whole)
