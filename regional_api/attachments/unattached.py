"""Files that were uploaded and belong to no appeal: removed once nobody can be on the way to attach them.

An upload counts from the last time that somebody sent it or asked for it. A workstation gives its own copy
away as soon as the server has the file and the command waits in its outbox, so the term is as long as that
of the feed: whoever was away for longer reads everything anew in any case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, select

from regional_api.centre import Centre
from regional_api.database.tables import APPEAL_FILE, BLOB, BLOB_OWNER
from regional_api.identity import events
from regional_api.unit_of_work import unit_of_work

KEPT_SECONDS: Final = 90 * 86_400
SWEPT: Final = "files_swept"
"""What the journal calls it."""
_CHUNK: Final = 100


@dataclass(frozen=True, slots=True)
class Unattached:
    """So many files with so many bytes."""

    files: int
    size: int


def count_unattached(centre: Centre, before: int) -> Unattached:
    """The files that belong to nothing and were last sent before this moment, in seconds."""
    totals = select(func.count(), func.coalesce(func.sum(BLOB.c.size), 0)).where(_is_left(before))
    with centre.database.reading() as connection:
        files, size = connection.execute(totals).one()
    return Unattached(int(files), int(size))


def sweep_unattached(centre: Centre, before: int) -> Unattached:
    """Remove what :func:`count_unattached` counts, in short transactions; the journal keeps how many."""
    files = size = 0
    last = ""
    while True:
        left = select(BLOB.c.sha256).where(BLOB.c.sha256 > last, _is_left(before))
        with centre.database.reading() as connection:
            digests = connection.execute(left.order_by(BLOB.c.sha256).limit(_CHUNK)).scalars().all()
        if not digests:
            return Unattached(files, size)
        last = digests[-1]
        with unit_of_work(centre.database, centre.rulebook) as work:
            gone = _remove(work.connection, digests, before)
            if gone.files:
                events.act(work, SWEPT, {"files": gone.files, "bytes": gone.size})
        files, size = files + gone.files, size + gone.size


def _remove(connection: Connection, digests: Sequence[str], before: int) -> Unattached:
    """Hold the files, then ask again: only what nobody has taken up until then goes.

    Whoever comes later waits for the end of this and finds nothing: so does
    :func:`~regional_api.attachments.blobs.hold`.
    """
    held = select(BLOB.c.sha256).where(BLOB.c.sha256.in_(digests)).order_by(BLOB.c.sha256)
    free = connection.execute(held.with_for_update(skip_locked=True)).scalars().all()
    rows = connection.execute(
        select(BLOB.c.sha256, BLOB.c.size).where(BLOB.c.sha256.in_(free), _is_left(before))
    ).all()
    gone = [row.sha256 for row in rows]
    for table in (BLOB_OWNER, BLOB):
        connection.execute(delete(table).where(table.c.sha256.in_(gone)))
    return Unattached(len(gone), sum(row.size for row in rows))


def _is_left(before: int) -> ColumnElement[bool]:
    tied = exists().where(APPEAL_FILE.c.sha256 == BLOB.c.sha256)
    recent = exists().where(BLOB_OWNER.c.sha256 == BLOB.c.sha256, BLOB_OWNER.c.at >= before)
    return and_(~tied, ~recent)
