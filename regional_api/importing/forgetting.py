"""What imports keep beside the appeals goes with them, or when nobody needs it any more."""

from typing import Final

from sqlalchemy import Connection, and_, delete, or_, update

from cur_tui.domain.model import Appeal
from regional_api.importing.keeping import MENDED, NO_CELLS, SET_ASIDE
from regional_api.importing.tables import QUARANTINE

SETTLED_SECONDS: Final = 90 * 24 * 3600
"""How long a row that somebody has settled can be looked at, from the day on which it came."""
_OF: Final = QUARANTINE.c


def forget_rows(connection: Connection, appeal: Appeal) -> None:
    """Empty what lies in quarantine of ``appeal``: rows of its source with the key that it has there.

    Nothing could come of them any more, since an erased appeal takes nothing from its source.
    """
    own = [and_(_OF.form == form, _OF.key == key) for form, key in appeal.external_ids.items() if key]
    if own:
        connection.execute(update(QUARANTINE).where(or_(*own)).values(cells=NO_CELLS, state=SET_ASIDE))


def forget_settled(connection: Connection, now: int) -> None:
    """Drop rows that were mended long ago, and empty those that were set aside.

    Of these the mark stays, which quotes nothing: without it the same file would bring them again.
    """
    old = _OF.at < now - SETTLED_SECONDS
    connection.execute(delete(QUARANTINE).where(old, _OF.state == MENDED))
    filled = _OF.cells != NO_CELLS
    connection.execute(update(QUARANTINE).where(old, _OF.state == SET_ASIDE, filled).values(cells=NO_CELLS))
