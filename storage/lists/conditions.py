"""The terms of the filter language as SQL over the columns of ``appeal``.

The meaning of every term is :func:`cur_tui.domain.query.match.matches`; a property test holds the two
together. Every value travels as a parameter. Conditions repeat ``is_open=1`` literally wherever a term
implies it, since that is what lets SQLite use the partial indexes of open appeals.
"""

import math
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final, assert_never

from cur_tui.contract.row import FIELD_COLUMNS
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
    RelativeTerm,
    Term,
    TextTerm,
)
from storage.database.schema import (
    IS_COMMUNICATION_ERROR,
    IS_CONFLICT_SITUATION,
    IS_ESCALATED,
    IS_UNDELIVERED,
    NO_DUE,
)
from storage.lists.legs import Scalar

Condition = tuple[str, tuple[Scalar, ...]]
Span = tuple[int | None, int | None]
"""Seconds: from the first, before the second; None: no bound."""

OPEN: Final = "is_open=1"
CLOSED: Final = "is_open=0"
NEVER: Final[Condition] = ("0", ())
KEY: Final = "appeal.pk"
"""What the facts of an appeal are looked up by."""
_MOMENTS: Final = {Field.DUE: "due_rank", Field.REGISTERED: "registered_at", Field.DONE: "done_at"}


_FACTS: Final = f"EXISTS (SELECT 1 FROM fact WHERE fact.pk={KEY} AND "  # noqa: S608


def _measured(told: str) -> str:
    return f"{_FACTS}{told})"


_FLAGS: Final = {
    Flag.ASSIGNED: "worker IS NOT NULL",
    Flag.UNASSIGNED: "worker IS NULL",
    Flag.OPEN: OPEN,
    Flag.CLOSED: CLOSED,
    Flag.MASS: "mass_incident IS NOT NULL",
    Flag.REPEAT: "is_repeat=1",
    Flag.DUPLICATE: "is_duplicate=1",
    Flag.ANSWERED: "answered_at IS NOT NULL",
    Flag.PROVISIONAL: "provisional=1",
    Flag.PENDING: "pending>0",
    Flag.RETURNED: "is_open=1 AND state='revision_required'",
    Flag.AWAITING_APPROVAL: "is_open=1 AND state='in_review'",
    Flag.FAST_TRACK: "fast_track IS NOT NULL",
    Flag.CONFLICT: "conflict=1",
    Flag.IN_TIME: _measured("in_time=1"),
    Flag.LATE: _measured("in_time=0"),
    Flag.TIMED: _measured("spent IS NOT NULL"),
    Flag.REWORKED: _measured("reworks>0"),
    Flag.COMPLETE: _measured("complete=1"),
    Flag.INCOMPLETE: _measured("complete=0"),
    Flag.ESCALATED: IS_ESCALATED,
    Flag.UNDELIVERED: IS_UNDELIVERED,
    Flag.CONFLICT_SITUATION: IS_CONFLICT_SITUATION,
    Flag.COMMUNICATION_ERROR: IS_COMMUNICATION_ERROR,
}


def is_measured(term: Term) -> bool:
    """Whether the facts alone tell the term."""
    match term:
        case FlagTerm(flag=flag):
            return _FLAGS.get(flag, "").startswith(_FACTS)
        case (
            FieldTerm(field=field) | RelativeTerm(field=field) | DayTerm(field=field) | DateTerm(field=field)
        ):
            return field is Field.DONE
    return False


def is_never(term: Term, me: str | None) -> bool:
    """Whether no row can ever meet the term, taken without its negation."""
    match term:
        case FieldTerm(field=Field.DUE | Field.DONE):
            return False
        case FieldTerm():
            return NONE not in term.values and not codes_of(term, me)
        case FlagTerm(flag=Flag.MINE):
            return me is None
    return False


def condition(term: Term, *, now: datetime, me: str | None, scope: bool | None) -> Condition:
    """The SQL of a term and its parameters; ``scope`` is what is known of the rows, as in
    :func:`cur_tui.domain.query.openness.openness`.
    """
    sql, params = _plain(term, now, me, scope)
    # IS NOT TRUE, since an empty column makes a comparison neither true nor false.
    return f"({sql}) IS NOT TRUE" if term.negated else f"({sql})", params


def _plain(term: Term, now: datetime, me: str | None, scope: bool | None) -> Condition:
    match term:
        case FieldTerm():
            return _field(term, me, scope)
        case FlagTerm():
            return _flag(term.flag, now, me)
        case TextTerm():
            return _text(term, scope)
        case RelativeTerm() | DayTerm() | DateTerm():
            return _time(term, now)
        case _:
            assert_never(term)


