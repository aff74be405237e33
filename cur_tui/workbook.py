"""Workbooks for spreadsheet programs: one sheet of texts, and nothing in it that acts.

Every cell is a text in a cell of the format «text»: neither opening nor editing makes a formula of it. What
begins like one gets an apostrophe in front all the same, since people save sheets in other formats.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO, Final

MAX_CELL: Final = 32_000
"""UTF-16 units of a cell: a little less than what spreadsheet programs keep."""
_ACTS: Final = re.compile(r"[\t\r]|[\s\ufeff\u200b\0]*[=+@＝＋＠]|[\s\ufeff\u200b\0]*[-－](?!\s)")
"""What a spreadsheet program would take for a formula, also behind blanks that it drops; a dash that opens a
line of a list is none.
"""
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""The format reads ``_x000D_`` as a character by its code."""

NAMESPACE: Final = "http://schemas.openxmlformats.org"
HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{NAMESPACE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{NAMESPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{NAMESPACE}/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{NAMESPACE}/officeDocument/2006/relationships/styles" '
        'Target="styles.xml"/></Relationships>'
    ),
    # The second format: text (49), kept as typed, in lines, at the top of its cell; the third is bold, too.
    "xl/styles.xml": (
        f'<styleSheet xmlns="{NAMESPACE}/spreadsheetml/2006/main">'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1" '
        'applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" '
        'applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs></styleSheet>'
    ),
}  # fmt: skip


def write_workbook(
    file: IO[bytes], name: str, header: Sequence[tuple[str, int]], rows: Iterable[Sequence[str]]
) -> None:
    """Write a workbook with one sheet. ``header``: the columns, each with its width in characters.

    Rows are written as they come, so a sheet may be longer than the memory.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in _PARTS.items():
            package.writestr(part_entry(part), HEAD + content)
        package.writestr(part_entry("xl/workbook.xml"), HEAD + _workbook(name))
        with package.open(part_entry("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write((HEAD + _opening(header)).encode())
            for n, row in enumerate(rows, 2):
                sheet.write(_row(n, row, style=1).encode())
            sheet.write(b"</sheetData></worksheet>")


def guarded(text: str) -> str:
    """``text`` with an apostrophe in front if a spreadsheet program would take it for a formula."""
    return f"'{text}" if _ACTS.match(text) else text


def unguarded(text: str) -> str:
    """``text`` without the apostrophe of :func:`guarded`."""
    return text[1:] if text[:1] == "'" and _ACTS.match(text[1:]) else text


def cells_of(text: str, count: int) -> tuple[str, ...]:
    """``text`` in ``count`` cells, as much in each as fits into one; what is left over is cut off."""
    cells = []
    for _ in range(count):
        piece = text[:MAX_CELL]
        while len(piece.encode("utf-16-le", "surrogatepass")) > 2 * MAX_CELL:
            piece = piece[: len(piece) * 3 // 4]
        cells.append(piece)
        text = text[len(piece) :]
    return tuple(cells)


def part_entry(part: str) -> zipfile.ZipInfo:
    """A part of the package."""
    # The same content makes the same file: no time of writing in it.
    entry = zipfile.ZipInfo(part, (2000, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _workbook(name: str) -> str:
    return (
        f'<workbook xmlns="{NAMESPACE}/spreadsheetml/2006/main" '
        f'xmlns:r="{NAMESPACE}/officeDocument/2006/relationships">'
        f'<sheets><sheet name="{escaped(name[:31])}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _opening(header: Sequence[tuple[str, int]]) -> str:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" style="1" customWidth="1"/>'
        for n, (_, width) in enumerate(header, 1)
    )
    return (
        f'<worksheet xmlns="{NAMESPACE}/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>" + _row(1, [title for title, _ in header], style=2)
    )


def _row(n: int, cells: Sequence[str], *, style: int) -> str:
    written = "".join(
        f'<c r="{column_letters(column)}{n}" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{escaped(guarded(cell))}</t></is></c>'
        for column, cell in enumerate(cells)
        if cell
    )
    return f'<row r="{n}">{written}</row>'


def escaped(text: str) -> str:
    """``text`` as it stands in a part: markup is none, and characters that no XML holds are marks."""
    clean = _ESCAPED.sub("_x005F_", _NO_XML.sub("\ufffd", text))
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def column_letters(column: int) -> str:
    """The name of a column; the first is 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
