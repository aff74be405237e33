"""Documents of appeals as they are stored: compressed with a dictionary that knows what appeals look like.

A document of 8 KB repeats its field names and much of its wording, but only from one appeal to the next,
which compression by itself cannot see. With a dictionary trained on appeals it takes up a seventh of its
length. Each packed document names the dictionary it needs, so that newer dictionaries may be added and what
was packed with an older one stays readable. Plain JSON is read as it is: so documents were stored before.
"""

import binascii
import threading
from collections.abc import Container
from functools import cache
from typing import TYPE_CHECKING, Final

from cur_tui.contract import MAX_LINE

if TYPE_CHECKING:
    import zstandard

CURRENT: Final = 20261121
"""The dictionary that documents are packed with: the day of its making. Older ones are only read."""
KNOWN: Final = (CURRENT,)
"""Every dictionary that is shipped: what a reader of packed documents tells the server that it has.

A new one raises ``SCHEMA`` of the cache (``storage/database/schema.py``): an older program would open a
cache whose documents it cannot unpack.
"""
LEVEL: Final = 3
MAX_DOCUMENT: Final = MAX_LINE
"""The longest document in bytes. A packed one that claims to be longer is damaged or hostile."""

_PLAIN: Final = b"{"
_PACKED: Final = b'"'
_LOADING = threading.Lock()


class UnpackError(ValueError):
    """What was stored is no document: damaged, too long, or packed with a dictionary of a later version."""


class _Own(threading.local):
    """The compressors of one thread: their contexts must not be used by two at once."""

    def __init__(self) -> None:
        self.packer: zstandard.ZstdCompressor | None = None
        self.unpackers: dict[int, zstandard.ZstdDecompressor] = {}


_own = _Own()


def pack(document: bytes) -> bytes:
    """``document``, a JSON object, in its stored form."""
    return _packer().compress(document) if len(document) <= MAX_DOCUMENT else document


def unpack(stored: bytes) -> bytes:
    """The JSON that was given to :func:`pack`, or ``stored`` itself when it is plain JSON.

    Raises :class:`UnpackError` for anything else.
    """
    if stored.startswith(_PLAIN):
        return stored
    import zstandard

    unpacker = _unpacker(_dictionary_of(stored))
    try:
        return unpacker.decompress(stored)
    except zstandard.ZstdError as error:
        raise UnpackError("damaged") from error


def sent_form(stored: bytes, dictionaries: Container[int]) -> bytes:
    """The JSON value that stands for a stored document in a line.

    Readers who have its ``dictionaries`` get it packed, as a string in Base64: neither side then has to pack
    or unpack it. Everybody else gets the document itself.
    """
    if not stored.startswith(_PLAIN):
        import zstandard

        if zstandard.get_frame_parameters(stored).dict_id in dictionaries:
            return _PACKED + binascii.b2a_base64(stored, newline=False) + _PACKED
    return unpack(stored)


def stored_form(sent: bytes) -> bytes:
    """The stored form of the document that a line holds as ``sent``.

    Raises :class:`UnpackError` for a packed one that does not begin as those do which :func:`unpack` takes.
    The rest is not looked at: unpacking a whole region would cost the reading of everything its speed.
    """
    if not sent.startswith(_PACKED):
        return pack(sent)
    try:
        stored = binascii.a2b_base64(sent[1:-1], strict_mode=True)
    except binascii.Error as error:
        raise UnpackError("damaged") from error
    number = _dictionary_of(stored)
    if number not in KNOWN:
        raise UnpackError(f"no dictionary {number}")
    return stored


def _dictionary_of(stored: bytes) -> int:
    """The dictionary that a packed document names. Raises :class:`UnpackError` for no document of ours."""
    import zstandard

    try:
        frame = zstandard.get_frame_parameters(stored)
    except zstandard.ZstdError as error:
        raise UnpackError("damaged") from error
    # The length in the frame is what would be allocated; a frame without one is not of our making.
    if not 0 < frame.content_size <= MAX_DOCUMENT:
        raise UnpackError("no document has this length")
    return int(frame.dict_id)


def _packer() -> "zstandard.ZstdCompressor":
    if _own.packer is None:
        import zstandard

        _own.packer = zstandard.ZstdCompressor(dict_data=_dictionary(CURRENT), level=LEVEL)
    return _own.packer


def _unpacker(number: int) -> "zstandard.ZstdDecompressor":
    found = _own.unpackers.get(number)
    if found is None:
        import zstandard

        found = zstandard.ZstdDecompressor(dict_data=_dictionary(number))
        _own.unpackers[number] = found
    return found


def _dictionary(number: int) -> "zstandard.ZstdCompressionDict":
    # One for all threads: prepared once, only read afterwards.
    with _LOADING:
        return _load(number)


@cache
def _load(number: int) -> "zstandard.ZstdCompressionDict":
    from importlib.resources import files

    import zstandard

    place = files("cur_tui.contract").joinpath("dictionaries", f"{number}.zdict")
    if not place.is_file():
        raise UnpackError(f"no dictionary {number}")
    dictionary = zstandard.ZstdCompressionDict(place.read_bytes())
    if number == CURRENT:
        dictionary.precompute_compress(level=LEVEL)
    return dictionary
