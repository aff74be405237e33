"""The shared strings of a workbook, on disk: a file with a million texts must not fill the memory."""

import os
import tempfile
from array import array
from typing import BinaryIO
from xml.parsers import expat

from regional_api.importers.files.table import MAX_CELL
from regional_api.importers.files.xlsx_package import Package, local

PART = "xl/sharedStrings.xml"
_KEPT = 20_000
_KEPT_BYTES = 96
"""The labels of an export repeat and are short; its texts are long and occur once."""


class SharedStrings:
    """Strings by their number. Eight bytes of memory each, the text itself in a temporary file."""

    def __init__(self, package: Package, part: str = PART) -> None:
        self._file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the workbook
        self._ends = array("Q", [0])
        self._kept: dict[int, str] = {}
        if part in package:
            self._read(package, part)
        self._file.flush()
        self._descriptor = self._file.fileno()

    def __getitem__(self, number: int) -> str:
        text = self._kept.get(number)
        if text is not None:
            return text
        if number < 0:
            raise IndexError(number)
        start, end = self._ends[number], self._ends[number + 1]
        text = os.pread(self._descriptor, end - start, start).decode()
        if end - start <= _KEPT_BYTES and len(self._kept) < _KEPT:
            self._kept[number] = text
        return text

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()

    def _read(self, package: Package, part: str) -> None:
        pieces: list[str] = []
        written = 0
        phonetic = 0
        parser = expat.ParserCreate()

        def start(name: str, _: dict[str, str]) -> None:
            nonlocal phonetic
            name = local(name)
            if name == "rPh":
                phonetic += 1
            elif name == "t" and not phonetic:
                parser.CharacterDataHandler = pieces.append

        def end(name: str) -> None:
            nonlocal written, phonetic
            name = local(name)
            if name == "t":
                parser.CharacterDataHandler = None
            elif name == "rPh":
                phonetic -= 1
            elif name == "si":
                data = "".join(pieces)[:MAX_CELL].encode(errors="replace")
                pieces.clear()
                self._file.write(data)
                written += len(data)
                self._ends.append(written)

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        for _ in package.parse(part, parser):
            if len(pieces) > _MANY_PIECES:
                pieces[:] = ["".join(pieces)[:MAX_CELL]]


_MANY_PIECES = 64
"""Pieces of one string still open between two reads: a string without an end must not gather in memory."""
