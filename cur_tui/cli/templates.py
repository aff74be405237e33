"""``cur templates``: the answer templates, or those that fit an appeal with their text filled in."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.i18n import _
from cur_tui.services.answers.templates import fill, ranked
from cur_tui.services.labels import label


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("number", metavar="NUMBER", nargs="?", help=_("number or id of the appeal"))
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Print the templates, the most fitting first when an appeal is named."""
    with open_to_read(args) as place:
        desk = place.desk
        appeal = desk.appeal(args.number) if args.number else None
        today = desk.local_now().date()
        chosen = ranked(appeal, desk.rulebook, today) if appeal else desk.rulebook.region.templates
        if args.json:
            documents = []
            for template in chosen:
                document: dict[str, object] = {
                    "code": template.code,
                    "version": template.version,
                    "kind": template.kind.value,
                    "title": template.title,
                }
                if appeal is not None:
                    filled = fill(template, appeal, desk.rulebook, desk.now())
                    document |= {"text": filled.text, "missing": list(filled.missing)}
                documents.append(document)
            emit({"templates": documents})
            return exits.OK
        lines(table([(t.code, label(t.kind), t.title) for t in chosen], (32, 26, 60)))
    return exits.OK
