"""``regional-api names``: what names of sources mean in the region, confirmed once and kept for good."""

import argparse
import sys
from pathlib import Path

from cur_tui.i18n import _, ngettext
from cur_tui.printing import json_line, printable
from regional_api.centre import open_centre
from regional_api.cli.arguments import add_database
from regional_api.cli.words import UsageError
from regional_api.database.connections import Database
from regional_api.importers.aliases import (
    KINDS,
    Aliases,
    codes_of,
    forget_names,
    keep_names,
    kept_names,
    load_aliases,
)
from regional_api.importers.files.table import FileError
from regional_api.importers.words import file_words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    showing = acts.add_parser("show", help=_("show the names that are kept"))
    confirming = acts.add_parser("confirm", help=_("keep the names of a file (TOML)"))
    confirming.add_argument("file", type=Path, metavar=_("FILE"))
    forgetting = acts.add_parser("forget", help=_("keep names no longer"))
    forgetting.add_argument(
        "name", nargs="+", metavar="KIND:NAME", help=_("for example authority:NAME; repeatable")
    )
    for act in (showing, confirming, forgetting):
        add_database(act)
        act.add_argument("--json", action="store_true", help=_("print JSON"))


def run(arguments: argparse.Namespace) -> int:
    """Change the names where that is asked for, then show them."""
    database = Database(arguments.database)
    try:
        rulebook = open_centre(database).rulebook
        if arguments.act == "confirm":
            keep_names(database, rulebook, load_aliases(arguments.file))
        elif arguments.act == "forget":
            gone = forget_names(database, rulebook, [_named(one) for one in arguments.name])
            words = ngettext("{count} name is kept no longer.", "{count} names are kept no longer.", gone)
            sys.stderr.write(words.format(count=gone) + "\n")
        with database.reading() as connection:
            names = kept_names(connection)
    except FileError as error:
        raise UsageError(file_words(error)) from None
    finally:
        database.close()
    known = codes_of(rulebook)
    if arguments.json:
        told = [
            {"kind": kind, "name": label, "code": code, "is_used": code in known[kind]}
            for kind, label, code in _every(names)
        ]
        sys.stdout.write(json_line({"names": told}))
        return 0
    for kind, label, code in _every(names):
        note = "" if code in known[kind] else "  " + _("(the region has no such code any more)")
        sys.stdout.write(printable(f"{kind}: {label} = {code}{note}\n"))
    return 0


def _every(names: Aliases) -> list[tuple[str, str, str]]:
    return [(kind, label, code) for kind in KINDS for label, code in sorted(names.of(kind).items())]


def _named(given: str) -> tuple[str, str]:
    kind, _colon, label = given.partition(":")
    if kind not in KINDS or not label:
        words = _("«{given}» is not KIND:NAME. Kinds: {kinds}.")
        raise UsageError(words.format(given=given, kinds=", ".join(KINDS)))
    return kind, label
