"""The tables of deliveries: what is to leave, and what was tried."""

from typing import Any, Final

from sqlalchemy import Column, Index, LargeBinary, Table
from sqlmodel import Field

from regional_api.database.tables import LARGE, METADATA, ServerTable

WAITING: Final = "waiting"
IN_FLIGHT: Final = "in_flight"
SENT: Final = "sent"
CONFIRMED: Final = "confirmed"
FAILED: Final = "failed"
WITHDRAWN: Final = "withdrawn"
STATES: Final = (WAITING, IN_FLIGHT, SENT, CONFIRMED, FAILED, WITHDRAWN)


def _large(**options: Any) -> Any:
    return Field(sa_column=Column(LARGE, **options))


class DeliveryRecord(ServerTable, table=True):
    """One text on its way to one applicant: an answer of an appeal, by one channel at a time.

    ``wanted`` is the channel that a person chose. ``channel`` and ``receiver`` are where it goes, empty until
    that was worked out. ``tries`` counts since it was queued last, ``attempt`` from the beginning.
    ``until``: when the running attempt counts as dead. ``handed``: it was handed over, so that only the
    other side knows whether it was taken. ``reason`` is a code, never a text. ``letter`` is what the
    first attempt sent and every later one repeats.
    """

    __tablename__ = "delivery"
    id: str = Field(primary_key=True)
    appeal: str = Field(index=True)
    answer: str
    kind: str
    state: str
    wanted: str | None
    channel: str | None
    receiver: str | None
    tries: int
    attempt: int
    next_at: int | None = _large()
    until: int | None = _large()
    handed: int
    reason: str | None
    letter: bytes | None = Field(sa_column=Column(LargeBinary))
    exports: int
    exported_at: int | None = _large()
    changed_at: int = _large(nullable=False)


class DeliveryAttempt(ServerTable, table=True):
    """One attempt: at which receiver, when it began, and how it ended; without an end it was cut off."""

    __tablename__ = "delivery_attempt"
    delivery: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    receiver: str
    began_at: int = _large(nullable=False)
    ended_at: int | None = _large()
    outcome: str | None


DELIVERY: Table = METADATA.tables["delivery"]
DELIVERY_ATTEMPT: Table = METADATA.tables["delivery_attempt"]

# The worker reads what is due by its receiver, people read what waits or failed.
Index("delivery_due", DELIVERY.c.state, DELIVERY.c.receiver, DELIVERY.c.next_at)
Index("delivery_changed", DELIVERY.c.state, DELIVERY.c.changed_at, DELIVERY.c.id)
