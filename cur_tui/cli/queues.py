"""``cur queues``: the queues of the role, with their counts."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.i18n import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Print the queues. A count that stopped at its bound reads «10000+»."""
    with open_to_read(args) as place:
        views = place.desk.lists.views()
        counts = place.desk.lists.counts(views)
        if args.json:
            emit(
                {
                    "queues": [
                        {
                            "view": view.code,
                            "title": view.title,
                            "query": view.query,
                            "saved": view.saved,
                            "count": counts[view.code].number if view.code in counts else None,
                            "exact": view.code in counts and counts[view.code].exact,
                        }
                        for view in views
                    ]
                }
            )
            return exits.OK
        rows = [
            (
                view.code,
                f"{counts[view.code].number}{'' if counts[view.code].exact else '+'}"
                if view.code in counts
                else "?",
                view.title,
            )
            for view in views
        ]
        lines(table(rows, (22, 8, 50)))
    return exits.OK
