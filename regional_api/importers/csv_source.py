"""Messages out of any CSV file that has a column with the text."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from regional_api.importers.base import Message, Skipped
from regional_api.importers.csv_columns import Columns, find_columns
from regional_api.importers.csv_records import BrokenRecord, read_records, sniff

MAX_TEXT = 65_536
"""The longest text of an appeal, in characters."""
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|&[a-zA-Z]{2,8};|&#\d{2,6};")


class CsvSource:
    """One CSV file. Columns, charset and delimiter are found where they are not given.

    Raises :class:`~regional_api.importers.csv_columns.ColumnError` from :meth:`read` when no column holds
    the text, and OSError for a file that cannot be read.
    """

    def __init__(
        self,
        path: Path,
        *,
        columns: Mapping[str, str | None] | None = None,
        charset: str | None = None,
        delimiter: str | None = None,
    ) -> None:
        self._path = path
        self._named = columns or {}
        self._dialect = sniff(path, charset, delimiter)

    def read(self) -> Iterator[Message | Skipped]:
        """Every row in its order."""
        columns: Columns | None = None
        width = 0
        row = 0
        for record in read_records(self._path, self._dialect):
            if columns is None:
                header = [] if isinstance(record, BrokenRecord) else record
                columns, width = find_columns(header, self._named), len(header)
                continue
            row += 1
            if isinstance(record, BrokenRecord) or len(record) > width:
                yield Skipped(row, "broken_row")
            else:
                yield self._message(row, record, columns)

    def _message(self, row: int, record: list[str], columns: Columns) -> Message | Skipped:
        text = columns.value("text", record)
        if not text:
            return Skipped(row, "no_text")
        if len(text) > MAX_TEXT:
            return Skipped(row, "too_long")
        original = text.encode(errors="replace")
        return Message(
            row=row,
            key=columns.value("id", record) or f"sha256:{hashlib.sha256(original).hexdigest()[:32]}",
            text=text,
            original=original,
            charset="utf-8",
            is_html=_TAG.search(text) is not None,
            source=columns.value("source", record),
            category=columns.value("category", record),
            theme=columns.value("theme", record),
            executor=columns.value("executor", record),
            received=columns.value("received", record),
        )
