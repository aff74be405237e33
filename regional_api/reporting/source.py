"""The numbers of a report from the database, within one account's scope."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from cur_tui.contract.row import AppealRow
from cur_tui.domain.figures.cuts import Cut, CutTable, Key, check_cut
from cur_tui.domain.figures.ranking import RankedBy, RankingTable
from cur_tui.domain.figures.satisfaction import Satisfaction
from cur_tui.domain.figures.sums import Measures
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from cur_tui.domain.time.periods import Basis, Period, parse_period
from cur_tui.reports.source import Late
from cur_tui.services.figures.measure_words import NamesOf, names_of
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.database.store import load
from regional_api.database.tables import ACCOUNT, APPEAL
from regional_api.figures.ranking import RankingRequest, read_ranking
from regional_api.figures.satisfaction import read_satisfaction
from regional_api.figures.statistics import Counted, StatisticsRequest, read_statistics
from regional_api.identity.callers import Caller, find_actor
from regional_api.lists.listing import MAX_PAGE, ListRequest, read_page

_PIECE: Final = 500
"""Appeals that are decoded at once."""


@dataclass(frozen=True, slots=True)
class _People:
    colleagues: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Office:
    """What :func:`names_of` asks."""

    rulebook: Rulebook
    names: _People


class ServerSource:
    """One account's view at one moment. Raises ``not_permitted`` unless the account may supervise, and for
    ``personal_data`` see those.
    """

    lacking = ""

    def __init__(
        self,
        centre: Centre,
        caller: Caller,
        instant: datetime,
        *,
        counted: Counted | None = None,
        personal_data: bool = False,
    ) -> None:
        caller.must(Permission.SUPERVISE, "report")
        if personal_data:
            caller.must(Permission.SEE_PERSONAL_DATA, "report")
        self._centre = centre
        self._caller = caller
        self._counted = counted or Counted()
        self.with_personal_data = personal_data
        self.now = instant.astimezone(ZoneInfo(caller.region.time_zone)).replace(microsecond=0)
        self.disclosed: dict[str, tuple[str, int]] = {}
        """Number and version of each appeal whose personal data were given, by its id."""

    @property
    def region(self) -> Region:
        """The region's profile."""
        return self._centre.region

    @cached_property
    def names(self) -> NamesOf:
        """What people read for codes."""
        with self._centre.database.reading() as connection:
            rows = connection.execute(select(ACCOUNT.c.account, ACCOUNT.c.name))
            return names_of(_Office(self._centre.rulebook, _People({row.account: row.name for row in rows})))

    def sums(
        self, rows: str, columns: str | None, query: str, period: Period | None, basis: Basis
    ) -> Mapping[Key, Measures]:
        """The sums of every cell."""
        asked = query if period is None else f"{query} {period.query(basis)}".strip()
        request = StatisticsRequest(rows, columns, asked)
        table = read_statistics(self._centre, self._counted, self._caller, request, self.now)
        return {(cell.row, cell.column): cell.measures for cell in table.cells}

    def cut(self, cut: Cut) -> CutTable:
        """A cut with all that is shown of it."""
        check_cut(cut)
        period = parse_period(cut.period, self.now.date())
        cells = self.sums(cut.rows, cut.columns, cut.query, period, cut.basis)
        if not cut.compare or period is None:
            return CutTable(cut, period, cells)
        against = period.compared(self.now.date())
        before = self.sums(cut.rows, cut.columns, cut.query, against, cut.basis)
        return CutTable(cut, period, cells, before, against)

    def ranking(self, by: RankedBy, period: str, query: str) -> RankingTable:
        """The ranking by the weights of the policy."""
        request = RankingRequest(by, period, query)
        return read_ranking(self._centre, self._counted, self._caller, request, self.now)

    def satisfaction(self, first: date, last: date) -> Satisfaction:
        """The ratings of answers delivered in these days."""
        return read_satisfaction(self._centre, self._caller, first, last)

    def overdue(self, query: str, limit: int | None = None) -> Sequence[Late]:
        """What is overdue, the oldest control date first."""
        found: list[AppealRow] = []
        after: str | None = None
        while limit is None or len(found) < limit:
            request = ListRequest(f"{query} overdue".strip(), "due", MAX_PAGE, after)
            page = read_page(self._centre, self._caller, request, self.now)
            found += [msgspec.json.decode(row, type=AppealRow) for row in page.items]
            after = page.next
            if after is None:
                break
        found.sort(key=lambda row: (row.control_due_at or 0, row.number))
        rows = found[:limit]
        return self._with_people(rows) if self.with_personal_data else [Late(row) for row in rows]

    def assigned_since(self, first: datetime) -> Iterator[Appeal]:
        """Every appeal in which something has happened since."""
        query = (
            select(APPEAL.c.id)
            .where(APPEAL.c.updated_at >= seconds(first), self._caller.scope.where())
            .order_by(APPEAL.c.pk)
        )
        with self._centre.database.reading() as connection:
            ids = list(connection.execute(query).scalars())
        for start in range(0, len(ids), _PIECE):
            with self._centre.database.reading() as connection:
                stored = load(connection, ids[start : start + _PIECE])
            for id in ids[start : start + _PIECE]:
                if id in stored and self._caller.sees(stored[id].place):
                    appeal = stored[id].appeal
                    if self.with_personal_data:
                        self.disclosed[id] = (appeal.number, appeal.version)
                    yield appeal

    def _with_people(self, rows: Sequence[AppealRow]) -> list[Late]:
        found = []
        for start in range(0, len(rows), _PIECE):
            piece = rows[start : start + _PIECE]
            with self._centre.database.reading() as connection:
                stored = load(connection, [row.id for row in piece])
            for row in piece:
                if row.id in stored and self._caller.sees(stored[row.id].place):
                    self.disclosed[row.id] = (row.number, row.version)
                    found.append(Late(row, row.title, stored[row.id].appeal.applicant.name))
        return found


def caller_of(centre: Centre, account: str) -> Caller:
    """The account with whose rights a report is made. Raises ``not_found`` for none, or a blocked one."""
    with centre.database.reading() as connection:
        actor = find_actor(connection, account, centre.region)
    if actor is None:
        raise Refused("not_found", number=account[:80])
    return Caller(actor, centre.region)
