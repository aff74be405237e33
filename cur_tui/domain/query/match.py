"""What a query means: the plain reference that the queries of the storage are tested against.

A row is a flat mapping with the keys ``number``, ``block``, ``topic``, ``state``, ``regime``, ``priority``,
``source``, ``tone``, ``item_kind``, ``municipality``, ``authority``, ``assignee``, ``tags`` (a collection),
``control_due_at``, ``registered_at`` and ``done_at`` (aware moments), ``rating``, ``outcome``, ``in_time``
and ``complete`` (truth values or empty), ``reworks`` and ``spent`` (numbers), ``text`` and the truth values
``fast_track``, ``is_repeat``, ``is_duplicate``, ``mass_incident``, ``pending``, ``provisional``, ``claimed``,
``answered``, ``conflict``. Only ``state`` must be there: a missing key is
an empty field or a flag that is down.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import assert_never

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
    RelativeTerm,
    Term,
    TextTerm,
)
from cur_tui.domain.vocabulary import AnswerStatus, State

Row = Mapping[str, object]

_KEYS = {Field.KIND: "item_kind", Field.TAG: "tags"}
_WORD = re.compile(r"\w+")
_COMPARE: dict[Comparison, Callable[[timedelta, timedelta], bool]] = {
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.MORE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
}
_MOMENTS = {Field.DUE: "control_due_at", Field.REGISTERED: "registered_at", Field.DONE: "done_at"}
_COLUMN_FLAGS = {
    Flag.MASS: "mass_incident",
    Flag.REPEAT: "is_repeat",
    Flag.DUPLICATE: "is_duplicate",
    Flag.CLAIMED: "claimed",
    Flag.ANSWERED: "answered",
    Flag.PROVISIONAL: "provisional",
    Flag.PENDING: "pending",
    Flag.FAST_TRACK: "fast_track",
    Flag.CONFLICT: "conflict",
    Flag.ESCALATED: "escalated",
    Flag.CONFLICT_SITUATION: "conflict_situation",
    Flag.COMMUNICATION_ERROR: "communication_error",
}

_TOLD = {
    Flag.IN_TIME: ("in_time", True),
    Flag.LATE: ("in_time", False),
    Flag.COMPLETE: ("complete", True),
    Flag.INCOMPLETE: ("complete", False),
}


def matches(query: Query, row: Row, *, now: datetime, me: str | None) -> bool:
    """Whether ``row`` meets every term. ``now`` is aware and in region time, which decides what a day is."""
    return all(_holds(term, row, now, me) != term.negated for term in query.terms)


def _holds(term: Term, row: Row, now: datetime, me: str | None) -> bool:
    match term:
        case FieldTerm():
            return _has_value(term, row, me)
        case FlagTerm():
            return _has_flag(term.flag, row, now, me)
        case TextTerm():
            return _has_words(term, str(row.get("text") or ""))
        case RelativeTerm() | DayTerm() | DateTerm():
            moment = _moment(term.field, row)
            return moment is not None and _at_time(term, moment, now)
        case _:
            assert_never(term)


def _has_value(term: FieldTerm, row: Row, me: str | None) -> bool:
    if term.field in (Field.DUE, Field.DONE):
        return _moment(term.field, row) is None
    value = row.get(_KEYS.get(term.field, term.field))
    if term.field is Field.TAG:
        present = {str(tag) for tag in value} if isinstance(value, Iterable) else set()
    else:
        present = set() if value is None else {str(value)}
    if term.field is Field.NUMBER:
        present = {number.upper() for number in present}
    wanted = {me if value == ME and term.field is Field.ASSIGNEE else value for value in term.values}
    return bool(present & wanted) or (NONE in wanted and not present)


def _has_flag(flag: Flag, row: Row, now: datetime, me: str | None) -> bool:
    if (key := _COLUMN_FLAGS.get(flag)) is not None:
        return bool(row.get(key))
    if (told := _TOLD.get(flag)) is not None:
        key, wanted = told
        return row.get(key) is wanted
    if flag is Flag.TIMED:
        return row.get("spent") is not None
    if flag is Flag.REWORKED:
        return bool(row.get("reworks"))
    if flag is Flag.OVERDUE:
        due = _moment(Field.DUE, row)
        return due is not None and due < now
    if flag in (Flag.ASSIGNED, Flag.UNASSIGNED):
        return (row.get("assignee") is not None) == (flag is Flag.ASSIGNED)
    if flag is Flag.MINE:
        return me is not None and row.get("assignee") == me
    if flag is Flag.UNDELIVERED:
        return row.get("answer_status") == AnswerStatus.FAILED.value
    state = State(str(row["state"]))
    if flag is Flag.RETURNED:
        return state is State.REVISION_REQUIRED
    if flag is Flag.AWAITING_APPROVAL:
        return state is State.IN_REVIEW
    return state.is_open == (flag is Flag.OPEN)


def _moment(field: Field, row: Row) -> datetime | None:
    """Return the moment of a date field; a closed appeal owes nothing, so it has no due date any more."""
    if field is Field.DUE and not State(str(row["state"])).is_open:
        return None
    value = row.get(_MOMENTS[field])
    return value if isinstance(value, datetime) else None


def _at_time(term: RelativeTerm | DayTerm | DateTerm, moment: datetime, now: datetime) -> bool:
    if isinstance(term, RelativeTerm):
        span = moment - now if term.field is Field.DUE else now - moment
        return _COMPARE[term.comparison](span, timedelta(minutes=term.minutes))
    day = moment.astimezone(now.tzinfo).date()
    if isinstance(term, DayTerm):
        return day == term.day.seen_from(now.date())
    return (term.first is None or term.first <= day) and (term.last is None or day <= term.last)


def _has_words(term: TextTerm, text: str) -> bool:
    """Whether the words stand in ``text`` in this order; a search by stems finds more, never less."""
    wanted = _words(" ".join(term.words))
    present = _words(text)
    for start in range(len(present) - len(wanted) + 1):
        here = present[start : start + len(wanted)]
        if here == wanted:
            return True
        if term.prefix and here[:-1] == wanted[:-1] and here[-1].startswith(wanted[-1]):
            return True
    return False


def _words(text: str) -> list[str]:
    return [word.replace("ё", "е") for word in _WORD.findall(text.casefold())]
