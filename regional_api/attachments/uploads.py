"""Files that come in pieces, so that a connection which breaks off costs one piece and not the file.

A piece is kept when it begins where the server stands; any other changes nothing, and the answer says where
that is. So a client may repeat what it is unsure of. The last piece makes the file what one sent whole is:
checked by hash, size and type, all under the hash that it was announced by.
"""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from cur_tui.contract import MAX_ATTACHMENT
from cur_tui.contract.wire import BlobState
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from regional_api.attachments.blobs import own_blob, store_blob
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.database.identifiers import is_digest
from regional_api.database.tables import BLOB_PART
from regional_api.identity.callers import Caller

KEPT_SECONDS: Final = 7 * 24 * 3600
"""How long the pieces of a file that is not finished are kept."""
MOST_UNFINISHED: Final = 4
"""Files that one account may have begun and not finished; the oldest one goes first."""
_RANGE: Final = re.compile(r"bytes (?:(\d{1,10})-(\d{1,10})|(\*))/(\d{1,10})")


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a file of ``total`` bytes that a request carries; ``start`` None: it only asks."""

    start: int | None
    end: int
    total: int


def parse_piece(content_range: str, limit: int = MAX_ATTACHMENT) -> Piece:
    """The piece of a file of ``limit`` bytes at most that a ``Content-Range`` names.

    Raises ``malformed`` and ``too_large``.
    """
    found = _RANGE.fullmatch(content_range.strip())
    if found is None:
        raise Refused("malformed", reason="Content-Range: bytes START-END/TOTAL")
    total = int(found[4])
    if total > limit:
        raise Refused("too_large", limit=str(limit))
    if found[3]:
        return Piece(None, 0, total)
    start, end = int(found[1]), int(found[2]) + 1
    if not start < end <= total:
        raise Refused("malformed", reason="Content-Range: bytes START-END/TOTAL")
    return Piece(start, end, total)


def take_piece(centre: Centre, caller: Caller, sha256: str, piece: Piece, data: bytes) -> BlobState:
    """Keep a piece; what the server has of the file by now.

    Raises :class:`Refused`: ``not_permitted``, ``malformed`` for a piece of another length than it says,
    and with the last piece whatever :func:`~regional_api.attachments.blobs.store_blob` raises; the pieces
    are gone then.
    """
    caller.must(Permission.NOTE, "attach")
    if not is_digest(sha256):
        raise Refused("hash_mismatch")
    if piece.start is not None and len(data) != piece.end - piece.start:
        raise Refused("malformed", reason="Content-Range does not fit the length of the body")
    known = own_blob(centre, caller, sha256)
    if known is not None:
        return known
    account = caller.actor.account
    with centre.database.writing() as connection:
        _forget_old(connection, account, sha256)
        received = _received(connection, account, sha256, piece.total)
        if piece.start is None or piece.start != received:
            return BlobState(sha256, piece.total, received)
        row = {"account": account, "sha256": sha256, "start": piece.start, "total": piece.total}
        connection.execute(insert(BLOB_PART).values(**row, data=data, at=seconds(now())))
        if piece.end < piece.total:
            return BlobState(sha256, piece.total, piece.end)
        parts = select(BLOB_PART.c.data).where(*_of(account, sha256)).order_by(BLOB_PART.c.start)
        whole = b"".join(bytes(part) for part in connection.execute(parts).scalars())
    try:
        media_type = store_blob(centre, caller, sha256, whole)
    finally:
        with centre.database.writing() as connection:
            connection.execute(delete(BLOB_PART).where(*_of(account, sha256)))
    return BlobState(sha256, piece.total, media_type=media_type)


def forget_unfinished(centre: Centre) -> None:
    """Drop the pieces of files that nobody has gone on with."""
    with centre.database.writing() as connection:
        connection.execute(delete(BLOB_PART).where(BLOB_PART.c.at < seconds(now()) - KEPT_SECONDS))


def _received(connection: Connection, account: str, sha256: str, total: int) -> int:
    """How much of the file is here without a gap; what was begun as a file of another size is forgotten."""
    other = (*_of(account, sha256), BLOB_PART.c.total != total)
    connection.execute(delete(BLOB_PART).where(*other))
    length = func.coalesce(func.sum(func.length(BLOB_PART.c.data)), 0)
    received = int(connection.execute(select(length).where(*_of(account, sha256))).scalar_one())
    if received >= total:  # the process ended between the last piece and the file
        connection.execute(delete(BLOB_PART).where(*_of(account, sha256)))
        return 0
    return received


def _forget_old(connection: Connection, account: str, sha256: str) -> None:
    connection.execute(delete(BLOB_PART).where(BLOB_PART.c.at < seconds(now()) - KEPT_SECONDS))
    begun = (
        select(BLOB_PART.c.sha256)
        .where(BLOB_PART.c.account == account, BLOB_PART.c.sha256 != sha256)
        .group_by(BLOB_PART.c.sha256)
        .order_by(func.max(BLOB_PART.c.at).desc())
        .offset(MOST_UNFINISHED - 1)
    )
    for old in connection.execute(begun).scalars().all():
        connection.execute(delete(BLOB_PART).where(*_of(account, old)))


def _of(account: str, sha256: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return BLOB_PART.c.account == account, BLOB_PART.c.sha256 == sha256
