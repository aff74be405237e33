"""``cur do COMMAND NUMBER [--field value …]``: every command of the domain from a command line."""

import argparse
import sys
from pathlib import Path

from cur_tui.cli import exits
from cur_tui.cli.output import emit, say
from cur_tui.cli.workplace import open_to_work
from cur_tui.contract.codec import unknown_command
from cur_tui.domain.commands import COMMANDS
from cur_tui.domain.decisions.case import MAX_TEXT
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.completion import completed
from cur_tui.services.labels import command_label

TAKES_FIELDS = True
"""Options that the parser does not know are fields of the command."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("name", metavar="COMMAND", help=", ".join(COMMANDS))
    parser.add_argument("number", metavar="NUMBER", help=_("number or id of the appeal"))
    parser.add_argument(
        "--text-file", type=Path, metavar="FILE", help=_("take the field «text» from a file; - is stdin")
    )
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Give the command. It is kept in the outbox and sent by «cur sync» or the open workstation."""
    if args.name not in COMMANDS:
        raise unknown_command(args.name)
    values = fields_of(args.fields)
    if args.text_file is not None:
        values["text"] = _read(args.text_file)
    with open_to_work(args) as place:
        desk = place.desk
        appeal = desk.appeal(args.number)
        if "target" in values and "target_number" not in values:
            other = desk.appeal(str(values["target"]))
            values.update(target=other.id, target_number=other.number)
        done = desk.do(
            args.name, appeal.id, **completed(args.name, appeal, desk.rulebook, desk.now(), values)
        )
        if args.json:
            emit(
                {
                    "command": done.command,
                    "type": args.name,
                    "number": done.appeal.number,
                    "state": done.appeal.state.value,
                    "pending": True,
                }
            )
        else:
            say(
                _("{number}: {command} — kept, waits to be sent.").format(
                    number=done.appeal.number, command=command_label(args.name)
                )
            )
    return exits.OK


def fields_of(words: list[str]) -> dict[str, object]:
    """``--field value`` and ``--field=value`` as a mapping; a field without a value is true."""
    values: dict[str, object] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--") or len(word) == 2:
            raise Refused("invalid_value", field=_("field"), value=word)
        name, equals, value = word[2:].partition("=")
        if not equals:
            value = rest.pop(0) if rest and not rest[0].startswith("--") else "true"
        values[name.replace("-", "_")] = value
    return values


def _read(path: Path) -> str:
    try:
        raw = (
            sys.stdin.buffer.read(MAX_TEXT * 4 + 1)
            if str(path) == "-"
            else path.read_bytes()[: MAX_TEXT * 4 + 1]
        )
        return raw.decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        raise Refused("file_unreadable", path=str(path), reason=error.strerror or "") from None
    except UnicodeDecodeError:
        raise Refused("file_not_utf8", path=str(path)) from None
