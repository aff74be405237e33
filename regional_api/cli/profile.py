"""``regional-api profile``: the region's profile, and new editions of it."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from cur_tui.contract.profile_sentences import placed_sentence, problem_sentence
from cur_tui.domain.profile.load import load_region, load_region_file, region_codes
from cur_tui.domain.profile.problems import ProfileError
from cur_tui.domain.profile.profile import Region
from cur_tui.i18n import _, current
from cur_tui.printing import json_line, printable
from regional_api.centre import open_centre
from regional_api.cli import profile_words as words
from regional_api.cli.arguments import add_database
from regional_api.cli.progress import Progress
from regional_api.cli.words import UsageError, nearest
from regional_api.database.connections import Database
from regional_api.profiles.loading import (
    EditionRefused,
    finish_refit,
    is_unfinished,
    load_edition,
    size_of,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    showing = acts.add_parser("show", help=_("show which edition is in force"))
    checking = acts.add_parser("check", help=_("check an edition, without a database"))
    loading = acts.add_parser("load", help=_("put a new edition in force"))
    for act in (checking, loading):
        act.add_argument("file", type=Path, nargs="?", metavar=_("FILE"), help=_("a profile of your own"))
        act.add_argument(
            "--packaged",
            metavar=_("CODE"),
            help=_("the packaged profile of a region: {codes}").format(codes=", ".join(region_codes())),
        )
    loading.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))
    for act in (showing, loading):
        add_database(act)
    for act in acts.choices.values():
        act.add_argument("--json", action="store_true", help=_("print JSON"))


def run(arguments: argparse.Namespace) -> int:
    """Show, check or load a profile; 1 when it was refused."""
    match arguments.act:
        case "show":
            return _show(arguments)
        case "check":
            return _check(arguments)
        case _:
            return _load(arguments)


def _show(arguments: argparse.Namespace) -> int:
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        unfinished = is_unfinished(centre)
    finally:
        database.close()
    region = centre.region
    _tell(_facts(region) | {"unfinished": unfinished}, words.shown(region, size_of(region)), arguments)
    if unfinished:
        sys.stderr.write(words.unfinished() + "\n")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    try:
        region = _given(arguments)
    except ProfileError as error:
        language = current().language
        problems = [
            {"code": one.code, "place": str(one.place), "text": problem_sentence(one, language)}
            for one in error.problems
        ]
        if arguments.json:
            sys.stdout.write(json_line({"ok": False, "problems": problems}))
        sys.stderr.write("".join(printable(placed_sentence(one, language)) + "\n" for one in error.problems))
        return 1
    _tell(_facts(region) | {"ok": True}, words.shown(region, size_of(region)), arguments)
    return 0


def _load(arguments: argparse.Namespace) -> int:
    region = _given(arguments)
    database = Database(arguments.database)
    try:
        centre = open_centre(database)
        read = Progress(_("appeals read"), None, sys.stderr)
        loaded = load_edition(centre, region, dry=arguments.dry_run, told=read.show)
        read.finish()
        refitted = 0
        if not arguments.dry_run:
            moved = Progress(_("appeals put in their new place"), None, sys.stderr)
            refitted = finish_refit(centre, moved.show)
            moved.finish()
    except EditionRefused as refused:
        if arguments.json:
            sys.stdout.write(json_line(words.refusal_as_json(refused)))
        sys.stderr.write(printable(words.refusal(refused)) + "\n")
        return 1
    finally:
        database.close()
    told = {**asdict(loaded), "region": region.code, "dry_run": arguments.dry_run, "refitted": refitted}
    _tell(told, words.loaded(loaded, refitted, dry=arguments.dry_run), arguments)
    return 0


def _given(arguments: argparse.Namespace) -> Region:
    if (arguments.file is None) == (arguments.packaged is None):
        raise UsageError(_("Name a file, or a packaged region: --packaged CODE."))
    if arguments.file is not None:
        return load_region_file(arguments.file)
    if arguments.packaged not in region_codes():
        code = arguments.packaged
        raise UsageError(
            _("There is no region «{code}».").format(code=code) + " " + nearest(code, region_codes())
        )
    return load_region(arguments.packaged)


def _facts(region: Region) -> dict[str, object]:
    return {
        "region": region.code,
        "name": region.name,
        "version": region.version,
        "legal_status": region.legal_status,
        "entries": size_of(region),
    }


def _tell(facts: dict[str, object], told: str, arguments: argparse.Namespace) -> None:
    sys.stdout.write(json_line(facts) if arguments.json else printable(told) + "\n")
