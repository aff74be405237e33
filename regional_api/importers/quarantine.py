"""The quarantine: rows that could not be taken, in a file that is mended in a spreadsheet and imported again.

It has the columns of the source, so it is of the same form, and three more that say what is wrong.
"""

import csv
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from regional_api.importers.base import Bad
from regional_api.importers.words import reason_words

COLUMNS = ("Карантин: строка", "Карантин: столбец", "Карантин: причина")
_ACTS = re.compile(r"[=+@\t\r]|-(?!\d*[.,]?\d*$)")
"""What a spreadsheet program would take for a formula."""


class Quarantine:
    """Writes bad rows beside the imported file; the file appears with the first of them.

    A file that is there is never overwritten: somebody may be mending it.
    """

    def __init__(self, imported: Path, header: Sequence[str]) -> None:
        self.path = _free(imported)
        self._header = [name for name in header if name not in COLUMNS]
        self._positions = [n for n, name in enumerate(header) if name not in COLUMNS]
        self._file: TextIO | None = None

    def put(self, bad: Bad) -> None:
        """Add a row."""
        file = self._opened()
        cells = [bad.cells[n] if n < len(bad.cells) else "" for n in self._positions]
        beyond = bad.cells[len(self._header) :] if len(bad.cells) > len(self._header) + len(COLUMNS) else ()
        told = (str(bad.row), bad.column, reason_words(bad.reason))
        csv.writer(file, delimiter=";").writerow([*map(_guarded, cells), *told, *map(_guarded, beyond)])

    def close(self) -> Path | None:
        """Finish; the file's path, None when there was nothing to write."""
        if self._file is None:
            return None
        self._file.close()
        return self.path

    def _opened(self) -> TextIO:
        if self._file is None:
            # Only for its owner: it holds what citizens wrote.
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")
            csv.writer(self._file, delimiter=";").writerow([*self._header, *COLUMNS])
        return self._file


def _guarded(cell: str) -> str:
    return f"'{cell}" if _ACTS.match(cell) else cell


def _free(imported: Path) -> Path:
    stem = re.sub(r"\.quarantine(?:-\d+)?$", "", imported.stem)
    n = 1
    while True:
        path = imported.with_name(f"{stem}.quarantine{f'-{n}' if n > 1 else ''}.csv")
        if not path.exists():
            return path
        n += 1
