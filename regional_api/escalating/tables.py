"""The tables of escalation: when which appeal is to be looked at, and which process does it."""

from typing import Any, Final

from sqlalchemy import Column, Index, Table
from sqlmodel import Field

from regional_api.tables import LARGE, METADATA, ServerTable


def _large(**options: Any) -> Any:
    return Field(sa_column=Column(LARGE, **options))


class EscalationRecord(ServerTable, table=True):
    """When an appeal is to be looked at next. What is found then is decided then; this is only the alarm."""

    __tablename__ = "escalation"
    pk: int = _large(primary_key=True, autoincrement=False)
    at: int = _large(nullable=False)


class EscalationLease(ServerTable, table=True):
    """Which process of the server looks, and until when unless it says so again."""

    __tablename__ = "escalation_lease"
    shard: str = Field(primary_key=True)
    holder: str
    until: int = _large(nullable=False)


ESCALATION: Table = METADATA.tables["escalation"]
ESCALATION_LEASE: Table = METADATA.tables["escalation_lease"]
ESCALATION_TABLES: Final = (ESCALATION, ESCALATION_LEASE)

Index("escalation_at", ESCALATION.c.at)
