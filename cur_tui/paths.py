"""Where the program keeps its files, and the check that nobody else can get at them.

By default the system's own folders are used; ``--home DIR`` or ``CUR_HOME`` puts everything under one folder,
for a second workstation on the same machine, for tests and for the demonstration.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from cur_tui.i18n import N_, Translator, current

APPLICATION: Final = "cur"
PRIVATE: Final = 0o700

REFUSALS: Final = {
    "home_symlink": N_("The folder {path} is a symbolic link. Name the real folder."),
    "home_not_directory": N_("{path} is not a folder. Choose another one with --home."),
    "home_foreign_owner": N_(
        "The folder {path} belongs to another user (uid {uid}). Choose your own with --home."
    ),
    "home_open_to_others": N_(
        "Others may write to the folder {path} (mode {mode}). Close it: chmod 700 {path}"
    ),
    "home_unusable": N_("The folder {path} cannot be used: {reason}."),
}


class HomeError(Exception):
    """A folder that cannot be trusted or made; nothing has been changed.

    ``code`` is a key of :data:`REFUSALS`; ``params`` fill its sentence and always hold ``path``.
    """

    def __init__(self, code: str, params: Mapping[str, str]) -> None:
        super().__init__(f"{code}: {dict(params)}")
        self.code = code
        self.params = params

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        return (t or current()).gettext(REFUSALS[self.code]).format(**self.params)


class Home(msgspec.Struct, frozen=True):
    """The folders of one workstation."""

    config_dir: Path
    """What the person decides: settings, keys, views."""

    data_dir: Path
    """The caches with the operator's unsent work. Not the system's cache folder, which cleaners may empty."""

    @classmethod
    def at(cls, path: Path | None = None, environ: Mapping[str, str] | None = None) -> Home:
        """The home in ``path``, else in ``CUR_HOME``, else in the system's folders. Touches no disk."""
        chosen = path or (os.environ if environ is None else environ).get("CUR_HOME")
        if chosen:
            # Not resolve(): a symbolic link in the last place must stay visible to the check.
            root = Path(chosen).expanduser().absolute()
            return cls(config_dir=root, data_dir=root / "data")
        from platformdirs import PlatformDirs

        system = PlatformDirs(APPLICATION, appauthor=False)
        return cls(system.user_config_path, system.user_data_path)

    @property
    def config_file(self) -> Path:
        """The person's settings."""
        return self.config_dir / "settings.toml"

    @property
    def keymap_file(self) -> Path:
        """The person's own key bindings."""
        return self.config_dir / "keymap.toml"

    @property
    def secrets_file(self) -> Path:
        """Secrets under a passphrase, for machines without a keyring."""
        return self.config_dir / "secrets.enc"

    @property
    def cache_dir(self) -> Path:
        """One encrypted cache per profile."""
        return self.data_dir / "cache"

    def prepare(self) -> None:
        """Make the folders, readable by their owner only, and check them. Raises :class:`HomeError`."""
        for folder in (self.config_dir, self.data_dir, self.cache_dir):
            ensure_private_dir(folder)


def ensure_private_dir(folder: Path) -> Path:
    """Make ``folder`` with mode 0700 if it is missing, and refuse it if others could plant files in it.

    A folder that exists keeps its mode. Refused are a symbolic link, another owner's folder, and one that the
    group or everybody may write to. Parents are made private as well. Raises :class:`HomeError`.
    """
    try:
        _make(folder)
        info = folder.lstat()
    except NotADirectoryError as error:
        raise HomeError("home_not_directory", {"path": str(error.filename or folder)}) from error
    except OSError as error:
        raise HomeError("home_unusable", {"path": str(folder), "reason": error.strerror or ""}) from error
    if stat.S_ISLNK(info.st_mode):
        raise HomeError("home_symlink", {"path": str(folder)})
    if not stat.S_ISDIR(info.st_mode):
        raise HomeError("home_not_directory", {"path": str(folder)})
    # Owner and mode mean nothing on Windows, where the profile folder is private by its access list.
    if os.name == "posix":
        if info.st_uid != os.geteuid():
            raise HomeError("home_foreign_owner", {"path": str(folder), "uid": str(info.st_uid)})
        if info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            mode = f"{stat.S_IMODE(info.st_mode):04o}"
            raise HomeError("home_open_to_others", {"path": str(folder), "mode": mode})
    return folder


def _make(folder: Path) -> None:
    """Like ``mkdir -p``, but with the private mode for every folder made, not only for the last one."""
    missing = []
    parent = folder
    # lexists, so that a dangling link is found by the check instead of failing here.
    while not os.path.lexists(parent):
        missing.append(parent)
        parent = parent.parent
    for path in reversed(missing):
        path.mkdir(mode=PRIVATE, exist_ok=True)
