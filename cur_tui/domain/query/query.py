"""What a person asks a list for: the terms of a query, all of which must hold, and the order of the rows.

One language serves the filter line, saved views and the command line; :mod:`cur_tui.domain.query.parse` reads
it, :mod:`cur_tui.domain.query.format` writes it. The meaning of each term on a row is defined by
:mod:`cur_tui.domain.query.match`.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

import msgspec

NONE = "none"
"""The value of a field that is empty: ``assignee:none``."""

ME = "me"
"""The value of ``assignee`` that stands for whoever asks."""


class Field(StrEnum):
    """What a row can be asked about by ``name:value``."""

    BLOCK = "block"
    TOPIC = "topic"
    STATE = "state"
    REGIME = "regime"
    PRIORITY = "priority"
    SOURCE = "source"
    TONE = "tone"
    KIND = "kind"
    MUNICIPALITY = "municipality"
    AUTHORITY = "authority"
    ASSIGNEE = "assignee"
    TAG = "tag"
    NUMBER = "number"
    RATING = "rating"
    OUTCOME = "outcome"
    DUE = "due"
    REGISTERED = "registered"
    DONE = "done"
    """When the final answer arrived, or the appeal was closed without one."""


DATE_FIELDS = frozenset({Field.DUE, Field.REGISTERED, Field.DONE})
NULLABLE_FIELDS = frozenset(
    {
        Field.BLOCK,
        Field.TOPIC,
        Field.TONE,
        Field.KIND,
        Field.MUNICIPALITY,
        Field.AUTHORITY,
        Field.ASSIGNEE,
        Field.TAG,
        Field.RATING,
        Field.OUTCOME,
        Field.DUE,
        Field.DONE,
    }
)


class Flag(StrEnum):
    """What a row either is or is not."""

    OVERDUE = "overdue"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    MINE = "mine"
    CLAIMED = "claimed"
    OPEN = "open"
    CLOSED = "closed"
    MASS = "mass"
    REPEAT = "repeat"
    DUPLICATE = "duplicate"
    ANSWERED = "answered"
    PROVISIONAL = "provisional"
    PENDING = "pending"
    RETURNED = "returned"
    AWAITING_APPROVAL = "awaiting_approval"
    FAST_TRACK = "fast_track"
    IN_TIME = "in_time"
    LATE = "late"
    TIMED = "timed"
    REWORKED = "reworked"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    CONFLICT = "conflict"
    ESCALATED = "escalated"
    UNDELIVERED = "undelivered"
    CONFLICT_SITUATION = "conflict_situation"
    """People marked it as a conflict with the applicant; ``conflict`` is about commands."""
    COMMUNICATION_ERROR = "communication_error"


class SortKey(StrEnum):
    """What a list can be ordered by."""

    DUE = "due"
    REGISTERED = "registered"
    PRIORITY = "priority"
    RATING = "rating"
    NUMBER = "number"
    RELEVANCE = "relevance"
    """How well the words that are searched for are met; without words the usual order."""


class Day(StrEnum):
    """A day named from today."""

    YESTERDAY = "yesterday"
    TODAY = "today"
    TOMORROW = "tomorrow"

    def seen_from(self, today: date) -> date:
        """The date that is meant by whoever says the word ``today``."""
        return today + timedelta(days=_FROM_TODAY[self])


_FROM_TODAY = {Day.YESTERDAY: -1, Day.TODAY: 0, Day.TOMORROW: 1}


_MIRROR = str.maketrans("<>", "><")


class Comparison(StrEnum):
    """How a relative time compares."""

    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="

    @property
    def mirrored(self) -> "Comparison":
        """How a moment compares whose age compares so: the longer ago, the earlier."""
        return Comparison(self.value.translate(_MIRROR))


class FieldTerm(msgspec.Struct, frozen=True):
    """The field has one of the values (codes); :data:`NONE` among them means that it is empty."""

    field: Field
    values: tuple[str, ...]
    negated: bool = False


class RelativeTerm(msgspec.Struct, frozen=True):
    """Time left until the control due date, or time passed since another moment, in minutes of the clock.

    Overdue appeals have less than no time left, so ``due:<4h`` includes them.
    """

    field: Field
    comparison: Comparison
    minutes: int
    negated: bool = False


class DayTerm(msgspec.Struct, frozen=True):
    """The moment falls on that day in region time."""

    field: Field
    day: Day
    negated: bool = False


class DateTerm(msgspec.Struct, frozen=True):
    """The moment falls on a day from ``first`` to ``last``, both included, in region time; None: no bound."""

    field: Field
    first: date | None
    last: date | None
    negated: bool = False


class FlagTerm(msgspec.Struct, frozen=True):
    """The row has the flag."""

    flag: Flag
    negated: bool = False


class TextTerm(msgspec.Struct, frozen=True):
    """The words stand in the text one after the other; with ``prefix`` the last may go on."""

    words: tuple[str, ...]
    prefix: bool = False
    negated: bool = False


Term = FieldTerm | RelativeTerm | DayTerm | DateTerm | FlagTerm | TextTerm


class Sort(msgspec.Struct, frozen=True):
    """The order of the list."""

    key: SortKey
    descending: bool = False


class Query(msgspec.Struct, frozen=True):
    """Terms that must all hold, and the order wished, if any."""

    terms: tuple[Term, ...] = ()
    sort: Sort | None = None


class ErrorCode(StrEnum):
    """What can be wrong with a query; the interface words each, with the parameters named here."""

    TOO_LONG = "too_long"
    """``limit``."""
    UNKNOWN_FIELD = "unknown_field"
    """``name`` and, when something is close to it, ``suggestion``."""
    UNKNOWN_VALUE = "unknown_value"
    """``field``, ``value`` and, when something is close to it, ``suggestion``."""
    AMBIGUOUS_VALUE = "ambiguous_value"
    """``field``, ``value``, ``candidates`` (spellings, separated by commas)."""
    MISSING_VALUE = "missing_value"
    """``field``."""
    ONE_VALUE_ONLY = "one_value_only"
    """``field``."""
    BAD_TIME = "bad_time"
    """``field``, ``value``: neither a date, a range, a time span nor a day."""
    UNCLOSED_QUOTE = "unclosed_quote"
    """No parameter."""
    WRONG_LAYOUT = "wrong_layout"
    """``suggestion``: the word as the other keyboard layout gives it."""


class QueryError(Exception):
    """A query that cannot be read: what is wrong, and where in the line, counted in characters."""

    def __init__(self, code: ErrorCode, position: int, length: int, params: Mapping[str, str]) -> None:
        """Keep the parameters out of the message: they may quote personal data, and messages are logged."""
        super().__init__(f"{code} at {position}+{length}")
        self.code = code
        self.position = position
        self.length = length
        self.params = params
