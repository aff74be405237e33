"""``cur ranking``: authorities or municipalities by what they did, and how a score came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cur_tui.cli import exits
from cur_tui.cli.counted import Completeness, add_period, add_query
from cur_tui.cli.output import lines, plain, say, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _

if TYPE_CHECKING:
    import argparse

    from cur_tui.domain.figures.ranking import RankingTable
    from cur_tui.services.figures.measure_words import NamesOf
    from cur_tui.services.figures.ranking import RankingDesk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--by", choices=["authority", "municipality"], default="authority", help=_("whom to rank")
    )
    add_period(parser, "month")
    add_query(parser)
    parser.add_argument(
        "--weights", metavar="S,T,Q,C", help=_("weights of speed, timeliness, quality, completeness")
    )
    parser.add_argument("--of", metavar="CODE", help=_("how the score of this body came about"))
    parser.add_argument("--items", action="store_true", help=_("with --of: every appeal of it"))
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Count and print it."""
    from cur_tui.services.figures.ranking import RankingDesk, parse_weights

    with open_to_read(args) as place:
        desk = RankingDesk(place.desk)
        weights = None if args.weights is None else parse_weights(args.weights)
        complete = Completeness(place.desk)
        counted = desk.table(args.by, args.period, args.query, weights)
        if args.of is not None:
            return _print_derivation(desk, counted, args, complete)
        if args.json:
            complete.emit(counted)
            return exits.OK
        from cur_tui.services.figures.measure_words import names_of

        lines(_lines(counted, names_of(place.desk)))
        say(_basis(counted))
        complete.tell()
    return exits.OK


def _print_derivation(
    desk: RankingDesk, counted: RankingTable, args: argparse.Namespace, complete: Completeness
) -> int:
    line = next((one for one in counted.lines if one.code == args.of), None)
    if line is None:
        raise Refused("unknown_reference", field=args.by, value=args.of)
    derived = desk.derivation(counted, line)
    document = plain({"derivation": derived})["derivation"]
    assert isinstance(document, dict)
    if args.items:
        document["items"] = [
            {
                "number": item.row.number,
                "points": item.points,
                **{name: getattr(item.row, name) for name in _ITEM},
            }
            for item in desk.items(derived.everything.query)
        ]
    if args.json:
        complete.emit(document)
        return exits.OK
    from cur_tui.services.figures.measure_words import aspect_title, number_title, share_words

    rows = [
        (
            aspect_title(step.aspect),
            share_words(step.value),
            f"× {step.weight}",
            ", ".join(f"{number_title(number.code)} {number.value}" for number in step.numbers),
        )
        for step in derived.steps
    ]
    lines(table(rows, (20, 8, 6, 90)))
    complete.tell()
    return exits.OK


_ITEM = ("spent", "allowed", "in_time", "rating", "reworks", "complete", "is_repeat")


def _lines(counted: RankingTable, names: NamesOf) -> list[str]:
    from cur_tui.services.figures.measure_words import dimension_value, share_words, zone_sign

    rows: list[tuple[str, ...]] = [
        ("", _("Body"), _("Score"), "n", _("Speed"), _("In time"), _("Quality"), _("Complete"), _("Rated"))
    ]
    for line in counted.lines:
        score = line.score
        rows.append(
            (
                "—" if line.place is None else str(line.place),
                dimension_value(counted.by, line.code, names),
                "—" if score is None else f"{zone_sign(score.zone)} {score.total:.1f}",
                str(line.sums.answered),
                *(share_words(getattr(score, name, None)) for name in ("speed", "timeliness", "quality")),
                share_words(None if score is None else score.completeness),
                str(line.sums.rated),
            )
        )
    return table(rows, (4, 44, 8, 6, 9, 9, 9, 9, 6))


def _basis(counted: RankingTable) -> str:
    rated = counted.total.rated / counted.total.answered if counted.total.answered else 0
    return _(
        "{first} – {last}; {n} answered, {share} rated; policy {policy}; a place takes {least} answers"
    ).format(
        first=counted.first,
        last=counted.last,
        n=counted.total.answered,
        share=f"{rated:.0%}",
        policy=counted.policy,
        least=counted.minimum,
    )
