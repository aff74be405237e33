"""The corpus through everything that shows or prints a text: nothing of it acts, and nothing gets lost."""

import json
import unicodedata
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.color import Color

from cur_tui.domain.texts.intake import decode_text, html_to_text
from cur_tui.domain.texts.mask import mask_personal
from cur_tui.domain.texts.text import MAX_DISPLAY_CHARS, MAX_MARKS, cell_width, display, neutralise, one_line
from cur_tui.printing import json_line, printable, printable_json
from tests.hostile.corpus import ENCODABLE, SOAK, TEXTS, Hostile
from tests.hostile.files import CHARSETS
from tests.hostile.harmless import unsafe
from tests.hostile.lures import MARK
from widgets.guard import TerminalGuard
from widgets.show import show, show_line

_GUARD = TerminalGuard()


def _guarded(text: str) -> str:
    return "".join(segment.text for segment in _GUARD.apply([Segment(text)], Color(0, 0, 0)))


WAYS: dict[str, Callable[[str], str]] = {
    "neutralise": neutralise,
    "display": lambda text: display(text).text,
    "one_line": lambda text: one_line(text, 80),
    "show": lambda text: show(text).plain,
    "show_line": lambda text: show_line(text, 80).plain,
    "printable": printable,
    "html_to_text": html_to_text,
    "masked": lambda text: mask_personal(neutralise(text)),
    "guard": _guarded,
}
SLOW = frozenset({"masked", "guard"})
QUICK = tuple(case for case in TEXTS if SOAK or len(case.text) < 10_000)
"""The corpus without its floods, which only a soak sends everywhere."""
GROWTH = len("⟪U+10FFFF⟫")
"""What one character may become at most."""


def failing(cases: tuple[Hostile, ...], way: Callable[[str], str], allowed: str) -> dict[str, set[str]]:
    found = ((str(case), unsafe(way(case.text), allowed)) for case in cases)
    return {name: codes for name, codes in found if codes}


@pytest.mark.parametrize("way", WAYS)
def test_no_text_acts_after_it(way: str) -> None:
    # A tab is a blank of its own; only what goes into cells of a screen must not hold one.
    allowed = "" if way in ("one_line", "show_line", "guard") else "\n" if "show" in way else "\n\t"
    assert not failing(QUICK if way in SLOW else TEXTS, WAYS[way], allowed)


def test_a_way_that_forgets_would_be_noticed() -> None:
    """Of what draws nothing good, the plain text is told nearly everywhere."""
    acting = ("control", "csi", "mode", "question", "osc", "string", "escape")
    for case in TEXTS:
        assert case.family not in acting or unsafe(case.text) or case.text == f"до\n{case.text[3:]}", case


def test_the_readable_part_stays() -> None:
    for case in QUICK:
        assert MARK not in case.text or MARK in neutralise(case.text), case


def test_lists_are_as_wide_as_they_say() -> None:
    for case in TEXTS:
        assert cell_width(one_line(case.text, 80)) <= 80, case


def test_work_and_memory_are_bounded() -> None:
    for case in TEXTS:
        assert len(display(case.text).text) <= MAX_DISPLAY_CHARS, case
        assert len(neutralise(case.text)) <= GROWTH * len(case.text) + GROWTH, case


@pytest.mark.parametrize("name", CHARSETS)
def test_bytes_of_any_charset_become_a_harmless_text(name: str) -> None:
    text, charset = decode_text(CHARSETS[name])
    assert not unsafe(neutralise(text), "\n\t")
    if name in ("utf-8", "utf-8-sig", "cp1251", "koi8-r", "utf-16", "utf-32", "utf-16-be with its mark"):
        assert "не горит фонарь" in neutralise(text), charset


def test_printed_json_means_the_same_and_shows_nothing_raw() -> None:
    document = {str(case): case.text for case in QUICK if case in ENCODABLE}
    for text in (msgspec.json.format(msgspec.json.encode(document), indent=2).decode(), json_line(document)):
        printed = printable_json(text)
        assert not unsafe(printed)
        assert json.loads(printed) == document
    halves = {"text": "\ud800 и \udfff"}
    assert json.loads(json_line(halves)) == halves


_any = st.text() | st.text(st.characters(categories=("Cc", "Cf", "Cs", "Co", "Mn", "Zl", "Zp", "Lo")))


@given(_any)
def test_any_text_is_printed_harmless(text: str) -> None:
    clean = neutralise(text)
    assert not unsafe(clean, "\n\t")
    assert neutralise(clean) == clean
    assert len(clean) <= GROWTH * len(text) + GROWTH
    assert json.loads(json_line({"text": text})) == {"text": text}
    assert not unsafe(json_line({"text": text}))
    assert not unsafe(printable(text), "\n\t")
    assert not unsafe(_guarded(text), "")
    assert all(
        sum(unicodedata.combining(letter) > 0 for letter in clean[at : at + MAX_MARKS + 1]) <= MAX_MARKS
        for at in range(len(clean))
    )
