"""The tables of escalation: when which appeal is to be looked at, and what is on its way to whom."""

from typing import Any, Final

from sqlalchemy import Column, Index, Table
from sqlmodel import Field

from regional_api.database.tables import LARGE, METADATA, ServerTable


def _large(**options: Any) -> Any:
    return Field(sa_column=Column(LARGE, **options))


class EscalationRecord(ServerTable, table=True):
    """When an appeal is to be looked at next. What is found then is decided then; this is only the alarm."""

    __tablename__ = "escalation"
    pk: int = _large(primary_key=True, autoincrement=False)
    at: int = _large(nullable=False)


class AlertMessage(ServerTable, table=True):
    """One alert on its way to one receiver. It names nobody but the receiver; what it says is made when it is
    sent, from the appeal as it is then.

    ``next_at``: when it may be tried; while it is tried, when the attempt counts as dead. ``reason``: a code.
    """

    __tablename__ = "alert_message"
    id: str = Field(primary_key=True)
    appeal: str = Field(index=True)
    alert: str
    channel: str
    receiver: str
    """The name of a webhook, or an address of e-mail."""
    state: str
    tries: int
    next_at: int = _large(nullable=False)
    reason: str | None


ESCALATION: Table = METADATA.tables["escalation"]
ALERT_MESSAGE: Table = METADATA.tables["alert_message"]
ESCALATION_TABLES: Final = (ESCALATION, ALERT_MESSAGE)

WAITING: Final = "waiting"
HANDED: Final = "handed"
"""The mail server has it, and whether it took it is not known: only a person may send it again."""
SENT: Final = "sent"
FAILED: Final = "failed"
WITHDRAWN: Final = "withdrawn"
"""What it told of was over before it left."""

Index("escalation_at", ESCALATION.c.at)
Index("alert_message_due", ALERT_MESSAGE.c.state, ALERT_MESSAGE.c.next_at)
