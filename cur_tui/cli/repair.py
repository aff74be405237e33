"""``cur repair``: set a cache aside that cannot be relied on, save what was not sent, load the rest anew."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import emit, say
from cur_tui.cli.workplace import ask_passphrase, home_of
from cur_tui.i18n import _
from cur_tui.services.access.signin import SignIn
from cur_tui.services.secrets.vault import open_vault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Make the cache anew; the next sync fills it."""
    home = home_of(args)
    signin = SignIn(home, open_vault(home, ask=ask_passphrase), ask=ask_passphrase, tell=say)
    rescued = signin.repair(args.profile or signin.profiles.current()[0])
    if args.json:
        emit(
            {
                "aside": str(rescued.aside),
                "outbox": rescued.outbox,
                "drafts": rescued.drafts,
                "refused": rescued.unsent,
                "pages": rescued.pages,
                "broken": rescued.broken,
            }
        )
    else:
        say(_("Now load the rest: cur sync"))
    return exits.OK
