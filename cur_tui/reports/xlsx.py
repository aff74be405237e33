"""A report as a workbook: numbers as numbers, a filter and a frozen heading on every sheet, and no formula.

Texts are texts, whatever they begin with (:func:`cur_tui.workbook.guarded`). Totals are values and stand
above the heading's filter range, so that neither sorting nor filtering takes them along.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final

from cur_tui.i18n import _
from cur_tui.reports.document import Column, Figure, Kind, Report, Row, Table, Value, shown_change
from cur_tui.workbook import HEAD, NAMESPACE, cells_of, column_letters, escaped, guarded, part_entry

_STYLES: Final[dict[Kind, int]] = {"text": 1, "number": 2, "share": 3, "decimal": 4, "date": 5, "moment": 6}
_BOLD: Final = 6
"""What is added to a style for the same in bold."""
_HEADING, _TITLE, _NOTE, _WARNING = 13, 14, 15, 16
_EPOCH: Final = date(1899, 12, 30)
_SHEET_NAME: Final = 31
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_SERIAL_DAY: Final = 86_400
_LINE: Final = 15
"""Points of a line of text."""
_LINES: Final = 20
"""Lines of the highest row."""
_ROOM: Final = 2
"""Characters of a line that are left empty by words that did not fit."""
_ABOVE: Final = 100
"""Characters of what stands above a printed page: the format takes 255 of them, codes included."""
_BUTTON: Final = 5
"""Characters that the button of the filter takes of a heading."""


def write_xlsx(report: Report) -> bytes:
    """The whole workbook; the same report makes the same bytes."""
    names = _sheet_names([_("Summary"), *(table.title for table in report.body.tables)])
    head = f"{report.title} · {report.region} · {report.period}"
    sheets = [_summary(report), *(_sheet(table, head) for table in report.body.tables)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in (
            ("[Content_Types].xml", _content_types(len(sheets))),
            ("_rels/.rels", _ROOT_RELATIONS),
            ("xl/workbook.xml", _workbook(names, report.body.tables)),
            ("xl/_rels/workbook.xml.rels", _relations(len(sheets))),
            ("xl/styles.xml", _STYLE_SHEET),
            *((f"xl/worksheets/sheet{n}.xml", sheet) for n, sheet in enumerate(sheets, 1)),
        ):
            package.writestr(part_entry(part), HEAD + content)
    return buffer.getvalue()


# --- sheets ----------------------------------------------------------------------------------------


def _summary(report: Report) -> str:
    """The first sheet: what the report is about, and its figures."""
    rows = [
        _row(1, [(report.title, _TITLE)]),
        _row(2, [(report.region, _STYLES["text"])]),
        _row(3, [(_("Period"), _HEADING), (report.period, _STYLES["text"])]),
        _row(4, [(_("Made"), _HEADING), (report.made_at, _STYLES["moment"])]),
    ]
    if report.lacking:
        rows.append(_row(len(rows) + 1, [(f"▲ {report.lacking}", _WARNING)]))
    for title, text in report.facts:
        rows.append(_row(len(rows) + 1, [(title, _HEADING), (text, _STYLES["text"])]))
    rows.append(
        _row(len(rows) + 2, [(_("Figure"), _HEADING), (_("Value"), _HEADING), (_("Change"), _HEADING)])
    )
    start = len(rows) + 2
    rows += [_figure(start + n, figure) for n, figure in enumerate(report.body.figures)]
    return _worksheet(rows, (44, 22, 16), frozen=0, portrait=True)


def _figure(n: int, figure: Figure) -> str:
    style = _STYLES[figure.kind]
    return _row(n, [(figure.title, 1), (figure.value, style + _BOLD), (shown_change(figure), 1)])


def _sheet(table: Table, head: str) -> str:
    """A table: its total first, if there is one, then the heading with the filter, then the rows; ``head``
    stands above each printed page.
    """
    rows = []
    widths = [max(column.width, _longest_word(column.title) + _BUTTON) for column in table.columns]
    if table.total is not None:
        rows.append(_row(1, _styled(table.total, table.columns, bold=True), widths))
    heading = len(rows) + 1
    rows.append(_row(heading, [(column.title, _HEADING) for column in table.columns], widths))
    rows += [_row(n, _styled(row, table.columns), widths) for n, row in enumerate(table.rows, heading + 1)]
    if table.note:
        # One line apart: what stands right below the range would be filtered with it.
        rows.append(_row(heading + len(table.rows) + 2, [(table.note, _NOTE)]))
    return _worksheet(rows, widths, frozen=heading, filtered=_range(table), head=head)


def _longest_word(title: str) -> int:
    return max(map(len, title.split()), default=0)


def _range(table: Table) -> str:
    heading = 1 if table.total is None else 2
    last = column_letters(len(table.columns) - 1)
    return f"A{heading}:{last}{heading + len(table.rows)}"


def _styled(row: Row, columns: Sequence[Column], *, bold: bool = False) -> list[tuple[Value, int]]:
    extra = _BOLD if bold else 0
    return [(value, _STYLES[column.kind] + extra) for value, column in zip(row, columns, strict=True)]


def _worksheet(
    rows: Sequence[str],
    widths: Sequence[int],
    *,
    frozen: int,
    filtered: str = "",
    portrait: bool = False,
    head: str = "",
) -> str:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1)
    )
    pane = (
        f'<pane ySplit="{frozen}" topLeftCell="A{frozen + 1}" activePane="bottomLeft" state="frozen"/>'
        if frozen
        else ""
    )
    orientation = "portrait" if portrait else "landscape"
    # A bare & begins a code there, and of a longer heading the file would be taken for spoilt.
    above = escaped(f"&L{head[:_ABOVE].replace('&', '&&')}&R&A") if head else ""
    header = f"<oddHeader>{above}</oddHeader>" if above else ""
    return (
        f'<worksheet xmlns="{NAMESPACE}/spreadsheetml/2006/main">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView showGridLines="0" workbookViewId="0">{pane}</sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{''.join(rows)}</sheetData>"
        + (f'<autoFilter ref="{filtered}"/>' if filtered else "")
        + '<pageMargins left="0.4" right="0.4" top="0.6" bottom="0.5" header="0.3" footer="0.3"/>'
        f'<pageSetup paperSize="9" orientation="{orientation}" fitToWidth="1" fitToHeight="0"/>'
        f"<headerFooter>{header}<oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter></worksheet>"
    )


def _row(n: int, cells: Sequence[tuple[Value, int]], widths: Sequence[int] = ()) -> str:
    """A row that is as high as its longest text needs in columns of these ``widths``: not every program finds
    that out by itself.
    """
    lines = 1
    for (value, _style), width in zip(cells, widths, strict=False):
        if isinstance(value, str):
            lines = max(lines, -(-len(value) // max(width - _ROOM, 1)))
    height = f' ht="{_LINE * min(lines, _LINES)}" customHeight="1"' if widths else ""
    written = "".join(
        _cell(f"{column_letters(column)}{n}", value, style) for column, (value, style) in enumerate(cells)
    )
    return f'<row r="{n}"{height}>{written}</row>'


def _cell(place: str, value: Value, style: int) -> str:
    if value is None or value == "":
        return f'<c r="{place}" s="{style}"/>'
    if isinstance(value, str):
        text = escaped(guarded(cells_of(value, 1)[0]))
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return f'<c r="{place}" s="{style}"><v>{_serial(value)!r}</v></c>'


def _serial(value: int | float | date | datetime) -> int | float:
    """A number as a cell holds it: days since the end of 1899, on the clocks of the region."""
    if isinstance(value, datetime):
        clock = value.time()
        passed = clock.hour * 3_600 + clock.minute * 60 + clock.second
        return (value.date() - _EPOCH).days + passed / _SERIAL_DAY
    if isinstance(value, date):
        return (datetime.combine(value, time()).date() - _EPOCH).days
    return value


# --- parts of the package ----------------------------------------------------------------------------


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Names that are short, allowed and each there once."""
    names: list[str] = []
    for title in titles:
        base = " ".join(title.translate(_FORBIDDEN).split())[:_SHEET_NAME] or "—"
        name, n = base, 2
        while name.casefold() in {known.casefold() for known in names}:
            mark = f" {n}"
            name, n = base[: _SHEET_NAME - len(mark)] + mark, n + 1
        names.append(name)
    return names


