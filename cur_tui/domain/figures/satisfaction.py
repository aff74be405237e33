"""Satisfaction: how applicants rated delivered answers, by the channel that their appeals came from.

Only the first rating counts, and only of an answer that was delivered. Source: collection of satisfaction
(Amur 527 app. 2 cl. 1.3(4)); 4 and 5 count as satisfied, of which the federal platform asks for 60 %.
"""

from collections.abc import Iterable
from dataclasses import dataclass

TARGET = 60
"""Per cent of ratings that should be 4 or 5 (target of the Ministry of Digital Development, 2025)."""
LOWEST, HIGHEST = 1, 5
_SATISFIED = 4


@dataclass(frozen=True, slots=True)
class ChannelRatings:
    """The ratings of one channel; ``source`` None: of all. ``counts``: how many of 1, 2, 3, 4 and 5."""

    source: str | None
    answered: int = 0
    counts: tuple[int, ...] = (0,) * HIGHEST

    @property
    def rated(self) -> int:
        """Answers with a rating."""
        return sum(self.counts)

    @property
    def coverage(self) -> float | None:
        """The share of answers that were rated: without it no mean means anything."""
        return self.rated / self.answered if self.answered else None

    @property
    def mean(self) -> float | None:
        """The mean rating."""
        total = sum(rating * n for rating, n in enumerate(self.counts, LOWEST))
        return total / self.rated if self.rated else None

    @property
    def positive(self) -> float | None:
        """The share of ratings of 4 and 5."""
        return sum(self.counts[_SATISFIED - LOWEST :]) / self.rated if self.rated else None

    def __add__(self, other: "ChannelRatings") -> "ChannelRatings":
        counts = tuple(a + b for a, b in zip(self.counts, other.counts, strict=True))
        return ChannelRatings(self.source, self.answered + other.answered, counts)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """The channels that answers went by, the most first."""

    channels: tuple[ChannelRatings, ...]
    total: ChannelRatings


def satisfaction_of(cells: Iterable[tuple[str, int | None, int]]) -> Satisfaction:
    """Satisfaction from counts of answers by channel and rating; None: not rated."""
    channels: dict[str, ChannelRatings] = {}
    for source, rating, n in cells:
        counts = [0] * HIGHEST
        if rating is not None:
            counts[rating - LOWEST] = n
        known = channels.get(source, ChannelRatings(source))
        channels[source] = known + ChannelRatings(source, n, tuple(counts))
    ordered = sorted(channels.values(), key=lambda one: (-one.answered, one.source or ""))
    return Satisfaction(tuple(ordered), sum(ordered, ChannelRatings(None)))
