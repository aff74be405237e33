"""A report as one page: style and charts inside, nothing fetched, nothing that runs; made to be printed.

The page forbids by its own policy whatever it does not need: scripts, frames, forms, and any address at all.
Its one style is allowed by its hash.
"""

import base64
import hashlib
from html import escape
from typing import Final

from cur_tui.i18n import _, current
from cur_tui.reports.charts import svg_of
from cur_tui.reports.document import Column, Figure, Report, Row, Table, shown, shown_change

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 14px/1.45 "Segoe UI", "Noto Sans", "DejaVu Sans", Arial, sans-serif; color: #1b1f24;
  max-width: 1400px; margin: 24px auto; padding: 0 24px; background: #fff; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 28px 0 8px; }
.about { color: #57606a; margin: 0; }
.lacking { color: #8a4600; font-weight: 600; margin: 8px 0 0; }
.figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; padding: 0; list-style: none; }
.figures li { border: 1px solid #d0d7de; border-radius: 6px; padding: 10px 14px; min-width: 120px; }
.figures b { display: block; font-size: 22px; } .figures span { color: #57606a; }
.figures .good { color: #1a7f37; } .figures .bad { color: #b42318; }
.charts { display: flex; flex-wrap: wrap; gap: 0 32px; }
figure { margin: 0; flex: 1 1 480px; max-width: 720px; }
svg { width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { border: 1px solid #d0d7de; padding: 4px 8px; vertical-align: top; text-align: left;
  overflow-wrap: break-word; }
td.w, td.m { overflow-wrap: anywhere; } th.w, td.w { min-width: 13em; } th.m, td.m { min-width: 10em; }
.many, .many th { font-size: 10.5px; } .many th, .many td { padding: 3px 4px; }
thead th { background: #e4eaf1; overflow-wrap: normal; } tbody tr:nth-child(even) { background: #f6f8fa; }
tfoot td { font-weight: 600; background: #eef2f6; }
th.n, td.n { text-align: right; } td.n { white-space: nowrap; } td.t { white-space: nowrap; }
.note { color: #57606a; font-size: 12px; }
@page { size: A4 landscape; margin: 12mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 11px; } table { font-size: 10px; }
  .many, .many th { font-size: 7.5px; } .many th, .many td { padding: 2px 3px; }
  .wide { overflow: visible; } thead { display: table-header-group; } tfoot { display: table-row-group; }
  figure { max-width: 540px; } tbody tr:nth-child(-n+3) { break-after: avoid; }
  tr, figure, .figures li { break-inside: avoid; } h2 { break-after: avoid; }
}
"""
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
_CLASSES: Final = {"number": "n", "share": "n", "decimal": "n", "date": "t", "moment": "t"}
_WIDE, _MIDDLE = 32, 16
"""From these widths on a column of texts keeps room for words, however many columns want some of it."""
_MANY: Final = 10
"""Columns beyond which a table is written small."""


def write_html(report: Report) -> bytes:
    """The whole page in UTF-8."""
    title = escape(report.title)
    parts = [
        f'<!doctype html>\n<html lang="{escape(current().language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} — {escape(report.period)}</title><style>{_STYLE}</style></head><body>",
        f'<h1>{title}</h1><p class="about">{escape(report.region)} · {escape(report.period)}</p>',
        f'<p class="about">{escape(_("Made"))}: {escape(shown(report.made_at, "moment"))}</p>',
        *(f'<p class="about">{escape(name)}: {escape(text)}</p>' for name, text in report.facts),
    ]
    if report.lacking:
        parts.append(f'<p class="lacking">▲ {escape(report.lacking)}</p>')
    if report.body.figures:
        parts.append(f'<ul class="figures">{"".join(map(_figure, report.body.figures))}</ul>')
    charts = [
        f"<figure><h2>{escape(chart.title)}</h2>{svg_of(chart)}</figure>"
        for chart in report.body.charts
        if chart.labels
    ]
    if charts:
        parts.append(f'<div class="charts">{"".join(charts)}</div>')
    parts += map(_table, report.body.tables)
    parts.append("</body></html>\n")
    return "\n".join(parts).encode()


def _figure(figure: Figure) -> str:
    change = shown_change(figure)
    better = None if change.startswith("→") else figure.is_better
    tone = {True: ' class="good"', False: ' class="bad"', None: ""}[better]
    told = f"<span{tone}>{escape(change)}</span>" if change else ""
    return f"<li><b>{escape(shown(figure.value, figure.kind))}</b>{escape(figure.title)} {told}</li>"


def _table(table: Table) -> str:
    heading = f"<h2>{escape(table.title)}</h2>"
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    if not table.rows:
        return f"{heading}<p>{escape(_('Nothing.'))}</p>{note}"
    titles = "".join(
        f'<th scope="col"{_class(column)}>{escape(column.title)}</th>' for column in table.columns
    )
    many = ' class="many"' if len(table.columns) > _MANY else ""
    rows = "".join(_row(row, table.columns) for row in table.rows)
    total = "" if table.total is None else f"<tfoot>{_row(table.total, table.columns)}</tfoot>"
    return (
        f'{heading}<div class="wide"><table{many}><thead><tr>{titles}</tr></thead>'
        f"<tbody>{rows}</tbody>{total}</table></div>{note}"
    )


def _row(row: Row, columns: tuple[Column, ...]) -> str:
    cells = "".join(
        f"<td{_class(column)}>{escape(shown(value, column.kind))}</td>"
        for value, column in zip(row, columns, strict=True)
    )
    return f"<tr>{cells}</tr>"


def _class(column: Column) -> str:
    name = _CLASSES.get(column.kind)
    if column.kind == "text":
        name = "w" if column.width >= _WIDE else "m" if column.width >= _MIDDLE else None
    return f' class="{name}"' if name else ""
