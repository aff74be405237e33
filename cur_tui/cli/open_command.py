"""``cur open``, or just ``cur``: the workstation."""

import argparse
import sys

from cur_tui.cli import exits
from cur_tui.cli.output import say
from cur_tui.cli.workplace import home_of
from cur_tui.frames import paint_at_once
from cur_tui.i18n import _
from cur_tui.services.keymap import apply_keymap


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no options of its own."""


def run(args: argparse.Namespace) -> int:
    """Open the workstation on the current profile; without one it begins with the first steps."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say(_("The workstation needs a terminal. For scripts use the subcommands: cur --help"))
        return exits.USAGE
    home = home_of(args)
    notice = apply_keymap(home)
    paint_at_once()
    from cur_tui.app import open_workstation

    return open_workstation(home, args.profile, notice=notice)
