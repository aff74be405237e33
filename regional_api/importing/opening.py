"""Rows to be read by the options of a job: those of its file, or a single one that somebody has mended."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from cur_tui.contract.importing import ImportOptions
from cur_tui.domain.vocabulary import Regime
from regional_api.importers.files.opening import opened
from regional_api.importers.files.table import Line, Sheet
from regional_api.importers.finding import find_reader
from regional_api.importers.form import GENERIC, Form, load_forms
from regional_api.importers.reading import Reader


@contextmanager
def reader_of_file(path: Path, options: ImportOptions, zone: ZoneInfo) -> Iterator[Reader]:
    """The reader of a file. Raises ``FileError``, ``ColumnError``, LookupError for no charset."""
    with opened(path, charset=options.charset, delimiter=options.delimiter) as sheets:
        yield reader_of_sheets(sheets, options, zone)


def reader_of_sheets(sheets: Sequence[Sheet], options: ImportOptions, zone: ZoneInfo) -> Reader:
    """The reader of the first sheet that has a header of a known form."""
    forms = _forms(options)
    if options.regime is not None:
        forms = [form.under(Regime(options.regime)) for form in forms]
    return find_reader(sheets, forms, zone, options.columns)


def _forms(options: ImportOptions) -> list[Form]:
    if options.source is not None:
        return [load_forms()[options.source]]
    if options.columns:
        # Somebody who names columns has a table of their own.
        return [load_forms()[GENERIC]]
    return list(load_forms().values())


@dataclass(frozen=True, slots=True)
class MendedRow:
    """A table of one row, under the number that it had in its file."""

    header: tuple[str, ...]
    cells: tuple[str, ...]
    row: int
    name: str = ""
    dates_from_1904: bool = False

    def lines(self) -> Iterator[Line]:
        """The header and the row."""
        yield Line(1, self.header)
        yield Line(max(self.row, 2), self.cells)
