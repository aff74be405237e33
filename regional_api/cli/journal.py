"""``regional-api journal verify``: walk the chain of the journal."""

import argparse
import json
import sys

from cur_tui.i18n import N_, _
from regional_api import journal
from regional_api.centre import open_centre
from regional_api.database import Database

_REASONS = {
    "missing": N_("a line is missing"),
    "order": N_("it does not follow the line before it"),
    "altered": N_("it was altered"),
    "payload": N_("its content was altered"),
    "head": N_("it is not the last line that was written"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    verify = acts.add_parser("verify", help=_("walk the chain and name the first bad line"))
    verify.add_argument(
        "--database", required=True, metavar="URL", help=_("path, sqlite:///path, postgresql://…")
    )
    verify.add_argument("--json", action="store_true", help=_("print JSON"))


def run(arguments: argparse.Namespace) -> int:
    """Verify; 0 when the chain holds, 1 when it does not."""
    database = Database(arguments.database)
    try:
        verdict = journal.verify(database, open_centre(database).shard)
    finally:
        database.close()
    if arguments.json:
        facts = {
            "ok": verdict.ok,
            "entries": verdict.entries,
            "head": verdict.head,
            "bad": verdict.bad,
            "reason": verdict.reason,
        }
        sys.stdout.write(json.dumps(facts) + "\n")
    elif verdict.reason is None:
        said = _("The journal holds: {entries} lines, head {head}.")
        sys.stdout.write(said.format(entries=verdict.entries, head=verdict.head[:16]) + "\n")
    else:
        said = _("The journal is broken at line {line}: {reason}.")
        sys.stdout.write(said.format(line=verdict.bad, reason=_(_REASONS[verdict.reason])) + "\n")
    return 0 if verdict.ok else 1
