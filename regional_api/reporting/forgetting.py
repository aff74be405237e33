"""What is remembered of reports by schedule goes when nobody can need it: the files themselves stay."""

from typing import Final

from sqlalchemy import delete, exists, select

from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.reporting.tables import REPORT_LETTER, REPORT_RUN, RUNNING, WAITING

KEPT_SECONDS: Final = 90 * 24 * 3600


def forget_runs(centre: Centre) -> None:
    """Drop old reports and their letters. The last of each stays, since it tells which is the next one."""
    before = seconds(now()) - KEPT_SECONDS
    later = REPORT_RUN.alias()
    has_later = exists().where(later.c.id == REPORT_RUN.c.id, later.c.due > REPORT_RUN.c.due)
    letters = select(REPORT_LETTER.c.id).where(
        REPORT_LETTER.c.run == REPORT_RUN.c.id, REPORT_LETTER.c.due == REPORT_RUN.c.due
    )
    with centre.database.writing() as connection:
        connection.execute(
            delete(REPORT_LETTER).where(REPORT_LETTER.c.state != WAITING, REPORT_LETTER.c.due < before)
        )
        connection.execute(
            delete(REPORT_RUN).where(
                REPORT_RUN.c.due < before,
                REPORT_RUN.c.state.not_in((RUNNING, WAITING)),
                has_later,
                ~letters.exists(),
            )
        )
