"""Alerts that left long ago are forgotten: the appeal itself tells that and when somebody was alerted."""

from typing import Final

from sqlalchemy import delete

from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.escalating.tables import ALERT_MESSAGE, WAITING

KEPT_SECONDS: Final = 90 * 24 * 3600


def forget_messages(centre: Centre) -> None:
    """Drop messages that nothing becomes of any more. None comes twice for it: each came with its alert."""
    of = ALERT_MESSAGE.c
    old = of.next_at < seconds(now()) - KEPT_SECONDS
    with centre.database.writing() as connection:
        connection.execute(delete(ALERT_MESSAGE).where(of.state != WAITING, old))
