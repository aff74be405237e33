"""The quarantine of an import: where rows go that could not be taken, and the file in which they are mended.

The file has the columns of the source, so it is of the same form, and five more: the key that the row was
told apart by, its mark in the quarantine of the region, and what is wrong with it.
"""

import csv
import hashlib
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol, TextIO

from regional_api.importers.base import QUARANTINE_KEY, QUARANTINE_MARK, Bad, Record
from regional_api.importers.cells import rewritten_from_1904
from regional_api.importers.files.opening import opened
from regional_api.importers.files.table import FileError
from regional_api.importers.words import reason_words

_COLUMN = "Карантин: столбец"
_REASON = "Карантин: причина"
COLUMNS = (QUARANTINE_KEY, QUARANTINE_MARK, "Карантин: строка", _COLUMN, _REASON)
_ACTS = re.compile(r"[\t\r]|[\s\ufeff\u200b\0]*(?:[=+@＝＋＠]|[-－](?!\d*[.,]?\d*$))")
"""What a spreadsheet program would take for a formula, also behind blanks that it drops."""
_TELLING = (QUARANTINE_MARK, _COLUMN, _REASON)


Standing = Literal["open", "mended", "set_aside"]


@dataclass(frozen=True, slots=True)
class Kept:
    """How a row stands that could not be taken: it waits to be mended, or was settled since it first came."""

    state: Standing
    mark: str = ""


class Sink(Protocol):
    """Where the bad rows of an import go."""

    def keep(self, rows: Sequence[Bad]) -> Sequence[Kept]:
        """Keep rows that could not be taken; how each of them stands."""
        ...

    def taken(self, records: Sequence[tuple[Record, str]]) -> None:
        """These rows were taken, by the appeals of these numbers: what lay here in their place is mended."""
        ...

    def close(self) -> tuple[Path, ...]:
        """The import is over; the files in which its rows can be mended, where there are any."""
        ...


class QuarantineFile:
    """Writes rows that wait into a file beside the imported one; without such rows the file goes away again.

    It is made at once, so that a folder where nothing can be written is told (OSError) before anything is
    stored. A file that is there is never overwritten: somebody may be mending it. A row that such a file has
    already, for the same reason, is left to it. ``dates_from_1904``: the positions of dates that are to be
    rewritten, because a text file counts days like everybody else.
    """

    def __init__(self, imported: Path, header: Sequence[str], dates_from_1904: Collection[int] = ()) -> None:
        self._there = _rows_there(imported)
        self._path, self._file = _made(imported)
        self._positions = [n for n, name in enumerate(header) if name not in COLUMNS]
        self._width = len(header)
        self._dates = dates_from_1904
        self._rows = 0
        self._found: dict[Path, None] = {}
        csv.writer(self._file, delimiter=";").writerow([*(header[n] for n in self._positions), *COLUMNS])

    def put(self, bad: Bad) -> None:
        """Add a row, unless a file that is there has it."""
        there = self._there.get(_fault(bad.mark, _guarded(bad.column), reason_words(bad.reason)))
        if there is not None:
            self._found[there] = None
            return
        cells = [rewritten_from_1904(cell) if n in self._dates else cell for n, cell in enumerate(bad.cells)]
        row = quarantine_row(replace(bad, cells=tuple(cells)), self._positions, self._width)
        csv.writer(self._file, delimiter=";").writerow(row)
        self._rows += 1

    def close(self) -> tuple[Path, ...]:
        """Finish; the files that have a row of this import, the new one last."""
        self._file.close()
        if self._rows:
            return (*self._found, self._path)
        self._path.unlink(missing_ok=True)
        return tuple(self._found)


def quarantine_row(bad: Bad, positions: Sequence[int], width: int) -> list[str]:
    """A row of the file: the cells at ``positions``, :data:`COLUMNS`, and what stands beyond the header."""
    cells = [bad.cells[n] if n < len(bad.cells) else "" for n in positions]
    told = (bad.key, bad.mark, str(bad.row), _guarded(bad.column), reason_words(bad.reason))
    return [*map(_guarded, cells), *told, *map(_guarded, bad.cells[width:])]


def _guarded(cell: str) -> str:
    return f"'{cell}" if _ACTS.match(cell) else cell


def _stem(imported: Path) -> str:
    return re.sub(r"\.quarantine(?:-\d+)?$", "", imported.stem)


def _made(imported: Path) -> tuple[Path, TextIO]:
    """A new file, only for its owner: it holds what citizens wrote."""
    n = 1
    while True:
        path = imported.with_name(f"{_stem(imported)}.quarantine{f'-{n}' if n > 1 else ''}.csv")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            n += 1
        else:
            return path, os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")


def _rows_there(imported: Path) -> dict[int, Path]:
    """The faults of the rows in the quarantines that lie beside the file, and which of them has each."""
    shape = re.compile(re.escape(_stem(imported)) + r"\.quarantine(?:-\d+)?\.(?:csv|xlsx)")
    found: dict[int, Path] = {}
    for path in sorted(one for one in imported.parent.iterdir() if shape.fullmatch(one.name)):
        try:
            found |= dict.fromkeys(_faults_in(path), path)
        except (FileError, OSError):
            continue  # no quarantine any more, whatever somebody has made of it
    return found


def _faults_in(path: Path) -> Iterator[int]:
    with opened(path) as sheets:
        lines = sheets[0].lines() if sheets else iter(())
        header = next(lines, None)
        if header is None or any(name not in header.cells for name in _TELLING):
            return
        places = [list(header.cells).index(name) for name in _TELLING]
        for line in lines:
            if len(line.cells) > max(places):
                yield _fault(*(line.cells[place] for place in places))


def _fault(mark: str, column: str, reason: str) -> int:
    """A row and what is wrong with it, in a few bytes: there may be as many as an export has rows."""
    told = f"{mark}\n{column}\n{reason}".encode(errors="replace")
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big")
