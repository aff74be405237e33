"""What the server sent besides appeals: the region profile, the colleagues, and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cur_tui.domain.refusal import Refused
from cur_tui.domain.rulebook import Rulebook
from cur_tui.services.vocabulary import vocabulary_of
from cur_tui.services.window import Names

if TYPE_CHECKING:
    from cur_tui.domain.query_vocabulary import Vocabulary
    from storage.cache import Cache


class ReferenceData:
    """The reference data of one cache. Raises ``Refused("no_region")`` while the profile has not arrived."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self.refresh()

    def refresh(self) -> None:
        """Take the region profile and the colleagues anew, after the server sent other ones."""
        region = self._cache.reader.region()
        if region is None:
            raise Refused("no_region")
        self.rulebook = Rulebook(region)
        self.zone = ZoneInfo(region.time_zone)
        self.names = Names(
            topics={topic.code: topic.name for topic in region.topics},
            municipalities={town.code: town.name for town in region.municipalities},
            authorities={body.code: body.name for body in region.authorities},
            colleagues={
                str(account["account"]): str(account["name"]) for account in self._cache.reader.accounts()
            },
        )
        self.vocabulary: Vocabulary = vocabulary_of(self.rulebook, self.names.colleagues)
