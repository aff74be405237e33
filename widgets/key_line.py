"""The line of keys at the bottom: the next key is always in sight, the most important ones first."""

from typing import Final

import msgspec
from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from cur_tui.domain.texts.text import cell_width
from cur_tui.i18n import N_, _
from cur_tui.services.actions import actions_of

_NAMES = {
    "enter": "Enter",
    "escape": "Esc",
    "space": N_("Space"),
    "tab": "Tab",
    "slash": "/",
    "backspace": "⌫",
    "delete": "Del",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "question_mark": "?",
    "full_stop": ".",
    "comma": ",",
}
_LAST: Final = ("back", "help")
"""Methods whose keys have their place at the right end: the ways out."""
_GAP: Final = 2


def key_name(key: str) -> str:
    """How a key reads on a keyboard: «Ctrl+S», «F1», «N», «Shift+G»."""
    *modifiers, last = key.split("+")
    if last in _NAMES:
        last = _(_NAMES[last])
    elif len(last) == 1 and last.isupper():
        modifiers.append("shift")
    words = [modifier.capitalize() for modifier in modifiers]
    return "+".join([*words, last if len(last) > 1 and not _is_function(last) else last.upper()])


def _is_function(key: str) -> bool:
    return key[0] == "f" and key[1:].isdigit()


def hint(words: str) -> Content:
    """The keys of a dialog in the look of the line: «Enter: choose   Esc: cancel»."""
    parts = []
    for part in words.split("   "):
        key, colon, what = part.partition(": ")
        parts.append(Content.assemble((key, "bold $primary"), f" {what}") if colon else Content(part))
    return Content("  ").join(parts).stylize_before("$text-muted")


class _Entry(msgspec.Struct, frozen=True):
    pressed: str
    """The key as the library names it."""
    title: str

    @property
    def key(self) -> str:
        return key_name(self.pressed)

    @property
    def width(self) -> int:
        return cell_width(self.key) + 1 + cell_width(self.title)


class KeyLine(Widget, can_focus=False):
    """The keys of one scope of the registry that work at this moment, as many as fit; the ways out last."""

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; background: $panel; color: $text-muted; }
    """
    ALLOW_SELECT = False

    scope: reactive[str] = reactive("")

    def __init__(self, scope: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._spans: list[tuple[int, int, str]] = []
        self.set_reactive(KeyLine.scope, scope)

    def on_mount(self) -> None:
        """Follow what works on this screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)

    def _bindings_updated(self, _screen: Screen[object]) -> None:
        self.refresh()

    def render(self) -> RenderResult:
        """The line, filled to the width."""
        own, last = self._entries()
        free = self.size.width - 2 - sum(_GAP + entry.width for entry in last)
        shown: list[_Entry] = []
        for entry in own:
            width = entry.width + (_GAP if shown else 0)
            if width <= free:
                shown.append(entry)
                free -= width
        parts: list[Content | tuple[str, str]] = []
        self._spans = []
        at = 1
        for entry in (*shown, *last):
            pad = free if last and entry is last[0] else 0
            gap = (_GAP if parts else 0) + max(pad, 0)
            at += gap
            self._spans.append((at, at + entry.width, entry.pressed))
            parts += [(" " * gap, ""), (entry.key, "bold $primary"), (f" {entry.title}", "")]
            at += entry.width
        return Content.assemble(" ", *parts)

    def _entries(self) -> tuple[list[_Entry], list[_Entry]]:
        """What works now: the scope's own actions in the registry's order, and the ways out."""
        working: dict[str, str] = {}
        for active in self.screen.active_bindings.values():
            if active.enabled and active.binding.id:
                working.setdefault(active.binding.id, active.binding.key)
        own: list[_Entry] = []
        last: list[_Entry] = []
        helps = [action for action in actions_of("app") if action.method == "help"]
        for action in (*actions_of(self.scope), *helps):
            if action.footer and action.id in working:
                entry = _Entry(working[action.id], _(action.title))
                (last if action.method in _LAST else own).append(entry)
        return own, last

    def on_click(self, event: events.Click) -> None:
        """A click on a key presses it."""
        for start, end, pressed in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(pressed)
