"""The supervisor's view of the work: open appeals by queue and by how soon they are due, and what waits.

The queues are the blocks of the region; a region without blocks is looked at by the states of its work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from cur_tui.domain.vocabulary import GENERAL_BLOCK, OPEN_STATES
from cur_tui.i18n import N_, _
from cur_tui.services.desk import Desk
from cur_tui.services.labels import label
from cur_tui.services.views import View
from storage.entries import BandCounts


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the board: its name in :class:`BandCounts`, its sign, its heading, long and short."""

    band: str
    symbol: str
    title: str
    short: str


BANDS: tuple[Column, ...] = (
    Column("overdue", "▲", N_("Overdue"), N_("over")),
    Column("within_two_hours", "◆", N_("Under 2 h"), N_("<2 h")),
    Column("today", "●", N_("Today"), N_("today")),
    Column("tomorrow", "○", N_("Tomorrow"), N_("tomor.")),
    Column("later", "·", N_("Later"), N_("later")),
    Column("none", " ", N_("No term"), N_("none")),
)

_KPIS: tuple[tuple[str, str, str], ...] = (
    ("unassigned", N_("Unassigned"), "open unassigned"),
    ("returned", N_("Returned"), "state:revision_required"),
    ("awaiting_approval", N_("Awaiting approval"), "state:in_review"),
    ("to_be_sent", N_("Approved, not delivered"), "state:approved"),
)


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
class Kpi:
    """A number that should be small, and the queue behind it."""

    title: str
    query: str
    number: int


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the supervisor's screen shows at one moment. ``heading`` says what its lines are."""

    heading: str
    lines: tuple[QueueLine, ...]
    total: QueueLine
    kpis: tuple[Kpi, ...]


def board_of(desk: Desk) -> Board:
    """The board from the cache, the queue with most overdue work first. Call it in a worker."""
    counted = desk.lists.clocks_by_queue()
    has_blocks = desk.rulebook.region.has_blocks
    lines = _by_block(desk, counted) if has_blocks else _by_state(desk)
    lines.sort(key=lambda line: (-line.counts.overdue, -line.counts.within_two_hours, line.name))
    over = [line.worst for line in lines if line.worst is not None]
    total = QueueLine("", _("Total"), _sum(counted.values()), max(over, default=None))
    views = [View(code, title, query) for code, title, query in _KPIS]
    numbers = desk.lists.counts(views)
    kpis = tuple(Kpi(_(view.title), view.query, numbers[view.code].number) for view in views)
    return Board(_("Block") if has_blocks else _("State"), tuple(lines), total, kpis)


def _by_block(desk: Desk, counted: Mapping[str | None, BandCounts]) -> list[QueueLine]:
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
        lines.append(_line(desk, scope, names.get(code, code), counts))
    return lines


def _by_state(desk: Desk) -> list[QueueLine]:
    lines = []
    for state in OPEN_STATES:
        scope = f"state:{state}"
        cells = [View(column.band, "", cell_query(desk, scope, column.band)) for column in BANDS]
        counts = BandCounts(**{band: count.number for band, count in desk.lists.counts(cells).items()})
        if counts.total:
            lines.append(_line(desk, scope, label(state).capitalize(), counts))
    return lines


def _line(desk: Desk, scope: str, name: str, counts: BandCounts) -> QueueLine:
    return QueueLine(scope, name, counts, _worst(desk, scope) if counts.overdue else None)


def cell_query(desk: Desk, scope: str, band: str) -> str:
    """The query behind one cell of the board: the part of a line, and its band or ``total``."""
    today = desk.now().astimezone(ZoneInfo(desk.rulebook.region.time_zone)).date()
    # What is due within two hours counts there and not under its day.
    bands = {
        "overdue": "overdue",
        "within_two_hours": "due:<2h -overdue",
        "today": "due:today due:>=2h",
        "tomorrow": "due:tomorrow due:>=2h",
        "later": f"due:>={(today + timedelta(days=2)).isoformat()}",
        "none": "due:none",
        "total": "",
    }
    return " ".join(part for part in (scope, "open", bands[band]) if part)


def _worst(desk: Desk, scope: str) -> timedelta | None:
    query = desk.lists.parse(f"{cell_query(desk, scope, 'overdue')} sort:due")
    for listed in desk.lists.page(query, 1)[0]:
        if listed.row.control_due_at is not None:
            return timedelta(seconds=desk.now().timestamp() - listed.row.control_due_at)
    return None


def _sum(counts: Iterable[BandCounts]) -> BandCounts:
    every = tuple(counts)
    return BandCounts(**{column.band: sum(getattr(one, column.band) for one in every) for column in BANDS})
