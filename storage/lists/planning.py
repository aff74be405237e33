"""Which index a list of open appeals follows.

SQLite is told rather than left to guess: it keeps no statistics here, so that it plans alike on every
machine, and without them it cannot know that the open appeals are a twentieth of all.

Each order has one index of the open appeals that holds every column a filter may ask for: at worst a list
reads that index to its end and no row in vain. In the usual order there are narrower ones, by what desks
look at most; they are taken when they answer the whole query.
"""

from collections.abc import Iterable
from typing import Final

from cur_tui.contract.row import FIELD_COLUMNS
from cur_tui.domain.query.query import ME, NONE, Field, FieldTerm, Flag, FlagTerm, SortKey, Term, TextTerm
from storage.database.schema import RATING_FALLING, RATING_RISING

FEW: Final = {
    Flag.PENDING: "appeal_pending",
    Flag.CONFLICT: "appeal_conflict",
    Flag.ESCALATED: "appeal_escalated",
    Flag.UNDELIVERED: "appeal_undelivered",
    Flag.CONFLICT_SITUATION: "appeal_conflict_situation",
    Flag.COMMUNICATION_ERROR: "appeal_communication_error",
}
"""Handfuls with an index of their own, open or not."""

OPEN_INDEXES: Final = {
    SortKey.DUE: "open_due",
    SortKey.REGISTERED: "open_registered",
    SortKey.PRIORITY: "open_urgency",
    SortKey.RATING: "open_rating",
    SortKey.NUMBER: "open_number",
}
"""The index of each order that answers every filter."""

VALUE_KEYS: Final[dict[tuple[SortKey, bool], tuple[str, ...]]] = {
    (SortKey.PRIORITY, False): ("urgency", "due_rank"),
    (SortKey.PRIORITY, True): ("urgency", "due_rank"),
    (SortKey.RATING, False): (RATING_RISING,),
    (SortKey.RATING, True): (RATING_FALLING,),
    (SortKey.NUMBER, False): ("number",),
    (SortKey.NUMBER, True): ("number",),
}
"""By what rows are sorted in the orders by a value of theirs, rising and falling."""

_NARROW: Final[tuple[tuple[frozenset[Field], str], ...]] = (
    (frozenset({Field.BLOCK, Field.STATE}), "open_block_state_due"),
    (frozenset({Field.STATE}), "open_state_due"),
    (frozenset({Field.BLOCK}), "open_block_due"),
)
"""By term, the most selective first."""
_IN_NARROW: Final = frozenset({Field.BLOCK, Field.STATE, Field.ASSIGNEE, Field.DUE})
"""What those indexes can answer."""
_FLAG_FIELDS: Final = {
    Flag.MINE: Field.ASSIGNEE,
    Flag.ASSIGNED: Field.ASSIGNEE,
    Flag.UNASSIGNED: Field.ASSIGNEE,
    Flag.RETURNED: Field.STATE,
    Flag.AWAITING_APPROVAL: Field.STATE,
    Flag.OVERDUE: Field.DUE,
}
_ONE_VALUE: Final = frozenset({Flag.MINE, Flag.UNASSIGNED, Flag.RETURNED, Flag.AWAITING_APPROVAL})


def few_index(terms: Iterable[Term], me: str | None) -> str | None:
    """The index of a list that can only be a handful: unsent, refused, with an open alert, or numbered."""
    for term in terms:
        if isinstance(term, FlagTerm) and not term.negated and term.flag in FEW:
            return FEW[term.flag]
        if isinstance(term, FieldTerm) and not term.negated and term.field is Field.NUMBER:
            return "all_number"
    return None


def open_index(terms: Iterable[Term], me: str | None, key: SortKey) -> str:
    """The index of a list of open appeals."""
    if key is not SortKey.DUE:
        return OPEN_INDEXES[key]
    asked = [term for term in terms if term != FlagTerm(Flag.OPEN) and not isinstance(term, TextTerm)]
    fixed = {field for term in asked if (field := _fixed(term, me)) is not None}
    # What one person holds is little: to look at its rows is less than to read the wide index.
    if Field.ASSIGNEE in fixed and FieldTerm(Field.ASSIGNEE, (NONE,)) not in asked:
        return "open_worker_due"
    if {_field_of(term) for term in asked} <= _IN_NARROW:
        for fields, index in _NARROW:
            if fields <= fixed:
                return index
    if [term for term in asked if _field_of(term) is not Field.DUE] == [FlagTerm(Flag.FAST_TRACK)]:
        return "open_fast_track_due"
    return OPEN_INDEXES[key]


def _fixed(term: Term, me: str | None) -> Field | None:
    """The field that a term ties to one value."""
    if term.negated:
        return None
    match term:
        case FlagTerm(flag=flag) if flag in _ONE_VALUE and (flag is not Flag.MINE or me is not None):
            return _FLAG_FIELDS[flag]
        case FieldTerm(field=field, values=(value,)) if field in FIELD_COLUMNS:
            return field if value != ME or field is not Field.ASSIGNEE or me is not None else None
    return None


def _field_of(term: Term) -> Field | None:
    match term:
        case FlagTerm(flag=flag):
            return _FLAG_FIELDS.get(flag)
        case TextTerm():
            return None
    return term.field
