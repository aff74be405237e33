"""What comes in, by realistic shares: sectors, topics, regimes, sources, importance, tone.

The sectors follow published weekly counts of regional centres (roads first, then amenities, housing,
waste and transport); the rest are estimates that only make the region look alive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from cur_tui.domain.profile.profile import Region, Topic
from cur_tui.domain.vocabulary import ItemKind, Priority, Regime, Source, Tone
from regional_api.generate.texts import Texts

T = TypeVar("T")

_SECTORS = {
    "roads": 24, "improvement": 19, "utilities": 18, "waste": 8, "transport": 7, "general": 8,
    "health": 6, "education": 4, "social": 4, "energy": 4, "ecology": 2, "labor": 1,
}  # fmt: skip
_REGIMES = {Regime.POS_MESSAGE: 40, Regime.OPEN_SOURCE: 38, Regime.FZ59: 18, Regime.INFORMATION: 4}
_SOURCES: dict[Regime, dict[Source, int]] = {
    Regime.POS_MESSAGE: {Source.POS: 88, Source.CUR_PORTAL: 8, Source.HEATMAP: 4},
    Regime.OPEN_SOURCE: {
        Source.INCIDENT_MGMT: 55, Source.SOCIAL: 25, Source.MESSENGER: 14, Source.CSV: 2, Source.HEATMAP: 4,
    },
    Regime.FZ59: {
        Source.POS: 34, Source.MSED: 14, Source.SED: 16, Source.POST: 14, Source.IN_PERSON: 8,
        Source.HOTLINE: 8, Source.CUR_PORTAL: 4, Source.OPEN311: 2,
    },
    Regime.INFORMATION: {Source.EMAIL: 60, Source.EDS: 25, Source.HOTLINE: 15},
}  # fmt: skip
_KINDS = {
    ItemKind.COMPLAINT: 58, ItemKind.APPLICATION: 24, ItemKind.QUESTION: 10, ItemKind.PROPOSAL: 5,
    ItemKind.THANKS: 3,
}  # fmt: skip
_PRIORITIES = {Priority.NORMAL: 84, Priority.ELEVATED: 12, Priority.EMERGENCY: 4}
_URGENT = {Priority.NORMAL: 55, Priority.ELEVATED: 27, Priority.EMERGENCY: 18}
_URGENT_TOPICS = frozenset(
    {
        "utilities.heating", "utilities.main_burst", "utilities.no_cold_water", "energy.power_cut",
        "energy.gas_cut", "improvement.manholes", "general.security_fire", "health.ambulance",
        "roads.traffic_lights", "improvement.fallen_trees",
    }
)  # fmt: skip
MASS_TOPICS = frozenset(
    {
        "utilities.heating", "utilities.no_cold_water", "utilities.no_hot_water", "energy.power_cut",
        "roads.snow_carriageway", "transport.timetable", "waste.not_removed", "ecology.air",
    }
)  # fmt: skip
"""Topics that strike a whole quarter at once."""


class Shares(Generic[T]):
    """Values with their shares."""

    def __init__(self, shares: dict[T, int] | Sequence[tuple[T, float]]) -> None:
        pairs = list(shares.items()) if isinstance(shares, dict) else list(shares)
        self._values = [value for value, _ in pairs]
        self._weights = list(accumulate(weight for _, weight in pairs))

    def pick(self, rng: Random) -> T:
        """A value, by its share."""
        return rng.choices(self._values, cum_weights=self._weights)[0]


@dataclass(frozen=True, slots=True)
class Traits:
    """What is true of a message before anybody works on it."""

    topic: Topic
    regime: Regime
    source: Source
    kind: ItemKind
    priority: Priority
    tone: Tone


class Mix:
    """Picks the traits of messages of one region."""

    def __init__(self, region: Region, texts: Texts) -> None:
        weighted: list[tuple[Topic, float]] = []
        totals: dict[str, int] = {}
        known = [topic for topic in region.topics if topic.code in texts.topics]
        for topic in known:
            totals[topic.sector] = totals.get(topic.sector, 0) + texts.topics[topic.code].weight
        for topic in known:
            share = _SECTORS.get(topic.sector, 1) * texts.topics[topic.code].weight / totals[topic.sector]
            weighted.append((topic, share))
        self._topics = Shares(weighted)
        self._regimes = Shares(_REGIMES)
        self._sources = {regime: Shares(shares) for regime, shares in _SOURCES.items()}
        self._kinds = Shares(_KINDS)
        self._priorities = Shares(_PRIORITIES)
        self._urgent = Shares(_URGENT)

    def pick(self, rng: Random, *, regime: Regime | None = None, priority: Priority | None = None) -> Traits:
        """Random traits; ``regime`` and ``priority`` are kept when given."""
        topic = self._topics.pick(rng)
        regime = regime or self._regimes.pick(rng)
        if priority is None:
            priority = (self._urgent if topic.code in _URGENT_TOPICS else self._priorities).pick(rng)
        kind = ItemKind.COMPLAINT if priority is Priority.EMERGENCY else self._kinds.pick(rng)
        return Traits(topic, regime, self._sources[regime].pick(rng), kind, priority, _tone(kind, rng))


def _tone(kind: ItemKind, rng: Random) -> Tone:
    if kind is ItemKind.THANKS:
        return Tone.POSITIVE
    if kind is ItemKind.COMPLAINT:
        return Tone.NEGATIVE if rng.random() < 0.8 else Tone.NEUTRAL
    return Tone.NEUTRAL if rng.random() < 0.8 else Tone.NEGATIVE
