"""Rows out of a page of a table, by the published file format and without the database's library."""

from collections.abc import Callable, Iterator
from struct import unpack
from typing import Final

from storage.salvage.pages import USABLE

Value = int | float | str | bytes | None
Record = tuple[int, tuple[Value, ...]]
"""The key of a row and its stored columns."""

_TABLE_LEAF: Final = 0x0D
_FILE_HEADER: Final = 100
_PAGE_HEADER: Final = 8
_MOST_LOCAL: Final = USABLE - 35
_LEAST_LOCAL: Final = (USABLE - 12) * 32 // 255 - 23
_SIZES: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
"""Bytes of a value by its kind: nothing, six sizes of whole numbers, a float, the constants 0 and 1."""
_LONGEST: Final = 64 * 1024 * 1024
"""Bytes of one row: more than any text that is taken from a person."""

_BROKEN: Final = (IndexError, ValueError, OverflowError)
"""What reading runs into where a cell is no cell."""


def records(number: int, page: bytes, overflow: Callable[[int], bytes | None]) -> Iterator[Record]:
    """The rows of ``page`` if it is a table's; one that cannot be read whole is left out.

    ``overflow`` gives the pages on which long rows go on.
    """
    begin = _FILE_HEADER if number == 1 else 0
    if page[begin] != _TABLE_LEAF:
        return
    count = int.from_bytes(page[begin + 3 : begin + 5], "big")
    for n in range(count):
        at = begin + _PAGE_HEADER + 2 * n
        try:
            cell = int.from_bytes(page[at : at + 2], "big")
            length, cell = _varint(page, cell)
            key, cell = _varint(page, cell)
            yield _signed(key), _columns(_payload(page, cell, length, overflow))
        except _BROKEN:
            continue


def width(number: int, page: bytes) -> int:
    """How many columns the first row of a table's page has; 0 for any other page.

    All rows of a page are of one table, so that pages of other tables need not be read.
    """
    begin = _FILE_HEADER if number == 1 else 0
    if page[begin] != _TABLE_LEAF or not any(page[begin + 3 : begin + 5]):
        return 0
    try:
        at = int.from_bytes(page[begin + _PAGE_HEADER : begin + _PAGE_HEADER + 2], "big")
        _, at = _varint(page, at)
        _, at = _varint(page, at)
        return len(_types(page[at:])[0])
    except _BROKEN:
        return 0


def _payload(page: bytes, at: int, length: int, overflow: Callable[[int], bytes | None]) -> bytes:
    if length > _LONGEST:
        raise ValueError(length)
    if length <= _MOST_LOCAL:
        local = length
    else:
        local = _LEAST_LOCAL + (length - _LEAST_LOCAL) % (USABLE - 4)
        local = local if local <= _MOST_LOCAL else _LEAST_LOCAL
    parts = [page[at : at + local]]
    following = int.from_bytes(page[at + local : at + local + 4], "big")
    missing = length - local
    while missing > 0:
        more = overflow(following)
        if more is None:
            raise ValueError(following)
        following = int.from_bytes(more[:4], "big")
        parts.append(more[4 : 4 + missing])
        missing -= USABLE - 4
    return b"".join(parts)


def _columns(payload: bytes) -> tuple[Value, ...]:
    types, at = _types(payload)
    values: list[Value] = []
    for kind in types:
        size = _size(kind)
        stored = payload[at : at + size]
        if len(stored) < size:
            raise ValueError(kind)
        values.append(_value(kind, stored))
        at += size
    return tuple(values)


def _types(payload: bytes) -> tuple[list[int], int]:
    """The kinds of the columns, and where their values begin."""
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    return kinds, at


def _size(kind: int) -> int:
    return (kind - 12) // 2 if kind >= 12 else _SIZES[kind]


def _value(kind: int, stored: bytes) -> Value:
    if kind >= 12:
        return stored if kind % 2 == 0 else stored.decode()
    if kind == 0:
        return None
    if kind == 7:
        return float(unpack(">d", stored)[0])
    return kind - 8 if kind >= 8 else int.from_bytes(stored, "big", signed=True)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at ``at`` and where the next thing begins."""
    value = 0
    for n in range(8):
        byte = data[at + n]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + n + 1
    return value << 8 | data[at + 8], at + 9


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
