"""Attachments by content: the name of a file is the SHA-256 of its bytes, so it is never a path.

The server trusts neither the declared type nor the name: it looks at the bytes and takes only what an
operator may open without harm. Who uploaded a file or sees an appeal that holds it may read it.
"""

import hashlib

from sqlalchemy import Connection, exists, or_, select, update

from cur_tui.contract.attachments import check_file
from cur_tui.contract.wire import BlobState
from cur_tui.domain.commands import Attach
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.database.connections import upsert
from regional_api.database.identifiers import is_digest
from regional_api.database.tables import APPEAL, APPEAL_FILE, BLOB, BLOB_OWNER
from regional_api.identity.callers import Caller


def store_blob(centre: Centre, caller: Caller, sha256: str, data: bytes) -> str:
    """Keep a file and return the type that its bytes have.

    Raises :class:`Refused`: ``not_permitted``, ``hash_mismatch``, or what
    :func:`~cur_tui.contract.attachments.check_file` raises.
    """
    caller.must(Permission.NOTE, "attach")
    if not is_digest(sha256) or hashlib.sha256(data).hexdigest() != sha256:
        raise Refused("hash_mismatch")
    media_type = check_file(data)
    with centre.database.writing() as connection:
        if not hold(connection, sha256):
            connection.execute(
                upsert(connection, BLOB)
                .values(sha256=sha256, size=len(data), media_type=media_type, data=data)
                .on_conflict_do_nothing()
            )
        own = upsert(connection, BLOB_OWNER).values(
            sha256=sha256, account=caller.actor.account, at=seconds(now())
        )
        connection.execute(
            own.on_conflict_do_update(index_elements=["sha256", "account"], set_={"at": own.excluded.at})
        )
    return media_type


def hold(connection: Connection, sha256: str) -> bool:
    """Whether the file is there; it stays until the transaction ends.

    A sweep of files that belong to nothing may be about to remove it: then its end is waited for.
    """
    query = select(BLOB.c.size).where(BLOB.c.sha256 == sha256).with_for_update(read=True)
    return connection.execute(query).first() is not None


def own_blob(centre: Centre, caller: Caller, sha256: str) -> BlobState | None:
    """The file if the caller has uploaded it before. That somebody else has is no business of theirs.

    Who asks is about to attach it, so it counts as sent now.
    """
    with centre.database.reading() as connection:
        if not _is_own(connection, caller, sha256):
            return None
    own = (BLOB_OWNER.c.sha256 == sha256) & (BLOB_OWNER.c.account == caller.actor.account)
    with centre.database.writing() as connection:
        if not hold(connection, sha256):
            return None
        connection.execute(update(BLOB_OWNER).where(own).values(at=seconds(now())))
        row = connection.execute(select(BLOB.c.size, BLOB.c.media_type).where(BLOB.c.sha256 == sha256)).one()
    return BlobState(sha256, row.size, media_type=row.media_type)


def read_blob(centre: Centre, caller: Caller, sha256: str) -> tuple[bytes, str]:
    """A file and its type. Raises ``not_found`` for one that is not there or not the caller's to use.

    What a citizen or a colleague has sent may show who wrote: without the right to know it only one's own
    files are read (``not_permitted``).
    """
    if is_digest(sha256):
        with centre.database.reading() as connection:
            if _usable(connection, caller, sha256):
                if not _is_own(connection, caller, sha256):
                    caller.must(Permission.SEE_PERSONAL_DATA, "file")
                row = connection.execute(
                    select(BLOB.c.data, BLOB.c.media_type).where(BLOB.c.sha256 == sha256)
                ).one()
                return bytes(row.data), row.media_type
    raise Refused("not_found")


def attachable(connection: Connection, caller: Caller, attach: Attach) -> bool:
    """Whether the file that a command names is there, the caller's to use, and described as it is.

    It stays until the transaction that attaches it ends.
    """
    if not is_digest(attach.sha256) or not hold(connection, attach.sha256):
        return False
    if not _usable(connection, caller, attach.sha256):
        return False
    row = connection.execute(
        select(BLOB.c.size, BLOB.c.media_type).where(BLOB.c.sha256 == attach.sha256)
    ).one()
    return bool(row.size == attach.size and row.media_type == attach.media_type)


def _is_own(connection: Connection, caller: Caller, sha256: str) -> bool:
    own = (BLOB_OWNER.c.sha256 == sha256) & (BLOB_OWNER.c.account == caller.actor.account)
    return connection.execute(select(BLOB_OWNER.c.sha256).where(own)).first() is not None


def _usable(connection: Connection, caller: Caller, sha256: str) -> bool:
    """Whether the caller uploaded the file, or sees an appeal that holds it."""
    own = exists().where(BLOB_OWNER.c.sha256 == sha256, BLOB_OWNER.c.account == caller.actor.account)
    tied = exists(
        select(APPEAL_FILE.c.appeal)
        .join_from(APPEAL_FILE, APPEAL, APPEAL.c.id == APPEAL_FILE.c.appeal)
        .where(APPEAL_FILE.c.sha256 == sha256, caller.scope.where())
    )
    query = select(BLOB.c.sha256).where(BLOB.c.sha256 == sha256, or_(own, tied))
    return connection.execute(query).first() is not None
