"""What a report says, apart from how a file says it: figures, charts and tables of typed values.

Values stay numbers, days and moments until a writer shows them, so that a workbook can go on calculating with
them. Whatever people typed goes through :func:`clean` on its way in.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from cur_tui.domain.texts.text import neutralise
from cur_tui.formats import format_date, format_datetime, format_decimal, format_number, format_percent

Kind = Literal["text", "number", "share", "decimal", "date", "moment"]
Value = str | int | float | date | datetime | None
Row = tuple[Value, ...]
EMPTY: Final = "—"
_LONGEST: Final = 1_000
"""Characters of one text: a report is no place for whole messages."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; ``width`` in characters."""

    title: str
    kind: Kind = "text"
    width: int = 12


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title. ``total`` is a row of its own, which no filter hides."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that is to be seen first. ``change``: against the period before, None without one."""

    title: str
    value: Value
    kind: Kind = "number"
    change: float | None = None
    is_better: bool | None = None
    """Whether the change is good; None where nobody can tell."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one kind along a chart."""

    title: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """``bars`` lie, one for each label, with names of any length; ``columns`` stand along time."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    shape: Literal["bars", "columns"] = "bars"
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Body:
    """What a report is made of, in this order."""

    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. ``made_at`` is in region time; ``stretch`` tells its days in the name of a file."""

    code: str
    title: str
    region: str
    period: str
    stretch: str
    made_at: datetime
    body: Body
    facts: tuple[tuple[str, str], ...] = ()
    lacking: str = ""
    """What its numbers do not count yet; a file outlives the day on which they will."""


def clean(text: str) -> str:
    """A text in one line without invisible or acting characters, cut where it is far too long."""
    line = " ".join(neutralise(text).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def shown(value: Value, kind: Kind) -> str:
    """A value as people write it."""
    if value is None:
        return EMPTY
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        zone = value.tzinfo
        assert zone is not None
        return format_datetime(value, zone)
    if isinstance(value, date):
        return format_date(value)
    match kind:
        case "share":
            return format_percent(value)
        case "decimal":
            return format_decimal(value)
    return format_number(round(value))


def shown_change(figure: Figure) -> str:
    """The change of a figure with an arrow: a colour never says anything alone. Empty without one."""
    if figure.change is None:
        return ""
    size, nothing = shown(abs(figure.change), figure.kind), shown(0, figure.kind)
    return f"{'→' if size == nothing else '▲' if figure.change > 0 else '▼'} {size}"
