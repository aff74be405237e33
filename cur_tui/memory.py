"""What the system does with our memory: pieces given up go back to it, and nobody else gets to see it.

The keys of a million appeals are eight megabytes, made anew whenever such a list is opened. By default glibc
learns from the first of them to keep pieces of that size for itself, so that a day of changing lists leaves
the program with a fifth more memory than it uses.
"""

import ctypes
import sys
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_KEPT: Final = 128 * 1024
"""Bytes: glibc's own threshold before it begins to learn."""
_HEAPS: Final = 1
"""By default glibc gives each thread a heap of its own, and what one has freed is of no use to another."""


_PR_SET_DUMPABLE: Final = 4


def show_memory(*, to_others: bool) -> None:
    """Whether other programs of this account may look into the memory, and a core dump be made (Linux).

    The limit of size that the command line sets ends dumps alone, and not where it was none before.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, int(to_others), 0, 0, 0)


def return_what_is_freed() -> None:
    """Have large pieces returned from now on, and one heap used by all threads to come.

    Elsewhere than with glibc nothing happens.
    """
    if sys.platform != "linux":
        return
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None:
        for what, value in (
            (_M_MMAP_THRESHOLD, _KEPT),
            (_M_TRIM_THRESHOLD, _KEPT),
            (_M_ARENA_MAX, _HEAPS),
        ):
            tell(what, value)
