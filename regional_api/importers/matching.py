"""From the labels of another system to blocks and topics of the region: by exact names, never by guessing."""

from cur_tui.domain.profile import Topic
from cur_tui.domain.rulebook import Rulebook


class Matcher:
    """Finds a block and a topic by the names that a file gives.

    A label matches a topic by its name or by a keyword that no other topic has, a block by its name, its code
    or the name of a topic group. Letter case, «ё» and blanks do not count; anything less is a person's work.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._topics: dict[str, str | None] = {}
        self._blocks: dict[str, str | None] = {}
        for topic in rulebook.region.topics:
            for keyword in topic.keywords:
                self._learn(self._topics, keyword, topic.code)
            self._learn(self._blocks, topic.group, rulebook.block_of_topic(topic.code))
        for topic in rulebook.region.topics:
            self._topics[_folded(topic.name)] = topic.code
            self._topics[_folded(topic.code)] = topic.code
        for block in rulebook.region.blocks:
            self._blocks[_folded(block.name)] = block.code
            self._blocks[_folded(block.code)] = block.code

    def match(self, category: str, theme: str) -> tuple[str | None, str | None]:
        """Block and topic for the two labels; None for what cannot be told."""
        topic = self._topic(theme) or self._topic(category)
        if topic is not None:
            return self._rulebook.block_of_topic(topic.code), topic.code
        return self._blocks.get(_folded(category)) or self._blocks.get(_folded(theme)), None

    def _topic(self, label: str) -> Topic | None:
        code = self._topics.get(_folded(label)) if label else None
        return self._rulebook.topics[code] if code is not None else None

    @staticmethod
    def _learn(table: dict[str, str | None], label: str, code: str) -> None:
        """Remember a label; one that stands for two things stands for none."""
        key = _folded(label)
        table[key] = code if table.get(key, code) == code else None


def _folded(label: str) -> str:
    return " ".join(label.casefold().replace("ё", "е").split())
