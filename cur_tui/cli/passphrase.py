"""``cur passphrase``: another passphrase for this machine's secrets, or one's own password for unlocking."""

import argparse
import sys

from cur_tui.cli import exits
from cur_tui.cli.output import say
from cur_tui.cli.workplace import ask_passphrase, home_of, typed_twice
from cur_tui.i18n import _
from cur_tui.services.access import unlocking
from cur_tui.services.access.signin import SignIn
from cur_tui.services.secrets.vault import PASSPHRASE_FILE, long_enough, open_vault
from cur_tui.services.secrets.vault_file import FileVault
from cur_tui.services.secrets.vault_problems import VaultError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--new-stdin", action="store_true", help=_("read the new passphrase from stdin, one line")
    )


def run(args: argparse.Namespace) -> int:
    """Ask for the known one, then for the new one twice."""
    home = home_of(args)
    vault = open_vault(home, ask=ask_passphrase)
    if isinstance(vault, FileVault):
        vault.change_passphrase(_new(args))
        say(_("The passphrase is changed. Nothing else was: the data need not be encrypted anew."))
        say(_("Where {variable} is set, put the new one into that file.").format(variable=PASSPHRASE_FILE))
        return exits.OK
    signin = SignIn(home, vault, ask=ask_passphrase)
    secrets = signin.secrets_of(args.profile or signin.profiles.current()[0])
    if unlocking.is_known(secrets):
        unlocking.admit(secrets, ask_passphrase)
    elif secrets.locked is not None:
        raise VaultError("unlocking_unset")
    unlocking.choose(secrets, _new(args))
    say(_("From now on this password unlocks the workstation. The account's password is another matter."))
    return exits.OK


def _new(args: argparse.Namespace) -> str:
    given = sys.stdin.readline().rstrip("\r\n") if args.new_stdin else typed_twice()
    if given is None:
        raise VaultError("passphrase_needed", {"variable": PASSPHRASE_FILE})
    return long_enough(given)
