"""Which appeals belong together: duplicates of fresh ones, repeats of closed ones, mass incidents."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from cur_tui.domain.model import Appeal
from cur_tui.domain.vocabulary import LinkKind, State
from regional_api.generate.mix import MASS_TOPICS
from regional_api.generate.scene import Scene

_DUPLICATES = 0.02
_REPEATS = 0.02
_INCIDENT_STARTS = 0.025
"""Share of the messages on mass topics that turn out to be the first of many."""
_INCIDENT_SHARE = 0.3
"""Share of the messages during an incident that are about it."""
_INCIDENT_LASTS = timedelta(hours=30)
_REMEMBERED = 300


@dataclass(frozen=True, slots=True)
class Relative:
    """An earlier appeal that a new one belongs to, and how."""

    kind: LinkKind
    id: str
    number: str
    scene: Scene
    text: str
    at: datetime


class Kinship:
    """Remembers what came in lately; bounded, however many appeals there are."""

    def __init__(self) -> None:
        self._fresh: deque[Relative] = deque(maxlen=_REMEMBERED)
        self._closed: deque[Relative] = deque(maxlen=_REMEMBERED)
        self._incident: Relative | None = None

    def relative_for(self, at: datetime, rng: Random) -> Relative | None:
        """The earlier appeal that one registered ``at`` shall belong to; None for most."""
        if self._incident is not None and at - self._incident.at > _INCIDENT_LASTS:
            self._incident = None
        luck = rng.random()
        if self._incident is not None and luck < _INCIDENT_SHARE:
            return self._incident
        luck = rng.random()
        if luck < _DUPLICATES and self._fresh:
            return rng.choice(self._fresh)
        if luck < _DUPLICATES + _REPEATS and self._closed:
            return rng.choice(self._closed)
        return None

    def remember(self, appeal: Appeal, scene: Scene, text: str, rng: Random) -> None:
        """Take note of an appeal that has come in."""
        if appeal.links:
            return

        def relative(kind: LinkKind) -> Relative:
            return Relative(kind, appeal.id, appeal.number, scene, text, appeal.registered_at)

        self._fresh.append(relative(LinkKind.DUPLICATE))
        if appeal.state is State.RESOLVED:
            self._closed.append(relative(LinkKind.REPEAT))
        if self._incident is None and scene.topic.code in MASS_TOPICS and rng.random() < _INCIDENT_STARTS:
            self._incident = relative(LinkKind.MASS_INCIDENT)
