"""What imports keep beside the appeals goes with them."""

from typing import Final

from sqlalchemy import Connection, and_, or_, update

from cur_tui.domain.model import Appeal
from regional_api.importing.keeping import NO_CELLS, SET_ASIDE
from regional_api.importing.tables import QUARANTINE

_OF: Final = QUARANTINE.c


def forget_rows(connection: Connection, appeal: Appeal) -> None:
    """Empty what lies in quarantine of ``appeal``: rows of its source with the key that it has there.

    Nothing could come of them any more, since an erased appeal takes nothing from its source.
    """
    own = [and_(_OF.form == form, _OF.key == key) for form, key in appeal.external_ids.items() if key]
    if own:
        connection.execute(update(QUARANTINE).where(or_(*own)).values(cells=NO_CELLS, state=SET_ASIDE))
