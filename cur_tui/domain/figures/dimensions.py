"""What a cut can be broken down by: attributes, yes or no, stretches of time; the query behind each value."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from cur_tui.domain.query.query import NONE, DateTerm, Field, FieldTerm, Flag, FlagTerm, Term
from cur_tui.domain.time.periods import PeriodKind, period_of

YES: Final = "yes"
NO: Final = "no"
Kind = Literal["code", "truth", "time"]
_DONE: Final = "done_"


class Dimension(msgspec.Struct, frozen=True):
    """One attribute. ``field`` asks for its values by code or day; ``truth`` are the terms of yes and no."""

    code: str
    kind: Kind
    field: Field | None = None
    truth: Mapping[str | None, tuple[Term, ...]] = {}
    stretch: PeriodKind | None = None

    def terms(self, value: str | None) -> tuple[Term, ...]:
        """What the query language says of the appeals with this value; None: without one."""
        if self.kind == "truth":
            return self.truth[value]
        assert self.field is not None
        if value is None:
            return (FieldTerm(self.field, (NONE,)),)
        if self.stretch is None:
            return (FieldTerm(self.field, (value,)),)
        first, last = days_of(self.stretch, value)
        return (DateTerm(self.field, first, last),)


def days_of(stretch: PeriodKind, value: str) -> tuple[date, date]:
    """The first and last day of a stretch of time by its name: ``2026-11``, ``2026-Q3``, its first day …"""
    match stretch:
        case PeriodKind.YEAR:
            day = date(int(value), 1, 1)
        case PeriodKind.QUARTER:
            day = date(int(value[:4]), int(value[-1]) * 3, 1)
        case PeriodKind.MONTH:
            day = date.fromisoformat(f"{value}-01")
        case _:
            day = date.fromisoformat(value)
    period = period_of(stretch, day)
    return period.first, period.last


def stretch_of(stretch: PeriodKind, day: date) -> str:
    """The name of the stretch of time that ``day`` lies in."""
    match stretch:
        case PeriodKind.YEAR:
            return f"{day.year:04}"
        case PeriodKind.QUARTER:
            return f"{day.year:04}-Q{(day.month + 2) // 3}"
        case PeriodKind.MONTH:
            return f"{day.year:04}-{day.month:02}"
        case _:
            return period_of(stretch, day).first.isoformat()


def following(stretch: PeriodKind, value: str) -> str:
    """The name of the next stretch of time."""
    return stretch_of(stretch, days_of(stretch, value)[1] + timedelta(days=1))


def _code(code: str, field: Field) -> Dimension:
    return Dimension(code, "code", field)


def _flag(code: str, flag: Flag) -> Dimension:
    return Dimension(code, "truth", truth={YES: (FlagTerm(flag),), NO: (FlagTerm(flag, negated=True),)})


def _pair(code: str, yes: Flag, no: Flag) -> Dimension:
    """Neither is said of what is not done."""
    neither = (FlagTerm(yes, negated=True), FlagTerm(no, negated=True))
    return Dimension(code, "truth", truth={YES: (FlagTerm(yes),), NO: (FlagTerm(no),), None: neither})


def _time(prefix: str, field: Field) -> list[Dimension]:
    stretches = [kind for kind in PeriodKind if kind is not PeriodKind.RANGE]
    return [Dimension(f"{prefix}{kind}", "time", field, stretch=kind) for kind in stretches]


DIMENSIONS: Final[Mapping[str, Dimension]] = {
    one.code: one
    for one in (
        _code("block", Field.BLOCK),
        _code("topic", Field.TOPIC),
        _code("authority", Field.AUTHORITY),
        _code("municipality", Field.MUNICIPALITY),
        _code("source", Field.SOURCE),
        _code("regime", Field.REGIME),
        _code("state", Field.STATE),
        _code("priority", Field.PRIORITY),
        _code("worker", Field.ASSIGNEE),
        _code("kind", Field.KIND),
        _code("tone", Field.TONE),
        _code("outcome", Field.OUTCOME),
        _code("rating", Field.RATING),
        _flag("open", Flag.OPEN),
        _pair("in_time", Flag.IN_TIME, Flag.LATE),
        _pair("complete", Flag.COMPLETE, Flag.INCOMPLETE),
        _flag("reworked", Flag.REWORKED),
        _flag("repeat", Flag.REPEAT),
        _flag("duplicate", Flag.DUPLICATE),
        _flag("fast_track", Flag.FAST_TRACK),
        *_time("", Field.REGISTERED),
        *_time(_DONE, Field.DONE),
    )
}
"""By code, in the order in which they are offered; ``done_`` stands before days on which work was done."""
