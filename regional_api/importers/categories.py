"""The list of problem categories of «BI: ЦУР РФ», held against the blocks and topics of the region.

The founding acts ask for at least three categories in each sector block (Amur decree 527 cl. 4.1, Kursk
cl. 4.6, ЕАО cl. 5.1), and for a residual one («прочее») to be decomposed (Amur cl. 4.1, ЕАО cl. 5.2).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.texts.text import one_line
from cur_tui.domain.vocabulary import GENERAL_BLOCK
from regional_api.importers.cells import clean, folded, read_whole
from regional_api.importers.files.table import FileError, Line, Sheet
from regional_api.importers.matching import Matcher

LEAST = 3
"""Categories that a sector block needs."""
_CATEGORY = (
    "категория",
    "категория проблемы",
    "категория проблем",
    "наименование категории",
    "проблема",
    "тема",
)
_GROUP = ("группа тем", "отраслевой блок", "блок", "отрасль", "направление", "сфера", "группа")
_COUNT = ("количество", "количество сообщений", "количество обращений", "число сообщений", "всего", "count")
_HEADER_LINES = 20
_CELLS = 200
_RESIDUAL = re.compile(r"\bпроч(?:ее|ие|ая|ий)\b")
_NUMBER = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class Category:
    """One category. ``block`` None: no block of the region claims it; ``count`` None: no number is given."""

    row: int
    name: str
    group: str
    count: int | None
    block: str | None
    topic: str | None
    is_residual: bool


@dataclass(frozen=True, slots=True)
class BlockShare:
    """What a block has of the list."""

    block: str
    name: str
    categories: int
    count: int
    is_enough: bool
    residual: tuple[str, ...]
    """Categories that have to be decomposed."""


def read_categories(sheets: Sequence[Sheet], rulebook: Rulebook) -> list[Category]:
    """The categories of the first sheet that has a column for them; :class:`FileError` ``no_categories``."""
    matcher = Matcher(rulebook)
    for sheet in sheets:
        for line in islice(sheet.lines(), _HEADER_LINES):
            header = [folded(clean(name)) for name in line.cells]
            places = [_place(header, names) for names in (_CATEGORY, _GROUP, _COUNT)]
            if places[0] is not None and (places[1] is not None or places[2] is not None):
                return list(_categories(sheet, line.n, places, rulebook, matcher))
    raise FileError("no_categories")


def shares(categories: Sequence[Category], rulebook: Rulebook) -> list[BlockShare]:
    """Every sector block of the region with what it has of the list, in the profile's order."""
    of_block: dict[str | None, list[Category]] = defaultdict(list)
    for category in categories:
        of_block[category.block].append(category)
    return [
        BlockShare(
            block=block.code,
            name=block.name,
            categories=len(of_block[block.code]),
            count=sum(category.count or 0 for category in of_block[block.code]),
            is_enough=len(of_block[block.code]) >= LEAST,
            residual=tuple(category.name for category in of_block[block.code] if category.is_residual),
        )
        for block in rulebook.region.blocks
        if block.code != GENERAL_BLOCK
    ]


def _categories(
    sheet: Sheet, header_at: int, places: list[int | None], rulebook: Rulebook, matcher: Matcher
) -> Iterator[Category]:
    for line in sheet.lines():
        if line.n <= header_at:
            continue
        name, group, count = (one_line(_cell(line, place), _CELLS) for place in places)
        if not name:
            continue
        block, topic = matcher.match(group, name)
        number = read_whole(count).replace(" ", "").replace("\u00a0", "")
        yield Category(
            row=line.n,
            name=name,
            group=group,
            count=int(number) if _NUMBER.fullmatch(number) else None,
            block=block,
            topic=topic,
            is_residual=_is_residual(name, topic, rulebook),
        )


def _is_residual(name: str, topic: str | None, rulebook: Rulebook) -> bool:
    known = topic is not None and rulebook.topics[topic].is_residual
    return known or _RESIDUAL.search(folded(name)) is not None


def _place(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _cell(line: Line, place: int | None) -> str:
    return clean(line.cells[place]) if place is not None and place < len(line.cells) else ""
