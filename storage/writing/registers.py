"""What is kept beside the rows so that lists and counts need not look at them: the facets and the tally.

Both change in the transaction that changes the rows. The index of the facets holds no text and has to be told
what it forgets, so the old values are read before the rows are written.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from cur_tui.contract.row import AppealRow
from storage.database.connection import Connection
from storage.database.schema import OPEN_STATE_CODES
from storage.lists.facets import FACET_COLUMNS, TABLE, TIDY, Facets, facet_words, facets_of_row
from storage.lists.tally import COUNT_ALL, COUNT_IN

_OLD: Final = (
    f"SELECT pk, {', '.join(FACET_COLUMNS)} FROM appeal "  # noqa: S608
    "WHERE pk IN (SELECT value FROM json_each(?)) ORDER BY pk"
)
FORGET: Final = f"INSERT INTO {TABLE} ({TABLE}, rowid, words) VALUES ('delete',?,?)"  # noqa: S608
ENTER: Final = f"INSERT INTO {TABLE} (rowid, words) VALUES (?,?)"  # noqa: S608
_STEP: Final = 20_000
_MANY: Final = 100
_ROWS_A_PAGE: Final = 10
"""So few, since what comes in is merged several times on its way into the large parts."""
_NEXT: Final = f"SELECT pk, {', '.join(FACET_COLUMNS)} FROM appeal WHERE pk>? ORDER BY pk LIMIT ?"  # noqa: S608
_BLOCK: Final = FACET_COLUMNS.index("block")
_STATE: Final = FACET_COLUMNS.index("state")


class Registers:
    """Brings the facets and the tally in line with rows that are about to change."""

    def __init__(self, connection: Connection, pks: Sequence[int]) -> None:
        """Remember how the appeals ``pks`` stand now; those that are not there yet are new."""
        self._connection = connection
        asked = msgspec.json.encode(pks).decode()
        self._old: dict[int, Facets] = {row[0]: tuple(row[1:]) for row in connection.execute(_OLD, (asked,))}

    def enter(self, rows: Iterable[tuple[int, AppealRow]]) -> None:
        """The appeals are now as ``rows`` say, by rising key."""
        self._change([(pk, facets_of_row(row)) for pk, row in rows])

    def strike(self) -> None:
        """The appeals are gone."""
        self._change([])

    def _change(self, new: Sequence[tuple[int, Facets]]) -> None:
        same = {pk for pk, facets in new if self._old.get(pk) == facets}
        gone = [(pk, facets) for pk, facets in self._old.items() if pk not in same]
        come = [(pk, facets) for pk, facets in new if pk not in same]
        if gone:
            self._connection.executemany(FORGET, [(pk, facet_words(facets)) for pk, facets in gone])
        _enter(self._connection, come)
        moved = Counter((facets[_BLOCK], facets[_STATE]) for _, facets in come)
        moved.subtract((facets[_BLOCK], facets[_STATE]) for _, facets in gone)
        changed = [
            (block, state, int(state in OPEN_STATE_CODES), n) for (block, state), n in moved.items() if n
        ]
        if changed:
            self._connection.executemany(COUNT_IN, changed)


def _enter(connection: Connection, come: Sequence[tuple[int, Facets]]) -> None:
    if not come:
        return
    connection.executemany(ENTER, [(pk, facet_words(facets)) for pk, facets in come])
    if len(come) >= _MANY:
        # Whoever brings much tidies up for it, and those who give one command never wait for that.
        connection.execute(TIDY, (len(come) // _ROWS_A_PAGE,))


def register_all(connection: Connection) -> None:
    """Fill the empty facets and tally from every row, in the transaction of a migration."""
    last = -1
    while True:
        rows = connection.execute(_NEXT, (last, _STEP)).fetchall()
        _enter(connection, [(row[0], row[1:]) for row in rows])
        if len(rows) < _STEP:
            break
        last = rows[-1][0]
    connection.execute(COUNT_ALL)
