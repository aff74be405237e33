"""All keys of the place a person is in, from the registry; on a second page the words of the filter."""

from collections.abc import Iterable
from textwrap import wrap
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cur_tui.i18n import _
from cur_tui.services.actions import SCOPES, Action, actions_of
from cur_tui.services.lists.query_help import query_words
from widgets.key_line import hint, key_name
from widgets.keys import bindings_for

KEYS_WIDTH = 16
NAME_WIDTH = 18
EXAMPLE_WIDTH = 30
LEAST_WIDTH = 18
"""Cells for what a key or a word does; there is nothing to read in less."""


class HelpScreen(ModalScreen[None]):
    """Two pages and a line to find something in them."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("help"),
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, scopes: Iterable[str]) -> None:
        super().__init__()
        present = set(scopes)
        self._scopes = [scope for scope in SCOPES if scope in present]
        # The keys of the place come before those that work everywhere.
        self._scopes.sort(key=lambda scope: scope == "app")
        self._words = False

    def compose(self) -> ComposeResult:
        """The page's name, the line to type in, the page, the keys."""
        with Vertical(id="box"):
            yield Static("", id="title", markup=False)
            yield Input(placeholder=_("Type a few letters to find it"), id="typed", compact=True)
            with VerticalScroll(id="page", can_focus=False):
                yield Static("", id="lines", markup=False)
            yield Static(hint(_("Tab: other page   ↑↓ PgUp PgDn: scroll   Esc: close")), id="keys")

    def on_mount(self) -> None:
        """Show the keys."""
        self.query_one(Input).focus()
        self._draw()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        """The lines are broken for the new width."""
        self.call_after_refresh(self._draw)

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss(None)

    def action_page(self) -> None:
        """The other page."""
        self._words = not self._words
        self._draw()

    def action_scroll(self, by: int) -> None:
        """Scroll while typing goes on."""
        self.query_one("#page").scroll_relative(y=by, animate=False)

    def _draw(self) -> None:
        typed = self.query_one(Input).value.casefold().strip()
        self.query_one("#title", Static).update(
            Content.assemble(
                (_("Keys"), "bold $text-muted" if self._words else "bold $primary"),
                "  │  ",
                (_("Words of the filter"), "bold $primary" if self._words else "bold $text-muted"),
            )
        )
        width = self.query_one("#page").scrollable_content_region.width
        lines = _filter_lines(typed, width) if self._words else self._key_lines(typed, width)
        nothing = [Content.styled(_("Nothing of this name."), "$text-muted")]
        self.query_one("#lines", Static).update(Content("\n").join(lines or nothing))
        self.query_one("#page").scroll_home(animate=False)

    def _key_lines(self, typed: str, width: int) -> list[Content]:
        lines: list[Content] = []
        for scope in self._scopes:
            fitting = [action for action in actions_of(scope) if typed in _searched(action)]
            if fitting:
                lines += (
                    [Content(""), Content.styled(_(SCOPES[scope]), "bold")]
                    if lines
                    else [Content.styled(_(SCOPES[scope]), "bold")]
                )
                lines += [_key_line(action, width) for action in fitting]
        return lines


def _keys(action: Action) -> str:
    return " ".join(key_name(key) for key in action.keys.split(","))


def _searched(action: Action) -> str:
    return f"{_keys(action)} {_(action.title)} {_(action.help)}".casefold()


def _key_line(action: Action, width: int) -> Content:
    keys = f"{_keys(action):<{KEYS_WIDTH}} "
    return Content.assemble((keys, "$primary"), _hung(_(action.help), len(keys), width))


def _hung(text: str, indent: int, width: int) -> str:
    """``text`` to the right of ``indent`` cells, all of its lines."""
    lines = wrap(text, max(width - indent, LEAST_WIDTH))
    return f"\n{' ' * indent}".join(lines)


def _filter_lines(typed: str, width: int) -> list[Content]:
    intro = [
        Content(_("Words find appeals by their text, in every form of the word; all terms must hold.")),
        Content(
            _("A comma means «or», a minus before a term means «not», quotation marks keep words together.")
        ),
        Content(""),
    ]
    lines = [
        Content.assemble(
            (f"{word.name:<{NAME_WIDTH}} ", "bold"),
            (f"{word.example:<{EXAMPLE_WIDTH}} ", "$primary"),
            _hung(word.meaning, NAME_WIDTH + EXAMPLE_WIDTH + 2, width),
        )
        for word in query_words()
        if typed in f"{word.name} {word.example} {word.meaning}".casefold()
    ]
    return lines if typed else intro + lines
