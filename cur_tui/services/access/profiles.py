"""The server profiles of one person on one machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from cur_tui.files import exclusive
from cur_tui.i18n import N_, Translator, current
from cur_tui.paths import Home
from cur_tui.settings import Profile, Settings, load_settings, save_settings

REFUSALS: Final = {
    "profile_name": N_("«{name}» cannot name a profile. Use up to 32 letters a-z, digits and hyphens."),
    "profile_exists": N_("There is a profile «{name}» already. Choose another name."),
    "profile_unknown": N_("There is no profile «{name}». Known profiles: {known}."),
    "profile_of_other": N_(
        "The profile «{name}» belongs to {owner}, with what they have not sent yet. Sign in as {owner}, "
        "or make a profile of your own."
    ),
    "no_profile": N_("No server is set up yet. Sign in first: cur login --server ADDRESS --user NAME"),
}

_NAME: Final = r"[a-z0-9][a-z0-9-]{0,31}"
# Windows keeps these names for devices whatever their ending.
_RESERVED: Final = r"con|prn|aux|nul|(?:com|lpt)[0-9]"


class ProfileError(Exception):
    """A profile that cannot be used; nothing has been changed. ``code`` is a key of :data:`REFUSALS`."""

    def __init__(self, code: str, params: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{code}: {dict(params or {})}")
        self.code = code
        self.params = dict(params or {})

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        return (t or current()).gettext(REFUSALS[self.code]).format(**self.params)


class Profiles:
    """The profiles in the settings of ``home``. Every change is read, made and written under one lock.

    Methods raise :class:`ProfileError` and :class:`SettingsError`.
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    @property
    def settings(self) -> Settings:
        """The settings as they are on disk now."""
        return load_settings(self._home.config_file)

    def names(self) -> list[str]:
        """Names of all profiles, sorted."""
        return sorted(self.settings.profiles)

    def current(self) -> tuple[str, Profile]:
        """Name and profile in use: the chosen one, or the only one."""
        settings = self.settings
        name = settings.profile
        if name is None and len(settings.profiles) == 1:
            name = next(iter(settings.profiles))
        if name is None:
            raise ProfileError("no_profile")
        return name, _known(settings, name)

    def get(self, name: str) -> Profile:
        """The profile called ``name``."""
        return _known(self.settings, name)

    def add(self, name: str, server: str, *, ca_file: Path | None = None, user: str | None = None) -> Profile:
        """A new profile with its own device id; it becomes the current one.

        Also raises :class:`AddressError`.
        """
        from uuid import uuid4

        from cur_tui.sync.address import parse_address

        if not _is_name(name):
            raise ProfileError("profile_name", {"name": name[:80]})
        profile = Profile(
            server=parse_address(server),
            device=str(uuid4()),
            ca_file=str(ca_file.absolute()) if ca_file else None,
            user=user,
        )
        with self._changing() as settings:
            if name in settings.profiles:
                raise ProfileError("profile_exists", {"name": name})
            profiles = {**settings.profiles, name: profile}
            self._save(replace(settings, profiles=profiles, profile=name))
        return profile

    def update(
        self, name: str, *, user: str | None = None, region: str | None = None, sso: bool | None = None
    ) -> Profile:
        """Remember who signed in, in which region, and whether at its identity provider."""
        with self._changing() as settings:
            old = _known(settings, name)
            profile = replace(
                old,
                user=user or old.user,
                region=region or old.region,
                sso=old.sso if sso is None else sso,
            )
            if profile != old:
                self._save(replace(settings, profiles={**settings.profiles, name: profile}))
        return profile

    def choose(self, name: str) -> Profile:
        """Make a profile the current one."""
        if self.settings.profile == name:
            return self.get(name)
        with self._changing() as settings:
            profile = _known(settings, name)
            self._save(replace(settings, profile=name))
        return profile

    def remove(self, name: str) -> None:
        """Forget a profile. Its cache and its secrets are the caller's to delete first."""
        with self._changing() as settings:
            _known(settings, name)
            profiles = {key: value for key, value in settings.profiles.items() if key != name}
            chosen = None if settings.profile == name else settings.profile
            self._save(replace(settings, profiles=profiles, profile=chosen))

    def prefer(self, *, language: str | None = None, theme: str | None = None) -> Settings:
        """Remember preferences of the person; those left out stay."""
        with self._changing() as settings:
            changed = replace(
                settings,
                language=language or settings.language,
                theme=theme or settings.theme,
            )
            self._save(changed)
        return changed

    def remember_vault(self, kind: str | None) -> None:
        """Remember where the secrets are kept; None once none are."""
        with self._changing() as settings:
            self._save(replace(settings, vault=kind))

    def cache_path(self, name: str) -> Path:
        """Where the cache of a profile lies."""
        return self._home.cache_dir / f"{name}.db"

    @contextlib.contextmanager
    def _changing(self) -> Iterator[Settings]:
        """The settings under the lock that keeps two programs from losing each other's changes."""
        self._home.prepare()
        with exclusive(self._home.config_dir / ".settings.lock"):
            yield self.settings

    def _save(self, settings: Settings) -> None:
        save_settings(self._home.config_file, settings)


def _is_name(name: str) -> bool:
    import re  # only for a new profile

    return re.fullmatch(_NAME, name) is not None and re.fullmatch(_RESERVED, name) is None


def _known(settings: Settings, name: str) -> Profile:
    profile = settings.profiles.get(name)
    if profile is None:
        raise ProfileError(
            "profile_unknown", {"name": name, "known": ", ".join(sorted(settings.profiles)) or "—"}
        )
    return profile
