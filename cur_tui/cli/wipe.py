"""``cur wipe``: destroy a profile's keys and data on this machine; says first what exists nowhere else."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, say, table
from cur_tui.cli.workplace import ask_passphrase, home_of
from cur_tui.i18n import _
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.access.signin import SignIn
from cur_tui.services.access.wiping import Unsent, unsent_of, wipe, wipe_without_secrets
from cur_tui.services.labels import command_label
from cur_tui.services.secrets.vault import open_vault
from cur_tui.services.secrets.vault_problems import VaultError
from storage.errors import CacheBusy, CacheError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--with-unsent",
        action="store_true",
        help=_("also destroy acts that were not sent, refused texts and drafts"),
    )
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Destroy, unless something would be lost that nobody has agreed to lose."""
    home = home_of(args)
    name = args.profile or Profiles(home).current()[0]
    Profiles(home).get(name)
    try:
        signin = SignIn(home, open_vault(home, ask=ask_passphrase), ask=ask_passphrase)
    except VaultError:
        # Whoever has lost the passphrase must still be able to give the machine away.
        if not args.with_unsent or not wipe_without_secrets(home, name):
            raise
        return _done(args, name, None)
    unsent = _known(signin, name, may_be_unknown=args.with_unsent)
    if unsent and not args.json:
        lines(table(_rows(unsent), (17, 28, 60)))
    if unsent and not args.with_unsent:
        if args.json:
            emit(_document(name, unsent, wiped=False))
        say(_("This would be lost. Send it first (cur sync), or repeat with --with-unsent. Nothing changed."))
        return exits.REFUSED
    wipe(home, signin, name)
    return _done(args, name, unsent)


def _known(signin: SignIn, name: str, *, may_be_unknown: bool) -> Unsent | None:
    """What would be lost; None when that cannot be read and need not be known."""
    try:
        return unsent_of(signin, name)
    except CacheBusy:
        raise
    except (CacheError, VaultError):
        if not may_be_unknown:
            raise
        return None


def _done(args: argparse.Namespace, name: str, unsent: Unsent | None) -> int:
    if args.json:
        emit(_document(name, unsent, wiped=True))
    say(_("«{profile}» is destroyed on this machine: first its key, then its files.").format(profile=name))
    return exits.OK


def _rows(unsent: Unsent) -> list[tuple[str, str, str]]:
    return [
        *((entry.number, command_label(entry.type), _("not sent yet")) for entry in unsent.pending),
        *((entry.number, command_label(entry.type), _("refused by the server")) for entry in unsent.refused),
        *((draft.number or draft.appeal, _("draft"), draft.kind) for draft in unsent.drafts),
        *((file.number, command_label("attach"), file.name) for file in unsent.files),
    ]


def _document(name: str, unsent: Unsent | None, *, wiped: bool) -> dict[str, object]:
    """``unsent`` is null when it could not be read."""
    counts = None
    if unsent is not None:
        counts = {
            "pending": len(unsent.pending),
            "refused": len(unsent.refused),
            "drafts": len(unsent.drafts),
            "files": len(unsent.files),
        }
    return {"profile": name, "wiped": wiped, "unsent": counts}
