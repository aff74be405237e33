"""Citizens' text is hostile: whatever it holds, no control byte reaches the terminal and nothing crashes."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import Static

from cur_tui.app import Workstation
from cur_tui.services.exchange import Exchange
from cur_tui.services.forms import Choice, FieldKind, Form, FormField
from screens.form import FormScreen
from screens.outcome import OutcomeScreen
from screens.picker import Picker
from screens.queues import QueuesScreen
from tests.interface.office import NOW, OPERATOR, Office
from tests.interface.payloads import PAYLOADS
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


class Unguarded(Workstation):
    """The workstation without its last wall: its widgets must not rely on it.

    What is harmless here is so behind the wall too, which only takes away; its own tests are below.
    """

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [filter_ for filter_ in super().get_line_filters() if not isinstance(filter_, TerminalGuard)]


async def test_the_queue_and_its_preview_draw_it_harmless(tmp_path: Path) -> None:
    office = Office.open(tmp_path, len(PAYLOADS), texts=tuple(PAYLOADS.values()))
    app = Unguarded(office.desk(OPERATOR), Exchange())
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("9")
        await app.workers.wait_for_complete()
        screen = app.screen
        assert isinstance(screen, QueuesScreen)
        seen = set()
        for _ in PAYLOADS:
            screen.preview_again()
            await pilot.pause()
            listed = screen.table.current
            assert listed is not None
            assert_harmless(app, listed.row.number)
            seen.add(listed.pk)
            await pilot.press("down")
        assert len(seen) == len(PAYLOADS)
        exported = app.export_screenshot()
        assert not [code for code in dangerous(exported) if code not in ("U+000A", "U+0009")]
    office.cache.close()


async def test_pickers_forms_lists_and_toasts_draw_it_harmless(tmp_path: Path) -> None:
    office = Office.open(tmp_path, 1)
    app = Unguarded(office.desk(OPERATOR), Exchange())
    async with app.run_test(size=(100, 250)) as pilot:
        choices = tuple(Choice(name, text, text) for name, text in PAYLOADS.items())
        fields = tuple(
            FormField(f"f{n}", "Topic", FieldKind.CHOICE, False, choices, name)
            for n, name in enumerate(PAYLOADS)
        )
        for screen in (
            Picker(PAYLOADS["csi_colour"], choices),
            FormScreen(PAYLOADS["markup_close"], Form("classify", fields), NOW),
            OutcomeScreen(PAYLOADS["bidi"], tuple((text[:40], text) for text in PAYLOADS.values())),
        ):
            app.push_screen(screen)
            await pilot.pause()
            assert_harmless(app, type(screen).__name__)
            app.pop_screen()
        for text in PAYLOADS.values():
            app.say(text, problem=True)
        await pilot.pause()
        assert_harmless(app, "toasts")
    office.cache.close()


async def test_text_fields_are_kept_by_the_last_wall(tmp_path: Path) -> None:
    """The library's own fields draw what stands in them as it is; a stored text is neutral already."""
    office = Office.open(tmp_path, 1)
    app = Workstation(office.desk(OPERATOR), Exchange())
    async with app.run_test(size=(100, 250)) as pilot:
        fields = tuple(
            FormField(f"f{n}", "Essence", (FieldKind.TEXT, FieldKind.LINE)[n % 2], False, (), text)
            for n, text in enumerate(PAYLOADS.values())
        )
        app.push_screen(FormScreen("форма", Form("classify", fields), NOW))
        await pilot.pause()
        assert_harmless(app)
    office.cache.close()


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
