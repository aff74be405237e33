"""A report as Markdown, for letters and for people who read plain text. No text of it becomes markup."""

import re
from typing import Final

from cur_tui.i18n import _
from cur_tui.reports.document import Chart, Column, Report, Row, Table, shown, shown_change

_ACTS: Final = re.compile(r"[\\`*_\[\]<>|~&@$]|:(?=//)|(?<=\w)\.(?=[^\W\d])")
"""What begins markup inside a line, or a link in dialects that make links of bare addresses; CommonMark takes
the backslash away again.
"""
_BEGINS: Final = re.compile(r"^(\d*)([#+\-=.)])")
"""What makes a line a heading, a rule or an item of a list."""
_BAR: Final = 30
"""Characters of the longest bar."""
_RIGHT: Final = frozenset({"number", "share", "decimal"})


def write_markdown(report: Report) -> bytes:
    """The whole document in UTF-8."""
    lines = [
        f"# {_plain(report.title)}",
        "",
        f"{_plain(report.region)}  ",
        f"{_plain(_('Period'))}: {_plain(report.period)}  ",
        f"{_plain(_('Made'))}: {_plain(shown(report.made_at, 'moment'))}",
        "",
    ]
    if report.lacking:
        lines += [f"**▲ {_plain(report.lacking)}**", ""]
    for title, text in report.facts:
        lines += [f"{_plain(title)}: {_plain(text)}", ""]
    if report.body.figures:
        figures = tuple(
            (one.title, shown(one.value, one.kind), shown_change(one)) for one in report.body.figures
        )
        columns = (Column(_("Figure")), Column(_("Value")), Column(_("Change")))
        lines += [*_table(Table("", columns, figures)), ""]
    for chart in report.body.charts:
        if chart.labels:
            lines += [f"## {_plain(chart.title)}", "", *_chart(chart), ""]
    for table in report.body.tables:
        lines += [f"## {_plain(table.title)}", ""]
        lines += [*_table(table), ""] if table.rows else [_plain(_("Nothing.")), ""]
        if table.note:
            lines += [_plain(table.note), ""]
    return "\n".join(lines).encode()


def _chart(chart: Chart) -> list[str]:
    """Bars of blocks in a table: they stay readable as text and become no picture."""
    columns = (Column(""), *(Column(one.title, chart.kind) for one in chart.series), Column(""))
    first = chart.series[0].values
    largest = max((value for value in first if value), default=0.0)
    rows: list[Row] = []
    for n, label in enumerate(chart.labels):
        value = first[n] or 0
        bar = "█" * round(_BAR * value / largest) if largest else ""
        rows.append((label, *(one.values[n] for one in chart.series), bar))
    return _table(Table("", columns, tuple(rows)))


def _table(table: Table) -> list[str]:
    heading = [_cell(column.title) for column in table.columns]
    marks = ["---:" if column.kind in _RIGHT else "---" for column in table.columns]
    rows = [_cells(row, table.columns) for row in table.rows]
    if table.total is not None:
        rows.append([f"**{cell}**" if cell else "" for cell in _cells(table.total, table.columns)])
    return [f"| {' | '.join(cells)} |" for cells in (heading, marks, *rows)]


def _cells(row: Row, columns: tuple[Column, ...]) -> list[str]:
    return [_cell(shown(value, column.kind)) for value, column in zip(row, columns, strict=True)]


def _plain(text: str) -> str:
    """``text`` as a line of its own in which nothing is markup."""
    return _BEGINS.sub(r"\1\\\2", _cell(text))


def _cell(text: str) -> str:
    """``text`` inside a line."""
    return _ACTS.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))
