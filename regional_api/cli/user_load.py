"""``regional-api user load``: all the accounts of a file at once, or none of them."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from cur_tui.i18n import _
from regional_api.cli.words import UsageError


class Line(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One line of the file, a JSON object: the arguments of ``user add`` under their names."""

    name: str
    role: str
    password: str
    block: list[str] = []
    authority: str | None = None
    display_name: str | None = None


def read_accounts(path: str) -> Iterator[argparse.Namespace]:
    """What ``user add`` would be told of each account of the file, and its password; ``-``: standard input.

    UsageError for a line that is no account.
    """
    if path == "-":
        yield from _read(sys.stdin)
        return
    with Path(path).open(encoding="utf-8") as file:
        yield from _read(file)


def _read(file: IO[str]) -> Iterator[argparse.Namespace]:
    for number, written in enumerate(file, 1):
        if not written.strip():
            continue
        try:
            line = msgspec.json.decode(written, type=Line)
        except msgspec.MsgspecError as error:
            sentence = _("Line {number} of the accounts cannot be used: {reason}.")
            raise UsageError(sentence.format(number=number, reason=error)) from None
        yield argparse.Namespace(**msgspec.structs.asdict(line))
