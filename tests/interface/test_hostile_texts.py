"""The last wall before the terminal: what a careless widget draws is harmless behind it."""

import unicodedata
from collections.abc import Sequence

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import Static

from widgets.guard import TerminalGuard

FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def dangerous(text: str) -> list[str]:
    return [f"U+{ord(character):04X}" for character in text if unicodedata.category(character) in FORBIDDEN]


def assert_harmless(app: App[None], what: str = "") -> None:
    """Every line of the screen, as its widgets gave it to the driver."""
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            assert not dangerous(segment.text), what
            assert segment.control is None, what
            assert segment.style is None or segment.style.link is None, what


class Careless(App[None]):
    """Draws raw text."""

    def compose(self) -> ComposeResult:
        yield Static(Content("\x1b[31mred\x1b]0;title\x9b2J \u202eabc\u200b"))


class CarelessBehindTheWall(Careless):
    """The same behind the last wall."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), TerminalGuard()]


async def test_the_filter_stands_behind_a_widget_that_forgot() -> None:
    async with Careless().run_test() as pilot:
        await pilot.pause()
        with pytest.raises(AssertionError):
            assert_harmless(pilot.app)
    async with CarelessBehindTheWall().run_test() as pilot:
        await pilot.pause()
        assert_harmless(pilot.app)


def test_the_filter_takes_links_away_and_leaves_letters_alone() -> None:
    guard = TerminalGuard()
    segments = [
        Segment("Ёж и №5 — «да» …", Style(bold=True)),
        Segment("link", Style(link="https://example.org")),
        Segment("a\u0301\u0301\u0301\u0301"),
    ]
    clean = guard.apply(segments, Color.parse("black"))
    assert clean[0].text == "Ёж и №5 — «да» …"
    assert clean[0].style == Style(bold=True)
    assert clean[1].style is not None
    assert clean[1].style.link is None
    assert clean[2].text == "a\u0301\u0301"
