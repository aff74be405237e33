"""The tables of Open311: who may call, how often they did, and what was submitted.

Nothing personal is here: who wrote and what stands in the appeal and in its original. A position is kept as
coarse as it is published, so that no reader of the table can learn more.
"""

from typing import Any

from sqlalchemy import Column, Index, Table
from sqlmodel import Field

from regional_api.database.tables import LARGE, METADATA, ServerTable


def _large(**options: Any) -> Any:
    return Field(sa_column=Column(LARGE, **options))


class Open311Key(ServerTable, table=True):
    """An application that may call, by the hash of its key; the key itself is never stored.

    ``scopes`` and ``services`` are lists of words parted by blanks; no services means all that are offered.
    ``identified``: the platform identifies its users as 59-ФЗ asks (art. 7 part 3, since 30.03.2025).
    """

    __tablename__ = "open311_key"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    hash: str = Field(unique=True)
    scopes: str
    services: str
    identified: int
    per_minute: int
    per_day: int
    created_at: int = _large(nullable=False)
    revoked_at: int | None = _large()


class Open311Use(ServerTable, table=True):
    """How many calls somebody has left, in thousandths of a call, and when that was so, in milliseconds.

    ``subject`` is the id of a key, or a keyed hash of an address that calls without one.
    """

    __tablename__ = "open311_use"
    subject: str = Field(primary_key=True)
    left: int = _large(nullable=False)
    at: int = _large(nullable=False, index=True)


class Open311Request(ServerTable, table=True):
    """A request by the appeal that it became.

    ``fingerprint`` is a keyed hash of what was said, ``repeat_key`` one of what the client calls it; either
    finds a request that comes twice. ``lat`` and ``long`` are in thousandths of a degree.
    """

    __tablename__ = "open311_request"
    appeal: str = Field(primary_key=True)
    key: str
    service: str
    token: str = Field(unique=True)
    fingerprint: str
    repeat_key: str | None
    at: int = _large(nullable=False)
    lat: int | None
    long: int | None


OPEN311_KEY: Table = METADATA.tables["open311_key"]
OPEN311_USE: Table = METADATA.tables["open311_use"]
OPEN311_REQUEST: Table = METADATA.tables["open311_request"]

Index("open311_request_at", OPEN311_REQUEST.c.at, OPEN311_REQUEST.c.appeal)
Index("open311_request_of_key", OPEN311_REQUEST.c.key, OPEN311_REQUEST.c.at)
Index("open311_request_repeat", OPEN311_REQUEST.c.key, OPEN311_REQUEST.c.repeat_key)
