"""What a command does when the office has ended this access and wants nothing of it kept here."""

import argparse
from typing import NoReturn

from cur_tui.cli.workplace import ask_passphrase, home_of
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.access.revocation import give_up
from cur_tui.services.access.signin import SignIn
from cur_tui.services.secrets.vault import open_vault


def give_up_here(args: argparse.Namespace, office: bytes) -> NoReturn:
    """Seal and destroy the profile of the command line. Raises like the service."""
    home = home_of(args)
    signin = SignIn(home, open_vault(home, ask=ask_passphrase), ask=ask_passphrase)
    give_up(home, signin, args.profile or Profiles(home).current()[0], office)
