"""``cur password``: give one's own account a new password."""

import argparse
import getpass
import sys

from cur_tui.cli import exits
from cur_tui.cli.output import say
from cur_tui.cli.workplace import ask_passphrase, home_of
from cur_tui.i18n import _
from cur_tui.services.access.signin import SignIn
from cur_tui.services.secrets.vault import open_vault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help=_("read the present password and the new one from stdin, a line each"),
    )


def run(args: argparse.Namespace) -> int:
    """Ask for both and change."""
    home = home_of(args)
    signin = SignIn(home, open_vault(home, ask=ask_passphrase), ask=ask_passphrase)
    name = args.profile or signin.profiles.current()[0]
    access = signin.access(name)
    passwords = _from_stdin() if args.password_stdin else _asked()
    if passwords is None:
        say(_("The two passwords differ. Nothing has changed."))
        return exits.REFUSED
    try:
        access.change_password(*passwords)
    finally:
        access.close()
    say(_("Your password is changed. All your other sessions have ended."))
    return exits.OK


def _from_stdin() -> tuple[str, str]:
    old, new = (sys.stdin.readline().rstrip("\r\n") for _line in range(2))
    return old, new


def _asked() -> tuple[str, str] | None:
    old = getpass.getpass(_("Present password: "))
    new = getpass.getpass(_("New password: "))
    return (old, new) if getpass.getpass(_("Once more: ")) == new else None
