"""Opening the workplace that the command line names."""

import argparse
import sys

from cur_tui.cli.output import say
from cur_tui.i18n import _
from cur_tui.paths import Home
from cur_tui.services.access.workplace import Workplace, open_workplace
from cur_tui.services.secrets.vault import Occasion


def home_of(args: argparse.Namespace) -> Home:
    """The folder of settings and caches: ``--home``, ``CUR_HOME``, or the system's place for them."""
    return Home.at(args.home)


def open_to_read(args: argparse.Namespace) -> Workplace:
    """The workplace beside an open workstation; it writes nothing."""
    return _named(args, open_workplace(home_of(args), args.profile, ask=ask_passphrase, read_only=True))


def open_to_work(args: argparse.Namespace) -> Workplace:
    """The workplace for itself alone."""
    return _named(args, open_workplace(home_of(args), args.profile, ask=ask_passphrase, tell=say))


def _named(args: argparse.Namespace, place: Workplace) -> Workplace:
    """From here on the command means this profile, whichever becomes the current one meanwhile: by an order
    of its server it may have to be destroyed.
    """
    args.profile = place.access.name
    return place


def ask_passphrase(occasion: Occasion) -> str | None:
    """Ask a person for the passphrase of the secrets; None when there is no person at a terminal."""
    if not sys.stdin.isatty():
        return None
    import getpass  # only where somebody is asked

    if occasion == "wrong":
        say(_("The passphrase is wrong."))
    if occasion == "new":
        say(_("This machine has no keyring. Your secrets will be kept in a file that a passphrase protects."))
        return typed_twice()
    if occasion == "locked_wrong":
        say(_("That was not the password. Each further attempt takes longer."))
    if occasion == "locked":
        say(_("The workstation was locked. The password of your last sign-in opens it."))
    if occasion in ("locked", "locked_wrong"):
        return getpass.getpass(_("Password: "))
    return getpass.getpass(_("Passphrase: "))


def typed_twice() -> str | None:
    """A new passphrase, typed the same way twice; None when it was not, or nobody is at a terminal."""
    if not sys.stdin.isatty():
        return None
    import getpass

    first = getpass.getpass(_("New passphrase: "))
    if getpass.getpass(_("Once more: ")) != first:
        say(_("The two passphrases differ."))
        return None
    return first
