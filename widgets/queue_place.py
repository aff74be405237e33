"""Where a person stands in a long list: the row under the cursor and the first row in sight.

Arithmetic alone, so that it can be tested without a screen.
"""

import msgspec


class Place(msgspec.Struct, frozen=True):
    """``cursor`` and ``top`` are indexes of a list of ``count`` rows, of which ``page`` are in sight."""

    cursor: int = 0
    top: int = 0
    count: int = 0
    page: int = 1

    def at(self, cursor: int) -> "Place":
        """The cursor at an index, or at the nearest there is, with as little scrolling as possible."""
        cursor = max(0, min(cursor, self.count - 1))
        return Place(
            cursor, self._top(min(max(self.top, cursor - self.page + 1), cursor)), self.count, self.page
        )

    def scrolled(self, top: int) -> "Place":
        """Another part of the list in sight; the cursor stays where it is, even out of sight."""
        return Place(self.cursor, self._top(top), self.count, self.page)

    def sized(self, page: int) -> "Place":
        """With another number of rows in sight; the cursor stays in sight."""
        return Place(self.cursor, self.top, self.count, max(page, 1)).at(self.cursor)

    def relisted(self, count: int, cursor: int) -> "Place":
        """After the list has changed: the row that stands at ``cursor`` now keeps its line of the screen."""
        moved = Place(cursor, max(self.top + cursor - self.cursor, 0), count, self.page)
        return moved.at(cursor)

    @property
    def in_sight(self) -> range:
        """The indexes of the rows in sight."""
        return range(self.top, min(self.top + self.page, self.count))

    def thumb(self) -> range:
        """Which of the ``page`` cells of a scroll bar are its thumb; none when everything is in sight.

        It touches the ends of its bar only when the list is at its own ends.
        """
        hidden = self.count - self.page
        if hidden <= 0 or self.page < 3:
            return range(0)
        size = max(1, min(self.page * self.page // self.count, self.page - 2))
        if self.top in (0, hidden):
            start = 0 if self.top == 0 else self.page - size
        else:
            start = 1 + self.top * (self.page - size - 2) // hidden
        return range(start, start + size)

    def top_for_thumb(self, cell: int) -> int:
        """The first row in sight when the middle of the thumb is drawn to a cell of the bar."""
        size = len(self.thumb())
        free = max(self.page - size, 1)
        return max(self.count - self.page, 0) * max(0, min(cell - size // 2, free)) // free

    def _top(self, top: int) -> int:
        return max(0, min(top, self.count - self.page))
