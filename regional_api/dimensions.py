"""What statistics can be broken down by, and what they count in each cell.

Every measure adds up: a total is the sum of its cells, and what changed since a table was counted can be
added to it and taken from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, func
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from cur_tui.domain.refusal import Refused

Columns = ReadOnlyColumnCollection[str, Column[Any]]
Value = str | int | None
_EPOCH: Final = date(1970, 1, 1)
_THURSDAY: Final = 3
"""1970 began with a Thursday, three days after a Monday."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """``of`` gives the value of a row as a column, ``shown`` what is said of it."""

    of: Callable[[Columns], ColumnElement[Any]]
    shown: Callable[[Value], str | None] = lambda value: None if value is None else str(value)


def _column(name: str) -> Dimension:
    return Dimension(lambda columns: columns[name])


def _month(value: Value) -> str:
    year, month = divmod(int(value or 0), 12)
    return f"{year:04}-{month + 1:02}"


def _day(value: Value) -> str:
    return (_EPOCH + timedelta(days=int(value or 0))).isoformat()


def _week(value: Value) -> str:
    return _day(int(value or 0) * 7 - _THURSDAY)


DIMENSIONS: Final[dict[str, Dimension]] = {
    **{
        name: _column(name)
        for name in (
            *("block", "state", "topic", "authority", "municipality", "source", "regime", "priority"),
            *("tone", "worker", "outcome", "rating"),
        )
    },
    "kind": _column("item_kind"),
    "month": Dimension(lambda columns: columns["registered_month"], _month),
    "week": Dimension(lambda columns: (columns["registered_day"] + _THURSDAY) // 7, _week),
    "day": Dimension(lambda columns: columns["registered_day"], _day),
}
"""By the name that a request gives. Months, weeks and days are those of registration, in region time."""


def dimension(field: str, name: str) -> Dimension:
    """The dimension ``name``. Raises ``invalid_value`` for the parameter ``field``."""
    known = DIMENSIONS.get(name)
    if known is None:
        raise Refused("invalid_value", field=field, value=name[:80])
    return known


def measures(columns: Columns) -> tuple[ColumnElement[int], ...]:
    """What is counted of rows, in the order of :data:`MEASURES`."""
    in_time = func.coalesce(func.sum(columns["in_time"]), 0)
    return (
        func.count(),
        func.sum(columns["is_open"]),
        func.count(columns["answered_at"]),
        in_time,
        func.count(columns["in_time"]) - in_time,
        func.coalesce(func.sum(columns["answered_at"] - columns["registered_at"]), 0),
        func.count(columns["rating"]),
        func.coalesce(func.sum(columns["rating"]), 0),
    )


MEASURES: Final = (
    "count",
    "open",
    "answered",
    "in_time",
    "late",
    "answer_seconds",
    "rated",
    "rating_sum",
)
"""The members of :class:`~cur_tui.contract.wire.Measures` that lie in the rows. What is overdue lies in the
clock.
"""
