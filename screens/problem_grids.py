"""The views of the problems as grids of cells: what a cell says, and the queue that opens behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

from cur_tui.domain.figures.cuts import HEAT
from cur_tui.domain.texts.text import one_line
from cur_tui.formats import format_decimal, format_number, format_percent
from cur_tui.i18n import _
from cur_tui.services.figures.measure_words import EMPTY, dimension_title, dimension_value
from cur_tui.services.figures.problem_words import change_words, signal_title

if TYPE_CHECKING:
    from collections.abc import Callable

    from cur_tui.services.figures.measure_words import NamesOf
    from cur_tui.services.figures.problem_pictures import (
        AddressPicture,
        BlockPicture,
        Figure,
        PlacePicture,
        ProblemPicture,
        ResidualGroup,
        ResidualPicture,
    )

TILE: Final = 21
"""Cells of a tile of the heat map at the least, two of them parting it from the next."""
HOTTEST: Final = len(HEAT) - 1
_INDENT: Final = "  "


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell. ``query``: the queue that Enter opens, under ``title``; None for none."""

    text: Text
    query: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; numbers stand at its right."""

    title: str
    width: int
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns and rows; ``height`` in lines, ``notes`` tell more of each row, if there are any."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    height: int = 1
    notes: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """How much room there is, how codes are called, and the colour of each heat."""

    width: int
    names: NamesOf
    colour: Callable[[int], str]

    @property
    def is_wide(self) -> bool:
        """Whether there is room for whole names."""
        return self.width >= 110

    def value(self, dimension: str, code: str | None, limit: int = 200) -> str:
        """The name of a code, on one line."""
        return one_line(dimension_value(dimension, code, self.names), limit)


def top_grid(picture: ProblemPicture, look: Look) -> Grid:
    """Each block with its top problems, its residual and what has no topic."""
    name = max(look.width - 46, 24)
    columns = (
        Column(_("Problem"), name),
        Column(_("Appeals"), 10, is_number=True),
        Column("±", 8, is_number=True),
        Column(_("Share"), 8, is_number=True),
        Column(_("Overd."), 8, is_number=True),
        Column(_("Repeat"), 8, is_number=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for block in picture.blocks:
        rows += _block_rows(block, look, name)
    return Grid(columns, tuple(rows))


def _block_rows(block: BlockPicture, look: Look, name: int) -> list[tuple[Cell, ...]]:
    title = look.value("block", block.block)
    empty = Cell(Text(""))
    rows: list[tuple[Cell, ...]] = [
        (
            Cell(Text(one_line(title, name), "bold"), block.all.query, title),
            _number(block.all, title, "bold"),
            _change(block.all, title),
            empty,
            empty,
            empty,
        )
    ]
    hottest = max((one.all.value for one in block.top), default=0)
    for at, top in enumerate(block.top, 1):
        topic = look.value("topic", top.topic)
        heat = _heat(top.all.value, hottest)
        share = Text(f"{format_percent(top.share)} {HEAT[heat]}", look.colour(heat), justify="right")
        rows.append(
            (
                Cell(Text(_INDENT + one_line(f"{at}. {topic}", name - 2)), top.all.query, topic),
                _number(top.all, topic),
                _change(top.all, topic),
                Cell(share, top.all.query, topic),
                _number(top.overdue, f"{topic} · {_('Overdue')}"),
                _number(top.repeats, f"{topic} · {_('Repeated')}"),
            )
        )
    for words, figure, share_of in (
        (_("residual: to be taken apart"), block.residual, block.residual_share),
        (_("without a topic"), block.unsorted, None),
    ):
        if figure.value or figure.before:
            told = "" if share_of is None else format_percent(share_of)
            title_of = f"{title} · {words}"
            rows.append(
                (
                    Cell(Text(_INDENT + one_line(f"… {words}", name - 2), "italic"), figure.query, title_of),
                    _number(figure, title_of),
                    _change(figure, title_of),
                    Cell(Text(told, justify="right"), figure.query, title_of),
                    empty,
                    empty,
                )
            )
    return rows


def map_grid(picture: ProblemPicture, look: Look) -> Grid:
    """The municipalities as tiles, the one with most appeals first: heat by a sign, a number and a colour."""
    across = max(look.width // TILE, 1)
    width = max(look.width // across, TILE)
    tiles = [_tile(place, look, width - 2) for place in picture.places]
    rows = [tuple(tiles[at : at + across]) for at in range(0, len(tiles), across)]
    if rows:
        rows[-1] += (Cell(Text("")),) * (across - len(rows[-1]))
    return Grid((Column("", width),) * across, tuple(rows), height=3)


def _tile(place: PlacePicture, look: Look, room: int) -> Cell:
    name = look.value("municipality", place.municipality, room)
    number = f"{HEAT[place.heat] * 3} {format_number(place.all.value)} {change_words(place.all)}"
    late = _("overdue {n}").format(n=format_number(place.overdue.value)) if place.overdue.value else ""
    text = Text.assemble(
        (name, "bold"), "\n", (one_line(number, room), look.colour(place.heat)), "\n", one_line(late, room)
    )
    return Cell(text, place.all.query, look.value("municipality", place.municipality))


def residual_grid(picture: ResidualPicture, look: Look) -> Grid:
    """The groups of the residual appeals, with examples of the one under the cursor."""
    proposed = 40 if look.is_wide else 24
    phrase = max(look.width - proposed - 26, 20)
    columns = (
        Column(_("Say"), phrase),
        Column(_("of the read"), 12, is_number=True),
        Column(_("Found"), 10, is_number=True),
        Column(_INDENT + _("Perhaps the topic"), proposed),
    )
    rows = tuple(_group_row(group, picture, look, phrase, proposed) for group in picture.groups)
    return Grid(columns, rows, notes=tuple(_examples(group) for group in picture.groups))


def _group_row(
    group: ResidualGroup, picture: ResidualPicture, look: Look, phrase: int, proposed: int
) -> tuple[Cell, ...]:
    title = f"«{one_line(group.phrase, 60)}»"
    part = f"{group.in_sample} · {format_percent(group.in_sample / picture.read)}"
    found = format_number(group.found) if group.exact else f"> {format_number(group.found)}"
    topic = EMPTY if group.topic is None else look.value("topic", group.topic, proposed - 2)
    texts = (
        Text(f"«{one_line(group.phrase, phrase - 2)}»", "bold"),
        Text(part, justify="right"),
        Text(found, justify="right"),
        Text(_INDENT + topic),
    )
    return tuple(Cell(text, group.query, title) for text in texts)


def _examples(group: ResidualGroup) -> tuple[str, ...]:
    return tuple(f"{example.number}  {example.text}" for example in group.examples)


def address_grid(picture: AddressPicture, look: Look) -> Grid:
    """The addresses of several appeals."""
    place = 40 if look.is_wide else 26
    address = max(look.width - place - 16, 20)
    columns = (
        Column(_("Address"), address),
        Column(dimension_title("municipality"), place),
        Column(_("Appeals"), 10, is_number=True),
    )
    rows = []
    for spot in picture.spots:
        title = one_line(spot.address, 60)
        named = Cell(Text(one_line(spot.address, address), "bold"), spot.all.query, title)
        where = Cell(Text(look.value("municipality", spot.municipality, place)), spot.all.query, title)
        rows.append((named, where, _number(spot.all, title)))
    return Grid(columns, tuple(rows))


def signal_grid(picture: ProblemPicture, look: Look) -> Grid:
    """What should be rare, and what is far above its usual level."""
    name = max(look.width - 32, 24)
    columns = (
        Column(_("Signal"), name),
        Column(_("Appeals"), 10, is_number=True),
        Column("±", 8, is_number=True),
        Column(_("Usual"), 8, is_number=True),
    )
    empty = Cell(Text(""))
    rows: list[tuple[Cell, ...]] = []
    for signal in picture.signals:
        title = signal_title(signal.code)
        named = Cell(Text(one_line(title, name), "bold"), signal.all.query, title)
        rows.append((named, _number(signal.all, title), _change(signal.all, title), empty))
    for burst in picture.bursts:
        title = f"{look.value('topic', burst.topic)} · {look.value('municipality', burst.municipality)}"
        words = _("▲▲ burst: {what}").format(what=title)
        usual = Cell(Text(format_decimal(burst.usual), justify="right"), burst.all.query, title)
        style = look.colour(HOTTEST)
        named = Cell(Text(one_line(words, name), style), burst.all.query, title)
        rows.append((named, _number(burst.all, title, style), empty, usual))
    return Grid(columns, tuple(rows))


def _number(figure: Figure, title: str, style: str = "") -> Cell:
    return Cell(Text(format_number(figure.value), style, justify="right"), figure.query, title)


def _change(figure: Figure, title: str) -> Cell:
    return Cell(Text(change_words(figure), justify="right"), figure.query, title)


def _heat(value: int, largest: int) -> int:
    return 0 if not value else -(-HOTTEST * value // largest)
