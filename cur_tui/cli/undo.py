"""``cur undo``: take back the last act that has not been sent yet."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import emit, say
from cur_tui.cli.workplace import open_to_work
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.labels import command_label


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Undo the newest entry of the outbox."""
    with open_to_work(args) as place:
        waiting = place.desk.outbox()
        if not waiting:
            raise Refused("nothing_to_undo")
        entry = place.desk.cache.writer.undo(waiting[-1].id)
        if args.json:
            emit({"command": entry.id, "type": entry.type, "number": entry.number})
        else:
            say(
                _("{number}: {command} taken back.").format(
                    number=entry.number, command=command_label(entry.type)
                )
            )
    return exits.OK
