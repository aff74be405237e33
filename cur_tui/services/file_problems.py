"""Why a file cannot be read or written, in the person's language and not in that of the operating system."""

import errno
import os

from cur_tui.domain.refusal import Refused
from cur_tui.i18n import N_, _

_REASONS = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("you may not open it"),
    errno.EPERM: N_("you may not open it"),
    errno.EEXIST: N_("there is such a file already; name a new one"),
    errno.EISDIR: N_("this is a folder"),
    errno.ENOTDIR: N_("a part of the path is no folder"),
    errno.ENOSPC: N_("no room is left on the disk"),
    errno.EROFS: N_("nothing can be written there"),
}


def unreadable(path: object, number: int | None) -> Refused:
    """``file_unreadable`` for ``path``, by the number of the system's error."""
    if number in _REASONS:
        return Refused("file_unreadable", path=str(path), reason=_(_REASONS[number]))
    return Refused("file_unreadable", path=str(path), reason=os.strerror(number) if number else "")
