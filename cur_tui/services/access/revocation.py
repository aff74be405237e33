"""What a machine does when the office has ended a person's access and wants nothing of it kept here.

What was never sent exists nowhere else, so it is sealed for the office first: only the regional server can
open the file. Then the keys and the data go, as by ``cur wipe``. Cut off anywhere, this is simply done again:
the keys go last of what it needs, and until then the server repeats its answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

import msgspec

from cur_tui.contract.sealed import seal
from cur_tui.files import write_private
from cur_tui.i18n import N_, Translator, current
from cur_tui.services.access.wiping import Unsent, contents_of, unsent_of, wipe
from cur_tui.sync.faults import SignInNeeded

if TYPE_CHECKING:
    from pathlib import Path

    from cur_tui.paths import Home
    from cur_tui.services.access.signin import SignIn

DESTROYED: Final = N_(
    "The administrator has ended your access: «{profile}» is destroyed on this machine, first its keys, then "
    "its files."
)
SEALED: Final = N_("What you had not sent is sealed in {path}. Give this file to the administrator.")


class Sealed(msgspec.Struct, frozen=True):
    """What the office reads in the file."""

    server: str
    account: str | None
    device: str
    unsent: Unsent
    contents: dict[str, bytes] = {}
    """The bytes of the files in ``unsent``, by their ids."""


class GivenUp(SignInNeeded):
    """The profile is no more; ``path`` is the sealed file, None when everything had been sent."""

    def __init__(self, profile: str, path: Path | None) -> None:
        super().__init__("access_ended")
        self.profile = profile
        self.path = path

    def sentence(self, t: Translator | None = None) -> str:
        """What has happened, and whom to give the file."""
        t = t or current()
        told = t.gettext(DESTROYED).format(profile=self.profile)
        if self.path is None:
            return told
        return f"{told} {t.gettext(SEALED).format(path=self.path)}"


def give_up(home: Home, signin: SignIn, name: str, office: bytes) -> NoReturn:
    """Seal what was not sent of the profile ``name`` under the key ``office``, and destroy the profile.

    Raises :class:`GivenUp` when that is done; :class:`CacheError` and :class:`VaultError` when nobody can
    tell what was not sent, and then nothing has been destroyed.
    """
    profile = signin.profiles.get(name)
    unsent = unsent_of(signin, name)
    path = None
    if unsent:
        contents = contents_of(signin, name, unsent.files)
        document = msgspec.json.encode(Sealed(profile.server, profile.user, profile.device, unsent, contents))
        # By device: another profile of this name, later, must not write over it.
        path = home.data_dir / f"{name}-{profile.device}.sealed"
        write_private(path, seal(document, office))
    wipe(home, signin, name)
    raise GivenUp(name, path)
