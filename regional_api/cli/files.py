"""``regional-api files sweep``: remove uploaded files that belong to no appeal."""

import argparse
import json
import sys
from typing import Final

from cur_tui.i18n import _
from regional_api.attachments.unattached import KEPT_SECONDS, count_unattached, sweep_unattached
from regional_api.centre import open_centre
from regional_api.cli.arguments import add_database
from regional_api.clock import now, seconds
from regional_api.database.connections import Database

_DAY: Final = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    sweeping = acts.add_parser(
        "sweep", help=_("remove files that belong to no appeal; the server does it daily")
    )
    sweeping.add_argument(
        "--days",
        type=_days,
        default=KEPT_SECONDS // _DAY,
        metavar=_("N"),
        help=_("only those that nobody has sent for so many days (default: {days})").format(
            days=KEPT_SECONDS // _DAY
        ),
    )
    sweeping.add_argument("--dry-run", action="store_true", help=_("only count them"))
    add_database(sweeping)


def run(arguments: argparse.Namespace) -> int:
    """Remove the files, or count them, and say how many as JSON."""
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        before = seconds(now()) - arguments.days * _DAY
        act = count_unattached if arguments.dry_run else sweep_unattached
        found = act(centre, before)
    finally:
        database.close()
    sys.stdout.write(json.dumps({"files": found.files, "bytes": found.size}) + "\n")
    return 0


def _days(value: str) -> int:
    days = int(value)
    if days < 1:  # whoever uploads at this moment is not to lose the file before it is attached
        raise ValueError
    return days
