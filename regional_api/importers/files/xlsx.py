"""Workbooks read row by row, in bounded memory and with a limit on everything that a file may claim.

The cells of a row come as the text that the file holds: a shared string, a string in place, or a number. What
a number means, a date or an amount, is for the form of the source to say, which knows its columns.
"""

import posixpath
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat

from regional_api.importers.files.table import MAX_CELL, MAX_COLUMNS, MAX_ROW, FileError, Line
from regional_api.importers.files.xlsx_package import Package, damage_told, local, refuse_compound_file
from regional_api.importers.files.xlsx_strings import PART, SharedStrings

_MAX_ROWS = 4_000_000
_DIGITS = "0123456789"
_BOOLEANS = {"1": "Да", "0": "Нет"}


class Workbook:
    """An ``.xlsx`` file and its sheets. Close it when done. Raises :class:`FileError` for anything else."""

    def __init__(self, path: Path) -> None:
        refuse_compound_file(path)
        self._package = Package(path)
        targets = self._relations()
        self.dates_from_1904 = False
        self._sheets: list[tuple[str, str]] = []

        def told(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr":
                self.dates_from_1904 = attributes.get("date1904") in ("1", "true")
            elif name == "sheet":
                relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
                if relation in targets:
                    self._sheets.append((attributes.get("name", ""), targets[relation]))

        self._package.read_elements("xl/workbook.xml", told)
        with damage_told():
            self._strings = SharedStrings(self._package, self._strings_part(targets))

    def sheets(self) -> list["XlsxSheet"]:
        """Its sheets with cells, in their order."""
        return [
            XlsxSheet(name, self.dates_from_1904, self._package, part, self._strings)
            for name, part in self._sheets
            if part in self._package
        ]

    def close(self) -> None:
        """Let go of the temporary file."""
        self._strings.close()

    def _relations(self) -> dict[str, str]:
        targets: dict[str, str] = {}

        def told(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                whole = target[1:] if target.startswith("/") else posixpath.join("xl", target)
                targets[attributes.get("Id", "")] = posixpath.normpath(whole)

        self._package.read_elements("xl/_rels/workbook.xml.rels", told)
        return targets

    def _strings_part(self, targets: dict[str, str]) -> str:
        return next((part for part in targets.values() if part.endswith("haredStrings.xml")), PART)


class XlsxSheet:
    """One sheet of a workbook."""

    def __init__(
        self, name: str, dates_from_1904: bool, package: Package, part: str, strings: SharedStrings
    ) -> None:
        self.name = name
        self.dates_from_1904 = dates_from_1904
        self._package = package
        self._part = part
        self._strings = strings

    def lines(self) -> Iterator[Line]:
        """Every row with a cell."""
        reader = _RowReader(self._strings)
        with damage_told():
            for _ in self._package.parse(self._part, reader.parser):
                yield from reader.taken()


class _RowReader:
    """Gathers rows out of the events of the parser."""

    def __init__(self, strings: SharedStrings) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._strings = strings
        self._rows: list[Line] = []
        self._cells: list[str] = []
        self._pieces: list[str] = []
        self._n = 0
        self._column = -1
        self._left = MAX_ROW
        self._type = ""
        self._broken = ""
        self._broken_at: int | None = None

    def taken(self) -> list[Line]:
        """The rows finished since the last call."""
        rows, self._rows = self._rows, []
        if len(self._pieces) > 1:
            # A cell that never ends is cut, not gathered.
            self._pieces[:] = ["".join(self._pieces)[:MAX_CELL]]
        return rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = local(name)
        if name == "c":
            reference = attributes.get("r")
            self._column = self._column + 1 if reference is None else _column(reference.rstrip(_DIGITS))
            if self._column >= MAX_COLUMNS:
                raise FileError("too_wide", limit=str(MAX_COLUMNS))
            self._type = attributes.get("t", "")
        elif name in ("v", "t"):
            self.parser.CharacterDataHandler = self._pieces.append
        elif name == "f":
            self._break("formula")
        elif name == "row":
            self._begin_row(attributes.get("r"))

    def _end(self, name: str) -> None:
        if ":" in name:
            name = local(name)
        if name in ("v", "t"):
            self.parser.CharacterDataHandler = None
        elif name == "c":
            if self._pieces:
                self._end_cell()
        elif name == "row" and self._cells:
            self._rows.append(Line(self._n, tuple(self._cells), self._broken, self._broken_at))

    def _begin_row(self, number: str | None) -> None:
        self._n = self._n + 1 if number is None else int(number)
        if self._n > _MAX_ROWS:
            raise FileError("too_long", limit=str(_MAX_ROWS))
        self._cells.clear()
        self._left = MAX_ROW
        self._column = -1
        self._broken, self._broken_at = "", None

    def _end_cell(self) -> None:
        value = self._pieces[0] if len(self._pieces) == 1 else "".join(self._pieces)[:MAX_CELL]
        self._pieces.clear()
        if self._type == "s":
            value = self._strings[int(value)]
        elif self._type == "b":
            value = _BOOLEANS.get(value, value)
        elif self._type == "e":
            self._break("cell_error")
        self._left -= len(value)
        if self._left < 0:
            self._break("too_long")
            return
        missing = self._column - len(self._cells)
        if missing >= 0:
            self._cells.extend([""] * (missing + 1))
        self._cells[self._column] = value

    def _break(self, reason: str) -> None:
        if not self._broken:
            self._broken, self._broken_at = reason, self._column


@lru_cache(maxsize=4096)
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + ord(letter) - 64
    return number - 1
