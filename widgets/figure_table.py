"""A table of figures: names at the left, numbers at the right, the cursor where it was."""

from collections.abc import Iterable, Sequence

import msgspec
from rich.text import Text
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from cur_tui.domain.texts.text import one_line


class Heading(msgspec.Struct, frozen=True):
    """A column: what stands above it, its cells (one parts it from the one before), numbers or words."""

    title: str
    width: int
    is_number: bool = True


class FigureTable(DataTable[Text]):
    """A table that is filled anew as often as its figures change. Subclasses bind its Enter."""

    def __init__(self, *, id: str, by_row: bool = False, fixed: int = 0) -> None:
        """``fixed``: so many columns at the left stay when the others are scrolled."""
        super().__init__(
            id=id,
            cursor_type="row" if by_row else "cell",
            cell_padding=0,
            zebra_stripes=True,
            fixed_columns=fixed,
        )

    def fill(self, headings: Sequence[Heading], rows: Iterable[Sequence[Text | str]]) -> None:
        """Show ``rows``; words are cut to their column, numbers stand at its right."""
        cursor = self.cursor_coordinate
        self.clear(columns=True)
        for heading in headings:
            words = one_line(heading.title, heading.width - 1)
            self.add_column(_placed(Text(words), heading), width=heading.width)
        for row in rows:
            self.add_row(*(_cell(cell, heading) for cell, heading in zip(row, headings, strict=True)))
        if self.row_count:
            first = 1 if self.cursor_type == "cell" else 0
            column = min(max(cursor.column, first), len(headings) - 1)
            self.cursor_coordinate = Coordinate(min(cursor.row, self.row_count - 1), column)


def _cell(cell: Text | str, heading: Heading) -> Text:
    text = cell if isinstance(cell, Text) else Text(cell)
    return _placed(Text(one_line(text.plain, heading.width - 1), text.style), heading)


def _placed(text: Text, heading: Heading) -> Text:
    if heading.is_number:
        text.justify = "right"
        return text
    return Text.assemble(" ", text) if text.plain else text
