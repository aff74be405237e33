"""Which edition of the region profile is in force: asked of the database, since any process may load one.

A transaction that changes appeals asks when it begins, and the answer holds until it ends. On SQLite writers
take turns anyway. On PostgreSQL reading the table keeps a lock on it until the commit, and whoever loads an
edition locks the whole table: first every change that was decided by the old edition ends, and those that
wait meanwhile see the new one, because a statement looks at the data after it has its locks.
"""

from functools import lru_cache

import msgspec
from sqlalchemy import Connection, select, text

from cur_tui.domain.profile.load import region_from_document
from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.database.tables import REFERENCE

KIND = "profile"
"""The profile's kind among the reference data; a database holds one."""

EDITION = select(REFERENCE.c.version).where(REFERENCE.c.kind == KIND)
"""The number of the edition in force."""
_DOCUMENT = select(REFERENCE.c.doc).where(REFERENCE.c.kind == KIND)
_ALONE = text("LOCK TABLE reference IN ACCESS EXCLUSIVE MODE")


def rulebook_in_force(connection: Connection, known: Rulebook | None = None) -> Rulebook:
    """The rules in force in this transaction: ``known`` itself while it is they."""
    if known is not None:
        version = connection.execute(EDITION).scalar_one_or_none()
        # None: the transaction that founds the region writes its first edition at its end.
        if version in (None, known.region.version):
            return known
    return _rulebook_of(bytes(connection.execute(_DOCUMENT).scalar_one()))


def hold_editions(connection: Connection) -> None:
    """Let every change under way end and no other begin until this transaction is over."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE)


@lru_cache(maxsize=2)
def _rulebook_of(document: bytes) -> Rulebook:
    """Kept, because every writer asks for a new edition until its process has taken it over."""
    return Rulebook(region_from_document(msgspec.json.decode(document)))
