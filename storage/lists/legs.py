"""A list as the cache reads it: one or a few stretches, each a walk along one index in its order.

A list by term, for example, is the open appeals that have one, by term, and behind them all others, by
registration. Reading it as two walks needs no index over everything and no sorting.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

Scalar = int | str
PAST_THE_END: Final = 1 << 62
"""Larger than any key."""


class Leg(msgspec.Struct, frozen=True):
    """One stretch of a list. Its order is that of ``keys`` and then of the appeals' own keys.

    All rise or all fall, so that one comparison of row values continues the stretch behind any of its rows.
    """

    source: str
    """The FROM clause."""
    where: str
    params: tuple[Scalar, ...]
    keys: tuple[str, ...] = ()
    descending: bool = False
    pk: str = "pk"
    """The expression of the appeals' key."""
    low: int = 0
    high: int = PAST_THE_END
    """The keys that can be in the stretch: from ``low``, before ``high``."""
    guard: str = "1"
    """What is true of an appeal of this stretch and of no other stretch of the list."""
    bare: str | None = None
    """The FROM clause that is enough for the keys alone."""
    when_few: "WhenFew | None" = None
    """Another way to the same rows that is better as long as they are few."""
    placed: str = "appeal WHERE pk=?"
    """Where the ``keys`` of one appeal are found, with ``placed_params`` before its ``pk``."""
    placed_params: tuple[Scalar, ...] = ()
    rows_last: bool = False
    """The keys are sorted when they are read, or picked by what stands elsewhere; the rows follow, so that
    none is sorted with them or fetched in vain."""

    def select(
        self, columns: str, limit: int, behind: Sequence[Scalar] | None = None
    ) -> tuple[str, tuple[Scalar, ...]]:
        """The statement for ``columns`` of the first rows, or of those behind a row, and its parameters.

        ``behind`` holds that row's ``keys`` and ``pk``.
        """
        low, high, where = self.low, self.high, self.where
        params = list(self.params)
        if behind is not None and not self.keys:
            last = int(behind[-1])
            low, high = (low, min(high, last)) if self.descending else (max(low, last + 1), high)
        elif behind is not None:
            marks = ",".join("?" * len(behind))
            than = "<" if self.descending else ">"
            where += f" AND ({', '.join((*self.keys, self.pk))}) {than} ({marks})"
            params += behind
        if low > 0:
            where += f" AND {self.pk}>=?"
            params.append(low)
        if high < PAST_THE_END:
            where += f" AND {self.pk}<?"
            params.append(high)
        way = " DESC" if self.descending else ""
        order = ", ".join(f"{key}{way}" for key in (*self.keys, self.pk))
        sql = f"SELECT {columns} FROM {self.source} WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608
        return sql, (*params, limit)

    def select_keys(
        self, limit: int, behind: Sequence[Scalar] | None = None
    ) -> tuple[str, tuple[Scalar, ...]]:
        """The statement for the appeals' keys alone, under the name ``pk``."""
        leg = self if self.bare is None else self.only_keys()
        return leg.select(f"{self.pk} AS pk", limit, behind)

    def only_keys(self) -> "Leg":
        """The stretch read without the appeals' rows."""
        return replace(self, source=self.bare or self.source)

    def place(self, pk: int) -> tuple[str, tuple[Scalar, ...]]:
        """The statement for the ``keys`` of one appeal, and its parameters."""
        return f"SELECT {', '.join(self.keys)} FROM {self.placed}", (*self.placed_params, pk)  # noqa: S608


ROWS: Final = "count(*)"


class Counting(msgspec.Struct, frozen=True):
    """How a list is counted: the rows of ``source`` that meet ``where``, or the sum of ``what`` in them."""

    source: str
    where: str
    params: tuple[Scalar, ...]
    what: str = ROWS
    is_short: bool = False
    """Whether it is short work without a bound: the tally, the facets alone, the open appeals."""
    minus: "Counting | None" = None
    """What was counted too much."""

    def statement(self, bound: int | None) -> tuple[str, tuple[Scalar, ...]]:
        """The statement and its parameters; rows are counted up to one more than ``bound``."""
        if bound is None or self.what != ROWS:
            return f"SELECT {self.what} FROM {self.source} WHERE {self.where}", self.params  # noqa: S608
        inner = f"SELECT 1 FROM {self.source} WHERE {self.where} LIMIT ?"  # noqa: S608
        return f"SELECT count(*) FROM ({inner})", (*self.params, bound + 1)  # noqa: S608


class WhenFew(msgspec.Struct, frozen=True):
    """A stretch that is sorted when it is read: better while ``counting`` finds no more than ``at_most``."""

    counting: Counting
    leg: Leg
    at_most: int


class CompiledView(msgspec.Struct, frozen=True):
    """A list ready to be read and to be counted. Without legs it is empty."""

    legs: tuple[Leg, ...]
    counting: Counting | None
    bound: int | None = None
    """How many finds of the archive the list holds at most, the newest; None: all there are."""
