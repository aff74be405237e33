"""Where the tests keep their many small files: in memory, where there is room for them."""

import os
import shutil
import tempfile
from pathlib import Path

_SHARED = Path("/dev/shm")
_ENOUGH = 4 << 30
"""Bytes. All processes of a run together keep much less."""


def memory() -> Path | None:
    """A folder in memory with room for a run; None: files lie where temporary files lie."""
    has_room = _SHARED.is_dir() and shutil.disk_usage(_SHARED).free > _ENOUGH and _available() > 2 * _ENOUGH
    return _SHARED if has_room and os.access(_SHARED, os.W_OK) else None


def settle_in_memory() -> None:
    """All temporary files of this process and of those it starts lie there, unless somebody chose a place."""
    folder = memory()
    if folder is not None and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = str(folder)
        tempfile.tempdir = None  # it is asked for anew


def _available() -> int:
    """Bytes of memory that could be had without taking them from anybody."""
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            return int(amount.split()[0]) << 10
    return 0
