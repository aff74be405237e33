"""``regional-api retention run``: erase what the terms of the region profile no longer keep."""

import argparse
import json
import sys
from zoneinfo import ZoneInfo

from cur_tui.domain.privacy.retention import newest_expired
from cur_tui.domain.profile.profile import Region
from cur_tui.i18n import _
from regional_api.centre import open_centre
from regional_api.cli.arguments import add_database
from regional_api.cli.erase import add_compact, tell
from regional_api.clock import now
from regional_api.database.connections import Database
from regional_api.importing.forgetting import count_unmended, forget_unmended
from regional_api.record.erasing import erase, forget_traces
from regional_api.record.retaining import find_expired

ACT = "retention"
"""What the journal calls an erasure by term."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    running = acts.add_parser("run", help=_("erase the appeals whose term of storage is over"))
    running.add_argument("--dry-run", action="store_true", help=_("only count them"))
    add_compact(running)
    add_database(running)


def run(arguments: argparse.Namespace) -> int:
    """Count by regime as JSON; erase unless it is a dry run."""
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        today = now().astimezone(ZoneInfo(centre.region.time_zone)).date()
        limit = newest_expired(today, centre.region)
        if limit is None:
            sys.stderr.write(
                _("The region profile has no terms of storage ([[retention]]): everything is kept.") + "\n"
            )
            return 1
        expired = find_expired(centre, now())
        with database.reading() as connection:
            rows = count_unmended(connection, limit)
        counts = {"expired": len(expired.ids), "held": expired.held, "regimes": dict(expired.regimes)}
        sys.stdout.write(json.dumps({**counts, "quarantine": rows}) + "\n")
        if arguments.dry_run:
            return 0
        done = erase(centre, expired.ids, _rules(centre.region), ACT)
        if rows:
            forget_unmended(centre, limit, _rules(centre.region))
        clean = forget_traces(database, compact=arguments.compact)
    finally:
        database.close()
    tell(done, clean=clean)
    return 0 if clean else 1


def _rules(region: Region) -> str:
    """The terms, as the reason in the journal."""
    return ", ".join(f"{rule.regime.value}: {rule.years}" for rule in region.retention)