def _field(term: FieldTerm, me: str | None, scope: bool | None) -> Condition:
    if term.field is Field.DUE:
        # Not an equation: the planner would take the column out of the order and then sort the rest.
        return f"due_rank>={NO_DUE}", ()
    if term.field is Field.DONE:
        return _measured("done_at IS NULL"), ()
    if term.field is Field.TAG:
        return _tag(term, me)
    column, wanted = FIELD_COLUMNS[term.field], codes_of(term, me)
    marks = ",".join("?" * len(wanted))
    # The plus keeps the planner from jumping between values, which would lose the order of the open work.
    several = f"+{column}" if scope else column
    sql = f"{column}=?" if len(wanted) == 1 else f"{several} IN ({marks})"
    if NONE in term.values:
        return f"{column} IS NULL OR {sql}" if wanted else f"{column} IS NULL", wanted
    return (sql, wanted) if wanted else NEVER


def codes_of(term: FieldTerm, me: str | None) -> tuple[Scalar, ...]:
    """The codes that a term names, as the column holds them; the word for emptiness is none of them."""
    codes: list[Scalar] = []
    for value in term.values:
        if value == NONE:
            continue
        if value == ME and term.field is Field.ASSIGNEE:
            codes += [me] if me is not None else []
        elif term.field is Field.RATING:
            codes += [int(value)] if value.isdigit() else []
        # A tag has no blanks; a wanted one with a blank would match two neighbours.
        elif term.field is not Field.TAG or " " not in value:
            codes.append(value)
    return tuple(codes)


def _tag(term: FieldTerm, me: str | None) -> Condition:
    wanted = codes_of(term, me)
    parts = ["instr(' ' || tags || ' ', ' ' || ? || ' ') > 0"] * len(wanted)
    if NONE in term.values:
        parts.append("tags=''")
    return (" OR ".join(parts), wanted) if parts else NEVER


def _flag(flag: Flag, now: datetime, me: str | None) -> Condition:
    if flag is Flag.OVERDUE:
        return "due_rank<?", (_ceil(now),)
    if flag is Flag.MINE:
        return ("worker=?", (me,)) if me is not None else NEVER
    if flag is Flag.CLAIMED:
        return "claim_until>?", (_floor(now),)
    return _FLAGS[flag], ()


def _time(term: RelativeTerm | DayTerm | DateTerm, now: datetime) -> Condition:
    column = _MOMENTS[term.field]
    first, end = span(term, now)
    if term.field is Field.DUE:
        # No due date is later than everything, and yet there is no time left until it.
        end = NO_DUE if end is None else min(end, NO_DUE)
    bounds = [(f"{column}>=?", first), (f"{column}<?", end)]
    parts = [sql for sql, bound in bounds if bound is not None]
    params = tuple(bound for _, bound in bounds if bound is not None)
    if term.field is Field.DONE:
        parts = parts or [f"{column} IS NOT NULL"]
        return _measured(" AND ".join(parts)), params
    return " AND ".join(parts) or "1", params


def span(term: RelativeTerm | DayTerm | DateTerm, now: datetime) -> Span:
    """The seconds that a term on a moment asks for. Rows hold whole seconds, ``now`` may hold a fraction."""
    match term:
        case RelativeTerm(field=Field.DUE):
            return _compared(term.comparison, now + timedelta(minutes=term.minutes))
        case RelativeTerm():
            return _compared(term.comparison.mirrored, now - timedelta(minutes=term.minutes))
        case DayTerm():
            day = term.day.seen_from(now.date())
            return _days(day, day, now)
        case DateTerm():
            return _days(term.first, term.last, now)


def _compared(comparison: Comparison, moment: datetime) -> Span:
    match comparison:
        case Comparison.LESS:
            return None, _ceil(moment)
        case Comparison.AT_MOST:
            return None, _floor(moment) + 1
        case Comparison.MORE:
            return _floor(moment) + 1, None
        case Comparison.AT_LEAST:
            return _ceil(moment), None


def _days(first: date | None, last: date | None, now: datetime) -> Span:
    return (
        None if first is None else _ceil(_midnight(first, now)),
        None if last is None or last == date.max else _ceil(_midnight(last + timedelta(days=1), now)),
    )


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo)


def _floor(moment: datetime) -> int:
    return math.floor(moment.timestamp())


def _ceil(moment: datetime) -> int:
    return math.ceil(moment.timestamp())


def has_words(terms: Iterable[Term], *, wanted: bool = False) -> bool:
    """Whether a query searches for words; with ``wanted`` those that must not be there do not count."""
    return any(isinstance(term, TextTerm) and not (wanted and term.negated) for term in terms)


def asks_nothing(term: Term) -> bool:
    """Whether a term names no word at all, so that every appeal has what it asks for."""
    if not isinstance(term, TextTerm):
        return False
    from cur_tui.domain.language.stems import (
        folded_words,  # the forms of words: no list needs them before a search
    )

    return not folded_words(" ".join(term.words))


def _text(term: TextTerm, scope: bool | None) -> Condition:
    from storage.search.search import match_expression

    expression = match_expression(term.words, prefix=term.prefix)
    if expression is None:
        return "1", ()
    found = "SELECT rowid FROM {0} WHERE {0} MATCH ?"
    if scope is not None:
        return f"pk IN ({found.format('fts_open' if scope else 'fts_archive')})", (expression,)
    both = f"{found.format('fts_open')} UNION ALL {found.format('fts_archive')}"
    return f"pk IN ({both})", (expression, expression)
