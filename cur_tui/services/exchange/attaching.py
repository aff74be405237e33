"""Attachments at the desk: a file taken in to be sent, and files of an appeal saved.

A file is never opened by anything here, nor by a program of the system: it is read, hashed and written.
"""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cur_tui.contract import MAX_ATTACHMENT
from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.file_names import safe_file_name
from cur_tui.files import PRIVATE_FILE
from cur_tui.services.file_problems import unreadable
from storage.entries import Upload

if TYPE_CHECKING:
    from cur_tui.domain.model import Attachment
    from cur_tui.services.desk import Desk
    from cur_tui.sync.engine import SyncEngine

MOST_NAMES: Final = 1_000
"""So many files of one name may lie in a folder."""
_NO_FOLLOW: Final[int] = getattr(os, "O_NOFOLLOW", 0)
_BINARY: Final[int] = getattr(os, "O_BINARY", 0)


def attach(desk: Desk, key: str, path: Path) -> Upload:
    """Keep the file at ``path`` to be sent and attached to an appeal; works without contact.

    Raises :class:`Refused`: ``not_found``, ``not_permitted``, ``appeal_erased``, ``file_unreadable``, and
    what :func:`~cur_tui.contract.attachments.check_file` finds.
    """
    from uuid6 import uuid7

    from cur_tui.contract.attachments import check_file
    from cur_tui.domain.privacy.erasure import check_not_erased
    from cur_tui.domain.rights import Permission

    appeal = desk.appeal(key)
    if not desk.may(Permission.NOTE.value):
        raise Refused("not_permitted", command="attach")
    check_not_erased(appeal)
    data = _read(path)
    media_type = check_file(data)
    file = Upload(
        id=str(uuid7()),
        appeal=appeal.id,
        number=appeal.number,
        sha256=hashlib.sha256(data).hexdigest(),
        name=safe_file_name(path.name, media_type),
        size=len(data),
        media_type=media_type,
    )
    desk.cache.writer.keep_upload(file, data)
    return file


def save(engine: SyncEngine, file: Attachment, folder: Path, *, tries: int = 3) -> Path:
    """Fetch an attachment into ``folder``; the path of the new file, which only its owner may read.

    What broke off goes on where it was, in ``tries`` attempts and also with the next call. No file is written
    over. Raises what the engine raises, ``Refused("hash_mismatch")`` for a file that is not the one it should
    be, and OSError.
    """
    from cur_tui.sync.faults import NoContact

    part = folder / f".{file.sha256}.part"
    flags = os.O_RDWR | os.O_CREAT | _NO_FOLLOW | _BINARY
    with os.fdopen(os.open(part, flags, PRIVATE_FILE), "r+b") as target:

        def begin(at: int) -> None:
            target.seek(at)
            target.truncate()

        def give(piece: bytes) -> None:
            if target.tell() + len(piece) > MAX_ATTACHMENT:
                raise Refused("too_large", limit=str(MAX_ATTACHMENT))
            target.write(piece)

        for left in range(tries - 1, -1, -1):
            try:
                here = min(target.seek(0, os.SEEK_END), file.size)
                if here < file.size:
                    engine.fetch_file(file.sha256, here, begin, give)
                break
            except NoContact as failure:
                if not left or failure.code not in ("interrupted", "timeout", "damaged"):
                    raise
        target.flush()
        os.fsync(target.fileno())
        target.seek(0)
        whole = hashlib.file_digest(target, "sha256").hexdigest() == file.sha256
    if not whole:
        part.unlink()
        raise Refused("hash_mismatch")
    return _give_name(part, folder, safe_file_name(file.name, file.media_type))


def _read(path: Path) -> bytes:
    """The content of a regular file, read no further than it may be long."""
    try:
        if not path.is_file():
            raise unreadable(path, errno.ENOENT)
        with path.open("rb") as file:
            return file.read(MAX_ATTACHMENT + 1)
    except OSError as error:
        raise unreadable(path, error.errno) from None


def _give_name(part: Path, folder: Path, name: str) -> Path:
    """Move the finished file to the first free name: the name is taken by making it, so nobody's is lost."""
    stem, dot, ending = name.rpartition(".")
    for n in range(1, MOST_NAMES):
        path = folder / (name if n == 1 else f"{stem} ({n}){dot}{ending}")
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
        except FileExistsError:
            continue
        part.replace(path)
        return path
    raise unreadable(folder / name, errno.EEXIST)
