"""``cur lookalikes``: appeals that probably say the same; «cur do link» and «cur do keep_apart» decide."""

import argparse

import msgspec

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, row_document, table
from cur_tui.cli.workplace import open_to_work
from cur_tui.contract.related import Lookalike, Pair
from cur_tui.contract.row import AppealRow
from cur_tui.domain.vocabulary import LinkKind
from cur_tui.formats import format_percent
from cur_tui.i18n import _
from cur_tui.services.labels import label_of
from cur_tui.sync.related import RelatedCalls

_WIDTHS = (18, 18, 5, 12, 44)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "number", metavar="NUMBER", nargs="?", help=_("number or id of the appeal; without it all pairs")
    )
    parser.add_argument("-n", type=int, default=50, metavar="N", dest="limit", help=_("pairs at most"))
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Ask the server and print what nobody has decided about."""
    with open_to_work(args) as place:
        calls = place.engine().related
        if args.number is None:
            pairs = _pairs(calls, args.limit)
            documents = [_document(pair, newer=pair.newer, older=pair.older) for pair in pairs]
            rows = [_line(pair.newer.number, pair.older, pair) for pair in pairs]
        else:
            appeal = place.desk.appeal(args.number)
            found = calls.lookalikes(appeal.id).items
            documents = [_document(one, row=one.row) for one in found]
            rows = [_line(appeal.number, one.row, one) for one in found]
        if args.json:
            emit({"items": documents})
        else:
            lines(table(rows, _WIDTHS))
    return exits.OK


def _pairs(calls: RelatedCalls, amount: int) -> list[Pair]:
    pairs: list[Pair] = []
    after: str | None = None
    while len(pairs) < amount:
        page = calls.pairs(min(amount - len(pairs), 200), after)
        pairs += page.items
        after = page.next
        if after is None:
            break
    return pairs


def _document(found: Lookalike | Pair, **rows: AppealRow) -> dict[str, object]:
    document: dict[str, object] = msgspec.to_builtins(found)
    return {**document, **{name: row_document(row) for name, row in rows.items()}}


def _line(number: str, other: AppealRow, found: Lookalike | Pair) -> tuple[str, ...]:
    likeness = format_percent(found.likeness)
    return number, other.number, likeness, label_of(LinkKind, found.kind), other.title
