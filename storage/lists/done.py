"""Lists of what was done in a time: by the facts' index of such times, as long as that is little.

The archive lies in the order of registration. What was done last week would be looked for in all of it when
its oldest come first, or when it is counted.
"""

from typing import Final

from msgspec.structs import replace

from storage.lists.asked import Asked, Where
from storage.lists.facets import TABLE
from storage.lists.legs import Counting, Leg, WhenFew

FEW_DONE: Final = 2_000
"""Appeals that are rather fetched and sorted than looked for along an index."""

_TIMES: Final = "fact INDEXED BY fact_done"
_WITHIN: Final = "done_at>=? AND done_at<?"
_ROWS: Final = f"(SELECT pk AS done FROM {_TIMES} WHERE {_WITHIN}) CROSS JOIN appeal ON appeal.pk=done"  # noqa: S608


def when_done(asked: Asked, within: tuple[int, int], leg: Leg) -> Leg:
    """``leg`` with the way by the facts, for what was done ``within`` these seconds."""
    where = Where(leg.where, leg.params)
    if TABLE in leg.source:
        where = asked.where(*([] if leg.guard == "1" else [leg.guard]), scope=asked.scope)
    rows = replace(
        leg,
        source=_ROWS,
        where=where.sql,
        params=(*within, *where.params),
        pk="pk",
        bare=None,
        when_few=None,
        rows_last=True,
    )
    return replace(leg, when_few=WhenFew(Counting(_TIMES, _WITHIN, within), rows, FEW_DONE))


def count_done(asked: Asked, within: tuple[int, int]) -> Counting:
    """How what was done ``within`` these seconds is counted."""
    where = asked.where(scope=asked.scope)
    return Counting(_ROWS, where.sql, (*within, *where.params))
