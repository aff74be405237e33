"""``regional-api init``: make the database of a region."""

import argparse
import sys
from pathlib import Path

from cur_tui.domain.profile.load import load_region, load_region_file, region_codes
from cur_tui.domain.profile.profile import Region
from cur_tui.i18n import _
from cur_tui.printing import json_line
from regional_api.cli.arguments import add_database
from regional_api.cli.words import UsageError, nearest
from regional_api.database.connections import Database
from regional_api.database.schema import create_region, shown_address


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "--region",
        required=True,
        metavar=_("CODE"),
        help=_("region: {codes}").format(codes=", ".join(region_codes())),
    )
    add_database(parser)
    parser.add_argument(
        "--profile", type=Path, metavar=_("FILE"), help=_("a profile of your own instead of the packaged one")
    )


def run(arguments: argparse.Namespace) -> int:
    """Make the database and say what it holds."""
    region = _region(arguments.region, arguments.profile)
    database = Database(arguments.database)
    try:
        create_region(database, region)
        made = {"region": region.code, "profile_version": region.version, "database": shown_address(database)}
    finally:
        database.close()
    sys.stdout.write(json_line(made))
    return 0


def _region(code: str, profile: Path | None) -> Region:
    if profile is not None:
        region = load_region_file(profile)
        if region.code != code:
            raise UsageError(
                _("The profile {file} is of the region «{found}», not «{code}».").format(
                    file=profile, found=region.code, code=code
                )
            )
        return region
    if code not in region_codes():
        raise UsageError(
            _("There is no region «{code}».").format(code=code) + " " + nearest(code, region_codes())
        )
    return load_region(code)
