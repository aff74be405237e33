"""One appeal being told: its chronicle, its scene, and the people who will work on it."""

from dataclasses import dataclass
from random import Random

from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.profile import Authority
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import LinkKind, Priority
from regional_api.generate.answers import AnswerWriter
from regional_api.generate.chronicle import Chronicle
from regional_api.generate.composer import Composer
from regional_api.generate.mix import Traits
from regional_api.generate.scene import Scene
from regional_api.generate.staff import Staff


@dataclass(frozen=True, slots=True)
class Relation:
    """How the appeal belongs to one that came before."""

    kind: LinkKind
    target: str
    number: str


@dataclass(slots=True)
class Told:
    """What the steps of a story share. ``rng`` decides what happens, ``words`` only how it is worded."""

    chronicle: Chronicle
    scene: Scene
    traits: Traits
    staff: Staff
    writer: AnswerWriter
    composer: Composer
    rng: Random
    words: Random
    operator: Actor
    approver: Actor
    body: Authority
    officer: Actor
    relation: Relation | None = None

    @property
    def appeal(self) -> Appeal:
        """The appeal as it stands."""
        return self.chronicle.appeal

    @property
    def is_emergency(self) -> bool:
        """Whether people work on it round the clock."""
        return self.traits.priority is Priority.EMERGENCY

    def lucky(self, share: float) -> bool:
        """Whether something that happens to ``share`` of appeals happens to this one."""
        return self.rng.random() < share

    def remark(self, name: str) -> str:
        """A text of the desk."""
        return self.composer.remark(name, self.scene, self.words)
