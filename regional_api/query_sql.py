"""The query language as a condition on the server's columns, for ``next``.

Only columns of the list projection can be asked about, each named here: what is not in this table cannot be
reached, and the reader's scope is always a condition of its own beside it.
"""

import operator
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, assert_never

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_

from cur_tui.domain.query import (
    ME,
    NONE,
    Comparison,
    DateTerm,
    Day,
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
from cur_tui.domain.query_parse import parse_query
from cur_tui.domain.query_vocabulary import Vocabulary, Word
from cur_tui.domain.query_words import default_vocabulary
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rulebook import Rulebook
from cur_tui.domain.vocabulary import OPEN_STATES, State
from regional_api.clock import seconds
from regional_api.tables import APPEAL

_COLUMNS: dict[Field, ColumnElement[Any]] = {
    Field.BLOCK: APPEAL.c.block,
    Field.TOPIC: APPEAL.c.topic,
    Field.STATE: APPEAL.c.state,
    Field.REGIME: APPEAL.c.regime,
    Field.PRIORITY: APPEAL.c.priority,
    Field.SOURCE: APPEAL.c.source,
    Field.TONE: APPEAL.c.tone,
    Field.KIND: APPEAL.c.item_kind,
    Field.MUNICIPALITY: APPEAL.c.municipality,
    Field.AUTHORITY: APPEAL.c.authority,
    Field.ASSIGNEE: APPEAL.c.worker,
    Field.NUMBER: APPEAL.c.number,
    Field.RATING: APPEAL.c.rating,
}
_COMPARE: dict[Comparison, Callable[[Any, Any], ColumnElement[bool]]] = {
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.MORE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
}
_OFFSETS = {Day.YESTERDAY: -1, Day.TODAY: 0, Day.TOMORROW: 1}


def read_query(line: str, rulebook: Rulebook) -> Query:
    """The query in ``line``. Raises ``invalid_value`` naming the part that cannot be read."""
    region = rulebook.region
    vocabulary: Vocabulary = (
        default_vocabulary()
        .with_words(Field.TOPIC, (Word(topic.code, topic.code, topic.name) for topic in region.topics))
        .with_words(Field.AUTHORITY, (Word(body.code, body.code, body.name) for body in region.authorities))
        .with_words(
            Field.MUNICIPALITY,
            (Word(town.code, town.code, town.name, town.aliases) for town in region.municipalities),
        )
    )
    try:
        return parse_query(line, vocabulary)
    except QueryError as error:
        part = line[error.position : error.position + error.length]
        raise Refused("invalid_value", field="query", value=part[:80]) from None


def asks_for_state(query: Query) -> bool:
    """Whether the query itself says in which states the appeals may be."""
    return any(isinstance(term, FieldTerm) and term.field is Field.STATE for term in query.terms)


def condition_of(query: Query, *, now: datetime, me: str) -> ColumnElement[bool]:
    """The query as a condition. ``now`` is in region time, which decides what a day is.

    Raises ``invalid_value`` for words of the text, which the server keeps in no index.
    """
    return and_(literal(True), *(_term(term, now, me) for term in query.terms))


def _term(term: Term, now: datetime, me: str) -> ColumnElement[bool]:
    match term:
        case FieldTerm():
            found = _field(term, me)
        case FlagTerm():
            found = _flag(term.flag, now, me)
        case RelativeTerm() | DayTerm() | DateTerm():
            found = _moment(term, now)
        case TextTerm():
            raise Refused("invalid_value", field="query", value=" ".join(term.words)[:80])
        case _:
            assert_never(term)
    # A condition on an empty column is neither true nor false; negated, it must be true.
    return not_(func.coalesce(found, literal(False))) if term.negated else found


def _field(term: FieldTerm, me: str) -> ColumnElement[bool]:
    if term.field is Field.DUE:
        return APPEAL.c.control_due_at.is_(None)
    wanted = [me if value == ME and term.field is Field.ASSIGNEE else value for value in term.values]
    values = [value for value in wanted if value != NONE]
    if term.field is Field.TAG:
        parts = [func.concat(" ", APPEAL.c.tags, " ").contains(f" {tag} ", autoescape=True) for tag in values]
        return or_(false(), *parts, *([APPEAL.c.tags == ""] if NONE in wanted else []))
    column = _COLUMNS.get(term.field)
    if column is None:
        raise Refused("invalid_value", field="query", value=term.field.value)
    typed: list[object] = [int(v) for v in values] if term.field is Field.RATING else list(values)
    found: ColumnElement[bool] = column.in_(typed)
    return or_(found, column.is_(None)) if NONE in wanted else found


def _flag(flag: Flag, now: datetime, me: str) -> ColumnElement[bool]:
    instant = seconds(now)
    table: dict[Flag, ColumnElement[bool]] = {
        Flag.OVERDUE: and_(APPEAL.c.is_open == 1, APPEAL.c.control_due_at < instant),
        Flag.ASSIGNED: APPEAL.c.worker.is_not(None),
        Flag.UNASSIGNED: APPEAL.c.worker.is_(None),
        Flag.MINE: APPEAL.c.worker == me,
        Flag.CLAIMED: APPEAL.c.claim_until > instant,
        Flag.OPEN: APPEAL.c.is_open == 1,
        Flag.CLOSED: APPEAL.c.is_open == 0,
        Flag.MASS: APPEAL.c.mass_incident.is_not(None),
        Flag.REPEAT: APPEAL.c.is_repeat == 1,
        Flag.DUPLICATE: APPEAL.c.is_duplicate == 1,
        Flag.ANSWERED: APPEAL.c.answered_at.is_not(None),
        Flag.PROVISIONAL: APPEAL.c.provisional == 1,
        Flag.RETURNED: APPEAL.c.state == State.REVISION_REQUIRED.value,
        Flag.AWAITING_APPROVAL: APPEAL.c.state == State.IN_REVIEW.value,
        Flag.FAST_TRACK: APPEAL.c.fast_track.is_not(None),
        Flag.CONFLICT: func.concat(" ", APPEAL.c.flags, " ").contains(" conflict "),
    }
    found = table.get(flag)
    if found is None:  # «pending» is known to a workstation only
        raise Refused("invalid_value", field="query", value=flag.value)
    return found


def _moment(term: RelativeTerm | DayTerm | DateTerm, now: datetime) -> ColumnElement[bool]:
    column = APPEAL.c.control_due_at if term.field is Field.DUE else APPEAL.c.registered_at
    owed = APPEAL.c.state.in_([state.value for state in OPEN_STATES])
    guard = owed if term.field is Field.DUE else literal(True)
    if isinstance(term, RelativeTerm):
        span = column - seconds(now) if term.field is Field.DUE else literal(seconds(now)) - column
        return and_(guard, _COMPARE[term.comparison](span, term.minutes * 60))
    if isinstance(term, DayTerm):
        first = last = now.date() + timedelta(days=_OFFSETS[term.day])
        bounds = (first, last)
    else:
        bounds = (term.first, term.last)  # type: ignore[assignment]
    parts: list[ColumnElement[bool]] = [guard]
    if bounds[0] is not None:
        parts.append(column >= seconds(datetime.combine(bounds[0], time.min, now.tzinfo)))
    if bounds[1] is not None:
        end = datetime.combine(bounds[1], time.min, now.tzinfo) + timedelta(days=1)
        parts.append(column < seconds(end))
    return and_(*parts)