def _content_types(sheets: int) -> str:
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{types}.worksheet+xml"/>'
        for n in range(1, sheets + 1)
    )
    return (
        f'<Types xmlns="{NAMESPACE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{types}.styles+xml"/>{parts}</Types>'
    )


_ROOT_RELATIONS: Final = (
    f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{NAMESPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)


def _relations(sheets: int) -> str:
    kinds = f"{NAMESPACE}/officeDocument/2006/relationships"
    parts = "".join(
        f'<Relationship Id="rId{n}" Type="{kinds}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    styles = f'<Relationship Id="rId{sheets + 1}" Type="{kinds}/styles" Target="styles.xml"/>'
    return f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships">{parts}{styles}</Relationships>'


def _workbook(names: Sequence[str], tables: Sequence[Table]) -> str:
    sheets = "".join(
        f'<sheet name="{escaped(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1)
    )
    defined = ""
    for n, (name, table) in enumerate(zip(names[1:], tables, strict=True), 1):
        first, _colon, last = _range(table).partition(":")
        heading = first[1:]
        where = f"'{escaped(name)}'!"
        defined += (
            f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">'
            f"{where}${first[0]}${heading}:{_absolute(last)}</definedName>"
            f'<definedName name="_xlnm.Print_Titles" localSheetId="{n}">{where}${heading}:${heading}'
            "</definedName>"
        )
    return (
        f'<workbook xmlns="{NAMESPACE}/spreadsheetml/2006/main" '
        f'xmlns:r="{NAMESPACE}/officeDocument/2006/relationships">'
        f"<sheets>{sheets}</sheets>{f'<definedNames>{defined}</definedNames>' if defined else ''}</workbook>"
    )


def _absolute(place: str) -> str:
    letters = place.rstrip("0123456789")
    return f"${letters}${place[len(letters) :]}"


def _styles() -> str:
    """Six kinds of values, plain and bold, then heading, title, note and warning."""
    formats = (49, 3, 9, 164, 165, 166)
    cells = ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>']
    for font in (0, 1):
        for number in formats:
            quote = ' quotePrefix="1"' if number == 49 else ""
            side = 'horizontal="left" wrapText="1"' if number == 49 else 'horizontal="right"'
            wrap = f'<alignment vertical="top" {side} indent="1"/>'
            cells.append(
                f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="1" xfId="0"{quote} '
                f'applyNumberFormat="1" applyFont="1" applyBorder="1" applyAlignment="1">{wrap}</xf>'
            )
    for font, fill, border in ((1, 2, 1), (2, 0, 0), (3, 0, 0), (4, 0, 0)):
        wrap = '<alignment vertical="center" horizontal="left" wrapText="1" indent="1"/>' if fill else ""
        cells.append(
            f'<xf numFmtId="49" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0" applyFont="1" '
            f'applyNumberFormat="1" applyFill="1" applyBorder="1" applyAlignment="1">{wrap}</xf>'
        )
    line = '<{0} style="thin"><color rgb="FFD0D7DE"/></{0}>'
    edges = "".join(line.format(edge) for edge in ("left", "right", "top", "bottom"))
    # The format wants the parts of a font in this order: marks, size, colour, name.
    fonts = (("", 11), ("<b/>", 11), ("<b/>", 16), ("<i/>", 10), ("<b/>", 11))
    colours = ("", "", "", "", '<color rgb="FF8A4600"/>')
    written = "".join(
        f'<font>{mark}<sz val="{size}"/>{colour}<name val="Calibri"/></font>'
        for (mark, size), colour in zip(fonts, colours, strict=True)
    )
    return (
        f'<styleSheet xmlns="{NAMESPACE}/spreadsheetml/2006/main">'
        '<numFmts count="3"><numFmt numFmtId="164" formatCode="#,##0.0"/>'
        '<numFmt numFmtId="165" formatCode="dd.mm.yyyy"/>'
        '<numFmt numFmtId="166" formatCode="dd.mm.yyyy hh:mm"/></numFmts>'
        f'<fonts count="5">{written}</fonts>'
        '<fills count="3"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill>'
        '<fill><patternFill patternType="solid"><fgColor rgb="FFE4EAF1"/><bgColor indexed="64"/>'
        "</patternFill></fill></fills>"
        '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
        f"<border>{edges}<diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(cells)}">{"".join(cells)}</cellXfs></styleSheet>'
    )


_STYLE_SHEET: Final = _styles()
