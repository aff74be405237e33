"""Texts made of a source's labels, for messages whose source exports no words of theirs.

They are the words of a classifier, which thousands of messages share, and say nothing beyond it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

_ADDRESS: Final = "address"
_TITLES: Final[Mapping[str, str]] = {
    "category": "Категория", "group": "Группа", "theme": "Тема", "fact": "Факт", "rubric": "Рубрика",
    "kind": "Вид", _ADDRESS: "Адрес", "subject": "Тема письма",
}  # fmt: skip
_OF_A_LETTER: Final = "subject"
"""What stands here a person has written."""
_BEGINNINGS: Final = tuple(f"{title}: " for field, title in _TITLES.items() if field != _OF_A_LETTER)


def composed(values: Mapping[str, str], fields: Sequence[str]) -> str:
    """A line for each of ``fields`` that has a value; empty where none has one."""
    return "\n".join(f"{_TITLES[field]}: {values[field]}" for field in fields if field in values)


def is_composed(text: str) -> bool:
    """Whether ``text`` holds labels only."""
    return bool(text) and all(line.startswith(_BEGINNINGS) for line in text.split("\n"))


def names_address(text: str) -> bool:
    """Whether a composed ``text`` has the address among its labels."""
    return any(line.startswith(f"{_TITLES[_ADDRESS]}: ") for line in text.split("\n"))
