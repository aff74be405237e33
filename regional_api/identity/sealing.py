"""The office's key for unsent work: made with the first order to wipe, kept in the database only."""

import base64

from sqlalchemy import Connection, select

from cur_tui.contract.sealed import new_key, public_of, unseal
from regional_api.database.connections import upsert
from regional_api.database.schema import read_meta
from regional_api.database.tables import META

_KEY = "seal_key"


def make_key(connection: Connection) -> None:
    """Make the key unless it is there."""
    if connection.execute(select(META.c.key).where(META.c.key == _KEY)).first() is None:
        connection.execute(
            upsert(connection, META).values(key=_KEY, value=new_key().hex()).on_conflict_do_nothing()
        )


def public_key(connection: Connection) -> str:
    """What workstations seal with, in base64. LookupError before :func:`make_key`."""
    return base64.b64encode(public_of(bytes.fromhex(read_meta(connection, _KEY)))).decode()


def opened(connection: Connection, sealed: bytes) -> bytes:
    """What a workstation sealed. Raises :class:`~cur_tui.contract.sealed.SealError`."""
    return unseal(sealed, bytes.fromhex(read_meta(connection, _KEY)))
