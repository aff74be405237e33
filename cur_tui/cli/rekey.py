"""``cur rekey``: encrypt the cache anew under a new random key."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import say
from cur_tui.cli.workplace import ask_passphrase, home_of
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.access.rotation import change_key
from cur_tui.services.access.signin import SignIn
from cur_tui.services.secrets.vault import open_vault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no options of its own."""


def run(args: argparse.Namespace) -> int:
    """Change the key; the workstation must be closed."""
    home = home_of(args)
    signin = SignIn(home, open_vault(home, ask=ask_passphrase), ask=ask_passphrase)
    name = args.profile or signin.profiles.current()[0]
    if not signin.profiles.cache_path(name).exists():
        raise Refused("not_signed_in", profile=name)
    change_key(signin, name)
    say(_("The data of «{profile}» are under a new key. The old one opens nothing.").format(profile=name))
    return exits.OK
