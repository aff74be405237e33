"""The quarantine: rows that could not be taken, in a file that is mended in a spreadsheet and imported again.

It has the columns of the source, so it is of the same form, and four more: the key that the row
was told apart by, and what is wrong with it.
"""

import csv
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TextIO

from regional_api.importers.base import QUARANTINE_KEY, Bad, Record
from regional_api.importers.cells import rewritten_from_1904
from regional_api.importers.words import reason_words

COLUMNS = (QUARANTINE_KEY, "Карантин: строка", "Карантин: столбец", "Карантин: причина")
_ACTS = re.compile(r"[\t\r]|[\s\ufeff\u200b\0]*(?:[=+@＝＋＠]|[-－](?!\d*[.,]?\d*$))")
"""What a spreadsheet program would take for a formula, also behind blanks that it drops."""


class Sink(Protocol):
    """Where the bad rows of an import go."""

    def put(self, bad: Bad) -> None:
        """Keep a row that could not be taken."""
        ...

    def taken(self, records: Sequence[Record]) -> None:
        """These rows were taken: whatever lay here in their place is mended."""
        ...

    def close(self) -> Path | None:
        """The import is over; the file to mend, where there is one."""
        ...


class Quarantine:
    """Writes bad rows beside the imported file; without one the file goes away again.

    It is made at once, so that a folder where nothing can be written is told (OSError) before anything is
    stored. A file that is there is never overwritten: somebody may be mending it. ``dates_from_1904``: the
    positions of dates that are to be rewritten, because a text file counts days like everybody else.
    """

    def __init__(self, imported: Path, header: Sequence[str], dates_from_1904: Collection[int] = ()) -> None:
        self.path, self._file = _made(imported)
        self._positions = [n for n, name in enumerate(header) if name not in COLUMNS]
        self._width = len(header)
        self._dates = dates_from_1904
        self._rows = 0
        csv.writer(self._file, delimiter=";").writerow([*(header[n] for n in self._positions), *COLUMNS])

    def put(self, bad: Bad) -> None:
        """Add a row."""
        cells = [rewritten_from_1904(cell) if n in self._dates else cell for n, cell in enumerate(bad.cells)]
        row = quarantine_row(replace(bad, cells=tuple(cells)), self._positions, self._width)
        csv.writer(self._file, delimiter=";").writerow(row)
        self._rows += 1

    def taken(self, records: Sequence[Record]) -> None:
        """Each import has a file of its own, so nothing of these rows is in it."""

    def close(self) -> Path | None:
        """Finish; the file's path, None when there was nothing to write."""
        self._file.close()
        if self._rows:
            return self.path
        self.path.unlink(missing_ok=True)
        return None


def quarantine_row(bad: Bad, positions: Sequence[int], width: int) -> list[str]:
    """A row of the file: the cells at ``positions``, :data:`COLUMNS`, and what stands beyond the header."""
    cells = [bad.cells[n] if n < len(bad.cells) else "" for n in positions]
    told = (bad.key, str(bad.row), _guarded(bad.column), reason_words(bad.reason))
    return [*map(_guarded, cells), *told, *map(_guarded, bad.cells[width:])]


def _guarded(cell: str) -> str:
    return f"'{cell}" if _ACTS.match(cell) else cell


def _made(imported: Path) -> tuple[Path, TextIO]:
    """A new file, only for its owner: it holds what citizens wrote."""
    stem = re.sub(r"\.quarantine(?:-\d+)?$", "", imported.stem)
    n = 1
    while True:
        path = imported.with_name(f"{stem}.quarantine{f'-{n}' if n > 1 else ''}.csv")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            n += 1
        else:
            return path, os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")
