"""What a query asks of the facts: of their own columns where they tell it, else by the keys that meet it."""

from typing import Final

import msgspec

from cur_tui.domain.query import (
    DateTerm,
    DayTerm,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    RelativeTerm,
    Term,
)
from storage.asked import Asked
from storage.conditions import codes_of, condition, span
from storage.facets import TABLE, facet_match
from storage.facts import CODE_TABLE
from storage.legs import Scalar

_FIELDS: Final = {
    Field.BLOCK: "block",
    Field.TOPIC: "topic",
    Field.STATE: "state",
    Field.REGIME: "regime",
    Field.PRIORITY: "priority",
    Field.SOURCE: "source",
    Field.TONE: "tone",
    Field.KIND: "item_kind",
    Field.MUNICIPALITY: "municipality",
    Field.AUTHORITY: "authority",
    Field.ASSIGNEE: "worker",
    Field.OUTCOME: "outcome",
}
"""Fields whose codes are numbers of the dictionary."""
_FLAGS: Final = {
    Flag.OPEN: "is_open=1",
    Flag.CLOSED: "is_open=0",
    Flag.REPEAT: "is_repeat=1",
    Flag.DUPLICATE: "is_duplicate=1",
    Flag.FAST_TRACK: "is_fast_track=1",
    Flag.ANSWERED: "answer_seconds IS NOT NULL",
    Flag.ASSIGNED: "worker IS NOT NULL",
    Flag.UNASSIGNED: "worker IS NULL",
    Flag.IN_TIME: "in_time=1",
    Flag.LATE: "in_time=0",
    Flag.TIMED: "spent IS NOT NULL",
    Flag.REWORKED: "reworks>0",
    Flag.COMPLETE: "complete=1",
    Flag.INCOMPLETE: "complete=0",
}
MOMENTS: Final = {Field.REGISTERED: "registered_at", Field.DONE: "done_at"}


def where_facts(asked: Asked) -> tuple[str, tuple[Scalar, ...]]:
    """The conditions on facts."""
    parts, params = ["1"], list[Scalar]()
    for term in asked.terms:
        sql, values = _condition(term, asked)
        parts.append(f"({sql}) IS NOT TRUE" if term.negated else f"({sql})")
        params += values
    return " AND ".join(parts), tuple(params)


def _condition(term: Term, asked: Asked) -> tuple[str, tuple[Scalar, ...]]:
    match term:
        case FieldTerm(field=field) if field in _FIELDS or field is Field.RATING:
            return _codes(term, asked.me)
        case FieldTerm(field=Field.DONE):
            return "done_at IS NULL", ()
        case FlagTerm(flag=Flag.MINE) if asked.me is not None:
            return _codes(FieldTerm(Field.ASSIGNEE, (asked.me,)), None)
        case FlagTerm(flag=flag) if flag in _FLAGS:
            return _FLAGS[flag], ()
        case RelativeTerm(field=field) | DayTerm(field=field) | DateTerm(field=field) if field in MOMENTS:
            return _between(MOMENTS[field], span(term, asked.now))
    return _by_keys(_plain(term), asked)


def _codes(term: FieldTerm, me: str | None) -> tuple[str, tuple[Scalar, ...]]:
    wanted = codes_of(term, me)
    marks = ",".join("?" * len(wanted))
    empty = len(wanted) < len(term.values)
    if term.field is Field.RATING:
        sql, params = f"rating IN ({marks})", wanted
        column = "rating"
    else:
        column = _FIELDS[term.field]
        known = f"SELECT id FROM {CODE_TABLE} WHERE kind=? AND code IN ({marks})"  # noqa: S608
        sql, params = f"{column} IN ({known})", (column, *wanted)
    if not wanted:
        return f"{column} IS NULL", ()
    return (f"{sql} OR {column} IS NULL" if empty else sql), params


def _between(column: str, bounds: tuple[int | None, int | None]) -> tuple[str, tuple[Scalar, ...]]:
    first, end = bounds
    parts, params = [f"{column} IS NOT NULL"], list[Scalar]()
    for sign, bound in ((">=", first), ("<", end)):
        if bound is not None:
            parts.append(f"{column}{sign}?")
            params.append(bound)
    return " AND ".join(parts), tuple(params)


def _by_keys(term: Term, asked: Asked) -> tuple[str, tuple[Scalar, ...]]:
    """What only the facets or the appeals themselves tell."""
    match, others = facet_match([term], asked.me)
    if not others:
        return f"pk IN (SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH ?)", (match.expression,)  # noqa: S608
    alone = Asked((term,), asked.now, asked.me)
    is_open = alone.scope is True
    sql, params = condition(term, now=asked.now, me=asked.me, scope=alone.scope)
    known = "is_open=1 AND " if is_open else ""
    return f"pk IN (SELECT pk FROM appeal WHERE {known}{sql})", params  # noqa: S608


def _plain(term: Term) -> Term:
    """The term without its negation, which is said around it."""
    return msgspec.structs.replace(term, negated=False) if term.negated else term
