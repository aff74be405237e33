"""A report in one of the formats, and the name of its file."""

from collections.abc import Callable
from typing import Final

from cur_tui.reports.document import Report
from cur_tui.reports.markdown import write_markdown
from cur_tui.reports.order import Format
from cur_tui.reports.page import write_html
from cur_tui.reports.xlsx import write_xlsx

_WRITERS: Final[dict[Format, Callable[[Report], bytes]]] = {
    "xlsx": write_xlsx,
    "html": write_html,
    "md": write_markdown,
}
MEDIA_TYPES: Final[dict[Format, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
}


def write(report: Report, format: Format) -> bytes:
    """The bytes of the file; the same report makes the same bytes."""
    return _WRITERS[format](report)


def file_name(report: Report, format: Format) -> str:
    """What the file is called: Latin letters and digits only, which every system takes."""
    return f"{report.code}-{report.stretch}.{format}"
