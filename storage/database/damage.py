"""Damage of a cache's file: noticed at work, and remembered until the next opening.

A broken page in the middle of a file shows when it is read, and then the file is in use. A mark beside it
makes the next opening set it aside (:mod:`storage.salvage.rebuild`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from storage.errors import CacheError, driver_errors

DAMAGED: Final = "cache_damaged"
PAGE: Final = 4096
"""Bytes of a page of the file."""
_PRIVATE_FILE: Final = 0o600


@contextmanager
def watched(path: Path) -> Iterator[None]:
    """Raise the driver's errors inside the block as :class:`CacheError`, and remember damage of the file.

    The file was opened with its key before: what looks like a wrong one now is damage as well.
    """
    try:
        with driver_errors(str(path)):
            yield
    except CacheError as error:
        if error.code not in (DAMAGED, "cache_wrong_key"):
            raise
        remember(path)
        raise CacheError(DAMAGED, path=str(path)) from None


def remember(path: Path) -> None:
    """The cache in ``path`` is damaged: its next opening must not go on with it."""
    with suppress(OSError):  # on a disk that takes nothing the damage will be met again
        os.close(os.open(_mark(path), os.O_CREAT | os.O_WRONLY, _PRIVATE_FILE))


def forget(path: Path) -> None:
    """The file is another one now."""
    _mark(path).unlink(missing_ok=True)


def check(path: Path) -> None:
    """Raise :class:`CacheError` ``cache_damaged`` for a cache that must be made anew before it is used."""
    size, log = path.stat().st_size, path.with_name(path.name + "-wal")
    has_log = log.exists() and log.stat().st_size > 0
    # The library takes an empty file for a new database and throws away the log beside it; and only a
    # checkpoint that was stopped, whose log is still there, leaves a part of a page at the end.
    is_cut_off = has_log if size == 0 else size % PAGE != 0 and not has_log
    if is_cut_off or _mark(path).exists() or rebuilt(path).exists():
        raise CacheError(DAMAGED, path=str(path))


def being_rebuilt(path: Path) -> Path:
    """Where the new cache of ``path`` grows; incomplete after a stop."""
    return path.with_name(path.name + ".rebuilding")


def rebuilt(path: Path) -> Path:
    """Where the new cache of ``path`` waits, complete, for its place."""
    return path.with_name(path.name + ".rebuilt")


def _mark(path: Path) -> Path:
    return path.with_name(path.name + ".damaged")
