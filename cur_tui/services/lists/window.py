"""A window on a queue: the keys of its appeals in order, and the rows near those asked for last."""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence, Set
from contextlib import suppress

import msgspec

from cur_tui.services.lists.found import Find
from storage.entries import CachedRow, Count

PAGE = 128
PAGES_KEPT = 8
"""Pages of rows in memory: a quarter of a megabyte each, read again in a millisecond."""
NEIGHBOURS = 512
"""How far from where a row is guessed to be it is looked for first."""

STRETCH = 1 << 14
"""How many keys are looked at in one go; between two of them other threads get their turn."""

GLIMPSE = PAGE
"""How many rows are read for the first paint; the whole list follows in a worker."""

Read = Callable[[Sequence[int]], list[CachedRow | None]]
"""Reads the rows of keys in their order; None for a key that is gone."""


class Names(msgspec.Struct, frozen=True):
    """What people read for codes: topics, municipalities, bodies and colleagues."""

    topics: dict[str, str]
    municipalities: dict[str, str]
    authorities: dict[str, str]
    colleagues: dict[str, str]


class Window:
    """A list of keys with a small memory of rows. Made anew when the list itself changes.

    ``whole`` is False for a glimpse: there are more rows than the window knows. ``find`` says where the words
    of the list's search stand in a text. ``found`` is how many appeals meet the query where the list holds
    the newest of them only.
    """

    def __init__(
        self,
        keys: "array[int]",
        read: Read,
        first: Sequence[CachedRow] = (),
        *,
        whole: bool = True,
        find: Find | None = None,
        found: Count | None = None,
    ) -> None:
        self._keys = keys
        self._read = read
        self._pages: OrderedDict[int, list[CachedRow | None]] = OrderedDict()
        self.whole = whole
        self.find = find
        more = found is not None and (found.number > len(keys) or not found.exact)
        self.found = found if more else None
        if first:
            self._pages[0] = list(first)

    @classmethod
    def empty(cls) -> "Window":
        """A list without rows."""
        return cls(array("q"), lambda pks: [])

    @property
    def count(self) -> int:
        """How many appeals are listed."""
        return len(self._keys)

    @property
    def keys(self) -> "array[int]":
        """The keys in order."""
        return self._keys

    def row(self, index: int) -> CachedRow | None:
        """The row at ``index``; None when the appeal has left the cache since the list was made."""
        if not 0 <= index < len(self._keys):
            return None
        return self._page(index // PAGE)[index % PAGE]

    def index_of(self, pk: int, near: int = 0) -> int | None:
        """Where the appeal with this key stands. ``near`` is a guess: a right one spares looking further.

        A million keys take ten milliseconds: for a worker, where the guess is none.
        """
        start = max(near - NEIGHBOURS, 0)
        with suppress(ValueError):
            return self._keys.index(pk, start, near + NEIGHBOURS)
        for start in range(0, len(self._keys), STRETCH):
            with suppress(ValueError):
                return self._keys.index(pk, start, start + STRETCH)
        return None

    def indexes_of(self, pks: Set[int]) -> dict[int, int]:
        """Where the appeals with these keys stand, as far as they are listed, by key. For a worker."""
        found: dict[int, int] = {}
        for start in range(0, len(self._keys) if pks else 0, STRETCH):
            for pk in pks & set(self._keys[start : start + STRETCH]):
                found[pk] = self._keys.index(pk, start)
        return found

    def take_over(self, before: "Window") -> None:
        """Take what ``before``, an earlier reading of the list, knows of the rows that still stand alike."""
        for number, page in before._pages.items():
            keys = before._keys[number * PAGE : (number + 1) * PAGE]
            if len(page) == PAGE and keys == self._keys[number * PAGE : (number + 1) * PAGE]:
                self._pages.setdefault(number, page)

    def forget(self, pks: frozenset[int]) -> range:
        """Read these rows anew when they are drawn next; between which indexes such rows are known to be."""
        touched = [
            number
            for number in self._pages
            if not pks.isdisjoint(self._keys[number * PAGE : (number + 1) * PAGE])
        ]
        for number in touched:
            del self._pages[number]
        return range(min(touched) * PAGE, (max(touched) + 1) * PAGE) if touched else range(0)

    def _page(self, number: int) -> list[CachedRow | None]:
        page = self._pages.get(number)
        if page is None:
            page = self._read(self._keys[number * PAGE : (number + 1) * PAGE])
            self._pages[number] = page
            if len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page
