"""``regional-api erase``: destroy the personal data and texts of one appeal, or of all of its applicant."""

import argparse
import sys

from cur_tui.contract.problems import explain as explain_refusal
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _, current, ngettext
from cur_tui.printing import printable
from regional_api.centre import open_centre
from regional_api.cli.arguments import add_database
from regional_api.database.connections import Database
from regional_api.record.erasing import Found, erase, find, forget_traces


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("number", metavar=_("NUMBER"), help=_("number of the appeal"))
    parser.add_argument(
        "--reason",
        required=True,
        metavar=_("TEXT"),
        help=_("the decision behind it, for the journal; without anybody's name"),
    )
    parser.add_argument(
        "--same-applicant", action="store_true", help=_("every appeal of the same applicant as well")
    )
    add_compact(parser)
    parser.add_argument("--yes", action="store_true", help=_("erase; without it only tell what would be"))
    add_database(parser)


def add_compact(parser: argparse.ArgumentParser) -> None:
    """The argument that an erasure by term has as well."""
    parser.add_argument(
        "--compact",
        action="store_true",
        help=_("write the tables anew, so that free space holds nothing of it; nobody can write meanwhile"),
    )


def run(arguments: argparse.Namespace) -> int:
    """Tell what is meant, and with ``--yes`` erase it; 1 when something was left out."""
    if not arguments.reason.strip():
        raise Refused("empty_field", field="reason")
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        found = find(centre, arguments.number, same_applicant=arguments.same_applicant)
        wanted = [one for one in found if one.refused is None]
        for one in found:
            sys.stdout.write(printable(_told(one)) + "\n")
        if not arguments.yes:
            sys.stderr.write(_("Nothing has changed. To erase it, say --yes.") + "\n")
            return 0 if len(wanted) == len(found) else 1
        done = erase(centre, [one.id for one in wanted], arguments.reason.strip())
        clean = forget_traces(database, compact=arguments.compact)
    finally:
        database.close()
    tell(done, clean=clean)
    return 0 if clean and done == len(found) else 1


def tell(count: int, *, clean: bool) -> None:
    """What was done. ``clean``: nothing of it is left in the database's log."""
    said = ngettext(
        "Personal data and texts of {count} appeal have been erased.",
        "Personal data and texts of {count} appeals have been erased.",
        count,
    )
    sys.stderr.write(said.format(count=count) + "\n")
    if not clean:
        sys.stderr.write(
            _("The database's log still holds some of it, since others are reading. Repeat the command.")
            + "\n"
        )


def _told(one: Found) -> str:
    if one.refused is None:
        return one.number
    why = explain_refusal(Refused(one.refused, number=one.number), current().language)
    return f"{one.number}: {why}"
