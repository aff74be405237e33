"""``regional-api journal``: walk the chain of the journal, and name its head to be kept elsewhere."""

import argparse
import json
import re
import sys
from typing import Final

from cur_tui.i18n import N_, _
from regional_api.centre import open_centre
from regional_api.cli.arguments import add_database
from regional_api.cli.words import UsageError
from regional_api.database.connections import Database
from regional_api.database.identifiers import is_digest
from regional_api.record import journal

_REASONS: Final = {
    "missing": N_("a line is missing"),
    "order": N_("it does not follow the line before it"),
    "altered": N_("it was altered"),
    "payload": N_("its content was altered"),
    "head": N_("it is not the last line that was written"),
    "cut": N_("the end of the journal was cut off: the head that was kept lies behind it"),
    "kept": N_("it is not the line whose hash was kept: lines up to here were written anew"),
}
_KEPT: Final = re.compile(r"(\d{1,15})[: ]([0-9a-f]{64})")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    acts = parser.add_subparsers(dest="act", required=True, metavar=_("ACT"))
    verify = acts.add_parser("verify", help=_("walk the chain and name the first bad line"))
    verify.add_argument(
        "--head",
        metavar="N:HASH",
        help=_("the head of an earlier day as it was kept elsewhere: the chain must run through it"),
    )
    head = acts.add_parser("head", help=_("print the number and the hash of the last line, to be kept"))
    for act in (verify, head):
        add_database(act)
    verify.add_argument("--json", action="store_true", help=_("print JSON"))


def run(arguments: argparse.Namespace) -> int:
    """Verify; 0 when the chain holds, 1 when it does not. Or print the head."""
    kept = kept_head(arguments.head) if arguments.act == "verify" and arguments.head else None
    database = Database(arguments.database)
    try:
        shard = open_centre(database).shard
        if arguments.act == "head":
            head = journal.head_of(database, shard)
            sys.stdout.write(f"{head.n}:{head.hash}\n")
            return 0
        verdict = journal.verify(database, shard, kept)
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
        if kept is not None:
            sys.stdout.write(_("It runs through the head that was kept, line {n}.").format(n=kept.n) + "\n")
    else:
        said = _("The journal is broken at line {line}: {reason}.")
        sys.stdout.write(said.format(line=verdict.bad, reason=_(_REASONS[verdict.reason])) + "\n")
    return 0 if verdict.ok else 1


def kept_head(text: str) -> journal.Head:
    """The head that ``journal head`` printed as ``N:HASH``. Raises :class:`UsageError`."""
    found = _KEPT.fullmatch(text.strip().lower())
    if found is None or not is_digest(found[2]):
        raise UsageError(_("--head takes what «regional-api journal head» printed: N:HASH."))
    return journal.Head(int(found[1]), found[2])
