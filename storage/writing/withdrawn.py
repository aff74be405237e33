"""Which commands the person took back: an older version of a damaged page may still hold one, and it must not
be sent because of that.

Each is a row of its own among the synchronisation's state, so that a broken page costs a few of them and not
all. The ids of commands sort by the time of their making.
"""

from typing import Final

from storage.writing.core import Unit

PREFIX: Final = "withdrawn:"
KEPT: Final = 500
"""More than what can be in a log between two of its ends; older pages are overwritten by then."""

_PRUNE: Final = (
    "DELETE FROM sync_state WHERE k IN "
    "(SELECT k FROM sync_state WHERE k >= ? AND k < ? ORDER BY k DESC LIMIT -1 OFFSET ?)"
)
_END: Final = PREFIX[:-1] + ";"
"""The first key behind all of them."""

WITHDRAWN: Final = (
    f"SELECT substr(k, {len(PREFIX) + 1}) FROM sync_state WHERE k >= '{PREFIX}' AND k < '{_END}'"  # noqa: S608
)
"""Every id that is known."""


def withdraw(unit: Unit, command_id: str) -> None:
    """Remember, in the transaction that takes it back, that the command or file is not wanted any more."""
    unit.set_state(PREFIX + command_id, "")
    unit.connection.execute(_PRUNE, (PREFIX, _END, KEPT))
