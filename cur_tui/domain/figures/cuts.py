"""Statistical cuts: rows, columns, a measure, a filter and a period over any attribute, and what they show.

The sums of the cells come from a database, here or at the server; whatever is worked out of them is the same
everywhere: totals, shares, the change against the period before, heat. Behind each number stands the query
that finds exactly its appeals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import msgspec

from cur_tui.domain.figures.dimensions import DIMENSIONS, following
from cur_tui.domain.figures.sums import POINTS, Measures, total_of
from cur_tui.domain.query.query import (
    NONE,
    DateTerm,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    Term,
    TextTerm,
)
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.periods import Basis, Period, PeriodKind

Key = tuple[str | None, str | None]
Unit = Literal["number", "share", "hours", "rating"]
HEAT: Final = (" ", "░", "▒", "▓", "█")
"""A sign for each heat, from nothing to the hottest: a colour never says anything alone."""
_HOTTEST: Final = len(HEAT) - 1
_TITLE: Final = 120


class Measure(msgspec.Struct, frozen=True):
    """What a cell shows: a count, or one sum over another. ``terms`` find the appeals of ``part``.

    ``more_is``: what a growth means, for the sign of a change.
    """

    code: str
    part: str
    whole: str | None = None
    unit: Unit = "number"
    scale: int = 1
    """What the quotient is divided by."""
    more_is: Literal["good", "bad", ""] = ""
    terms: tuple[Term, ...] = ()

    def of(self, sums: Measures) -> float | None:
        """The value; None where there is nothing to divide by."""
        part: int = getattr(sums, self.part)
        if self.whole is None:
            return part
        whole = getattr(sums, self.whole)
        return part / whole / self.scale if whole else None


_DONE = (FieldTerm(Field.DONE, (NONE,), negated=True),)
_RATED = (FieldTerm(Field.RATING, (NONE,), negated=True),)
_POSITIVE = (FieldTerm(Field.RATING, ("4", "5")),)


def _flag(flag: Flag) -> tuple[Term, ...]:
    return (FlagTerm(flag),)


MEASURES: Final[Mapping[str, Measure]] = {
    one.code: one
    for one in (
        Measure("count", "count"),
        Measure("open", "open", terms=_flag(Flag.OPEN)),
        Measure("overdue", "overdue", more_is="bad", terms=_flag(Flag.OVERDUE)),
        Measure("answered", "answered", more_is="good", terms=_flag(Flag.ANSWERED)),
        Measure("done", "done", more_is="good", terms=_DONE),
        Measure("in_time", "in_time", more_is="good", terms=_flag(Flag.IN_TIME)),
        Measure("late", "late", more_is="bad", terms=_flag(Flag.LATE)),
        Measure("rated", "rated", terms=_RATED),
        Measure("positive", "positive", more_is="good", terms=_POSITIVE),
        Measure("complete", "complete", more_is="good", terms=_flag(Flag.COMPLETE)),
        Measure("reworked", "reworked", more_is="bad", terms=_flag(Flag.REWORKED)),
        Measure("repeats", "repeats", more_is="bad", terms=_flag(Flag.REPEAT)),
        Measure("overdue_share", "overdue", "open", "share", more_is="bad", terms=_flag(Flag.OVERDUE)),
        Measure("late_share", "late", "answered", "share", more_is="bad", terms=_flag(Flag.LATE)),
        Measure("in_time_share", "in_time", "answered", "share", more_is="good", terms=_flag(Flag.IN_TIME)),
        Measure("positive_share", "positive", "rated", "share", more_is="good", terms=_POSITIVE),
        Measure("rated_share", "rated", "answered", "share", terms=_RATED),
        Measure("complete_share", "complete", "done", "share", more_is="good", terms=_flag(Flag.COMPLETE)),
        Measure("reworked_share", "reworked", "done", "share", more_is="bad", terms=_flag(Flag.REWORKED)),
        Measure("repeat_share", "repeats", "count", "share", more_is="bad", terms=_flag(Flag.REPEAT)),
        Measure("mean_rating", "rating_sum", "rated", "rating", more_is="good", terms=_RATED),
        Measure(
            *("mean_hours", "answer_seconds", "answered", "hours", 3600, "bad"), terms=_flag(Flag.ANSWERED)
        ),
        Measure("speed", "speed", "paced", "share", POINTS, "good", terms=_flag(Flag.TIMED)),
    )
}
"""By code, in the order in which they are offered."""


class Cut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for. ``period`` as ``periods.parse_period`` reads it, by the day of
    ``basis``; ``compare``: with the period before.
    """

    rows: str
    columns: str | None = None
    measure: str = "count"
    query: str = ""
    period: str = "all"
    basis: Basis = Basis.REGISTERED
    compare: bool = False


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a saved cut is to be reported: each ``every``, at ``at`` («08:30») in region time."""

    every: Literal["day", "week", "cur_week", "month"]
    at: str
    formats: tuple[Literal["xlsx", "html", "md"], ...] = ("xlsx",)
    recipients: tuple[str, ...] = ()


class SavedCut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cut under a name. ``owner`` is the account that shared it; ``removed``: it is no more."""

    id: str
    title: str
    cut: Cut
    owner: str = ""
    schedule: Schedule | None = None
    removed: bool = False


