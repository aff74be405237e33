"""``cur logout``: end the session; the cache stays, encrypted."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import say
from cur_tui.cli.workplace import ask_passphrase, home_of
from cur_tui.i18n import _
from cur_tui.services.access.signin import SignIn
from cur_tui.services.secrets.vault import open_vault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no options of its own."""


def run(args: argparse.Namespace) -> int:
    """Sign out of the current profile."""
    home = home_of(args)
    signin = SignIn(home, open_vault(home, ask=ask_passphrase))
    name = args.profile or signin.profiles.current()[0]
    signin.sign_out(name)
    say(_("Signed out of «{profile}». What was not sent stays here and waits for you.").format(profile=name))
    return exits.OK
