"""The tables of what belongs together. Nothing here is synced: clients ask, and get what their scope covers.

Keys and marks can be made anew from the appeals; what people decided about a pair or a burst cannot.
"""

from typing import Any, ClassVar

from sqlalchemy import Column, Float, Index, Table
from sqlmodel import Field

from regional_api.database.tables import LARGE, METADATA, ServerTable


def _large(**options: Any) -> Any:
    return Field(sa_column=Column(LARGE, **options))


class LikenessKey(ServerTable, table=True):
    """A key of an appeal's text (``likeness.keys_of``): who shares one may be alike."""

    __tablename__ = "likeness_key"
    __table_args__: ClassVar[dict[str, bool]] = {"sqlite_with_rowid": False}
    key: int = _large(primary_key=True, autoincrement=False)
    pk: int = _large(primary_key=True, autoincrement=False)


class LikenessSeen(ServerTable, table=True):
    """An appeal that was compared with those before it; it is not compared again."""

    __tablename__ = "likeness_seen"
    pk: int = _large(primary_key=True, autoincrement=False)


class LikenessPair(ServerTable, table=True):
    """Two appeals that say the same, by their keys, and what people have decided about them.

    ``newer`` is what came in later, by its key. ``state``: ``proposed``, ``linked``, ``apart``. ``kind`` is
    the link that fits; ``same_author`` is 1, 0 or unknown.
    """

    __tablename__ = "likeness_pair"
    n: int | None = _large(primary_key=True, autoincrement=True)
    newer: int = _large(nullable=False)
    older: int = _large(nullable=False)
    likeness: float = Field(sa_column=Column(Float, nullable=False))
    kind: str
    same_author: int | None
    state: str
    found_at: int = _large(nullable=False)


class MassIncident(ServerTable, table=True):
    """A burst on one topic and place, or an incident that somebody leads.

    ``state``: ``proposed``, ``led``, ``dismissed``, ``over``. ``usual`` is the level before, in appeals a
    window; ``since`` the beginning of the window in which it was found; ``head`` the key of the appeal that
    leads or would, and ``until`` when it was decided or ended.
    """

    __tablename__ = "mass_incident"
    id: str = Field(primary_key=True)
    topic: str | None
    municipality: str | None
    state: str
    usual: float = Field(sa_column=Column(Float, nullable=False))
    head: int = _large(nullable=False)
    since: int = _large(nullable=False)
    found_at: int = _large(nullable=False)
    until: int | None = _large()


LIKENESS_KEY: Table = METADATA.tables["likeness_key"]
LIKENESS_SEEN: Table = METADATA.tables["likeness_seen"]
LIKENESS_PAIR: Table = METADATA.tables["likeness_pair"]
MASS_INCIDENT: Table = METADATA.tables["mass_incident"]

Index("likeness_pair_newer", LIKENESS_PAIR.c.newer, LIKENESS_PAIR.c.older, unique=True)
Index("likeness_pair_older", LIKENESS_PAIR.c.older)
Index("mass_incident_state", MASS_INCIDENT.c.state)
Index("mass_incident_head", MASS_INCIDENT.c.head)

RELATED_TABLES = (LIKENESS_KEY, LIKENESS_SEEN, LIKENESS_PAIR, MASS_INCIDENT)
