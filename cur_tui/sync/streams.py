"""Lines of the feed and the snapshot as typed values, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from cur_tui.contract.wire import Checkpoint, CursorLine, End, Gone, Out, Put, Reference, StreamLine
from cur_tui.sync.decoding import DamagedError

Record = Put | Out | Gone | Reference
"""A line that changes the cache."""

_decoder = msgspec.json.Decoder(StreamLine)


class _Tagged(msgspec.Struct):
    tag: str = msgspec.field(name="_")


_tag_decoder = msgspec.json.Decoder(_Tagged)
_KNOWN_TAGS = frozenset(
    str(shape.__struct_config__.tag) for shape in (Put, Out, Gone, Reference, Checkpoint, End, CursorLine)
)


class PageSize:
    """How many lines to ask for: fewer after an answer that was too large, since records differ in length."""

    SMALLEST = 50

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self.lines = largest

    def shrink(self) -> None:
        """The last answer was too large."""
        self.lines = max(self.SMALLEST, self.lines // 2)

    def grow(self) -> None:
        """The last answer was fine."""
        self.lines = min(self._largest, self.lines * 2)


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page of the feed."""

    records: list[Record]
    end: CursorLine


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the snapshot that is complete up to its checkpoint."""

    records: list[Record]
    checkpoint: Checkpoint


def decode(lines: Iterable[bytes]) -> Iterator[StreamLine]:
    """Typed lines. A kind of line that this version does not know is passed over: reading must go on.

    Raises :class:`DamagedError` for anything else that is no line of the contract.
    """
    for line in lines:
        try:
            yield _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if not _is_of_the_future(line):
                raise DamagedError("NDJSON") from None


def _is_of_the_future(line: bytes) -> bool:
    try:
        return _tag_decoder.decode(line).tag not in _KNOWN_TAGS
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def read_page(lines: Iterable[bytes]) -> Page:
    """The page in ``lines``. Raises :class:`DamagedError` for one without its last line: it was cut off."""
    records: list[Record] = []
    for line in decode(lines):
        if isinstance(line, CursorLine):
            return Page(records, line)
        if not isinstance(line, Checkpoint | End):
            records.append(line)
    raise DamagedError("NDJSON")


def read_blocks(lines: Iterable[bytes]) -> Iterator[Block | End]:
    """The complete pieces of a snapshot, and its end if it is reached; an unfinished piece is dropped."""
    records: list[Record] = []
    for line in decode(lines):
        if isinstance(line, Checkpoint):
            yield Block(records, line)
            records = []
        elif isinstance(line, End):
            yield line
            return
        elif not isinstance(line, CursorLine):
            records.append(line)
