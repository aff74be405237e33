"""``cur outbox``: what waits to be sent, and what was refused with everything that was typed."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, plain, table
from cur_tui.cli.workplace import open_to_read
from cur_tui.i18n import _
from cur_tui.services.labels import command_label


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Print the lists, and the files that wait as well."""
    with open_to_read(args) as place:
        pending, refused = place.desk.outbox(), place.desk.unsent()
        files = place.cache.reader.uploads()
        if args.json:
            emit(plain({"pending": pending, "refused": refused, "files": files}))
            return exits.OK
        waiting = [
            (entry.number, command_label(entry.type), entry.state, entry.doubt or "") for entry in pending
        ]
        lines(table(waiting, (17, 28, 8, 40)))
        lines(
            table(
                [(file.number, command_label("attach"), file.code or "", file.name) for file in files],
                (17, 28, 8, 40),
            )
        )
        for entry in refused:
            lines(table([(entry.number, command_label(entry.type), "✗", entry.detail)], (17, 28, 8, 200)))
    return exits.OK
