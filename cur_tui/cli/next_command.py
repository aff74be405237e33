"""``cur next``: claim the most urgent appeal that nobody holds; the server decides who gets which."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import emit, say
from cur_tui.cli.show import document
from cur_tui.cli.workplace import open_to_work
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--query", metavar="QUERY", default="", help=_("a query, as the filter line takes it")
    )
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Claim and print it."""
    with open_to_work(args) as place:
        place.desk.lists.parse(args.query)
        engine = place.engine()
        engine.hello()
        appeal = engine.next(args.query)
        if appeal is None:
            raise Refused("queue_empty")
        if args.json:
            emit(document(appeal))
        else:
            say(_("{number} is yours.").format(number=appeal.number))
    return exits.OK
