"""Records of a CSV file one by one: a broken one is told and passed over, and the next one is read.

The reader of the standard library trusts an opening quote until it is closed, so one stray quote swallows
the rest of a file. Here a quoted field ends at the latest with a measure that no message exceeds; what was
swallowed is then read again line by line.
"""

import csv
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cur_tui.domain.texts.intake import decode_text

_DELIMITERS = ",;\t|"
_SAMPLE_BYTES = 262_144
MAX_RECORD_CHARS = 1_000_000
"""A quoted field that goes on for longer was never closed."""
_MAX_RECORD_LINES = 20_000
_MAX_LINE = MAX_RECORD_CHARS + 1_000
"""Characters of a line that are kept: more than those of a record, so that it shows as too long."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written."""

    charset: str
    delimiter: str


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that does not parse, with its first line."""

    line: str


def sniff(path: Path, charset: str | None = None, delimiter: str | None = None) -> Dialect:
    """Charset and delimiter of a file by its beginning; what is given is taken as it is."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    # A cut last line could end in the middle of a letter.
    whole = sample[: sample.rfind(b"\n") + 1] or sample
    text, found = decode_text(whole)
    charset = charset or ("utf-8-sig" if found == "utf-8" else found)
    header = text.lstrip("\ufeff").split("\n", 1)[0]
    counts = Counter({mark: header.count(mark) for mark in _DELIMITERS})
    best, n = counts.most_common(1)[0]
    return Dialect(charset, delimiter or (best if n else ","))


def read_records(path: Path, dialect: Dialect) -> Iterator[list[str] | BrokenRecord]:
    """Every record, the header first; an empty line is an empty one. Memory is bounded by the longest."""
    with path.open(encoding=dialect.charset, errors="replace", newline="") as file:
        yield from _Records(file, dialect.delimiter)


class _Records:
    def __init__(self, file: TextIO, delimiter: str) -> None:
        self._file = file
        self._delimiter = delimiter
        self._again: deque[str] = deque()

    def __iter__(self) -> Iterator[list[str] | BrokenRecord]:
        while (line := self._next_line()) is not None:
            if not line.strip():
                yield []
                continue
            record = self._record(line)
            yield BrokenRecord(line.rstrip("\r\n")) if record is None else record

    def _next_line(self) -> str | None:
        if self._again:
            return self._again.popleft()
        line = rest = self._file.readline(_MAX_LINE)
        while len(rest) == _MAX_LINE and not rest.endswith(("\n", "\r")):
            # Longer than any record: its head tells which line it was, the rest is read past.
            rest = self._file.readline(_MAX_LINE)
        return line.replace("\0", "" if len(line) < _MAX_LINE else "?") if line else None

    def _record(self, first: str) -> list[str] | None:
        """The record that begins with the line ``first``; None when it is broken."""
        if len(first) > MAX_RECORD_CHARS:
            return None
        alone = self._parsed(first)
        if alone is not None:
            return alone
        lines, length, quotes = [first], len(first), first.count('"')
        while quotes % 2 and length <= MAX_RECORD_CHARS and len(lines) <= _MAX_RECORD_LINES:
            line = self._next_line()
            if line is None:
                break
            lines.append(line)
            length += len(line)
            quotes += line.count('"')
        whole = None if quotes % 2 or length > MAX_RECORD_CHARS else self._parsed("".join(lines))
        if whole is None:
            self._again.extendleft(reversed(lines[1:]))
        return whole

    def _parsed(self, text: str) -> list[str] | None:
        csv.field_size_limit(MAX_RECORD_CHARS * 2)
        try:
            rows = list(csv.reader([text], delimiter=self._delimiter, strict=True))
        except csv.Error:
            return None
        return rows[0] if len(rows) == 1 else None
