"""What is counted of appeals in a cell of a cut or a line of a ranking. All of it adds up."""

from collections.abc import Iterable
from typing import Final

import msgspec

POINTS: Final = 10_000
"""What an answer not later than its target adds to ``speed``."""


class Measures(msgspec.Struct, frozen=True):
    """Counts and sums over some appeals; means and shares are made where they are shown.

    ``overdue``: open and past the control date now; ``in_time``, ``late``: answered within the term of law or
    policy, or after it; ``answer_seconds``: from registration to the answer, over all ``answered``;
    ``rating_sum``: over all ``rated``; ``positive``: rated as the ranking policy calls satisfied; ``done``:
    answered or closed without an answer; ``complete``: of those, answered in full; ``reworked``: whose answer
    was sent back at least once; ``repeats``: asked before; ``speed``: points of the ranking policy over all
    ``paced``, whose term and time are known (:func:`speed_points`).
    """

    count: int = 0
    open: int = 0
    overdue: int = 0
    answered: int = 0
    in_time: int = 0
    late: int = 0
    answer_seconds: int = 0
    rated: int = 0
    rating_sum: int = 0
    positive: int = 0
    done: int = 0
    complete: int = 0
    reworked: int = 0
    repeats: int = 0
    paced: int = 0
    speed: int = 0


FIELDS: Final = Measures.__struct_fields__
STORED: Final = tuple(name for name in FIELDS if name != "overdue")
"""Those that lie in the rows; what is overdue lies in the clock."""


def total_of(every: Iterable[Measures]) -> Measures:
    """The sums over all of them."""
    columns = zip(*map(msgspec.structs.astuple, every), strict=True)
    return Measures(*(sum(column) for column in columns))


def speed_points(spent: int, allowed: int, target: int) -> int:
    """How quick an answer was, in :data:`POINTS`: all of them not later than ``target``, none at the end of
    its term or behind it, evenly between; a fraction is cut off. All in minutes of the term's own time.
    """
    if spent >= allowed:
        return 0
    return POINTS if spent <= target else (allowed - spent) * POINTS // (allowed - target)
