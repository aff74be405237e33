"""``regional-api epoch``: which life of the database this is, and a new one after a restore it cannot see."""

import argparse
import json
import sys

from cur_tui.i18n import _
from regional_api.centre import open_centre
from regional_api.cli.arguments import add_database
from regional_api.database.connections import Database
from regional_api.database.epoch import begin_epoch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    for act, text in (
        ("show", _("print the epoch in force")),
        ("begin", _("begin a new epoch after a restore; the servers must be stopped")),
    ):
        one = acts.add_parser(act, help=text)
        add_database(one)
        one.add_argument("--json", action="store_true", help=_("print JSON"))


def run(arguments: argparse.Namespace) -> int:
    """Show the epoch, or begin one."""
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        if arguments.act == "begin":
            epoch = begin_epoch(database, centre.rulebook)
            said = _("A new epoch has begun: {epoch}. Start the servers; workstations read everything anew.")
        else:
            epoch = centre.epoch
            said = _("The epoch in force: {epoch}.")
    finally:
        database.close()
    sys.stdout.write(
        json.dumps({"epoch": epoch}) + "\n" if arguments.json else said.format(epoch=epoch) + "\n"
    )
    return 0
