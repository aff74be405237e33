"""A query of the filter language as SQL over the ``appeal`` table.

The meaning of every term is :func:`cur_tui.domain.query_match.matches`; a property test holds the two
together. Every value travels as a parameter. Conditions repeat ``is_open=1`` literally wherever a term
implies it, since that is what lets SQLite use the partial indexes of open appeals.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, assert_never

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
    RelativeTerm,
    Sort,
    SortKey,
    Term,
    TextTerm,
)
from cur_tui.domain.vocabulary import State
from storage.planning import index_for
from storage.schema import DUE_FALLING, NO_DUE, RATING_FALLING, RATING_RISING
from storage.search import match_expression

Scalar = int | str
Condition = tuple[str, tuple[Scalar, ...]]

DEFAULT_SORT: Final = Sort(SortKey.DUE)

_OPEN: Final = "is_open=1"
_CLOSED: Final = "is_open=0"
_NEVER: Final[Condition] = ("0", ())
_ALWAYS: Final[Condition] = ("1", ())

_COLUMNS: Final = {
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
    Field.NUMBER: "number",
    Field.RATING: "rating",
}
_FLAGS: Final = {
    Flag.ASSIGNED: "worker IS NOT NULL",
    Flag.UNASSIGNED: "worker IS NULL",
    Flag.OPEN: _OPEN,
    Flag.CLOSED: _CLOSED,
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
}
_DAY_OFFSETS: Final = {Day.YESTERDAY: -1, Day.TODAY: 0, Day.TOMORROW: 1}
_SORT_KEYS: Final[dict[tuple[SortKey, bool], tuple[str, ...]]] = {
    (SortKey.DUE, False): ("due_rank",),
    (SortKey.DUE, True): (DUE_FALLING,),
    (SortKey.REGISTERED, False): ("registered_at",),
    (SortKey.REGISTERED, True): ("registered_at",),
    # The most urgent first, and among equals the one due first.
    (SortKey.PRIORITY, False): ("urgency", "due_rank"),
    (SortKey.PRIORITY, True): ("urgency", "due_rank"),
    (SortKey.RATING, False): (RATING_RISING,),
    (SortKey.RATING, True): (RATING_FALLING,),
    (SortKey.NUMBER, False): ("number",),
    (SortKey.NUMBER, True): ("number",),
}


@dataclass(frozen=True, slots=True)
class CompiledView:
    """A list ready to be read: its condition with parameters, and its order, made unique by ``pk``.

    ``keys`` are the expressions of the order; all rise or all fall, so that one comparison of row values
    continues a list behind any of its rows.
    """

    where: str
    params: tuple[Scalar, ...]
    keys: tuple[str, ...]
    descending: bool
    index: str | None = None
    """The index that the list must follow; None leaves it to SQLite."""

    @property
    def source(self) -> str:
        """The FROM clause."""
        return f"appeal INDEXED BY {self.index}" if self.index else "appeal"

    @property
    def order_by(self) -> str:
        """The list of the ORDER BY clause."""
        way = " DESC" if self.descending else ""
        return ", ".join(f"{key}{way}" for key in (*self.keys, "pk"))

    def select(self, columns: str, *, after: bool = False, limit: bool = False) -> str:
        """The statement for ``columns``; ``after`` adds a parameter, the ``pk`` to go on behind.

        Parameters come in this order: those of the condition, the ``pk``, the limit.
        """
        where = self.where
        if after:
            keys = ", ".join((*self.keys, "pk"))
            than = "<" if self.descending else ">"
            where += f" AND ({keys}) {than} (SELECT {keys} FROM appeal WHERE pk=?)"  # noqa: S608
        tail = " LIMIT ?" if limit else ""
        return f"SELECT {columns} FROM {self.source} WHERE {where} ORDER BY {self.order_by}{tail}"  # noqa: S608


def compile_view(query: Query, sort: Sort | None = None, *, now: datetime, me: str | None) -> CompiledView:
    """The list that ``query`` asks for; ``sort`` wins over the query's own order.

    ``now`` is aware and in region time, which decides what a day is. ``me`` is the account that asks.
    """
    order = sort or query.sort or DEFAULT_SORT
    conditions = [_OPEN] if any(_implies(term, is_open=True) for term in query.terms) else []
    if not conditions and any(_implies(term, is_open=False) for term in query.terms):
        conditions.append(_CLOSED)
    known_open = conditions[0] if conditions else None
    params: list[Scalar] = []
    for term in query.terms:
        sql, values = _condition(term, now, me, known_open)
        if sql == known_open and not term.negated:
            continue
        if (sql, values) == _NEVER and not term.negated:
            return CompiledView("0", (), _SORT_KEYS[order.key, order.descending], order.descending)
        # IS NOT TRUE, since an empty column makes a comparison neither true nor false.
        conditions.append(f"({sql}) IS NOT TRUE" if term.negated else f"({sql})")
        params.extend(values)
    return CompiledView(
        where=" AND ".join(conditions) or "1",
        params=tuple(params),
        keys=_SORT_KEYS[order.key, order.descending],
        descending=order.descending,
        index=index_for(query.terms, me, order, is_open=known_open == _OPEN),
    )


def _implies(term: Term, *, is_open: bool) -> bool:
    """Whether every row that meets ``term`` is open (or closed)."""
    if isinstance(term, FlagTerm) and term.flag in (Flag.OPEN, Flag.CLOSED):
        return ((term.flag is Flag.OPEN) != term.negated) == is_open
    if term.negated:
        return False
    match term:
        case FieldTerm(field=Field.STATE):
            return all(value in set(State) and State(value).is_open == is_open for value in term.values)
        case RelativeTerm(field=Field.DUE) | DayTerm(field=Field.DUE) | DateTerm(field=Field.DUE):
            return is_open
        case FlagTerm(flag=Flag.OVERDUE | Flag.RETURNED | Flag.AWAITING_APPROVAL):
            return is_open
    return False


def _condition(term: Term, now: datetime, me: str | None, known_open: str | None) -> Condition:
    match term:
        case FieldTerm():
            return _field(term, me, known_open)
        case FlagTerm():
            return _flag(term.flag, now, me)
        case TextTerm():
            return _text(term, known_open)
        case RelativeTerm():
            return _relative(term, now)
        case DayTerm():
            day = now.date() + timedelta(days=_DAY_OFFSETS[term.day])
            return _days(term.field, day, day, now)
        case DateTerm():
            return _days(term.field, term.first, term.last, now)
        case _:
            assert_never(term)


def _field(term: FieldTerm, me: str | None, known_open: str | None) -> Condition:
    if term.field is Field.DUE:
        return f"due_rank={NO_DUE}", ()
    if term.field is Field.TAG:
        return _tag(term.values)
    column = _COLUMNS[term.field]
    wanted: list[Scalar] = [
        value for value in _resolve(term, me) if term.field is not Field.RATING or value.isdigit()
    ]
    if term.field is Field.RATING:
        wanted = [int(value) for value in wanted]
    marks = ",".join("?" * len(wanted))
    # The plus keeps the planner from jumping between values, which would lose the order of the open work.
    several = f"+{column}" if known_open == _OPEN else column
    sql = f"{column}=?" if len(wanted) == 1 else f"{several} IN ({marks})"
    if NONE in term.values:
        return f"{column} IS NULL OR {sql}" if wanted else f"{column} IS NULL", tuple(wanted)
    return (sql, tuple(wanted)) if wanted else _NEVER


def _resolve(term: FieldTerm, me: str | None) -> Iterable[str]:
    for value in term.values:
        if value == ME and term.field is Field.ASSIGNEE:
            if me is not None:
                yield me
        # A field that can be empty never holds the word that stands for emptiness.
        elif value != NONE:
            yield value


def _tag(values: tuple[str, ...]) -> Condition:
    # A tag has no blanks; a wanted one with a blank would match two neighbours.
    wanted = tuple(f" {value} " for value in values if value != NONE and " " not in value)
    parts = ["instr(' ' || tags || ' ', ?) > 0"] * len(wanted)
    if NONE in values:
        parts.append("tags=''")
    return (" OR ".join(parts), wanted) if parts else _NEVER


def _flag(flag: Flag, now: datetime, me: str | None) -> Condition:
    if flag is Flag.OVERDUE:
        return "due_rank<?", (_ceil(now),)
    if flag is Flag.MINE:
        return ("worker=?", (me,)) if me is not None else _NEVER
    if flag is Flag.CLAIMED:
        return "claim_until>?", (_floor(now),)
    return _FLAGS[flag], ()


def _relative(term: RelativeTerm, now: datetime) -> Condition:
    span = timedelta(minutes=term.minutes)
    if term.field is Field.DUE:
        return _compare("due_rank", term.comparison, now + span)
    mirrored = {
        Comparison.LESS: Comparison.MORE,
        Comparison.AT_MOST: Comparison.AT_LEAST,
        Comparison.MORE: Comparison.LESS,
        Comparison.AT_LEAST: Comparison.AT_MOST,
    }
    return _compare("registered_at", mirrored[term.comparison], now - span)


def _compare(column: str, comparison: Comparison, moment: datetime) -> Condition:
    """``column`` against ``moment``: rows hold whole seconds, the moment may hold a fraction."""
    whole = _ceil(moment) if comparison in (Comparison.LESS, Comparison.AT_LEAST) else _floor(moment)
    # No due date is later than everything, and yet there is no time left until it.
    bound = f" AND {column}<{NO_DUE}" if column == "due_rank" else ""
    return f"{column}{comparison.value}?{bound}", (whole,)


def _days(field: Field, first: date | None, last: date | None, now: datetime) -> Condition:
    column = "due_rank" if field is Field.DUE else "registered_at"
    parts, params = [], []
    if first is not None:
        parts.append(f"{column}>=?")
        params.append(_ceil(_midnight(first, now)))
    if last is not None and last < date.max:
        parts.append(f"{column}<?")
        params.append(_ceil(_midnight(last + timedelta(days=1), now)))
    elif field is Field.DUE:
        parts.append(f"{column}<{NO_DUE}")
    return (" AND ".join(parts), tuple(params)) if parts else _ALWAYS


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo)


def _floor(moment: datetime) -> int:
    return math.floor(moment.timestamp())


def _ceil(moment: datetime) -> int:
    return math.ceil(moment.timestamp())


def _text(term: TextTerm, known_open: str | None) -> Condition:
    expression = match_expression(term.words, prefix=term.prefix)
    if expression is None:
        return _ALWAYS
    found = "SELECT rowid FROM {0} WHERE {0} MATCH ?"
    if known_open == _OPEN:
        return f"pk IN ({found.format('fts_open')})", (expression,)
    if known_open == _CLOSED:
        return f"pk IN ({found.format('fts_archive')})", (expression,)
    both = f"{found.format('fts_open')} UNION ALL {found.format('fts_archive')}"
    return f"pk IN ({both})", (expression, expression)
