"""What a query asks of the facts: of their own columns where they tell it, else by the keys that meet it.

Facts are walked in stretches of keys, whose ends are the parameters ``?1`` and ``?2``. Keys are gathered
within the same stretch: gathered in full for each of two hundred, they took ten times as long as the facts.
"""

from typing import Final

import msgspec

from cur_tui.domain.query.query import (
    DateTerm,
    DayTerm,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    RelativeTerm,
    Term,
)
from storage.figures.facts import CODE_TABLE
from storage.lists.asked import Asked
from storage.lists.conditions import codes_of, condition, span
from storage.lists.facets import TABLE, facet_match
from storage.lists.legs import Scalar

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


class FactCondition(msgspec.Struct, frozen=True):
    """A condition on facts and its parameters, those from the third on.

    ``by_keys``: some of it is asked by keys, so the facts are to be walked by theirs. ``few``: the keys are
    those of open appeals, a twentieth of all, and lead to the facts: nothing is to be walked.
    """

    sql: str
    params: tuple[Scalar, ...]
    by_keys: bool = False
    few: bool = False


def where_facts(asked: Asked) -> FactCondition:
    """The conditions on facts."""
    parts, params = ["1"], list[Scalar]()
    by_keys = few = False
    for term in asked.terms:
        found = _condition(term, asked)
        parts.append(f"({found.sql}) IS NOT TRUE" if term.negated else f"({found.sql})")
        params += found.params
        by_keys |= found.by_keys
        few |= found.few
    return FactCondition(" AND ".join(parts), tuple(params), by_keys, few)


def _condition(term: Term, asked: Asked) -> FactCondition:
    match term:
        case FieldTerm(field=field) if field in _FIELDS or field is Field.RATING:
            return FactCondition(*_codes(term, asked.me))
        case FieldTerm(field=Field.DONE):
            return FactCondition("done_at IS NULL", ())
        case FlagTerm(flag=Flag.MINE) if asked.me is not None:
            return FactCondition(*_codes(FieldTerm(Field.ASSIGNEE, (asked.me,)), None))
        case FlagTerm(flag=flag) if flag in _FLAGS:
            return FactCondition(_FLAGS[flag], ())
        case RelativeTerm(field=field) | DayTerm(field=field) | DateTerm(field=field) if field in MOMENTS:
            return FactCondition(*_between(MOMENTS[field], span(term, asked.now)))
    return _by_keys(term, asked)


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


def _by_keys(term: Term, asked: Asked) -> FactCondition:
    """What only the facets or the appeals themselves tell."""
    plain = _plain(term)
    match, others = facet_match([plain], asked.me)
    if not others:
        keys = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH ? AND rowid>=?1 AND rowid<?2"  # noqa: S608
        return FactCondition(f"pk IN ({keys})", (match.expression,), by_keys=True)
    alone = Asked((plain,), asked.now, asked.me)
    is_open = alone.scope is True
    sql, params = condition(plain, now=asked.now, me=asked.me, scope=alone.scope)
    # Of what is open all keys are gathered at once, by whatever index is best for the term; where the facts
    # are walked, by the one that is in the order of the walk. Neither looks at the table, ten times as wide.
    if is_open and not term.negated:
        source = "appeal WHERE is_open=1"
    elif is_open:
        source = "appeal INDEXED BY open_registered WHERE is_open=1 AND pk>=?1 AND pk<?2"
    else:
        source = "appeal WHERE pk>=?1 AND pk<?2"
    keys = f"SELECT pk FROM {source} AND {sql}"  # noqa: S608
    return FactCondition(f"pk IN ({keys})", params, by_keys=True, few=is_open and not term.negated)


def _plain(term: Term) -> Term:
    """The term without its negation, which is said around it."""
    return msgspec.structs.replace(term, negated=False) if term.negated else term
