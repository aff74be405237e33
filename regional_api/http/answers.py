"""Answers: JSON of the contract's types, and NDJSON streams compressed as the client can read them."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec
import zstandard
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

NDJSON = "application/x-ndjson"
_encoder = msgspec.json.Encoder(uuid_format="canonical")
_SMALL = 16_384
"""Bytes gathered before they are handed to the network."""


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Plain:
    """No compression."""

    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def json_answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """``value`` as JSON."""
    return Response(_encoder.encode(value), status, headers, media_type="application/json")


def ndjson_answer(request: Request, chunks: Iterable[Sequence[object]]) -> Response:
    """One JSON value a line. ``chunks`` is worked through in a thread while the client reads, so a slow
    reader slows its own answer down and holds neither memory nor a transaction.
    """
    encoding = accepted_encoding(request.headers.get("accept-encoding", ""))
    headers = {"Vary": "Accept-Encoding", "Cache-Control": "no-store"}
    if encoding:
        headers["Content-Encoding"] = encoding
    return StreamingResponse(_stream(chunks, _compressor(encoding)), media_type=NDJSON, headers=headers)


def accepted_encoding(header: str) -> str:
    """The best encoding that the client takes: zstd, gzip or none."""
    accepted: dict[str, bool] = {}
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        accepted[name.strip()] = parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    for name in ("zstd", "gzip"):
        if accepted.get(name, False):
            return name
    return ""


def _compressor(encoding: str) -> _Compressor:
    if encoding == "zstd":
        # Level 3 makes a snapshot an eighth smaller and its compression more than three times as dear.
        compressor: _Compressor = zstandard.ZstdCompressor(level=1).compressobj()
        return compressor
    # Level 1: at level 6 the server's processor, not the network, would be the limit.
    return zlib.compressobj(1, zlib.DEFLATED, 31) if encoding == "gzip" else _Plain()


def _stream(chunks: Iterable[Sequence[object]], compressor: _Compressor) -> Iterator[bytes]:
    waiting = bytearray()
    for chunk in chunks:
        waiting += compressor.compress(_encoder.encode_lines(chunk))
        if len(waiting) >= _SMALL:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting) + compressor.flush()
