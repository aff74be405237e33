"""Which index a list follows.

SQLite is told rather than left to guess: it keeps no statistics here, so that it plans alike on every
machine, and without them it cannot know that the open appeals are a twentieth of all.
"""

from collections.abc import Iterable
from typing import Final

from cur_tui.domain.query import ME, NONE, Field, FieldTerm, Flag, FlagTerm, Sort, SortKey, Term, TextTerm

_FEW: Final = {Flag.PENDING: "appeal_pending", Flag.CONFLICT: "appeal_conflict"}
"""Handfuls with an index of their own, open or not."""

_BY_FIELDS: Final[tuple[tuple[frozenset[Field], str], ...]] = (
    (frozenset({Field.ASSIGNEE}), "open_worker_due"),
    (frozenset({Field.AUTHORITY}), "open_authority_due"),
    (frozenset({Field.BLOCK, Field.STATE}), "open_block_state_due"),
    (frozenset({Field.STATE}), "open_state_due"),
    (frozenset({Field.BLOCK}), "open_block_due"),
)
"""The most selective first."""


def index_for(terms: Iterable[Term], me: str | None, order: Sort, *, is_open: bool) -> str | None:
    """The index of a list by term or of an archive by date; None where SQLite's own choice is right.

    It is right for a search, which starts from the words, for a number, and for other orders, each of which
    has one index.
    """
    wanted = [term for term in terms if not term.negated]
    fixed = {term.field for term in wanted if isinstance(term, FieldTerm) and _is_one_value(term, me)}
    if Field.NUMBER in fixed or any(isinstance(term, TextTerm) for term in wanted):
        return None
    if order.key is SortKey.REGISTERED and not is_open:
        return "all_block_registered" if Field.BLOCK in fixed else "all_registered"
    if order != Sort(SortKey.DUE):
        return None
    flags = {term.flag for term in wanted if isinstance(term, FlagTerm)}
    for flag, index in _FEW.items():
        if flag in flags:
            return index
    if not is_open:
        return "all_due"
    if Flag.MINE in flags and me is not None:
        fixed.add(Field.ASSIGNEE)
    if flags & {Flag.RETURNED, Flag.AWAITING_APPROVAL}:
        fixed.add(Field.STATE)
    for fields, index in _BY_FIELDS:
        if fields <= fixed:
            return index
    return "open_fast_track_due" if Flag.FAST_TRACK in flags else "open_due"


def _is_one_value(term: FieldTerm, me: str | None) -> bool:
    if term.field is Field.ASSIGNEE and term.values == (ME,):
        return me is not None
    # An empty authority is outside its index, which holds only what has one.
    return len(term.values) == 1 and not (term.field is Field.AUTHORITY and term.values == (NONE,))
