"""The command line of the demonstration, and its course."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from cur_tui.demo.home import ROLES, DemoAccount, DemoError, DemoHome
from cur_tui.demo.server import DemoServer, import_file, is_serving, make_region
from cur_tui.domain.profile.load import load_region, region_codes
from cur_tui.files import read_private
from cur_tui.formats import format_number
from cur_tui.i18n import _
from cur_tui.paths import Home
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.access.signin import SignIn
from cur_tui.services.keymap import apply_keymap
from cur_tui.services.secrets.vault import PASSPHRASE_FILE, open_vault

DEFAULT_APPEALS = 3_000
DEFAULT_REGION = "amur"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--region", choices=region_codes(), help=_("the region to show"))
    parser.add_argument("--role", choices=ROLES, default="operator", help=_("whose workstation to open"))
    parser.add_argument(
        "--appeals", type=int, default=DEFAULT_APPEALS, metavar="N", help=_("how many appeals to invent")
    )
    parser.add_argument(
        "--data", type=Path, metavar=_("FILE"), help=_("also import messages from a CSV file")
    )
    parser.add_argument(
        "--home", type=Path, default=argparse.SUPPRESS, metavar="DIR", help=_("where to keep everything")
    )
    parser.add_argument(
        "--no-tui",
        action="store_true",
        help=_("print where the server is as JSON, and serve until interrupted"),
    )


def run(args: argparse.Namespace) -> int:
    """Make the region if it is not there yet, serve it, and open the workstation on it."""
    if args.appeals < 1:
        raise DemoError(
            _("A region needs at least one appeal: --appeals {count}.").format(count=args.appeals)
        )
    if not args.no_tui and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise DemoError(_("The workstation needs a terminal. Without one: cur demo --no-tui"))
    home = DemoHome.at(args.home, args.region or DEFAULT_REGION)
    home.prepare()
    # The workstation opened below, and whatever it starts, finds the passphrase here.
    os.environ[PASSPHRASE_FILE] = str(home.passphrase_file)
    accounts = _settle_region(home, args)
    with _serving(home) as url:
        _introduce(home, accounts, url)
        if args.no_tui:
            return _serve_only(home, accounts, url)
        chosen = next(account for account in accounts if account.account == args.role)
        profile = _sign_in(home.workstation, chosen, url)
        _say(_("Opening the workstation of {name} ({account}).").format(name=chosen.name, account=args.role))
        notice = apply_keymap(home.workstation)
        from cur_tui.opening import open_workstation

        return open_workstation(home.workstation, profile, notice=notice, locks_itself=False)


def _settle_region(home: DemoHome, args: argparse.Namespace) -> Sequence[DemoAccount]:
    known = home.facts().get("region")
    region = load_region(args.region or known or DEFAULT_REGION)
    if known is not None and known != region.code:
        raise DemoError(
            _("{path} holds a demonstration of another region ({known}). Name another --home.").format(
                path=home.root, known=known
            )
        )
    accounts = home.accounts(region)
    if home.database.exists():
        _say(_("The region is there already: {path}").format(path=home.database))
    else:
        count = format_number(args.appeals)
        _say(_("Making {region} with {count} invented appeals.").format(region=region.name, count=count))
        make_region(home, region.code, accounts, args.appeals)
    if args.data is not None:
        _say(_("Importing {path}.").format(path=args.data))
        import_file(home, args.data)
    return accounts


@contextmanager
def _serving(home: DemoHome) -> Iterator[str]:
    """The address of the server: one that another workstation of this home runs already, or our own."""
    port = int(home.facts().get("port", 0))
    if port and is_serving(port):
        _say(_("The server of this home is running already; it ends with the workstation that started it."))
        yield f"http://127.0.0.1:{port}"
        return
    _say(_("Starting the regional server. Its log: {path}").format(path=home.server_log))
    try:
        server = DemoServer(home, port)
    except DemoError:
        if not port:
            raise
        # Something else has taken the port meanwhile.
        server = DemoServer(home, 0)
    with server:
        home.remember(port=server.port)
        yield server.url


def _introduce(home: DemoHome, accounts: Sequence[DemoAccount], url: str) -> None:
    _say(_("Server: {url}. Home: {path}").format(url=url, path=home.root))
    _say(_("Accounts (invented people, passwords of this home only):"))
    for account in accounts:
        _say(f"  {account.account:<11} {account.password}  {account.name}")
    passphrase = (read_private(home.passphrase_file) or b"").decode().strip()
    _say(
        _("F12 locks the workstation; here this passphrase unlocks it: {passphrase}").format(
            passphrase=passphrase
        )
    )


def _serve_only(home: DemoHome, accounts: Sequence[DemoAccount], url: str) -> int:
    facts = {
        "url": url,
        "home": str(home.root),
        "passphrase_file": str(home.passphrase_file),
        "accounts": {account.account: account.password for account in accounts},
    }
    sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    _say(_("Serving until interrupted (Ctrl+C)."))
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        signal.pause() if hasattr(signal, "pause") else sys.stdin.read()
    except KeyboardInterrupt:
        _say(_("The demonstration has ended. Its home stays: {path}").format(path=home.root))
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _sign_in(home: Home, account: DemoAccount, url: str) -> str:
    """Sign the account in, unless it still is; the name of its profile."""
    profiles = Profiles(home)
    port = url.rpartition(":")[2]
    known = profiles.settings.profiles
    name = account.account
    if name in known and known[name].server.rstrip("/") != url:
        # The server had to move to another port: its cache is made anew under another name.
        name = f"{account.account}-{port}"
    if name not in known:
        profiles.add(name, url)
    profiles.choose(name)
    signin = SignIn(home, open_vault(home))
    if signin.resume(name) is None:
        signin.sign_in(name, account.account, account.password)
    return name


def _say(sentence: str) -> None:
    """Narrate on standard error."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()
