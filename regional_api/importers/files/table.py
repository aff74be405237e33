"""What every kind of file is read as: named sheets with rows of text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

MAX_CELL = 262_144
"""Characters kept of one cell: eight times what a spreadsheet program lets a person type."""
MAX_ROW = 1_000_000
"""Characters of one row of a workbook: beyond them it is no message, and is not gathered."""
MAX_COLUMNS = 1_024
"""Columns of a table; the widest export known has 47."""


class FileError(Exception):
    """The file as a whole cannot be imported. ``code`` is stable, ``params`` fill its sentence."""

    def __init__(self, code: str, /, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``n`` is its number as a spreadsheet program shows it: the first line of a file is 1.

    ``broken`` is the reason code of a row that cannot be trusted, ``broken_at`` the position of its cell.
    """

    n: int
    cells: Sequence[str]
    broken: str = ""
    broken_at: int | None = None


class Sheet(Protocol):
    """One table of a file."""

    @property
    def name(self) -> str:
        """What the file calls it; empty where a file has only one."""
        ...

    @property
    def dates_from_1904(self) -> bool:
        """Whether numbers of days count from 1904, as spreadsheets of old Macintoshes do."""
        ...

    def lines(self) -> Iterator[Line]:
        """Every row that is not empty, in order, as often as asked; :class:`FileError` for a damaged file."""
        ...
