"""A window on a queue: the keys of its appeals in order, and the rows near those asked for last."""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from storage.entries import CachedRow

PAGE = 128
PAGES_KEPT = 32
NEIGHBOURS = 512
"""How far from where a row is guessed to be it is looked for first."""

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

    ``whole`` is False for a glimpse: there are more rows than the window knows.
    """

    def __init__(
        self, keys: "array[int]", read: Read, first: Sequence[CachedRow] = (), *, whole: bool = True
    ) -> None:
        self._keys = keys
        self._read = read
        self._pages: OrderedDict[int, list[CachedRow | None]] = OrderedDict()
        self.whole = whole
        if first:
            self._pages[0] = list(first)

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

    def index_of(self, pk: int, near: int | None = None) -> int | None:
        """Where the appeal with this key stands.

        ``near`` is a guess; a right one spares the look at every key, which takes ten milliseconds for a
        million of them.
        """
        if near is not None:
            start = max(near - NEIGHBOURS, 0)
            with suppress(ValueError):
                return start + self._keys[start : near + NEIGHBOURS].index(pk)
        with suppress(ValueError):
            return self._keys.index(pk)
        return None

    def forget(self, pks: frozenset[int] | None = None) -> None:
        """Read these rows anew when they are drawn next; None: all of them."""
        for number in list(self._pages):
            keys = self._keys[number * PAGE : (number + 1) * PAGE]
            if pks is None or not pks.isdisjoint(keys):
                del self._pages[number]

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