def check_cut(cut: Cut) -> None:
    """Raises :class:`Refused` ``invalid_value`` for a name that no cut knows, or the same one twice."""
    for field, name, known in (
        ("rows", cut.rows, DIMENSIONS),
        ("columns", cut.columns, DIMENSIONS),
        ("measure", cut.measure, MEASURES),
    ):
        if name is not None and name not in known:
            raise Refused("invalid_value", field=field, value=name[:80])
    if cut.rows == cut.columns:
        raise Refused("invalid_value", field="columns", value=cut.rows)


def check_title(title: str) -> str:
    """The title without blanks around it. Raises ``empty_field`` and ``too_long``."""
    title = " ".join(title.split())
    if not title:
        raise Refused("empty_field", field="title")
    if len(title) > _TITLE:
        raise Refused("too_long", field="title", limit=str(_TITLE))
    return title


def is_keepable(terms: tuple[Term, ...]) -> bool:
    """Whether a query may be kept for others: words are asked for by those who see them, and are not kept."""
    return not any(isinstance(term, TextTerm) for term in terms)


def period_terms(period: Period | None, basis: Basis) -> tuple[Term, ...]:
    """What a period asks for."""
    return () if period is None else (DateTerm(Field(basis), period.first, period.last),)


def overdue_terms(period: Period) -> tuple[Term, ...]:
    """What is open and past its control date, which lay before the end of the period."""
    return (FlagTerm(Flag.OVERDUE), DateTerm(Field.DUE, None, period.last))


def cell_terms(
    cut: Cut, period: Period | None, row: str | None, column: str | None, *, of: str = "cell"
) -> tuple[Term, ...]:
    """The terms that, with the cut's own query, find the appeals of one number and no others.

    ``of``: ``cell``, the total of a ``row``, of a ``column``, or of the ``table``.
    """
    terms = [*period_terms(period, cut.basis)]
    if of in ("cell", "row"):
        terms += DIMENSIONS[cut.rows].terms(row)
    if of in ("cell", "column") and cut.columns is not None:
        terms += DIMENSIONS[cut.columns].terms(column)
    return (*terms, *MEASURES[cut.measure].terms)


