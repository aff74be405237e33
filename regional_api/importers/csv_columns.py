"""Which column of a table is what: named by the person, or guessed from the header."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_GUESSES: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "текст", "текст сообщения", "текст обращения", "сообщение", "обращение", "содержание",
        "message", "суть", "описание", "текст инцидента",
    ),
    "category": (
        "category", "категория", "группа тем", "группа", "группа темы", "topic group", "рубрика", "раздел",
    ),
    "theme": ("theme", "тема", "topic", "подкатегория", "вопрос", "тип", "тема инцидента"),
    "executor": (
        "executor", "исполнитель", "ответственный", "орган власти", "ведомство", "organization",
        "организация", "department",
    ),
    "id": ("id", "номер", "№", "number", "код", "id сообщения", "номер обращения", "номер инцидента"),
    "received": (
        "received", "дата", "дата поступления", "дата создания", "created", "created at", "date",
        "дата регистрации", "дата публикации",
    ),
    "source": ("source", "источник", "канал", "площадка", "соцсеть"),
}  # fmt: skip
ROLES = tuple(_GUESSES)
"""The parts of a message that a column may hold."""


class ColumnError(Exception):
    """A column that is not in the file, or no column with the text. ``known`` is the header."""

    def __init__(self, role: str, name: str | None, known: Sequence[str]) -> None:
        super().__init__(f"{role}: {name}")
        self.role = role
        self.name = name
        self.known = tuple(known)


@dataclass(frozen=True, slots=True)
class Columns:
    """Position of each part of a message in a row, None for a part that the file does not have."""

    positions: Mapping[str, int | None]

    def value(self, role: str, row: Sequence[str]) -> str:
        """The field of ``role``, empty when the file or the row does not have it."""
        position = self.positions[role]
        return row[position].strip() if position is not None and position < len(row) else ""


def find_columns(header: Sequence[str], named: Mapping[str, str | None]) -> Columns:
    """The columns of a file with this ``header``; ``named`` ones must exist, the text must be found."""
    folded = [_folded(name) for name in header]
    positions: dict[str, int | None] = {}
    for role in ROLES:
        name = named.get(role)
        if name is not None:
            if _folded(name) not in folded:
                raise ColumnError(role, name, header)
            positions[role] = folded.index(_folded(name))
        else:
            positions[role] = next((folded.index(g) for g in _GUESSES[role] if g in folded), None)
    if positions["text"] is None:
        raise ColumnError("text", None, header)
    return Columns(positions)


def _folded(name: str) -> str:
    return " ".join(name.strip().casefold().replace("ё", "е").replace("_", " ").split())
