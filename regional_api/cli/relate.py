"""``regional-api relate``: find what belongs together, as a running server does by itself."""

import argparse
import sys

from sqlalchemy import func, select

from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.formats import format_number
from cur_tui.i18n import _
from cur_tui.printing import json_line
from regional_api.centre import open_centre
from regional_api.cli.arguments import add_database
from regional_api.cli.progress import Progress
from regional_api.database.connections import Database
from regional_api.database.tables import APPEAL
from regional_api.related.follower import Follower, Tally
from regional_api.related.tables import LIKENESS_PAIR, MASS_INCIDENT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add_database(parser)
    parser.add_argument("--json", action="store_true", help=_("print JSON"))


def run(arguments: argparse.Namespace) -> int:
    """Follow to the end of the feed and say what was found."""
    database = Database(arguments.database)
    try:
        found = relate(database, open_centre(database).rulebook)
    finally:
        database.close()
    sys.stderr.write(told(found) + "\n")
    if arguments.json:
        sys.stdout.write(json_line(found))
    return 0


def relate(database: Database, rulebook: Rulebook) -> dict[str, int]:
    """Compare what was not compared yet; how many pairs and incidents are new, and answers were given.

    Progress goes to standard error. Where a server does it already, this waits for it.
    """
    with database.reading() as connection:
        progress = Progress(
            _("compared"),
            connection.execute(select(func.count()).select_from(APPEAL)).scalar_one(),
            sys.stderr,
        )
    before = _counts(database)
    tally = Follower(database, rulebook).catch_up(wait=True, told=lambda done: _show(progress, done))
    progress.finish()
    after = _counts(database)
    return {
        "compared": tally.compared,
        "pairs": after["pairs"] - before["pairs"],
        "incidents": after["incidents"] - before["incidents"],
        "given": tally.given,
    }


def told(found: dict[str, int]) -> str:
    """What was found, in one sentence."""
    return _("Probably the same: {pairs} pairs; proposed mass incidents: {incidents}.").format(
        pairs=format_number(found["pairs"]), incidents=format_number(found["incidents"])
    )


def _show(progress: Progress, done: Tally) -> None:
    progress.show(done.rows)


def _counts(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {
            "pairs": connection.execute(select(func.count()).select_from(LIKENESS_PAIR)).scalar_one(),
            "incidents": connection.execute(select(func.count()).select_from(MASS_INCIDENT)).scalar_one(),
        }
