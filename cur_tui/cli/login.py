"""``cur login``: sign in to a regional API; the first sync fills the cache."""

import argparse
import getpass
import sys
from pathlib import Path

from cur_tui.cli import exits
from cur_tui.cli.output import emit, plain, say
from cur_tui.cli.sync import exchange
from cur_tui.cli.workplace import ask_passphrase, home_of
from cur_tui.i18n import _
from cur_tui.services.access.profiles import ProfileError
from cur_tui.services.access.signin import SignIn
from cur_tui.services.access.sso import Prompt, asleep
from cur_tui.services.access.workplace import open_workplace
from cur_tui.services.secrets.vault import open_vault
from cur_tui.sync.address import parse_address


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--server", metavar="URL", help=_("address of the regional API"))
    parser.add_argument("--user", metavar="NAME", help=_("your account"))
    parser.add_argument(
        "--sso", action="store_true", help=_("sign in at the region's identity provider, with a code")
    )
    parser.add_argument("--password-stdin", action="store_true", help=_("read the password from stdin"))
    parser.add_argument(
        "--ca-file", type=Path, metavar="FILE", help=_("the region's own certificate authority")
    )
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Sign in and sync once."""
    home = home_of(args)
    if not (args.sso or args.user):
        say(_("Say who you are: --user NAME, or --sso."))
        return exits.USAGE
    password = "" if args.sso else _password(args)
    signin = SignIn(home, open_vault(home, ask=ask_passphrase), tell=say)
    name = args.profile = _profile(signin, args)
    if args.sso:
        account = signin.sign_in_through(name, _show, asleep)
    else:
        account = signin.sign_in(name, args.user, password)
    say(_("Signed in as {name} ({account}).").format(name=account.name, account=account.account))
    with open_workplace(home, name, ask=ask_passphrase) as place:
        summary = exchange(place)
    if args.json:
        emit(plain({"account": account, "profile": name, **summary}))
    return exits.OK


def _show(prompt: Prompt) -> None:
    say(prompt.advice)
    say(_("Address: {address}").format(address=prompt.address))
    say(_("Code: {code}").format(code=prompt.code))
    say(_("Waiting … Ctrl+C gives up."))


def _password(args: argparse.Namespace) -> str:
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return getpass.getpass(_("Password: "))


def _profile(signin: SignIn, args: argparse.Namespace) -> str:
    """The profile of the given server and person: a known one, or a new one named after the server."""
    known = signin.profiles.settings.profiles
    if args.server is None:
        return args.profile or signin.profiles.current()[0]
    server = parse_address(args.server)
    if args.profile in known:
        return str(args.profile)
    if args.profile is None:
        for name, profile in known.items():
            if profile.server == server and (args.user is None or profile.user in (None, args.user)):
                signin.profiles.choose(name)
                return name
    name = args.profile or _free_name(set(known))
    signin.profiles.add(name, args.server, ca_file=args.ca_file)
    return str(name)


def _free_name(taken: set[str]) -> str:
    for n in range(1, 1_000):
        name = "region" if n == 1 else f"region-{n}"
        if name not in taken:
            return name
    raise ProfileError("profile_exists", {"name": "region"})