@dataclass(frozen=True)
class CutTable:
    """The sums of each cell, and what is shown of them. ``before``: the sums of the period ``against`` which
    they are compared.
    """

    cut: Cut
    period: Period | None
    cells: Mapping[Key, Measures]
    before: Mapping[Key, Measures] | None = None
    against: Period | None = None

    @property
    def measure(self) -> Measure:
        """What is shown."""
        return MEASURES[self.cut.measure]

    @cached_property
    def rows(self) -> tuple[str | None, ...]:
        """The values of the rows: in the order of time, or the largest first; what has none comes last."""
        return self._ordered(self.cut.rows, {row for row, _ in self.cells}, self.row_total)

    @cached_property
    def columns(self) -> tuple[str | None, ...]:
        """The values of the columns likewise; one None where there are no columns."""
        if self.cut.columns is None:
            return (None,)
        return self._ordered(self.cut.columns, {column for _, column in self.cells}, self.column_total)

    def row_total(self, row: str | None) -> Measures:
        """The sums of a row."""
        return self._totals[0].get(row, _NOTHING)

    def column_total(self, column: str | None) -> Measures:
        """The sums of a column."""
        return self._totals[1].get(column, _NOTHING)

    @cached_property
    def total(self) -> Measures:
        """The sums of everything."""
        return total_of(self.cells.values()) if self.cells else _NOTHING

    @cached_property
    def total_before(self) -> Measures | None:
        """The sums of the period before."""
        if self.before is None:
            return None
        return total_of(self.before.values()) if self.before else _NOTHING

    def value(self, row: str | None, column: str | None) -> float | None:
        """What a cell shows; None where nothing can be said."""
        return self.measure.of(self.cells.get((row, column), _NOTHING))

    def share(self, sums: Measures) -> float | None:
        """What part of the whole table a count is; None for means and shares, which add up to nothing."""
        if self.measure.unit != "number":
            return None
        whole = self.measure.of(self.total)
        part = self.measure.of(sums)
        return None if not whole or part is None else part / whole

    def change(self, row: str | None, column: str | None = None, *, of: str = "row") -> float | None:
        """How much more a cell, a ``row`` or a ``column`` shows than in the period before; None: there is
        nothing to compare. Stretches of time have no counterpart in the period before.
        """
        if self.before is None:
            return None
        compared = [self.cut.rows] if of in ("cell", "row") else []
        compared += [self.cut.columns] if of in ("cell", "column") and self.cut.columns else []
        if any(DIMENSIONS[name].kind == "time" for name in compared):
            return None
        now = {"cell": self.cells.get((row, column), _NOTHING), "row": self.row_total(row)}
        was = self._before_totals
        then = {"cell": self.before.get((row, column), _NOTHING), "row": was[0].get(row, _NOTHING)}
        if of == "column":
            return _more(self.measure, self.column_total(column), was[1].get(column, _NOTHING))
        return _more(self.measure, now[of], then[of])

    @property
    def total_change(self) -> float | None:
        """How much more the whole shows than in the period before."""
        before = self.total_before
        return None if before is None else _more(self.measure, self.total, before)

    def heat(self, row: str | None, column: str | None) -> int:
        """From 0 for nothing to 4 for the quarter next to the largest cell."""
        value = self.value(row, column)
        if not value or not self._largest:
            return 0
        return min(_HOTTEST, 1 + int(_HOTTEST * value / self._largest * _JUST_BELOW))

    @cached_property
    def _largest(self) -> float:
        values = (self.measure.of(sums) for sums in self.cells.values())
        return max((value for value in values if value is not None), default=0.0)

    @cached_property
    def _totals(self) -> tuple[dict[str | None, Measures], dict[str | None, Measures]]:
        return _sums_by(self.cells, 0), _sums_by(self.cells, 1)

    @cached_property
    def _before_totals(self) -> tuple[dict[str | None, Measures], dict[str | None, Measures]]:
        return _sums_by(self.before or {}, 0), _sums_by(self.before or {}, 1)

    def _ordered(
        self, name: str, values: set[str | None], total: Callable[[str | None], Measures]
    ) -> tuple[str | None, ...]:
        named = sorted(value for value in values if value is not None)
        stretch = DIMENSIONS[name].stretch
        if stretch is not None:
            named = _without_gaps(stretch, named)
        else:
            named.sort(key=lambda value: -(self.measure.of(total(value)) or 0))
        return (*named, None) if None in values else tuple(named)


_NOTHING: Final = Measures()
_JUST_BELOW: Final = 1 - 1e-9
"""The largest cell itself belongs to the hottest quarter."""
_LONGEST: Final = 400
"""Stretches of time beyond which gaps are not filled."""


def _sums_by(cells: Mapping[Key, Measures], at: int) -> dict[str | None, Measures]:
    parts: dict[str | None, list[Measures]] = {}
    for key, sums in cells.items():
        parts.setdefault(key[at], []).append(sums)
    return {value: total_of(every) for value, every in parts.items()}


def _more(measure: Measure, now: Measures, before: Measures) -> float | None:
    value, was = measure.of(now), measure.of(before)
    return None if value is None or was is None else value - was


def _without_gaps(stretch: PeriodKind, named: list[str]) -> list[str]:
    """Every stretch of time from the first to the last: a week without appeals is a week."""
    if not named:
        return named
    filled = [named[0]]
    while filled[-1] != named[-1] and len(filled) < _LONGEST:
        filled.append(following(stretch, filled[-1]))
    return filled if filled[-1] == named[-1] else named
