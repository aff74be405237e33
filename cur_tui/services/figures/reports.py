"""Reports at the desk: counted from the cache, with contact or without, and written into a private file.

What leaves the workstation as a file names nobody who wrote and holds nothing of what they wrote. Reports
with personal data are made by the server, which journals each disclosure.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cur_tui.domain.figures.cuts import period_terms
from cur_tui.domain.figures.ranking import policy_in_force, weights_of
from cur_tui.domain.figures.sums import FIELDS
from cur_tui.domain.refusal import Refused
from cur_tui.files import write_private
from cur_tui.reports.building import build
from cur_tui.reports.order import FORMATS, Format, Order, ReportKind
from cur_tui.reports.source import Late
from cur_tui.reports.writing import file_name, write
from cur_tui.services.figures.completeness import uncounted, uncounted_words
from cur_tui.services.figures.cuts import CutDesk
from cur_tui.services.figures.measure_words import names_of
from cur_tui.services.figures.ranking import RankingDesk
from cur_tui.services.figures.satisfaction import satisfaction_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from cur_tui.domain.figures.cuts import Cut, CutTable, Key
    from cur_tui.domain.figures.ranking import RankedBy, RankingTable
    from cur_tui.domain.figures.satisfaction import Satisfaction
    from cur_tui.domain.figures.sums import Measures
    from cur_tui.domain.model import Appeal
    from cur_tui.domain.profile.profile import Region
    from cur_tui.domain.time.periods import Basis, Period
    from cur_tui.services.desk import Desk
    from cur_tui.services.figures.measure_words import NamesOf

_PIECE: Final = 500
"""Overdue appeals that are read at once."""
_EVERYTHING: Final = frozenset(FIELDS)


class DeskSource:
    """The numbers of a report from the cache, as of the moment when it was made. For a worker."""

    with_personal_data = False

    def __init__(self, desk: Desk) -> None:
        if not desk.may("supervise"):
            raise Refused("not_permitted", command="report", permission="supervise")
        self._desk = desk
        self._cuts = CutDesk(desk)
        # Looked up first: what comes meanwhile may be counted and still be told of.
        number = uncounted(desk)
        self.lacking = uncounted_words(number) if number else ""
        self.now: datetime = desk.local_now().replace(microsecond=0)
        self.names: NamesOf = names_of(desk)

    @property
    def region(self) -> Region:
        """The region's profile."""
        return self._desk.rulebook.region

    def sums(
        self, rows: str, columns: str | None, query: str, period: Period | None, basis: Basis
    ) -> Mapping[Key, Measures]:
        """The sums of every cell."""
        terms = (*self._desk.lists.parse(query).terms, *period_terms(period, basis))
        return self._cuts.cells(rows, columns, terms, _EVERYTHING)

    def cut(self, cut: Cut) -> CutTable:
        """A cut with all that is shown of it."""
        return self._cuts.table(cut)

    def ranking(self, by: RankedBy, period: str, query: str) -> RankingTable:
        """The ranking by the weights of the policy: whoever reads the file does not know the person's own."""
        weights = weights_of(policy_in_force(self.region))
        return RankingDesk(self._desk).table(by, period, query, weights)

    def satisfaction(self, first: date, last: date) -> Satisfaction:
        """The ratings of answers delivered in these days."""
        return satisfaction_of(self._desk, first, last)

    def overdue(self, query: str, limit: int | None = None) -> Sequence[Late]:
        """What is overdue, the oldest control date first."""
        lists = self._desk.lists
        asked = lists.parse(f"{query} overdue sort:due".strip())
        found: list[Late] = []
        after: str | None = None
        more = True
        while more and (limit is None or len(found) < limit):
            page, more = lists.page(asked, _PIECE, after)
            found += [Late(listed.row) for listed in page]
            after = page[-1].row.id if page else None
        found.sort(key=lambda one: (one.row.control_due_at or 0, one.row.number))
        return found[:limit]

    def assigned_since(self, first: datetime) -> Iterator[Appeal]:
        """Every appeal in which something has happened since."""
        reader = self._desk.cache.reader
        for id in reader.touched_since(int(first.timestamp())):
            appeal = reader.appeal(id)
            if appeal is not None:
                yield appeal


def order_of(
    desk: Desk, kind: str, *, period: str = "", query: str = "", by: RankedBy = "authority", saved: str = ""
) -> Order:
    """An order from what a form or a command line has; ``saved`` names a kept cut by its title or id.

    Raises :class:`Refused` ``invalid_value``, ``missing_field`` or ``not_found``.
    """
    if kind not in set(ReportKind):
        raise Refused("invalid_value", field="kind", value=kind[:80])
    if kind != ReportKind.CUT:
        return Order(ReportKind(kind), period, query, by)
    if not saved:
        raise Refused("missing_field", command="report", field="--saved")
    kept = CutDesk(desk).find(saved)
    return Order(ReportKind.CUT, cut=kept.cut, title=kept.title)


def make_report(desk: Desk, order: Order, format: Format) -> tuple[str, bytes]:
    """The name and the bytes of a report's file, as the cache has it now. Call it in a worker.

    Raises :class:`Refused` and ``QueryError`` for the filter.
    """
    if format not in FORMATS:
        raise Refused("invalid_value", field="format", value=format[:80])
    report = build(DeskSource(desk), order)
    return file_name(report, format), write(report, format)


def save_report(desk: Desk, order: Order, format: Format, place: Path) -> Path:
    """Make a report and put it at ``place``, or under its own name into ``place`` if that is a folder; only
    its owner may read it. Raises like :func:`make_report`, and OSError.
    """
    name, content = make_report(desk, order, format)
    path = place / name if place.is_dir() else place
    write_private(path, content)
    return path
