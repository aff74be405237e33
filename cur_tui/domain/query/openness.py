"""What a query says about openness: lists of open work and of the archive are kept and read apart."""

from collections.abc import Iterable

from cur_tui.domain.query.query import DateTerm, DayTerm, Field, FieldTerm, Flag, FlagTerm, RelativeTerm, Term
from cur_tui.domain.vocabulary import State

_OPEN_FLAGS = frozenset({Flag.OVERDUE, Flag.RETURNED, Flag.AWAITING_APPROVAL})


def openness(terms: Iterable[Term]) -> bool | None:
    """True when every row that meets ``terms`` is open, False when every one is closed, None otherwise."""
    told = {_of_term(term) for term in terms} - {None}
    return None if not told else True in told


def _of_term(term: Term) -> bool | None:
    if isinstance(term, FlagTerm) and term.flag in (Flag.OPEN, Flag.CLOSED):
        return (term.flag is Flag.OPEN) != term.negated
    if term.negated:
        return None
    match term:
        case FieldTerm(field=Field.STATE):
            told = {State(value).is_open if value in set(State) else None for value in term.values}
            return told.pop() if len(told) == 1 else None
        case RelativeTerm(field=Field.DUE) | DayTerm(field=Field.DUE) | DateTerm(field=Field.DUE):
            return True
        case FlagTerm():
            return True if term.flag in _OPEN_FLAGS else None
    return None
