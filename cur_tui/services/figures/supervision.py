"""The supervisor's board: open appeals by queue and by how soon they are due, and the numbers above them.

The queues are the blocks of the region; a region without blocks is looked at by the states of its work. Every
number has its query: :func:`cell_query`, :attr:`Kpi.query <cur_tui.services.figures.kpis.Kpi>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Final

from cur_tui.domain.query.format import format_query
from cur_tui.domain.query.query import Query
from cur_tui.domain.vocabulary import GENERAL_BLOCK, OPEN_STATES
from cur_tui.i18n import N_, _, current
from cur_tui.services.figures.kpis import Kpi, kpis_of
from cur_tui.services.figures.trends import Recent, Trend, recent_of, trends_of
from cur_tui.services.labels import label
from cur_tui.services.lists.views import View
from storage.entries import BandCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cur_tui.services.desk import Desk

SOON: Final = timedelta(hours=2)
"""Working time in which something can still be done about a term."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the board: its name in :class:`BandCounts`, its sign, its heading, long and short.

    An empty short one: where there is little room the sign stands alone.
    """

    band: str
    symbol: str
    title: str
    short: str


BANDS: Final[tuple[Column, ...]] = (
    Column("overdue", "▲", N_("Overdue"), N_("over")),
    Column("soon", "◆", N_("Under 2 working hours"), N_("<2 h")),
    Column("today", "●", N_("Today"), N_("tod.")),
    Column("tomorrow", "○", N_("Tomorrow"), N_("tom.")),
    Column("later", "·", N_("Later"), N_("lat.")),
    Column("paused", "‖", N_("Paused"), ""),
    Column("none", " ", N_("No term"), N_("none")),
)
"""Each open appeal of a queue is in exactly one of them."""
PROVISIONAL: Final = Column("provisional", "≈", N_("Provisional"), "")
"""Of them all, those whose date may still move."""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """The open appeals that ``scope``, a query, finds; an empty one finds all.

    ``worst`` is how long the most overdue one is over its control date.
    """

    scope: str
    name: str
    counts: BandCounts
    worst: timedelta | None = None

    def number(self, band: str) -> int:
        """How many in one band, or in all for ``total``."""
        value: int = getattr(self.counts, band)
        return value


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the supervisor's screen shows at one moment.

    ``heading`` says what its lines are; ``soon``: how far two working hours reach from now, in whole minutes
    of the clock; ``recent``: the days that shares, means and trends are about.
    """

    heading: str
    lines: tuple[QueueLine, ...]
    total: QueueLine
    kpis: tuple[Kpi, ...]
    trends: tuple[Trend, ...]
    recent: Recent
    soon: int


def board_of(desk: Desk) -> Board:
    """The board from the cache, the queue with most overdue work first. Call it in a worker."""
    soon = soon_minutes(desk)
    counted = desk.lists.clocks_by_queue(timedelta(minutes=soon))
    has_blocks = desk.rulebook.region.has_blocks
    lines = _by_block(desk, counted, soon) if has_blocks else _by_state(desk, soon)
    lines.sort(key=lambda line: (-line.counts.overdue, -line.counts.soon, line.name))
    over = [line.worst for line in lines if line.worst is not None]
    total = QueueLine("", _("Total"), _sum(counted.values()), max(over, default=None))
    recent = recent_of(desk)
    return Board(
        heading=_("Block") if has_blocks else _("State"),
        lines=tuple(lines),
        total=total,
        kpis=kpis_of(desk, total.counts, recent, f"due:<{soon}m"),
        trends=trends_of(recent),
        recent=recent,
        soon=soon,
    )


def soon_minutes(desk: Desk) -> int:
    """How many minutes of the clock two working hours take: a night or the holidays may lie between."""
    now = desk.now()
    return ceil((desk.rulebook.time.add_working(now, SOON) - now) / timedelta(minutes=1))


def cell_query(desk: Desk, scope: str, band: str, soon: int) -> str:
    """The query behind one cell of the board: the part of a line, and its band or ``total``."""
    # What is due soon counts there and not under its day.
    not_soon = f"due:>={soon}m"
    bands = {
        "overdue": "overdue",
        "soon": f"due:<{soon}m -overdue",
        "today": f"due:today {not_soon}",
        "tomorrow": f"due:tomorrow {not_soon}",
        "later": f"due:>={(desk.local_now().date() + timedelta(days=2)).isoformat()} {not_soon}",
        "paused": "due:none state:deferred",
        "none": "due:none -state:deferred",
        "provisional": "provisional",
        "total": "",
    }
    return " ".join(part for part in (scope, "open", bands[band]) if part)


def spoken(desk: Desk, query: str) -> str:
    """The query in the person's language: what the filter line shows, and what is kept when it is saved."""
    parsed: Query = desk.lists.parse(query)
    return format_query(parsed, desk.lists.vocabulary, current().language)


def _by_block(desk: Desk, counted: Mapping[str | None, BandCounts], soon: int) -> list[QueueLine]:
    names = {block.code: block.name for block in desk.rulebook.region.blocks}
    merged: dict[str, BandCounts] = {}
    for block, counts in counted.items():
        code = block or GENERAL_BLOCK
        merged[code] = _sum((merged.get(code, BandCounts()), counts))
    names.setdefault(GENERAL_BLOCK, _("General block"))
    if desk.may("see_all"):
        merged = {**dict.fromkeys(names, BandCounts()), **merged}
    lines = []
    for code, counts in merged.items():
        scope = f"block:{code},none" if code == GENERAL_BLOCK else f"block:{code}"
        lines.append(_line(desk, scope, names.get(code, code), counts, soon))
    return lines


def _by_state(desk: Desk, soon: int) -> list[QueueLine]:
    lines = []
    for state in OPEN_STATES:
        scope = f"state:{state}"
        names = [column.band for column in (*BANDS, PROVISIONAL)]
        cells = [View(band, "", cell_query(desk, scope, band, soon)) for band in names]
        counts = BandCounts(**{band: count.number for band, count in desk.lists.counts(cells).items()})
        if counts.total:
            lines.append(_line(desk, scope, label(state).capitalize(), counts, soon))
    return lines


def _line(desk: Desk, scope: str, name: str, counts: BandCounts, soon: int) -> QueueLine:
    return QueueLine(scope, name, counts, _worst(desk, scope, soon) if counts.overdue else None)


def _worst(desk: Desk, scope: str, soon: int) -> timedelta | None:
    query = desk.lists.parse(f"{cell_query(desk, scope, 'overdue', soon)} sort:due")
    for listed in desk.lists.page(query, 1)[0]:
        if listed.row.control_due_at is not None:
            return timedelta(seconds=desk.now().timestamp() - listed.row.control_due_at)
    return None


def _sum(counts: Iterable[BandCounts]) -> BandCounts:
    every = tuple(counts)
    names = [column.band for column in (*BANDS, PROVISIONAL)]
    return BandCounts(**{name: sum(getattr(one, name) for one in every) for name in names})
