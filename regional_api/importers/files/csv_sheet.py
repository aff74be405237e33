"""A CSV file as a sheet."""

from collections.abc import Iterator
from pathlib import Path

from regional_api.importers.files.csv_records import BrokenRecord, read_records, sniff
from regional_api.importers.files.table import MAX_COLUMNS, FileError, Line


class CsvSheet:
    """One CSV file; charset and delimiter are found where they are not given. LookupError for no charset."""

    name = ""
    dates_from_1904 = False

    def __init__(self, path: Path, *, charset: str | None = None, delimiter: str | None = None) -> None:
        self._path = path
        self._dialect = sniff(path, charset, delimiter)

    def lines(self) -> Iterator[Line]:
        """Every record that is not an empty line."""
        width = 0
        for n, record in enumerate(read_records(self._path, self._dialect), 1):
            if isinstance(record, BrokenRecord):
                if not width and record.line.count(self._dialect.delimiter) >= MAX_COLUMNS:
                    raise FileError("too_wide", limit=str(MAX_COLUMNS))
                yield Line(n, (record.line,), "broken_row")
                continue
            if not record:
                continue
            if len(record) > MAX_COLUMNS:
                raise FileError("too_wide", limit=str(MAX_COLUMNS))
            width = width or len(record)
            if len(record) > width:
                yield Line(n, record, "broken_row")
            else:
                yield Line(n, record)
