"""The stylesheet of the application: each source is parsed once, not again with each screen that is new."""

from __future__ import annotations

from typing import Final

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_SOURCES: Final = 256
"""How many parsed sources are kept: more than all screens and widgets of the application have together.

Sources are asked for in the same order each time, so that one too few would keep none of them.
"""


class KeepingStylesheet(Stylesheet):
    """The library parses every source anew whenever a screen with a style file of its own is opened first."""

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)

    def reparse(self) -> None:
        """Parse what is not known yet; a mistake leaves the present rules alone.

        Other variables, those of another theme, have emptied what is kept (:meth:`set_variables`).
        """
        self.parse()
