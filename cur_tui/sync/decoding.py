"""From the bytes of a connection to lines, within limits that a hostile or broken server cannot pass."""

import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Final, cast

from cur_tui.contract import MAX_LINE

MAX_DECODED: Final = 64 * 1_048_576
"""The most bytes that one answer may unfold to."""
ACCEPT_ENCODING: Final = "zstd, gzip"

_PIECE: Final = 65_536


class DamagedError(Exception):
    """Bytes that are not what they claim to be."""


class TooLargeError(Exception):
    """An answer beyond its limit in bytes, or a line beyond its own."""

    def __init__(self, limit: int) -> None:
        super().__init__(str(limit))
        self.limit = limit


def unfold(raw: Iterable[bytes], encoding: str, limit: int = MAX_DECODED) -> Iterator[bytes]:
    """The bytes behind the content ``encoding``, in bounded pieces.

    The pieces are decoded here and not by the HTTP library, which unfolds a whole chunk at once: a small
    chunk of zeros would fill the memory before its size could be looked at.
    Raises :class:`DamagedError` and :class:`TooLargeError`.
    """
    if encoding in ("", "identity"):
        pieces: Iterator[bytes] = iter(raw)
    elif encoding == "gzip":
        pieces = _gunzip(raw)
    elif encoding == "zstd":
        pieces = _unzstd(raw)
    else:
        raise DamagedError(encoding)
    seen = 0
    for piece in pieces:
        seen += len(piece)
        if seen > limit:
            raise TooLargeError(limit)
        yield piece


def _gunzip(raw: Iterable[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(wbits=31)
    try:
        for chunk in raw:
            rest = chunk
            while rest and not stream.eof:
                yield stream.decompress(rest, _PIECE)
                rest = stream.unconsumed_tail
        yield stream.flush()
    except zlib.error as error:
        raise DamagedError("gzip") from error


def _unzstd(raw: Iterable[bytes]) -> Iterator[bytes]:
    import zstandard

    # The window bounds what the decoder itself may allocate.
    decoder = zstandard.ZstdDecompressor(max_window_size=8 * 1_048_576)
    try:
        source = cast("IO[bytes]", _Chunks(raw))  # only ``read`` is used of it
        with decoder.stream_reader(source, read_across_frames=True) as stream:
            while piece := stream.read(_PIECE):
                yield piece
    except zstandard.ZstdError as error:
        raise DamagedError("zstd") from error


class _Chunks:
    """An iterable of chunks with the ``read`` that the decoder asks for."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)

    def read(self, _size: int = -1) -> bytes:
        return next((chunk for chunk in self._chunks if chunk), b"")


def split_lines(pieces: Iterable[bytes], limit: int = MAX_LINE) -> Iterator[bytes]:
    """The lines of a stream, without their ends and without empty ones. Raises :class:`TooLargeError`.

    Splitting bytes by hand costs two thirds of the HTTP library's own line reader. A last line without an end
    is given out too: whether it is whole shows when it is decoded.
    """
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if len(line) > limit:
                raise TooLargeError(limit)
            if line:
                yield line
        if len(rest) > limit:
            raise TooLargeError(limit)
    if rest:
        yield rest
