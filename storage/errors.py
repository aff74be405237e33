"""What can go wrong with the cache, as stable codes, and the driver's errors put into them.

No error carries a value of a row: the texts of people must not reach a log through a traceback.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from cur_tui.i18n import N_, Translator, current

REFUSALS: Final[Mapping[str, str]] = {
    "cache_wrong_key": N_(
        "The key does not open the cache {path}, or nothing in it can be read any more. Nothing has changed; "
        "«cur repair» sets it aside and loads everything anew."
    ),
    "cache_damaged": N_(
        "The cache {path} is damaged. Start the program again: what was not sent is saved first, the rest "
        "is loaded anew."
    ),
    "cache_unreadable": N_(
        "A record in the cache {path} cannot be read. «cur repair» saves what was not sent and loads the "
        "rest anew."
    ),
    "cache_newer": N_(
        "The cache was written by a newer version of the program ({found}). Update the program."
    ),
    "cache_older": N_(
        "The cache is of an earlier version of the program. `cur sync` or the workstation carries it over."
    ),
    "cache_locked": N_("The cache is busy. Nothing has changed; try again in a moment."),
    "cache_full": N_("The disk is full. Nothing has changed; free some space and try again."),
    "cache_in_use": N_("The workstation is open already with this profile. Use its window or close it."),
    "cache_missing": N_("There is no cache for this profile yet. Sign in and synchronise first."),
    "cache_symlink": N_("{path} is a symbolic link. Name the real place."),
    "cache_foreign_owner": N_("{path} belongs to another user. Choose a place of your own."),
    "cache_read_only": N_(
        "The cache was opened for reading only. Close the workstation to change something."
    ),
    "cache_sealed": N_("The workstation is locked. Unlock it first; nothing has changed."),
    "cache_unusable": N_("The cache {path} cannot be used: {reason}."),
    "undo_nothing": N_("There is nothing to undo."),
    "undo_sent": N_("This has been sent already and cannot be undone here."),
    "undo_form": N_(
        "Another appeal is being taken down. Give it or empty its form, then take this one back."
    ),
    "undo_needed_later": N_("A later step of yours («{command}») needs this one. Undo that one first."),
}
"""The sentence of each code; ``params`` fill it."""


class CacheError(Exception):
    """The cache refused; nothing has changed. ``code`` is a key of :data:`REFUSALS`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        known = {"path": "", "reason": "", **self.params}
        return (t or current()).gettext(REFUSALS[self.code]).format(**known)


class CacheBusy(CacheError):
    """Another process has this cache open for writing."""

    def __init__(self) -> None:
        super().__init__("cache_in_use")


class UndoRefused(CacheError):
    """A command cannot be taken back; ``code`` is one of the ``undo_*`` codes."""


class TooLong(Exception):
    """A read took longer than its caller could wait; a worker can do it. Nothing is wrong."""


class ReadStopped(Exception):
    """A read ended early because its caller no longer wanted it."""


# Primary result codes of SQLite: stable numbers of its file format's documentation.
_INTERRUPTED = 9
_BUSY, _LOCKED, _READ_ONLY, _IO, _CORRUPT, _FULL, _CANNOT_OPEN, _NOT_A_DATABASE = 5, 6, 8, 10, 11, 13, 14, 26

_CODES: Final = {
    _BUSY: "cache_locked",
    _LOCKED: "cache_locked",
    _READ_ONLY: "cache_read_only",
    _IO: "cache_unusable",
    _CORRUPT: "cache_damaged",
    _FULL: "cache_full",
    _CANNOT_OPEN: "cache_unusable",
    _NOT_A_DATABASE: "cache_wrong_key",
}


def as_cache_error(error: BaseException, path: str = "") -> CacheError | None:
    """The driver's ``error`` (also wrapped by SQLAlchemy) as ours; None for a mistake in the program."""
    source = getattr(error, "orig", None) or error
    number = getattr(source, "sqlite_errorcode", None)
    code = _CODES.get(number & 0xFF) if isinstance(number, int) else None
    if code is None:
        return None
    return CacheError(code, path=path, reason=str(getattr(source, "sqlite_errorname", "")))


def is_interrupted(error: BaseException) -> bool:
    """Whether a statement of the driver was ended from outside."""
    return getattr(error, "sqlite_errorcode", None) == _INTERRUPTED


@contextmanager
def driver_errors(path: str = "") -> Iterator[None]:
    """Raise the driver's errors inside the block as :class:`CacheError`; all damage is told with ``path``."""
    try:
        yield
    except CacheError as error:
        if "{path}" in REFUSALS[error.code]:
            error.params.setdefault("path", path)
        raise
    except Exception as error:
        known = as_cache_error(error, path)
        if known is None:
            raise
        raise known from None
