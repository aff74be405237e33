"""``regional-api escalate``: one round of escalation, for a server that does not do it by itself."""

import argparse
import json
import sys

from cur_tui.i18n import _
from regional_api.centre import open_centre
from regional_api.cli.arguments import add_database
from regional_api.clock import now
from regional_api.database import Database
from regional_api.escalating.firing import foreseen
from regional_api.escalating.following import follow
from regional_api.escalating.rounds import Rounds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--dry-run", action="store_true", help=_("only count them"))
    add_database(parser)


def run(arguments: argparse.Namespace) -> int:
    """Count looks and alerts as JSON; 1 when the region has no steps, or another process is at it."""
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        if not centre.region.escalation:
            sys.stderr.write(
                _("The region profile has no steps of escalation ([[escalation]]): nobody is alerted.") + "\n"
            )
            return 1
        if arguments.dry_run:
            moment = now()
            while follow(centre, moment):
                pass
            fired = foreseen(centre, moment)
        else:
            rounds = Rounds(centre)
            done = rounds.go()
            rounds.leave()
            if done is None:
                sys.stderr.write(_("Another process of the server looks after the alerts now.") + "\n")
                return 1
            fired = done
    finally:
        database.close()
    sys.stdout.write(json.dumps({"looked": fired.looked, "alerts": fired.alerts}) + "\n")
    return 0
