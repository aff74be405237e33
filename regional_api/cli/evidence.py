"""``regional-api evidence``: hand one appeal out as a file that a third party can verify, and verify it."""

import argparse
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from cur_tui.i18n import _, current
from cur_tui.printing import printable
from regional_api.centre import open_centre
from regional_api.cli.arguments import add_database
from regional_api.cli.journal import kept_head
from regional_api.cli.words import UsageError
from regional_api.database.connections import Database
from regional_api.record.evidence.export import export
from regional_api.record.evidence.verify import REMARKS, Finding, verify

_VERIFY = "verify"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command: the number of an appeal, or ``verify`` and a file."""
    parser.usage = _(
        "regional-api evidence NUMBER --out FILE.zip --database URL\n"
        "       regional-api evidence verify FILE.zip [--head N:HASH]"
    )
    parser.add_argument("number", metavar=_("NUMBER"), help=_("number of the appeal, or «verify»"))
    parser.add_argument("file", metavar=_("FILE"), nargs="?", help=_("with «verify»: the evidence"))
    parser.add_argument(
        "--out", type=Path, metavar=_("FILE"), help=_("where to write the evidence; a new file")
    )
    add_database(parser, required=False)
    parser.add_argument(
        "--head",
        metavar="N:HASH",
        help=_(
            "with «verify»: a head of the journal as it was kept elsewhere; the chain must run through it"
        ),
    )


def run(arguments: argparse.Namespace) -> int:
    """Make or verify; 1 when the evidence does not hold."""
    if arguments.number == _VERIFY and arguments.file:
        return _verify(arguments)
    if arguments.file or arguments.out is None or arguments.database is None:
        raise UsageError(_("Say which appeal, --out and --database; or «verify» and a file."))
    return _make(arguments)


def _make(arguments: argparse.Namespace) -> int:
    database = Database(arguments.database)
    handle = None
    try:
        centre = open_centre(database)
        handle = os.open(arguments.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            made = export(centre, arguments.number, file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        if handle is not None:
            with suppress(OSError):
                arguments.out.unlink()
        raise
    finally:
        database.close()
    sys.stdout.write(f"{made.head.n}:{made.head.hash}\n")
    said = _(
        "{files} files, {lines} lines of the journal. Keep the head above apart from the file: it proves it."
    )
    sys.stderr.write(said.format(files=made.files, lines=made.lines) + "\n")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    kept = kept_head(arguments.head) if arguments.head else None
    is_russian = current().language == "ru"
    try:
        facts = verify(arguments.file, f"{kept.n}:{kept.hash}" if kept else None)
    except Finding as finding:
        why = finding.sentence(is_russian)
        sys.stdout.write(printable(_("The evidence does not hold: {why}.").format(why=why)) + "\n")
        return 1
    sys.stdout.write(printable(json.dumps(facts, ensure_ascii=False)) + "\n")
    for remark in facts["remarks"]:
        sentence = REMARKS[remark][0 if is_russian else 1]
        sys.stderr.write(_("Remark: {what}.").format(what=sentence) + "\n")
    if kept is None:
        told = _(
            "It is whole in itself. Only --head with a head kept elsewhere shows that it was not made anew."
        )
        sys.stderr.write(told + "\n")
    return 0
