"""The sheet for those who post answers by hand: a folder with a workbook and the files beside it.

It comes back filled in: whoever posted a text writes the result into its row. The folder is made before the
server is asked, and knows the sheet's id until everything is in it: what is broken off is asked for again
under that id, since the server takes its texts for handed out.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from uuid6 import uuid7

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
from cur_tui.files import read_private, write_private
from cur_tui.workbook import cells_of, write_workbook

WORKBOOK: Final = "deliveries.xlsx"
_UNFINISHED: Final = ".sheet"
"""Holds the id of the sheet until the folder is complete."""
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


def begin_sheet(folder: Path) -> str:
    """Make ``folder`` for a sheet; the sheet's id. A folder in which one was broken off gives its id again.

    Raises OSError (``FileExistsError`` for a folder with anything else in it).
    """
    mark = folder / _UNFINISHED
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        known = read_private(mark) if folder.is_dir() else None
        if known is None or (folder / WORKBOOK).exists():  # which is written last
            raise
        return known.decode()
    id = str(uuid7())
    write_private(mark, id.encode())
    return id


def write_sheet(
    folder: Path,
    sheet: DeliverySheet,
    fetch: Callable[[SheetFile], bytes],
    *,
    kind: Words = str,
    source: Words = str,
) -> Path:
    """Write ``sheet`` into ``folder``, which :func:`begin_sheet` has made; the workbook's path.

    ``fetch`` gives the bytes of a file; ``kind`` and ``source`` what people read for those codes. Raises
    OSError.
    """
    places = _write_files(folder, sheet, fetch)
    path = folder / WORKBOOK
    workbook = io.BytesIO()
    write_workbook(workbook, "Доставка", COLUMNS, _rows(sheet, places, kind, source))
    write_private(path, workbook.getvalue())
    (folder / _UNFINISHED).unlink(missing_ok=True)
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
        write_private(path, fetch(file))
    return place.as_posix()
