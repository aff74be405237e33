"""From the labels of another system to the blocks, topics, bodies and places of the region.

A label is matched when it equals a name, whatever its letter case, «ё» and blanks, or one that a person has
confirmed. What is merely like a name is proposed in the report and never taken.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from cur_tui.domain.profile.profile import Authority, Block, Municipality, Topic
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import GENERAL_BLOCK
from regional_api.importers.aliases import KINDS, NO_ALIASES, Aliases
from regional_api.importers.base import Record
from regional_api.importers.cells import folded
from regional_api.importers.tally import Tally

_LIKE = 0.62
"""Least likeness of a proposal; below it a list of proposals is a list of noise."""
_PROPOSED = 50
_OLD_FORMS = re.compile(r"^(?:г|город|пгт|с|село|п|пос|поселок|д|деревня)\.? |(?: мо| го| мр)$")


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A label that nothing equals: how many rows have it, and the code that is most like it, if any is.

    Or one that a person has confirmed, with the code that it means.
    """

    kind: str
    label: str
    rows: int
    code: str | None
    name: str | None
    likeness: float


class Matcher:
    """Finds codes of the region by the names that a file gives, and remembers the labels without a match.

    Raises :class:`FileError` (``bad_alias``) for a confirmed name whose code the region does not have.
    """

    def __init__(self, rulebook: Rulebook, aliases: Aliases = NO_ALIASES) -> None:
        aliases.check(rulebook)
        self._rulebook = rulebook
        self._told = {kind: {folded(label): c for label, c in aliases.of(kind).items()} for kind in KINDS}
        self._is_told = any(self._told.values())
        region = rulebook.region
        self._topics: dict[str, str | None] = {}
        self._blocks: dict[str, str | None] = {}
        for sector, labels in _sectors().items():
            code = sector if sector in rulebook.blocks else GENERAL_BLOCK
            for label in labels:
                self._learn(self._blocks, label, code)
        for topic in region.topics:
            for keyword in topic.keywords:
                self._learn(self._topics, keyword, topic.code)
            self._learn(self._blocks, topic.group, rulebook.block_of_topic(topic.code))
        for topic in region.topics:
            self._topics[folded(topic.name)] = self._topics[folded(topic.code)] = topic.code
        for block in region.blocks:
            self._blocks[folded(block.name)] = self._blocks[folded(block.code)] = block.code
        self._topics |= self._told["topic"]
        self._blocks |= self._told["block"]
        self._rubrics = {topic.rubric_code: topic.code for topic in region.topics if topic.rubric_code}
        self._bodies = {
            folded(name): b.code for b in region.authorities for name in (b.code, b.signature, b.name)
        }
        self._bodies |= self._told["authority"]
        self._towns = {
            folded(name): town.code
            for town in region.municipalities
            for name in (town.code, *town.settlements, *town.aliases, town.name)
        }
        self._towns |= self._told["municipality"]
        self._unmatched = Tally()
        self._confirmed = Tally()

    def match(self, category: str, theme: str, rubric: str = "") -> tuple[str | None, str | None]:
        """Block and topic for the labels; None for what cannot be told: the general block takes it."""
        topic = self._topic(theme) or self._topic(category) or self._by_rubric(rubric)
        if topic is not None:
            return self._rulebook.block_of_topic(topic.code), topic.code
        block = self._blocks.get(folded(category)) or self._blocks.get(folded(theme))
        if block is None and (category or theme):
            self._unmatched.add("block", category or theme)
        return block, None

    def authority(self, label: str) -> str | None:
        """Code of the answering body with this name."""
        return self._find(self._bodies, "authority", label, folded(label))

    def municipality(self, label: str) -> str | None:
        """Code of the municipality with this name, one of its settlements' or one of its other spellings."""
        key = folded(label)
        short = _OLD_FORMS.sub("", key)
        return self._find(self._towns, "municipality", label, key if key in self._towns else short)

    def confirmed_in(self, record: Record) -> str:
        """What confirmed names make of a record, in a word of its own; empty where it has none of them."""
        if not self._is_told:
            return ""
        found = []
        for kind, labels in (
            ("topic", (record.theme, record.category)),
            ("block", (record.category, record.theme)),
            ("authority", (record.authority,)),
            ("municipality", (record.municipality,)),
        ):
            for label in dict.fromkeys(filter(None, labels)):
                code = self._told[kind].get(folded(label))
                if code is not None:
                    found.append(f"{kind} {code}")
                    self._confirmed.add(kind, label)
        return "\n".join(found)

    def confirmed(self) -> list[Unmatched]:
        """The confirmed names that the records had which were asked about, the most frequent first."""
        names = {kind: self._names(kind) for kind in KINDS}
        found = []
        for kind, label, rows in self._confirmed.most_common(_PROPOSED):
            code = self._told[kind][folded(label)]
            found.append(Unmatched(kind, label, rows, code, names[kind].get(code, code), 1.0))
        return found

    def unmatched(self) -> list[Unmatched]:
        """The labels without a match, the most frequent first, each with what it may mean."""
        return [self._proposal(*told) for told in self._unmatched.most_common(_PROPOSED)]

    def _find(self, table: Mapping[str, str], kind: str, label: str, key: str) -> str | None:
        code = table.get(key)
        if code is None and label:
            self._unmatched.add(kind, label)
        return code

    def _proposal(self, kind: str, label: str, rows: int) -> Unmatched:
        best = max(
            ((_likeness(label, name), code, name) for code, name in self._names(kind).items()),
            default=(0.0, None, None),
        )
        likeness, code, name = best if best[0] >= _LIKE else (0.0, None, None)
        return Unmatched(kind, label, rows, code, name, round(likeness, 2))

    def _names(self, kind: str) -> dict[str, str]:
        region = self._rulebook.region
        named: dict[str, Iterable[Authority | Municipality | Block | Topic]] = {
            "authority": region.authorities,
            "municipality": region.municipalities,
            "block": region.blocks,
            "topic": region.topics,
        }
        return {entry.code: entry.name for entry in named[kind]}

    def _topic(self, label: str) -> Topic | None:
        code = self._topics.get(folded(label)) if label else None
        return self._rulebook.topics[code] if code is not None else None

    def _by_rubric(self, rubric: str) -> Topic | None:
        code = self._rubrics.get(rubric)
        return self._rulebook.topics[code] if code is not None else None

    @staticmethod
    def _learn(table: dict[str, str | None], label: str, code: str) -> None:
        """Remember a label; one that stands for two things stands for none."""
        key = folded(label)
        table[key] = code if table.get(key, code) == code else None


@cache
def _sectors() -> dict[str, list[str]]:
    text = files("regional_api.importers").joinpath("labels.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["sectors"], dict[str, list[str]])


def _likeness(label: str, name: str) -> float:
    """How alike two names are, 0 to 1: by letters, and by words whatever their order and endings."""
    a, b = folded(label), folded(name)
    stems_a, stems_b = ({word[:6] for word in re.findall(r"\w{3,}", text)} for text in (a, b))
    shared = len(stems_a & stems_b) * 2 / (len(stems_a) + len(stems_b)) if stems_a and stems_b else 0.0
    return max(difflib.SequenceMatcher(None, a, b).ratio(), shared)
