"""The words of cuts and rankings: dimensions and their values, measures, zones, changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final, Protocol

from cur_tui.domain.figures.cuts import Measure
from cur_tui.domain.figures.dimensions import DIMENSIONS, YES
from cur_tui.domain.figures.ranking import Zone
from cur_tui.domain.time.periods import PeriodKind
from cur_tui.domain.vocabulary import ItemKind, Outcome, Priority, Regime, Source, State, Tone
from cur_tui.formats import format_date, format_decimal, format_number, format_percent
from cur_tui.i18n import N_, _
from cur_tui.services.labels import label_of

if TYPE_CHECKING:
    from enum import StrEnum

    from cur_tui.domain.profile.rulebook import Rulebook

NamesOf = Mapping[str, Mapping[str, str]]
"""What people read for the values of a dimension."""

_DIMENSIONS: Final = {
    "block": N_("Block"),
    "topic": N_("Topic"),
    "authority": N_("Authority"),
    "municipality": N_("Municipality"),
    "source": N_("Source"),
    "regime": N_("Regime"),
    "state": N_("State"),
    "priority": N_("Priority"),
    "worker": N_("Person"),
    "kind": N_("Kind"),
    "tone": N_("Tone"),
    "outcome": N_("Outcome"),
    "rating": N_("Rating"),
    "open": N_("Open or closed"),
    "in_time": N_("Answered in time"),
    "complete": N_("Answered in full"),
    "reworked": N_("Sent back"),
    "repeat": N_("Repeated"),
    "duplicate": N_("Duplicate"),
    "fast_track": N_("Fast track"),
    "day": N_("Day of registration"),
    "week": N_("Week of registration"),
    "cur_week": N_("ЦУР week of registration"),
    "month": N_("Month of registration"),
    "quarter": N_("Quarter of registration"),
    "year": N_("Year of registration"),
    "done_day": N_("Day of completion"),
    "done_week": N_("Week of completion"),
    "done_cur_week": N_("ЦУР week of completion"),
    "done_month": N_("Month of completion"),
    "done_quarter": N_("Quarter of completion"),
    "done_year": N_("Year of completion"),
}
_MEASURES: Final = {
    "count": N_("Appeals"),
    "open": N_("Open"),
    "overdue": N_("Overdue"),
    "answered": N_("Answered"),
    "done": N_("Done"),
    "in_time": N_("Answered in time"),
    "late": N_("Answered late"),
    "rated": N_("Rated"),
    "positive": N_("Rated 4 or 5"),
    "complete": N_("Answered in full"),
    "reworked": N_("Sent back"),
    "repeats": N_("Repeated"),
    "overdue_share": N_("Overdue, of the open"),
    "late_share": N_("Late, of the answered"),
    "in_time_share": N_("In time, of the answered"),
    "positive_share": N_("4 and 5, of the rated"),
    "rated_share": N_("Rated, of the answered"),
    "complete_share": N_("In full, of the done"),
    "reworked_share": N_("Sent back, of the done"),
    "repeat_share": N_("Repeated, of all"),
    "mean_rating": N_("Mean rating"),
    "mean_hours": N_("Mean time to the answer, hours"),
    "speed": N_("Speed"),
}
_ASPECTS: Final = {
    "speed": N_("Speed"),
    "timeliness": N_("In time"),
    "quality": N_("Quality"),
    "completeness": N_("Completeness"),
}
_NUMBERS: Final = {**_MEASURES, "paced": N_("With a known term")}
_PERIODS: Final = {
    "all": N_("all time"),
    "day": N_("today"),
    "week": N_("this week"),
    "cur_week": N_("this ЦУР week"),
    "month": N_("this month"),
    "quarter": N_("this quarter"),
    "year": N_("this year"),
    "last:day": N_("yesterday"),
    "last:week": N_("last week"),
    "last:cur_week": N_("last ЦУР week"),
    "last:month": N_("last month"),
    "last:quarter": N_("last quarter"),
    "last:year": N_("last year"),
}
PERIODS: Final = tuple(_PERIODS)
"""The periods that are offered by name; any other is written."""
_CODES: Final[dict[str, type[StrEnum]]] = {
    "state": State,
    "regime": Regime,
    "priority": Priority,
    "source": Source,
    "kind": ItemKind,
    "tone": Tone,
    "outcome": Outcome,
}
_ZONES: Final = {Zone.GREEN: "●", Zone.YELLOW: "◐", Zone.RED: "○"}
"""A sign for each zone: a colour never says anything alone."""
EMPTY: Final = "—"


def dimension_title(code: str) -> str:
    """What people read for a dimension."""
    return _(_DIMENSIONS[code])


def measure_title(code: str) -> str:
    """What people read for a measure."""
    return _(_MEASURES[code])


def aspect_title(code: str) -> str:
    """What people read for an aspect of a score."""
    return _(_ASPECTS[code])


def number_title(code: str) -> str:
    """What people read for a number of a derivation."""
    return _(_NUMBERS[code])


def period_title(text: str) -> str:
    """What people read for a period; one that is written is read as it is."""
    known = _PERIODS.get(text)
    return text if known is None else _(known)


def days_words(first: date, last: date) -> str:
    """The days of a period."""
    return f"{format_date(first)} – {format_date(last)}"


def against_words(first: date, last: date) -> str:
    """What a period is compared with; one that runs, with the same part of the one before."""
    return _("against {days}").format(days=days_words(first, last))


def dimension_value(code: str, value: str | None, names: NamesOf) -> str:
    """What people read for a value of a dimension; ``names`` are those of :func:`names_of`."""
    if value is None:
        return _("(none)")
    dimension = DIMENSIONS[code]
    if dimension.kind == "truth":
        return _("yes") if value == YES else _("no")
    if dimension.stretch in (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.CUR_WEEK):
        return format_date(date.fromisoformat(value))
    if code in _CODES:
        return label_of(_CODES[code], value)
    return names.get(code, {}).get(value, value)


class People(Protocol):
    """Whoever knows the names of accounts."""

    @property
    def colleagues(self) -> Mapping[str, str]:
        """Names by account."""


class Office(Protocol):
    """Whoever knows the region and its people: a desk, or the server."""

    @property
    def rulebook(self) -> Rulebook:
        """The rules of the region."""

    @property
    def names(self) -> People:
        """The names of its people."""


def names_of(office: Office) -> NamesOf:
    """The names of codes that the region gives, by dimension."""
    region = office.rulebook.region
    return {
        "block": {block.code: block.name for block in region.blocks},
        "topic": {topic.code: topic.name for topic in region.topics},
        "authority": {body.code: body.name for body in region.authorities},
        "municipality": {town.code: town.name for town in region.municipalities},
        "worker": office.names.colleagues,
    }


def value_words(measure: Measure, value: float | None, *, signed: bool = False) -> str:
    """A value of a measure as people write it; ``signed``: a change, with an arrow and not a colour alone."""
    if value is None:
        return EMPTY
    sign = "" if not signed else "▲ " if value > 0 else "▼ " if value < 0 else "= "
    value = abs(value) if signed else value
    match measure.unit:
        case "share":
            return sign + format_percent(value)
        case "number":
            return sign + format_number(round(value))
    return sign + format_decimal(value)


def share_words(value: float | None) -> str:
    """A share of one, or that there is none."""
    return EMPTY if value is None else format_percent(value)


def zone_sign(zone: Zone) -> str:
    """The sign of a zone."""
    return _ZONES[zone]
