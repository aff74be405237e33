"""The sheet for those who post answers by hand: a folder with a workbook and the files beside it.

It comes back filled in: whoever posted a text writes the result into its row.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from cur_tui.contract.delivering import (
    EXPORT_COLUMN,
    ID_COLUMN,
    NUMBER_COLUMN,
    REASON_COLUMN,
    REFERENCE_COLUMN,
    RESULT_COLUMN,
    DeliverySheet,
    SheetFile,
    SheetRow,
)
from cur_tui.workbook import cells_of, write_workbook

WORKBOOK: Final = "deliveries.xlsx"
_FILES: Final = "files"
_TEXT_CELLS: Final = 3
"""Cells that the longest text takes."""
COLUMNS: Final = (
    (NUMBER_COLUMN, 20),
    ("Куда", 40),
    ("Кому", 28),
    ("Текст", 80),
    ("Текст, продолжение", 12),
    ("Текст, окончание", 12),
    ("Файлы", 30),
    (RESULT_COLUMN, 18),
    (REFERENCE_COLUMN, 30),
    (REASON_COLUMN, 30),
    ("Выгружено ранее", 22),
    ("Вид", 16),
    ("Источник", 18),
    (ID_COLUMN, 38),
    (EXPORT_COLUMN, 38),
)
"""The columns and their widths: what is read first, what is filled in, then what only programs read."""

Words = Callable[[str], str]


def write_sheet(
    folder: Path,
    sheet: DeliverySheet,
    fetch: Callable[[SheetFile], bytes],
    *,
    kind: Words = str,
    source: Words = str,
) -> Path:
    """Write ``sheet`` into the new folder ``folder`` and return the workbook's path.

    ``fetch`` gives the bytes of a file; ``kind`` and ``source`` what people read for those codes. Raises
    OSError (``FileExistsError`` for a folder that is there already).
    """
    folder.mkdir(mode=0o700)
    places = _write_files(folder, sheet, fetch)
    path = folder / WORKBOOK
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        write_workbook(file, "Доставка", COLUMNS, _rows(sheet, places, kind, source))
        file.flush()
        os.fsync(file.fileno())
    return path


def _rows(
    sheet: DeliverySheet, places: dict[str, tuple[str, ...]], kind: Words, source: Words
) -> Iterator[tuple[str, ...]]:
    for row in sheet.rows:
        yield (
            row.number,
            row.where,
            row.whom,
            *cells_of(row.text, _TEXT_CELLS),
            "\n".join(places[row.delivery]),
            "",
            "",
            "",
            f"{row.exported_at} ({row.exports})" if row.exported_at else "",
            kind(row.kind),
            source(row.source),
            row.delivery,
            sheet.id,
        )


def _write_files(
    folder: Path, sheet: DeliverySheet, fetch: Callable[[SheetFile], bytes]
) -> dict[str, tuple[str, ...]]:
    """The places of the files by delivery, relative to ``folder``."""
    places: dict[str, tuple[str, ...]] = {}
    for row in sheet.rows:
        places[row.delivery] = tuple(_write_file(folder, row, file, fetch) for file in row.files)
    return places


def _write_file(folder: Path, row: SheetRow, file: SheetFile, fetch: Callable[[SheetFile], bytes]) -> str:
    # By the hash first: two files of one name stay two, and the same one of two texts is written once.
    place = Path(_FILES, row.number, f"{file.sha256[:12]}-{file.name}")
    path = folder / place
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(fetch(file))
    return place.as_posix()
