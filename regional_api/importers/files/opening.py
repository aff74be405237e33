"""Which kind of file this is, told by its content and never by its name."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cur_tui.domain.texts.intake import decode_text
from regional_api.importers.files.csv_sheet import CsvSheet
from regional_api.importers.files.json_lines import JsonSheet
from regional_api.importers.files.mail import MailSheet
from regional_api.importers.files.table import FileError, Sheet
from regional_api.importers.files.xlsx import Workbook
from regional_api.importers.files.xlsx_package import refuse_compound_file

_HEAD = 65_536
_MAIL = re.compile(
    rb"From \S+ |(?:Return-Path|Received|Delivered-To|Message-ID|MIME-Version|From|Date|Subject|To|"
    rb"Auto-Submitted|Content-Type|DKIM-Signature|Authentication-Results|ARC-[\w-]+|X-[\w-]+)"
    rb":[ \t]",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE)


@contextmanager
def opened(
    path: Path, *, charset: str | None = None, delimiter: str | None = None
) -> Iterator[Sequence[Sheet]]:
    """The sheets of ``path``. Raises :class:`FileError` for a file of no known kind, OSError, LookupError."""
    refuse_compound_file(path)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        workbook = Workbook(path)
        try:
            yield workbook.sheets()
        finally:
            workbook.close()
        return
    yield [_text_sheet(path, head, charset, delimiter)]


def _text_sheet(path: Path, head: bytes, charset: str | None, delimiter: str | None) -> Sheet:
    if not head.strip():
        raise FileError("empty")
    if head.startswith(
        (b"%PDF", b"\x7fELF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
    ):
        raise FileError("unknown_kind")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return JsonSheet(path)
    if _MAIL.match(head):
        return MailSheet(path)
    text, _ = decode_text(head)
    if _MARKUP.match(text.lstrip("\ufeff")):
        raise FileError("markup")
    return CsvSheet(path, charset=charset, delimiter=delimiter)
