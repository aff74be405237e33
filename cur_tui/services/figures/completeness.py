"""How complete figures are: after an update of the program the archive is measured in quiet moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cur_tui.formats import format_number
from cur_tui.i18n import ngettext
from cur_tui.services.exchange.exchange import progress_words

if TYPE_CHECKING:
    from cur_tui.services.desk import Desk
    from cur_tui.services.exchange.exchange import SyncState


def uncounted(desk: Desk) -> int:
    """How many appeals, the oldest ones, are in no cut, ranking, trend, load or rating yet.

    Lists and the queues of the board know them all the same. Call it in a worker.
    """
    return desk.cache.reader.unmeasured()


def uncounted_words(number: int, state: SyncState | None = None) -> str:
    """That figures lack ``number`` appeals, and how long that lasts still where an exchange tells."""
    told = ngettext(
        "the numbers are not complete: {n} older appeal is not counted yet",
        "the numbers are not complete: {n} older appeals are not counted yet",
        number,
    ).format(n=format_number(number))
    if state is None or state.indexing is None:
        return told
    return f"{told} ({progress_words(state.indexing)})"
