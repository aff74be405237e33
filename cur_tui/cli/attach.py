"""``cur attach``: keep a file to be sent to the server and attached to an appeal."""

import argparse
from pathlib import Path

from cur_tui.cli import exits
from cur_tui.cli.output import emit, say
from cur_tui.cli.workplace import open_to_work
from cur_tui.i18n import _
from cur_tui.services.exchange.attaching import attach


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("number", metavar="NUMBER", help=_("number or id of the appeal"))
    parser.add_argument("file", metavar="FILE", type=Path, help=_("pdf, jpg, png, odt, docx or plain text"))
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Take the file in; it is sent with the next exchange."""
    with open_to_work(args) as place:
        file = attach(place.desk, args.number, args.file)
    if args.json:
        emit(
            {
                "id": file.id,
                "number": file.number,
                "name": file.name,
                "sha256": file.sha256,
                "size": file.size,
            }
        )
    else:
        said = _("{name} is kept and will be attached to {number} once the server has it (cur sync).")
        say(said.format(name=file.name, number=file.number))
    return exits.OK
