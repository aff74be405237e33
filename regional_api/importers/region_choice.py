"""Whose rules a command uses: those of a database, of a packaged region, or of a profile of one's own."""

import argparse
from pathlib import Path

from cur_tui.domain.profile.load import load_region, load_region_file, region_codes
from cur_tui.domain.profile.profile import Region
from cur_tui.i18n import _
from regional_api.centre import open_centre
from regional_api.cli.words import UsageError, nearest
from regional_api.database.connections import Database


def add_region_arguments(parser: argparse.ArgumentParser, *, required: bool, region_help: str) -> None:
    """The three options, of which one may be given."""
    rules = parser.add_mutually_exclusive_group(required=required)
    rules.add_argument(
        "--database", metavar="URL", help=_("the regional database whose rules are to be used")
    )
    rules.add_argument("--region", metavar=_("CODE"), help=region_help)
    rules.add_argument("--profile", type=Path, metavar=_("FILE"), help=_("a region profile of your own"))


def chosen_region(arguments: argparse.Namespace) -> Region | None:
    """The region that the options name; None when none of them is given."""
    if arguments.database is not None:
        database = Database(arguments.database)
        try:
            return open_centre(database).region
        finally:
            database.close()
    if arguments.profile is not None:
        return load_region_file(arguments.profile)
    if arguments.region is None:
        return None
    if arguments.region not in region_codes():
        words = _("There is no region «{code}».").format(code=arguments.region)
        raise UsageError(words + " " + nearest(arguments.region, region_codes()))
    return load_region(arguments.region)
