"""A window on a queue: the keys of its appeals in order, and the rows near those asked for last."""

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from storage.entries import CachedRow

PAGE = 128
PAGES_KEPT = 32
FIRST = 2_000
"""How many keys are read before the first paint; the rest follows in a worker."""


@dataclass(frozen=True, slots=True)
class Names:
    """What people read for codes: topics, municipalities, bodies and colleagues."""

    topics: dict[str, str]
    municipalities: dict[str, str]
    authorities: dict[str, str]
    colleagues: dict[str, str]


class Rows(Protocol):
    """Reads the rows of keys; a key that is gone is left out."""

    def __call__(self, pks: Sequence[int]) -> list[CachedRow]:
        """The rows of ``pks`` in any order."""


class Window:
    """A list of keys with a small memory of rows. Made anew when the list itself changes."""

    def __init__(self, keys: "array[int]", read: Rows) -> None:
        self._keys = keys
        self._read = read
        self._pages: OrderedDict[int, dict[int, CachedRow]] = OrderedDict()

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
        page = self._page(index // PAGE)
        return page.get(self._keys[index])

    def index_of(self, pk: int) -> int | None:
        """Where the appeal with this key stands."""
        try:
            return self._keys.index(pk)
        except ValueError:
            return None

    def forget(self, pks: set[int]) -> None:
        """Read these rows anew when they are drawn next."""
        stale = [number for number, page in self._pages.items() if not pks.isdisjoint(page)]
        for number in stale:
            del self._pages[number]

    def _page(self, number: int) -> dict[int, CachedRow]:
        page = self._pages.get(number)
        if page is None:
            keys = self._keys[number * PAGE : (number + 1) * PAGE]
            page = {listed.pk: listed for listed in self._read(keys)}
            self._pages[number] = page
            if len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page
