"""The lock that lets one process write a cache. The system releases it however the process ends."""

import os
import sys
from pathlib import Path
from typing import Self

from storage.errors import CacheBusy, CacheError

PRIVATE_FILE = 0o600


class FileLock:
    """An exclusive lock on a file beside the cache, held from :meth:`take` to :meth:`release`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Lock ``path``; raises :class:`CacheBusy` at once when another process has it."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), PRIVATE_FILE)
        except OSError as error:
            raise CacheError("cache_unusable", path=str(path), reason=error.strerror or "") from error
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            raise CacheBusy from None
        return cls(descriptor)

    def release(self) -> None:
        """Give the lock back. The file stays: removing it would let two processes lock two files."""
        os.close(self._descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
