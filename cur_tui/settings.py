"""The person's settings: one TOML file that may be edited by hand, checked strictly when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final

import msgspec

from cur_tui.files import UntrustedFileError, read_private, write_private
from cur_tui.i18n import N_, Translator, current

REFUSALS: Final = {
    "settings_unreadable": N_("The settings file {path} cannot be read: {reason}. Correct or remove it."),
    "settings_untrusted": N_("The settings file {path} is a link or belongs to another user. Remove it."),
    "settings_unknown_key": N_("There is no setting «{key}» ({path}). Did you mean «{nearest}»?"),
    "settings_invalid_value": N_("The setting «{key}» in {path} has a wrong value ({reason}). Correct it."),
    "settings_unwritable": N_("The settings file {path} cannot be written: {reason}."),
}

LOCK_MINUTES: Final = 15
MOST_LOCK_MINUTES: Final = 24 * 60

HEADER: Final = "# Settings of the workstation. Edit them while it is closed; comments are not kept.\n"


class SettingsError(Exception):
    """Settings that cannot be used; nothing has been changed. ``code`` is a key of :data:`REFUSALS`."""

    def __init__(self, code: str, params: Mapping[str, str]) -> None:
        super().__init__(f"{code}: {dict(params)}")
        self.code = code
        self.params = dict(params)

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        return (t or current()).gettext(REFUSALS[self.code]).format(**self.params)


class Profile(msgspec.Struct, frozen=True):
    """One server as one person uses it from this machine.

    ``device`` is the random id under which the server numbers this profile's commands; a new one is made with
    every profile and never reused. ``ca_file`` replaces the system's trust roots. ``sso``: the person signed
    in last at the region's identity provider.
    """

    server: str
    device: str
    ca_file: str | None = None
    user: str | None = None
    region: str | None = None
    sso: bool = False


class Settings(msgspec.Struct, frozen=True):
    """Everything that is remembered between two starts, apart from secrets and data.

    ``vault`` is where secrets were put at first (``keyring`` or ``file``): looking for them elsewhere later
    would make a new key and lose the cache. ``lock_minutes`` without a key lock the workstation; 0 is never.
    """

    language: str | None = None
    theme: str | None = None
    vault: str | None = None
    lock_minutes: Annotated[int, msgspec.Meta(ge=0, le=MOST_LOCK_MINUTES)] | None = None
    profile: str | None = None
    profiles: dict[str, Profile] = msgspec.field(default_factory=dict)

    @property
    def lock_after(self) -> float | None:
        """Seconds without a key after which the workstation locks itself; None for never."""
        minutes = LOCK_MINUTES if self.lock_minutes is None else self.lock_minutes
        return minutes * 60.0 or None


def load_settings(path: Path) -> Settings:
    """The settings in ``path``; the defaults when there is no file. Raises :class:`SettingsError`."""
    try:
        content = read_private(path)
        document = tomllib.loads((content or b"").decode("utf-8"))
    except UntrustedFileError as error:
        raise SettingsError("settings_untrusted", {"path": str(path)}) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingsError("settings_unreadable", {"path": str(path), "reason": reason or ""}) from error
    _check_keys(path, "", document, Settings)
    profiles = document.get("profiles", {})
    if isinstance(profiles, dict):
        for name, table in profiles.items():
            if isinstance(table, dict):
                _check_keys(path, f"profiles.{name}.", table, Profile)
    try:
        return msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        what, _, where = str(error).rpartition(" - at `$")
        key = where.strip("`.").replace("[...]", "") or "profiles"
        params = {"path": str(path), "key": key, "reason": what or str(error)}
        raise SettingsError("settings_invalid_value", params) from error


def save_settings(path: Path, settings: Settings) -> None:
    """Write ``settings`` atomically. Raises :class:`SettingsError`."""
    try:
        write_private(path, to_toml(settings).encode())
    except OSError as error:
        params = {"path": str(path), "reason": error.strerror or ""}
        raise SettingsError("settings_unwritable", params) from error


def to_toml(settings: Settings) -> str:
    """The settings as a file; what is not set is left out."""
    lines = [HEADER, *_pairs(settings, (name for name in Settings.__struct_fields__ if name != "profiles"))]
    for name, profile in sorted(settings.profiles.items()):
        lines += [f"\n[profiles.{_quoted(name)}]\n", *_pairs(profile, Profile.__struct_fields__)]
    return "".join(lines)


def _pairs(values: object, names: Iterable[str]) -> list[str]:
    given = ((name, getattr(values, name)) for name in names)
    return [f"{name} = {_written(value)}\n" for name, value in given if value is not None]


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _quoted(str(value))


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else _escape(c) for c in escaped) + '"'


def _escape(character: str) -> str:
    return f"\\U{ord(character):08X}"


def _check_keys(path: Path, prefix: str, table: Mapping[str, object], shape: type[msgspec.Struct]) -> None:
    known = shape.__struct_fields__
    for key in table:
        if key not in known:
            import difflib  # only for a mistake

            nearest = next(iter(difflib.get_close_matches(key, known, n=1, cutoff=0.0)), known[0])
            params = {"path": str(path), "key": prefix + key, "nearest": prefix + nearest}
            raise SettingsError("settings_unknown_key", params)
