"""What the server sent besides appeals: the region profile, the colleagues, and what follows from them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from cur_tui.domain.refusal import Refused
from cur_tui.services.front_page import FrontPage, front_page_of

if TYPE_CHECKING:
    from cur_tui.domain.profile.profile import Region
    from cur_tui.domain.profile.rulebook import Rulebook
    from cur_tui.domain.query.vocabulary import Vocabulary
    from storage.cache import Cache

FRONT_PAGE: Final = "front_page"
"""State of the cache under which the front page is kept."""

SHAPE: Final = 1
"""Of the front page; another number makes what older programs kept worthless."""


class ReferenceData:
    """The reference data of one cache: the front page at once, the rules and the words when first asked for.

    Safe from any thread. Raises ``Refused("no_region")`` while the profile has not arrived, and
    ``Refused("rules_unreadable")`` where what lies in the cache was left by a newer program, or is damaged.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._making = threading.Lock()
        self._rulebook: Rulebook | None = None
        self._vocabulary: Vocabulary | None = None
        self.refresh()

    def refresh(self) -> None:
        """Take everything anew, after the server sent other documents.

        While they cannot be read, the front page that was kept stays in force: lists open, acts are refused.
        """
        source = f"{SHAPE} {self._cache.reader.reference_stamp()}"
        front = self._kept()
        rulebook: Rulebook | None = None
        is_unread = False
        if front is None or front.source != source:
            try:
                rulebook = _rulebook_of(self._region())
                front = self._front_page(rulebook.region, source)
            except Refused as refused:
                if front is None or refused.code != "rules_unreadable":
                    raise
                is_unread = True
        with self._making:
            self.front = front
            self.is_unread = is_unread
            self.zone = ZoneInfo(front.time_zone)
            self._rulebook, self._vocabulary = rulebook, None

    def keep(self) -> None:
        """Keep the front page for the next start, unless it is kept already. Writes: for a worker."""
        # Not in the encoder's deterministic order: blocks and queues stand as the region's decree names them.
        if self._kept() != self.front:
            self._cache.writer.set_state(FRONT_PAGE, msgspec.json.encode(self.front).decode())

    @property
    def rulebook(self) -> Rulebook:
        """The rules of the region."""
        with self._making:
            if self._rulebook is None:
                self._rulebook = _rulebook_of(self._region())
            return self._rulebook

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of the query language in the region."""
        with self._making:
            if self._vocabulary is None:
                from cur_tui.services.lists.vocabulary import (
                    vocabulary_of,  # no list needs it before a filter
                )

                self._vocabulary = vocabulary_of(self.front)
            return self._vocabulary

    def _region(self) -> Region:
        try:
            region = self._cache.reader.region()
        except ValueError as error:
            raise Refused("rules_unreadable") from error
        if region is None:
            raise Refused("no_region")
        return region

    def _front_page(self, region: Region, source: str) -> FrontPage:
        try:
            ZoneInfo(region.time_zone)
            return front_page_of(region, self._cache.reader.accounts(), source)
        except (ValueError, ZoneInfoNotFoundError) as error:
            raise Refused("rules_unreadable") from error

    def _kept(self) -> FrontPage | None:
        document = self._cache.reader.state(FRONT_PAGE)
        try:
            return None if document is None else msgspec.json.decode(document, type=FrontPage)
        except msgspec.DecodeError:  # of another shape: it is made anew
            return None


def _rulebook_of(region: Region) -> Rulebook:
    from cur_tui.domain.profile.rulebook import (
        Rulebook,  # the calendar and the terms: not needed to look at a list
    )

    return Rulebook(region)
