"""The line of keys at the bottom: the next key is always in sight, the most important ones first."""

from dataclasses import dataclass

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from cur_tui.domain.text import cell_width
from cur_tui.i18n import N_, _
from cur_tui.services.actions import Action, actions_of

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
_ALWAYS = ("app.help",)
_GAP = 2


def key_name(key: str) -> str:
    """How a key reads: «Ctrl+S», «F1», «n»."""
    *modifiers, last = key.split("+")
    name = _(_NAMES[last]) if last in _NAMES else (
        last.upper() if modifiers or (last[0] == "f" and last[1:].isdigit()) else last
    )
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


@dataclass(frozen=True, slots=True)
class _Entry:
    action: Action
    key: str
    title: str

    @property
    def width(self) -> int:
        return cell_width(self.key) + 1 + cell_width(self.title)


def _entry(action: Action) -> _Entry:
    return _Entry(action, key_name(action.keys.partition(",")[0]), _(action.title))


class KeyLine(Widget, can_focus=False):
    """The keys of one scope of the registry, as many as fit, and help at the end."""

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; background: $panel; color: $text-muted; }
    """
    ALLOW_SELECT = False

    scope: reactive[str] = reactive("")
    omitted: reactive[frozenset[str]] = reactive(frozenset())
    """Ids of actions that make no sense at this moment."""

    def __init__(self, scope: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._spans: list[tuple[int, int, Action]] = []
        self.set_reactive(KeyLine.scope, scope)

    def render(self) -> RenderResult:
        """The line, filled to the width."""
        own = [action for action in actions_of(self.scope) if action.footer and action.id not in self.omitted]
        fixed = [_entry(action) for action in actions_of("app") if action.id in _ALWAYS]
        free = self.size.width - sum(entry.width + _GAP for entry in fixed) - 1
        shown: list[_Entry] = []
        for entry in map(_entry, own):
            if entry.width + _GAP <= free:
                shown.append(entry)
                free -= entry.width + _GAP
        parts: list[Content | tuple[str, str]] = [(" ", "")]
        self._spans = []
        at = 1
        for entry in (*shown, *fixed):
            if entry is (fixed[0] if fixed else None) and free > 0:
                parts.append((" " * free, ""))
                at += free
            self._spans.append((at, at + entry.width, entry.action))
            parts += [(entry.key, "bold $primary"), (f" {entry.title}", ""), (" " * _GAP, "")]
            at += entry.width + _GAP
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """A click on a key presses it."""
        for start, end, action in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(action.keys.partition(",")[0])
