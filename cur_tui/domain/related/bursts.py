"""When messages on one topic and place are more than chance."""

from dataclasses import dataclass
from math import sqrt

from cur_tui.domain.profile.profile import BurstRule

_SPREAD = 3
"""Standard deviations of a Poisson count: one topic in several hundred passes them by chance."""


@dataclass(frozen=True, slots=True)
class Level:
    """How many open appeals the window holds, and how many one window usually has."""

    now: int
    usual: float


def is_burst(level: Level, rule: BurstRule) -> bool:
    """Whether ``level`` is a burst: enough in number, several times the usual, and beyond its own spread."""
    if level.now < rule.least:
        return False
    return level.now >= rule.factor * level.usual and level.now >= level.usual + _SPREAD * sqrt(level.usual)
