"""The pages of a damaged cache that are as they were written, read without the database's library.

The library refuses a whole file over one broken page. But SQLCipher signs every page by itself: one that
authenticates under the key is what was once written there, whatever has become of its neighbours. So the file
and its write-ahead log are read here by their published formats (SQLite 3, SQLCipher 4 with a raw key).
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Self

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from storage.database.connection import SALT
from storage.database.damage import PAGE

USABLE: Final = PAGE - 80
"""A page's bytes without the reserve at its end: 16 of the initial vector, 64 of the signature."""
_SIGNED: Final = USABLE + 16
_HEAD: Final = 16
_MAGIC: Final = b"SQLite format 3\0"
"""What stands at the beginning of an unencrypted file, where the encrypted one has its salt."""

_LOG_HEADER, _FRAME_HEADER = 32, 24
_LOG_MAGIC: Final = (0x377F0682, 0x377F0683)
_LOOKS: Final = 256
"""Pages tried before a key is said to be of another file; a few of a real cache would do."""


class ForeignKeyError(Exception):
    """Nothing in the file authenticates under the key: it is another's, or nothing of the file is left."""


class Pages:
    """The readable pages of one cache file. A page is its content without the reserve, or None."""

    def __init__(self, file: BinaryIO, log: bytes, key: bytes) -> None:
        self._file = file
        self._log = log
        self._key = key
        self._frames = _frames(log)
        self.total = max((-(-file.seek(0, 2) // PAGE), *self._frames))
        """How many pages there are, a part of one at the end of the file included."""
        self._signing = self._signing_key()
        first = self.page(1)
        if first is not None:  # it says how many pages there should be, also of a file that was cut off
            self.total = max(self.total, int.from_bytes(first[28:32], "big"))

    @classmethod
    def open(cls, path: Path, key: bytes) -> Self:
        """The pages of ``path`` and of its log. Raises :class:`ForeignKeyError` and OSError."""
        log = path.with_name(path.name + "-wal")
        # The log is bounded by the writer's checkpoints; the file is read page by page.
        return cls(path.open("rb"), log.read_bytes() if log.exists() else b"", key)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def page(self, number: int) -> bytes | None:
        """The newest whole version of a page, counted from 1: of the log, else of the file.

        None for a page that is broken or no page: where versions do not fit together, a chain may end early.
        """
        if number < 1:
            return None
        return next(
            (self._plain(number, raw) for raw in self._versions(number) if self._is_whole(number, raw)), None
        )

    def __iter__(self) -> Iterator[tuple[int, bytes | None]]:
        """Every page with its number."""
        for number in range(1, self.total + 1):
            yield number, self.page(number)

    # --- inside ---------------------------------------------------------------------------------------

    def _versions(self, number: int) -> Iterator[bytes]:
        for at in reversed(self._frames.get(number, ())):
            yield self._log[at : at + PAGE]
        self._file.seek((number - 1) * PAGE)
        yield self._file.read(PAGE)

    def _signing_key(self) -> bytes:
        """The key of the signatures. It depends on the salt, which lies in the first bytes of the file."""
        self._file.seek(0)
        salts = dict.fromkeys((self._file.read(_HEAD), SALT))
        step = max(self.total // _LOOKS, 1)
        for salt in salts:
            signing = _signing_key(self._key, salt)
            for number in (*range(1, self.total + 1, step), *list(self._frames)[:_LOOKS]):
                if any(_is_signed(number, raw, signing) for raw in self._versions(number)):
                    return signing
        raise ForeignKeyError

    def _is_whole(self, number: int, raw: bytes) -> bool:
        return _is_signed(number, raw, self._signing)

    def _plain(self, number: int, raw: bytes) -> bytes:
        begin = _HEAD if number == 1 else 0
        mode = modes.CBC(raw[USABLE:_SIGNED])
        decryptor = Cipher(algorithms.AES(self._key), mode).decryptor()
        return (_MAGIC if number == 1 else b"") + decryptor.update(raw[begin:USABLE])


def belongs_to(path: Path, key: bytes) -> bool:
    """Whether ``key`` is the key of the file, however damaged that is."""
    try:
        Pages.open(path, key).close()
    except (ForeignKeyError, OSError):
        return False
    return True


def _signing_key(key: bytes, salt: bytes) -> bytes:
    masked = bytes(byte ^ 0x3A for byte in salt)
    return hashlib.pbkdf2_hmac("sha512", key, masked, 2, 32)


def _is_signed(number: int, raw: bytes, signing: bytes) -> bool:
    if len(raw) < PAGE:
        return False
    begin = _HEAD if number == 1 else 0
    made = hmac.digest(signing, raw[begin:_SIGNED] + number.to_bytes(4, "little"), "sha512")
    return hmac.compare_digest(made, raw[_SIGNED:])


def _frames(log: bytes) -> dict[int, list[int]]:
    """Where the committed versions of each page begin in the log, the newest last.

    Frames of another salt are left over from before the last reset and older than the file. What comes after
    the last commit never was one.
    """
    if len(log) < _LOG_HEADER + _FRAME_HEADER + PAGE:
        return {}
    intact = int.from_bytes(log[:4], "big") in _LOG_MAGIC
    first = log[_LOG_HEADER : _LOG_HEADER + _FRAME_HEADER]
    salts = log[16:24] if intact else first[8:16]
    found: dict[int, list[int]] = defaultdict(list)
    waiting: list[tuple[int, int]] = []
    for begin in range(_LOG_HEADER, len(log) - _FRAME_HEADER - PAGE + 1, _FRAME_HEADER + PAGE):
        header = log[begin : begin + _FRAME_HEADER]
        if header[8:16] != salts:
            continue
        waiting.append((int.from_bytes(header[:4], "big"), begin + _FRAME_HEADER))
        if any(header[4:8]):  # the size of the database after a commit; zero inside a transaction
            for number, at in waiting:
                found[number].append(at)
            waiting = []
    return found
