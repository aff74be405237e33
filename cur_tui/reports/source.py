"""Where the numbers of a report come from: the cache of a workstation, or the database of the server."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from cur_tui.contract.row import AppealRow
from cur_tui.domain.figures.cuts import Cut, CutTable, Key
from cur_tui.domain.figures.ranking import RankedBy, RankingTable
from cur_tui.domain.figures.satisfaction import Satisfaction
from cur_tui.domain.figures.sums import Measures
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.time.periods import Basis, Period
from cur_tui.services.figures.measure_words import NamesOf


@dataclass(frozen=True, slots=True)
class Late:
    """An overdue appeal. ``title`` and ``applicant`` only in reports with personal data."""

    row: AppealRow
    title: str | None = None
    applicant: str | None = None


class Source(Protocol):
    """One reader's view of the region at one moment. Everything is counted within their scope.

    Each method raises :class:`~cur_tui.domain.refusal.Refused` ``not_permitted`` without the right to
    supervise.
    """

    @property
    def region(self) -> Region:
        """The region's profile."""

    @property
    def now(self) -> datetime:
        """The moment of the report, in region time."""

    @property
    def names(self) -> NamesOf:
        """What people read for codes."""

    @property
    def with_personal_data(self) -> bool:
        """Whether texts and names of applicants are given."""

    @property
    def lacking(self) -> str:
        """What its sums do not count yet, in a sentence; empty when they count everything."""

    def sums(
        self, rows: str, columns: str | None, query: str, period: Period | None, basis: Basis
    ) -> Mapping[Key, Measures]:
        """The sums of every cell; ``period`` None: of all time."""

    def cut(self, cut: Cut) -> CutTable:
        """A cut with all that is shown of it."""

    def ranking(self, by: RankedBy, period: str, query: str) -> RankingTable:
        """The ranking with the period before it, by the weights of the policy."""

    def satisfaction(self, first: date, last: date) -> Satisfaction:
        """The ratings of answers delivered in these days."""

    def overdue(self, query: str, limit: int | None = None) -> Sequence[Late]:
        """What is open and past its control date now, the oldest date first."""

    def assigned_since(self, first: datetime) -> Iterable[Appeal]:
        """Every appeal that may have been given to a body since then, in the order of registration."""
