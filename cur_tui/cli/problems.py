"""``cur problems``: the problems of a period, the residual taken apart, the places; each with its query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cur_tui.cli import exits
from cur_tui.cli.counted import Completeness, add_period
from cur_tui.cli.output import lines, say, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.domain.figures.cuts import HEAT
from cur_tui.formats import format_decimal, format_number, format_percent
from cur_tui.i18n import _

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from cur_tui.services.figures.measure_words import NamesOf
    from cur_tui.services.figures.problem_pictures import (
        AddressPicture,
        BlockPicture,
        Figure,
        ProblemPicture,
        ResidualPicture,
    )

_NAME = 56
_NUMBER = 9


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--block", metavar="CODE", help=_("only this block; none: without a block"))
    add_period(parser, "month")
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Count and print it."""
    from cur_tui.i18n import current
    from cur_tui.services.figures.measure_words import names_of
    from cur_tui.services.figures.problems import ProblemDesk

    with open_to_read(args) as place:
        desk = ProblemDesk(place.desk, "en" if args.json else current().language)
        asked = args.period, args.block
        complete = Completeness(place.desk)
        picture, residual = desk.picture(*asked), desk.residual(*asked)
        addresses = desk.addresses(*asked)
        if args.json:
            complete.emit({"picture": picture, "residual": residual, "addresses": addresses})
            return exits.OK
        names = names_of(place.desk)
        for part in (
            _blocks(picture, names),
            _residual(residual, names),
            _places(picture, names),
            _addresses(addresses, names),
            _signals(picture, names),
        ):
            lines([*part, ""])
        say(
            _("residual: {read} of {all} texts read; addresses: the latest {latest} of {total}").format(
                read=format_number(residual.read),
                all=format_number(residual.all.value),
                latest=format_number(addresses.read),
                total=format_number(addresses.total),
            )
        )
        complete.tell()
    return exits.OK


def _blocks(picture: ProblemPicture, names: NamesOf) -> list[str]:
    rows = [(_("Problem"), _("Appeals"), "±", _("Share"), _("Overdue"), _("Repeated"))]
    for block in picture.blocks:
        rows += _of_block(block, names)
    return table(rows, (_NAME, *[_NUMBER] * 5))


def _of_block(block: BlockPicture, names: NamesOf) -> Iterator[tuple[str, str, str, str, str, str]]:
    from cur_tui.services.figures.measure_words import dimension_value

    yield (dimension_value("block", block.block, names), *_figure(block.all), "", "", "")
    for n, top in enumerate(block.top, 1):
        name = f"  {n}. {dimension_value('topic', top.topic, names)}"
        late, again = format_number(top.overdue.value), format_number(top.repeats.value)
        yield (name, *_figure(top.all), format_percent(top.share), late, again)
    if block.residual.value:
        share = "" if block.residual_share is None else format_percent(block.residual_share)
        yield (f"  … {_('residual: to be taken apart')}", *_figure(block.residual), share, "", "")
    if block.unsorted.value:
        yield (f"  … {_('without a topic')}", *_figure(block.unsorted), "", "", "")


def _residual(picture: ResidualPicture, names: NamesOf) -> list[str]:
    from cur_tui.services.figures.measure_words import EMPTY, dimension_value

    rows = [(_("Say"), _("of the read"), _("Found"), _("Perhaps the topic"))]
    for group in picture.groups:
        found = format_number(group.found) if group.exact else f"> {format_number(group.found)}"
        topic = EMPTY if group.topic is None else dimension_value("topic", group.topic, names)
        rows.append((f"«{group.phrase}»", format_number(group.in_sample), found, topic))
    return table(rows, (_NAME, 12, _NUMBER, 40)) if picture.groups else []


def _places(picture: ProblemPicture, names: NamesOf) -> list[str]:
    from cur_tui.services.figures.measure_words import dimension_title, dimension_value

    rows = [(dimension_title("municipality"), "", _("Appeals"), "±", _("Open"), _("Overdue"), _("Repeated"))]
    for place in picture.places:
        name = dimension_value("municipality", place.municipality, names)
        late, again = format_number(place.overdue.value), format_number(place.repeats.value)
        rows.append(
            (
                name,
                HEAT[place.heat] * 3,
                *_figure(place.all),
                format_number(place.open.value),
                late,
                again,
            )
        )
    return table(rows, (_NAME, 3, *[_NUMBER] * 5))


def _addresses(picture: AddressPicture, names: NamesOf) -> list[str]:
    from cur_tui.services.figures.measure_words import dimension_title, dimension_value

    rows = [(_("Address"), dimension_title("municipality"), _("Appeals"))]
    for spot in picture.spots:
        place = dimension_value("municipality", spot.municipality, names)
        rows.append((spot.address, place, format_number(spot.all.value)))
    return table(rows, (_NAME, 32, _NUMBER)) if picture.spots else []


def _signals(picture: ProblemPicture, names: NamesOf) -> list[str]:
    from cur_tui.services.figures.measure_words import dimension_value
    from cur_tui.services.figures.problem_words import signal_title

    rows = [(_("Signal"), _("Appeals"), "±", _("Usual"))]
    rows += [(signal_title(signal.code), *_figure(signal.all), "") for signal in picture.signals]
    for burst in picture.bursts:
        topic = dimension_value("topic", burst.topic, names)
        place = dimension_value("municipality", burst.municipality, names)
        what = _("▲▲ burst: {what}").format(what=f"{topic} · {place}")
        rows.append((what, format_number(burst.all.value), "", format_decimal(burst.usual)))
    return table(rows, (_NAME, *[_NUMBER] * 3))


def _figure(figure: Figure) -> tuple[str, str]:
    from cur_tui.services.figures.problem_words import change_words

    return format_number(figure.value), change_words(figure)
