"""By which word rules the search index was made, and how far it has come while it is made anew.

The state is one value: the number of the rules when all words were made by them; else that number, the table
that is being made anew and the key below which this is still to be done. Anything else is older.
"""

from typing import Final

from cur_tui.domain.language.stems import WORD_RULES
from storage.database.schema import FTS_ARCHIVE, FTS_OPEN
from storage.lists.legs import PAST_THE_END

SEARCH_RULES: Final = "search_rules"
"""The state's key."""


def is_stale(state: str | None) -> bool:
    """Whether there are words that were made by older rules."""
    return state != str(WORD_RULES)


def stale_below(state: str | None) -> int:
    """Below which key archived appeals have words that were made by older rules; 0: none has."""
    if not is_stale(state):
        return 0
    table, below = progress(state)
    return below if table == FTS_ARCHIVE else PAST_THE_END


def progress(state: str | None) -> tuple[int, int]:
    """Which table is being made anew, and below which key that is still to be done."""
    rules, *place = (state or "0").split()
    if rules != str(WORD_RULES) or len(place) != 2:
        return FTS_OPEN, PAST_THE_END
    return int(place[0]), int(place[1])


def behind(table: int, last: int | None) -> str:
    """The state after the appeal ``last``; None: after all of ``table``. The open ones are made first."""
    if last is not None:
        return f"{WORD_RULES} {table} {last}"
    return f"{WORD_RULES} {FTS_ARCHIVE} {PAST_THE_END}" if table == FTS_OPEN else str(WORD_RULES)
