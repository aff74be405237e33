"""What statistics can be broken down by, and what they count in each cell.

Every measure adds up: a total is the sum of its cells, and what changed since a table was counted can be
added to it and taken from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, and_, case, func, literal
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from cur_tui.domain.figures.ranking import target_minutes
from cur_tui.domain.figures.sums import POINTS, STORED
from cur_tui.domain.profile.profile import RankingPolicy
from cur_tui.domain.refusal import Refused
from regional_api.database.tables import LARGE

Columns = ReadOnlyColumnCollection[str, Column[Any]]
Value = str | int | None
_EPOCH: Final = date(1970, 1, 1)
_WEEK: Final = 7
_THURSDAY: Final = 3
"""1970 began with a Thursday, three days after a Monday; a ЦУР week begins with one."""
_MONTHS: Final = 12
_QUARTER: Final = 3


@dataclass(frozen=True, slots=True)
class Dimension:
    """``of`` gives the value of a row as a column, ``shown`` what is said of it."""

    of: Callable[[Columns], ColumnElement[Any]]
    shown: Callable[[Value], str | None] = lambda value: None if value is None else str(value)


def _column(name: str) -> Dimension:
    return Dimension(lambda columns: columns[name])


def _told(name: str) -> Dimension:
    """Whether a column holds something that is neither empty nor 0."""
    return Dimension(
        lambda columns: case((and_(columns[name].is_not(None), columns[name] != 0), 1), else_=0),
        _truth,
    )


def _truth(value: Value) -> str | None:
    return None if value is None else ("yes" if value else "no")


def _dates(write: Callable[[int], str]) -> Callable[[Value], str | None]:
    return lambda value: None if value is None else write(int(value))


def _day(value: int) -> str:
    return (_EPOCH + timedelta(days=value)).isoformat()


def _month(value: int) -> str:
    year, month = divmod(value, _MONTHS)
    return f"{year:04}-{month + 1:02}"


def _quarter(value: int) -> str:
    year, quarter = divmod(value, _MONTHS // _QUARTER)
    return f"{year:04}-Q{quarter + 1}"


def _calendar(prefix: str, day: str, month: str) -> dict[str, Dimension]:
    """The stretches of time that a day and a month of a row lie in."""
    return {
        f"{prefix}day": Dimension(lambda c: c[day], _dates(_day)),
        f"{prefix}week": Dimension(
            lambda c: (c[day] + _THURSDAY) // _WEEK, _dates(lambda value: _day(value * _WEEK - _THURSDAY))
        ),
        f"{prefix}cur_week": Dimension(lambda c: c[day] // _WEEK, _dates(lambda value: _day(value * _WEEK))),
        f"{prefix}month": Dimension(lambda c: c[month], _dates(_month)),
        f"{prefix}quarter": Dimension(lambda c: c[month] // _QUARTER, _dates(_quarter)),
        f"{prefix}year": Dimension(lambda c: c[month] // _MONTHS, _dates(lambda value: f"{value:04}")),
    }


DIMENSIONS: Final[dict[str, Dimension]] = {
    **{
        name: _column(name)
        for name in (
            *("block", "state", "topic", "authority", "municipality", "source", "regime", "priority"),
            *("tone", "worker", "outcome", "rating"),
        )
    },
    "kind": _column("item_kind"),
    "open": Dimension(lambda c: c["is_open"], _truth),
    "repeat": Dimension(lambda c: c["is_repeat"], _truth),
    "duplicate": Dimension(lambda c: c["is_duplicate"], _truth),
    "fast_track": Dimension(lambda c: case((c["fast_track"].is_not(None), 1), else_=0), _truth),
    "in_time": Dimension(lambda c: c["in_time"], _truth),
    "reworked": _told("reworks"),
    "complete": Dimension(lambda c: c["complete"], _truth),
    **_calendar("", "registered_day", "registered_month"),
    **_calendar("done_", "done_day", "done_month"),
}
"""By the name that a request gives. Days, weeks and so on are those of registration, or with ``done_`` those
on which the work was done, in region time.
"""


def dimension(field: str, name: str) -> Dimension:
    """The dimension ``name``. Raises ``invalid_value`` for the parameter ``field``."""
    known = DIMENSIONS.get(name)
    if known is None:
        raise Refused("invalid_value", field=field, value=name[:80])
    return known


def measures(
    columns: Columns, policy: RankingPolicy, wanted: Sequence[str] = STORED
) -> tuple[ColumnElement[int], ...]:
    """What is counted of rows: those ``wanted`` of ``sums.STORED``, in its order."""
    sums: dict[str, ColumnElement[int]] = {
        "count": func.count(),
        "open": func.sum(columns["is_open"]),
        "answered": func.count(columns["answered_at"]),
        "in_time": func.coalesce(func.sum(columns["in_time"]), 0),
        "late": func.coalesce(func.sum(1 - columns["in_time"]), 0),
        "answer_seconds": func.coalesce(func.sum(columns["answered_at"] - columns["registered_at"]), 0),
        "rated": func.count(columns["rating"]),
        "rating_sum": func.coalesce(func.sum(columns["rating"]), 0),
        "positive": _number_of(columns["rating"] >= policy.positive),
        "done": func.count(columns["done_at"]),
        "complete": func.coalesce(func.sum(columns["complete"]), 0),
        "reworked": _number_of(columns["reworks"] > 0),
        "repeats": func.sum(columns["is_repeat"]),
        "paced": func.count(columns["spent"]),
        "speed": func.coalesce(func.sum(_points(columns, policy)), 0),
    }
    return tuple(sums[name] for name in STORED if name in wanted)


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _points(columns: Columns, policy: RankingPolicy) -> ColumnElement[int]:
    """:func:`cur_tui.domain.figures.sums.speed_points` of a row, by the target of its regime."""
    spent, allowed = columns["spent"], columns["allowed"]
    targets = {target.regime.value: target_minutes(target) for target in policy.targets}
    target = case(targets, value=columns["regime"], else_=0) if targets else literal(0)
    quick = (allowed - spent) * literal(POINTS, LARGE) // (allowed - target)
    # An equal ``allowed`` and target never meet in the last branch: there spent lies between them.
    return case(
        (spent.is_(None), literal(0, LARGE)),
        (spent >= allowed, literal(0, LARGE)),
        (spent <= target, literal(POINTS, LARGE)),
        else_=quick,
    )
