"""``regional-api escalate``: one round of escalation by hand, and by what alerts leave the workstations."""

import argparse
import json
import sys
from pathlib import Path

import msgspec

from cur_tui.i18n import _
from cur_tui.printing import json_line
from regional_api.centre import Centre, open_centre
from regional_api.cli.arguments import add_database, text_of
from regional_api.clock import now
from regional_api.database.connections import Database
from regional_api.escalating.firing import Fired, foreseen
from regional_api.escalating.following import follow
from regional_api.escalating.rounds import Rounds
from regional_api.escalating.settings import parse_settings, read_settings, write_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    running = acts.add_parser("run", help=_("look once whether anybody is to be alerted"))
    running.add_argument("--dry-run", action="store_true", help=_("only count them"))
    configuring = acts.add_parser("configure", help=_("send alerts by webhook and e-mail as a file says"))
    configuring.add_argument("file", type=Path, metavar=_("FILE"))
    acts.add_parser("show", help=_("show by what alerts are sent"))
    acts.add_parser("off", help=_("leave alerts in the workstations"))
    for act in acts.choices.values():
        add_database(act)


def run(arguments: argparse.Namespace) -> int:
    """Run a round, or set, show or forget the receivers."""
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        match arguments.act:
            case "run":
                return _round(centre, dry=arguments.dry_run)
            case "configure":
                write_settings(centre, parse_settings(text_of(arguments.file)))
            case "off":
                write_settings(centre, None)
        with database.reading() as connection:
            settings = read_settings(connection)
    finally:
        database.close()
    sys.stdout.write(json_line(msgspec.to_builtins(settings)))
    return 0


def _round(centre: Centre, *, dry: bool) -> int:
    """Looks and alerts as JSON; 1 when the region has no steps, or another process is at it."""
    if not centre.region.escalation:
        sys.stderr.write(
            _("The region profile has no steps of escalation ([[escalation]]): nobody is alerted.") + "\n"
        )
        return 1
    fired = _foreseen(centre) if dry else _fired(centre)
    if fired is None:
        sys.stderr.write(_("Another process of the server looks after the alerts now.") + "\n")
        return 1
    sys.stdout.write(json.dumps({"looked": fired.looked, "alerts": fired.alerts}) + "\n")
    return 0


def _foreseen(centre: Centre) -> Fired:
    moment = now()
    while follow(centre, moment):
        pass
    return foreseen(centre, moment)


def _fired(centre: Centre) -> Fired | None:
    rounds = Rounds(centre)
    try:
        return rounds.go()
    finally:
        rounds.leave()
