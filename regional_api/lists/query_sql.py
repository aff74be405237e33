"""The query language as a condition on the server's columns.

Only columns of the list projection can be asked about, each named here: what is not in this table cannot be
reached, and the reader's scope is always a condition of its own beside it. The meaning of every term is
:func:`cur_tui.domain.query.match.matches`.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final, assert_never

from sqlalchemy import (
    Column,
    ColumnElement,
    String,
    and_,
    bindparam,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    true,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from cur_tui.contract.row import FIELD_COLUMNS
from cur_tui.domain.alerts import ESCALATED
from cur_tui.domain.language.stems import folded_words
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.query.parse import parse_query
from cur_tui.domain.query.query import (
    ME,
    NONE,
    Comparison,
    DateTerm,
    DayTerm,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    Query,
    QueryError,
    RelativeTerm,
    Term,
    TextTerm,
)
from cur_tui.domain.query.vocabulary import Vocabulary, Word
from cur_tui.domain.query.words import default_vocabulary
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AnswerStatus, State
from regional_api.clock import seconds
from regional_api.database.tables import APPEAL, LARGE

_COMPARE: dict[Comparison, Callable[[Any, Any], ColumnElement[bool]]] = {
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.MORE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
}
_MOMENTS: Final = {
    Field.DUE: "control_due_at",
    Field.REGISTERED: "registered_at",
    Field.DONE: "done_at",
}
MAX_WORDS: Final = 50
"""Words of the text that one query may ask for or exclude."""
MAX_VALUES: Final = 300
"""Values that the fields of one query may name together; an engine bounds how deep a condition may go."""


def vocabulary_of(rulebook: Rulebook) -> Vocabulary:
    """The words of the query language in a region."""
    region = rulebook.region
    return (
        default_vocabulary()
        .with_words(Field.TOPIC, (Word(topic.code, topic.code, topic.name) for topic in region.topics))
        .with_words(Field.AUTHORITY, (Word(body.code, body.code, body.name) for body in region.authorities))
        .with_words(
            Field.MUNICIPALITY,
            (Word(town.code, town.code, town.name, town.aliases) for town in region.municipalities),
        )
    )


def read_query(line: str, vocabulary: Vocabulary) -> Query:
    """The query in ``line``. Raises ``invalid_value`` naming the part that cannot be read.

    Characters that no text in a database can have are refused too, and more words or values than
    :data:`MAX_WORDS` and :data:`MAX_VALUES`.
    """
    if not is_storable(line):
        raise _refused("\N{REPLACEMENT CHARACTER}")
    try:
        query = parse_query(line, vocabulary)
    except QueryError as error:
        raise _refused(line[error.position : error.position + error.length]) from None
    texts = (" ".join(term.words) for term in query.terms if isinstance(term, TextTerm))
    words = folded_words(" ".join(texts))
    if len(words) > MAX_WORDS:
        raise _refused(words[MAX_WORDS])
    values = [value for term in query.terms if isinstance(term, FieldTerm) for value in term.values]
    if len(values) > MAX_VALUES:
        raise _refused(values[MAX_VALUES])
    return query


def is_storable(value: str) -> bool:
    """Whether both engines take ``value`` as text: PostgreSQL has no NUL, and neither has halves of pairs."""
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value)


def _refused(part: str) -> Refused:
    return Refused("invalid_value", field="query", value=part[:80])


def asks_for_state(query: Query) -> bool:
    """Whether the query itself says in which states the appeals may be."""
    return any(isinstance(term, FieldTerm) and term.field is Field.STATE for term in query.terms)


Columns = ReadOnlyColumnCollection[str, Column[Any]]
ASKED_AT: Final[ColumnElement[int]] = bindparam("asked_at", type_=LARGE)
"""The moment that a statement is asked at, in seconds since 1970."""
ASKED_BY: Final[ColumnElement[str]] = bindparam("asked_by", type_=String())
"""The account that asks."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Writes terms as conditions on :data:`ASKED_AT` and :data:`ASKED_BY`, so that a statement can be kept.

    ``today`` and ``zone`` are those of the region, ``has_words`` says how a row is found by words of its
    text; ``columns`` are those of the appeals or of their former states.
    """

    today: date
    zone: tzinfo
    has_words: Callable[[TextTerm], ColumnElement[bool]]
    columns: Columns = field(default_factory=lambda: APPEAL.c)

    def all_of(self, terms: Iterable[Term]) -> ColumnElement[bool]:
        """The condition that every term holds. Raises ``invalid_value`` for «pending»."""
        return and_(true(), *(self._term(term) for term in terms))

    def span(self, field: Field, terms: Iterable[Term]) -> tuple[int | None, int | None]:
        """The seconds, both included, outside of which no row can have the moment that ``terms`` ask for."""
        first, last = None, None
        for term in terms:
            if not isinstance(term, DateTerm | DayTerm) or term.field is not field or term.negated:
                continue
            day = term.day.seen_from(self.today) if isinstance(term, DayTerm) else None
            low, high = (day, day) if isinstance(term, DayTerm) else (term.first, term.last)
            if low is not None:
                first = max(self._midnight(low), self._midnight(low) if first is None else first)
            if high is not None:
                end = self._midnight(high + timedelta(days=1)) - 1
                last = min(end, end if last is None else last)
        return first, last

    def on(self, columns: Columns) -> "Conditions":
        """The same for other columns."""
        return replace(self, columns=columns)

    def _term(self, term: Term) -> ColumnElement[bool]:
        match term:
            case FieldTerm():
                found = self._field(term)
            case FlagTerm():
                found = self._flag(term.flag)
            case RelativeTerm():
                found = self._relative(term)
            case DayTerm():
                day = term.day.seen_from(self.today)
                found = self._days(term.field, day, day)
            case DateTerm():
                found = self._days(term.field, term.first, term.last)
            case TextTerm():
                found = self.has_words(term)
            case _:
                assert_never(term)
        # A condition on an empty column is neither true nor false; negated, it must be true.
        return not_(func.coalesce(found, literal(False))) if term.negated else found

    @property
    def _is_open(self) -> ColumnElement[bool]:
        # Written out and not as a parameter: only so a planner sees that a partial index serves.
        return self.columns["is_open"] == literal_column("1")

    def _field(self, term: FieldTerm) -> ColumnElement[bool]:
        if term.field is Field.DUE:
            return or_(not_(self._is_open), self.columns["control_due_at"].is_(None))
        if term.field is Field.DONE:
            return self.columns["done_at"].is_(None)
        values = [value for value in term.values if value != NONE]
        or_empty = len(values) < len(term.values)
        if term.field is Field.TAG:
            return self._tag(values, or_empty=or_empty)
        if term.field not in FIELD_COLUMNS:
            raise Refused("invalid_value", field="query", value=term.field.value)
        column = self.columns[FIELD_COLUMNS[term.field]]
        typed = [self._value(term.field, value) for value in values]
        # One value is an equation, which an index can follow in the order of its next column.
        found: ColumnElement[bool] = column == typed[0] if len(typed) == 1 else column.in_(typed)
        return or_(found, column.is_(None)) if or_empty else found

    def _value(self, field: Field, value: str) -> object:
        if field is Field.ASSIGNEE and value == ME:
            return ASKED_BY
        return int(value) if field is Field.RATING else value

    def _tag(self, values: Sequence[str], *, or_empty: bool) -> ColumnElement[bool]:
        tags = func.concat(" ", self.columns["tags"], " ")
        # A tag has no blanks; a wanted one with a blank would match two neighbours.
        parts = [tags.contains(f" {tag} ", autoescape=True) for tag in values if " " not in tag]
        return or_(false(), *parts, *([self.columns["tags"] == ""] if or_empty else []))

    def _flag(self, flag: Flag) -> ColumnElement[bool]:
        c = self.columns
        match flag:
            case Flag.OVERDUE:
                return and_(self._is_open, c["control_due_at"] < ASKED_AT)
            case Flag.ASSIGNED:
                return c["worker"].is_not(None)
            case Flag.UNASSIGNED:
                return c["worker"].is_(None)
            case Flag.MINE:
                return c["worker"] == ASKED_BY
            case Flag.CLAIMED:
                return c["claim_until"] > ASKED_AT
            case Flag.OPEN:
                return self._is_open
            case Flag.CLOSED:
                return c["is_open"] == literal_column("0")
            case Flag.MASS:
                return c["mass_incident"].is_not(None)
            case Flag.REPEAT:
                return c["is_repeat"] == 1
            case Flag.DUPLICATE:
                return c["is_duplicate"] == 1
            case Flag.ANSWERED:
                return c["answered_at"].is_not(None)
            case Flag.PROVISIONAL:
                return c["provisional"] == 1
            case Flag.RETURNED:
                return and_(self._is_open, c["state"] == State.REVISION_REQUIRED.value)
            case Flag.AWAITING_APPROVAL:
                return and_(self._is_open, c["state"] == State.IN_REVIEW.value)
            case Flag.FAST_TRACK:
                return c["fast_track"].is_not(None)
            case Flag.IN_TIME:
                return c["in_time"] == 1
            case Flag.LATE:
                return c["in_time"] == 0
            case Flag.TIMED:
                return c["spent"].is_not(None)
            case Flag.REWORKED:
                return c["reworks"] > 0
            case Flag.COMPLETE:
                return c["complete"] == 1
            case Flag.INCOMPLETE:
                return c["complete"] == 0
            case Flag.UNDELIVERED:
                return func.coalesce(c["answer_status"], "") == AnswerStatus.FAILED.value
            case Flag.CONFLICT | Flag.CONFLICT_SITUATION:
                return func.concat(" ", c["flags"], " ").contains(" conflict ")
            case Flag.COMMUNICATION_ERROR:
                return c["flags"].contains("communication_error")
            case Flag.ESCALATED:
                return c["flags"].contains(ESCALATED)
            case Flag.PENDING:  # known to a workstation only
                raise Refused("invalid_value", field="query", value=flag.value)
            case _:
                assert_never(flag)

    def _relative(self, term: RelativeTerm) -> ColumnElement[bool]:
        span = term.minutes * 60
        if term.field is Field.DUE:
            return and_(
                self._is_open,
                _COMPARE[term.comparison](self.columns["control_due_at"], ASKED_AT + span),
            )
        return _COMPARE[term.comparison.mirrored](self.columns[_MOMENTS[term.field]], ASKED_AT - span)

    def _days(self, field: Field, first: date | None, last: date | None) -> ColumnElement[bool]:
        column = self.columns[_MOMENTS[field]]
        parts = [and_(self._is_open, column.is_not(None)) if field is Field.DUE else true()]
        if first is not None:
            parts.append(column >= self._midnight(first))
        if last is not None:
            parts.append(column < self._midnight(last + timedelta(days=1)))
        return and_(*parts)

    def _midnight(self, day: date) -> int:
        return seconds(datetime.combine(day, time.min, self.zone))
