"""What a query asks of the facts that are measured of an appeal and not written in its row."""

from collections.abc import Iterable
from typing import Final

from cur_tui.domain.query.query import Field, Flag, FlagTerm, Term, TextTerm

_MEASURED: Final = frozenset(
    {Flag.IN_TIME, Flag.LATE, Flag.TIMED, Flag.REWORKED, Flag.COMPLETE, Flag.INCOMPLETE}
)


def asks_measured(terms: Iterable[Term]) -> bool:
    """Whether a list of ``terms`` is wrong as long as appeals are not measured: each of these takes one that
    has no facts for one of which nothing is true.
    """
    return any(
        term.flag in _MEASURED
        if isinstance(term, FlagTerm)
        else not isinstance(term, TextTerm) and term.field is Field.DONE
        for term in terms
    )
