"""Which stretch of time a moment lies in, in region time, as an expression over the facts."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from cur_tui.domain.time.periods import PeriodKind, period_of

DAY: Final = 86_400
EPOCH: Final = date(1970, 1, 1)
_WEEKS: Final = {PeriodKind.WEEK: 3, PeriodKind.CUR_WEEK: 0}
"""How many days before 1970, which began with a Thursday, the week of that day had begun."""


def stretch_sql(column: str, stretch: PeriodKind, zone: tzinfo | None, first: int, last: int) -> str:
    """The first day of the ``stretch`` that a moment between two seconds lies in, in days since 1970."""
    zone = zone or UTC
    if stretch not in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR):
        day = _day_of(column, zone, first, last)
        if stretch is PeriodKind.DAY:
            return day
        before = _WEEKS[stretch]
        return f"(({day}+{before})/7*7-{before})"
    begins = []
    period = period_of(stretch, datetime.fromtimestamp(first, zone).date())
    end = datetime.fromtimestamp(last, zone).date()
    while period.first <= end:
        begins.append(period.first)
        period = period_of(stretch, period.last + timedelta(days=1))
    found = _search(column, [(_second_of(day, zone), (day - EPOCH).days) for day in begins])
    return f"CASE WHEN {column} IS NOT NULL THEN {found} END"


def _search(column: str, begins: Sequence[tuple[int, int]]) -> str:
    """The number of the last entry that does not begin after the moment: a binary search in SQL."""
    if len(begins) == 1:
        return str(begins[0][1])
    middle = len(begins) // 2
    later = begins[middle][0]
    earlier, rest = _search(column, begins[:middle]), _search(column, begins[middle:])
    return f"CASE WHEN {column}<{later} THEN {earlier} ELSE {rest} END"


def _second_of(day: date, zone: tzinfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _day_of(column: str, zone: tzinfo, first: int, last: int) -> str:
    """The day of the region that a moment falls on, in days since 1970: the clocks of a region are moved
    seldom, and between two moves a day is a division.
    """
    offsets = _offsets(zone, first, last)
    shift = str(offsets[-1][1])
    for until, offset in reversed([(offsets[at + 1][0], offsets[at][1]) for at in range(len(offsets) - 1)]):
        shift = f"CASE WHEN {column}<{until} THEN {offset} ELSE {shift} END"
    return f"({column}+({shift}))/{DAY}"


def _offsets(zone: tzinfo, first: int, last: int) -> list[tuple[int, int]]:
    """From which second on the region's clocks are how many seconds ahead of UTC."""

    def offset(second: int) -> int:
        ahead = datetime.fromtimestamp(second, zone).utcoffset()
        return 0 if ahead is None else int(ahead.total_seconds())

    found = [(first, offset(first))]
    second = first
    while second < last:
        following = min(second + DAY, last)
        if offset(following) != found[-1][1]:
            low, high = second, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == found[-1][1] else (low, middle)
            found.append((high, offset(high)))
        second = following
    return found
