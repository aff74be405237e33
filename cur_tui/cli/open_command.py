"""``cur open``, or just ``cur``: the workstation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cur_tui.cli import exits
from cur_tui.i18n import _
from cur_tui.opening import open_workstation
from cur_tui.paths import Home

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no options of its own."""


def run(args: argparse.Namespace) -> int:
    """Open the workstation on the current profile; without one it begins with the first steps."""
    return open_here(args.home, args.profile)


def open_here(folder: Path | None, profile: str | None) -> int:
    """Open the workstation of the home in ``folder``, if there is a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        from cur_tui.cli.output import say

        say(_("The workstation needs a terminal. For scripts use the subcommands: cur --help"))
        return exits.USAGE
    home = Home.at(folder)
    return open_workstation(home, profile, notice=_own_keys(home))


def _own_keys(home: Home) -> str | None:
    """Put the person's own keys in force, if they have any; what to tell them when that cannot be done."""
    if not home.keymap_file.exists():
        return None
    from cur_tui.services.keymap import apply_keymap

    return apply_keymap(home)
