"""Which reports there are, and what is ordered of one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from cur_tui.domain.figures.cuts import Cut
from cur_tui.domain.figures.ranking import RankedBy

Format = Literal["xlsx", "html", "md"]
FORMATS: Final[tuple[Format, ...]] = ("xlsx", "html", "md")


class ReportKind(StrEnum):
    """The reports that are offered."""

    DAILY = "daily"
    WEEKLY = "weekly"
    RANKING = "ranking"
    OVERDUE = "overdue"
    CYCLES = "cycles"
    CUT = "cut"

    @property
    def adds_up(self) -> bool:
        """Whether its numbers are sums of what was measured, and not those of a list."""
        return self not in (ReportKind.OVERDUE, ReportKind.CYCLES)


PERIODS: Final = {
    ReportKind.DAILY: "last:day",
    ReportKind.WEEKLY: "last:cur_week",
    ReportKind.RANKING: "last:month",
    ReportKind.CYCLES: "last:month",
}
"""What a report is about unless it is said: the last period that is complete. The overdue list knows none,
and a cut brings its own.
"""


@dataclass(frozen=True, slots=True)
class Order:
    """One report. ``cut`` with its ``title`` belongs to the kind ``cut`` alone."""

    kind: ReportKind
    period: str = ""
    query: str = ""
    by: RankedBy = "authority"
    cut: Cut | None = None
    title: str = ""
