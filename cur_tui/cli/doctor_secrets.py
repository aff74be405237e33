"""What ``cur doctor`` tells of the secrets: where they lie, and what locks and unlocks this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cur_tui.formats import format_number
from cur_tui.i18n import _, ngettext
from cur_tui.services.access import unlocking
from cur_tui.services.access.profiles import Profiles

if TYPE_CHECKING:
    from cur_tui.paths import Home
    from cur_tui.services.secrets.vault import ProfileSecrets


class Told(NamedTuple):
    """One check: its name, ``ok`` or ``warning``, and a sentence."""

    check: str
    state: str
    detail: str


def look_at_secrets(home: Home, secrets: ProfileSecrets) -> Iterator[Told]:
    """Where the keys are, and the lock. Raises :class:`VaultError` when the vault does not answer."""
    in_keyring = secrets.vault.kind == "keyring"
    place = (
        _("in the system's keyring")
        if in_keyring
        else _("in {path}, under a passphrase").format(path=home.secrets_file)
    )
    yield Told(_("secrets"), "ok", place)
    if in_keyring and secrets.locked is not None:
        yield Told(_("lock"), "warning", _("locked; the password of the last sign-in opens it"))
        return
    if in_keyring and not unlocking.is_known(secrets):
        detail = _("it could be unlocked by the server only: choose a password with cur passphrase")
        yield Told(_("lock"), "warning", detail)
        return
    yield Told(_("lock"), "ok", f"{_when(home)}; {_how(in_keyring)}")


def _when(home: Home) -> str:
    seconds = Profiles(home).settings.lock_after
    if seconds is None:
        return _("by hand only")
    minutes = round(seconds / 60)
    said = ngettext("after {count} minute without a key", "after {count} minutes without a key", minutes)
    return said.format(count=format_number(minutes))


def _how(in_keyring: bool) -> str:
    return _("a password opens it") if in_keyring else _("the passphrase opens it")
