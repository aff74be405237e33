"""The person's own keys: a small file that gives actions of the registry other keys.

::

    [keys]
    "queue.claim" = "c,ctrl+k"

A file that cannot be used changes nothing: the built-in keys stay, and one sentence says what to mend.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cur_tui.i18n import N_, Translator, current
from cur_tui.paths import Home
from cur_tui.services.actions import ACTIONS, use_keys

PROBLEMS: Final = {
    "keymap_unreadable": N_("The keys in {path} cannot be read: {reason}. The usual keys are in force."),
    "keymap_unknown": N_(
        "The keys in {path} name «{action}», which does not exist. Did you mean «{nearest}»?"
    ),
    "keymap_key": N_("The keys in {path} give «{action}» the key «{key}», which is none. Keys are Latin."),
    "keymap_clash": N_(
        "The keys in {path} give «{key}» to both «{action}» and «{other}». Change one of them."
    ),
}

_KEY = re.compile(r"(?:(?:ctrl|shift|alt)\+)*(?:[A-Za-z0-9]|[a-z_]{2,24}|f[0-9]{1,2})")
_NEVER: Final = frozenset({"y", "Y"})
"""On the Y key lies «н», the first letter of «нет»: nothing may be bound to it."""


class KeymapError(Exception):
    """A keymap file that cannot be used. ``code`` is a key of :data:`PROBLEMS`."""

    def __init__(self, code: str, params: Mapping[str, str]) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params)

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person, in their language."""
        return (t or current()).gettext(PROBLEMS[self.code]).format(**self.params)


def apply_keymap(home: Home) -> str | None:
    """Put the person's keys in force; the sentence to tell them when their file cannot be used.

    Called before the screens are imported, since bindings are made with their classes.
    """
    try:
        use_keys(load_keymap(home.keymap_file))
    except KeymapError as error:
        return error.sentence()
    return None


def load_keymap(path: Path) -> dict[str, str]:
    """Keys by action id, as the file at ``path`` gives them; empty without a file.

    Raises :class:`KeymapError` for a file that cannot be read, an action or a key that does not exist, and
    a key that would mean two things in one place.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("keys", {})
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KeymapError("keymap_unreadable", {"path": str(path), "reason": str(error)}) from None
    if not isinstance(table, dict):
        raise KeymapError("keymap_unreadable", {"path": str(path), "reason": "[keys]"})
    known = {action.id: action for action in ACTIONS if not action.by_key}
    keys: dict[str, str] = {}
    for name, value in table.items():
        if name not in known:
            nearest = next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0)), "")
            raise KeymapError("keymap_unknown", {"path": str(path), "action": name, "nearest": nearest})
        keys[name] = ",".join(_checked(path, name, str(value)))
    _check_clashes(path, keys)
    return keys


def _checked(path: Path, action: str, value: str) -> list[str]:
    keys = [key.strip() for key in value.split(",")]
    for key in keys:
        if not _KEY.fullmatch(key) or key in _NEVER:
            raise KeymapError("keymap_key", {"path": str(path), "action": action, "key": key})
    return keys


def _check_clashes(path: Path, keys: Mapping[str, str]) -> None:
    taken: dict[tuple[str, str], str] = {}
    for action in ACTIONS:
        for key in keys.get(action.id, action.keys).split(","):
            other = taken.setdefault((action.scope, key), action.id)
            if other != action.id:
                names = {"path": str(path), "key": key, "action": action.id, "other": other}
                raise KeymapError("keymap_clash", names)
