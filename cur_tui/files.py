"""Small private files: written whole or not at all, readable by their owner only."""

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PRIVATE_FILE: Final = 0o600
_NO_FOLLOW: Final[int] = getattr(os, "O_NOFOLLOW", 0)


class UntrustedFileError(Exception):
    """A file that somebody else could have planted: a link, another owner's, or no regular file."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


def write_private(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` with mode 0600, durably and never by halves. Raises OSError."""
    import secrets  # with all its hashes it costs more than reading a file, which most starts only do

    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, PRIVATE_FILE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def read_private(path: Path) -> bytes | None:
    """The content of ``path``, or None when there is no such file; a mode open to others is repaired.

    Raises :class:`UntrustedFileError` and OSError.
    """
    try:
        handle = os.open(path, os.O_RDONLY | _NO_FOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        if path.is_symlink():
            raise UntrustedFileError(path) from error
        raise
    with os.fdopen(handle, "rb") as file:
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode):
            raise UntrustedFileError(path)
        if sys.platform != "win32":
            if info.st_uid != os.geteuid():
                raise UntrustedFileError(path)
            if info.st_mode & 0o077:
                os.fchmod(file.fileno(), PRIVATE_FILE)
        return file.read()


def destroy(path: Path) -> None:
    """Overwrite a small file with zeros and remove it; it need not be there. Raises OSError.

    A disk that writes elsewhere, or a file system that keeps versions, may hold the old content all the same:
    against that only the encryption of the whole disk helps.
    """
    try:
        handle = os.open(path, os.O_WRONLY | _NO_FOLLOW)
    except FileNotFoundError:
        return
    except OSError:  # a link, or a file that may not be written to: it can only go
        path.unlink(missing_ok=True)
        return
    try:
        info = os.fstat(handle)
        if stat.S_ISREG(info.st_mode):
            os.write(handle, bytes(info.st_size))
            os.fsync(handle)
    finally:
        os.close(handle)
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Keep other processes and threads out of what ``path`` stands for; waits for its turn.

    The lock belongs to the open file, so it is gone with the process however that ends.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, PRIVATE_FILE)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

    def sync_folder(folder: Path) -> None:
        """A rename is durable there without this."""

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def sync_folder(folder: Path) -> None:
        """Bring the names in ``folder`` to the disk."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
