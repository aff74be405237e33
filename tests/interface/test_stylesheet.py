"""Styles are parsed once, and as the library parses them."""

from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet, StylesheetParseError

from widgets.stylesheet import KeepingStylesheet

DARK, LIGHT = {"shade": "#111111"}, {"shade": "#eeeeee"}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that were parsed, one after another; nothing is shared with other applications here."""
    sources: list[str] = []
    parse: Any = Stylesheet._parse_rules.__wrapped__  # type: ignore[attr-defined]

    def parse_rules(self: Stylesheet, css: str, *place: Any, **named: Any) -> Any:
        before = len(self._parse_cache)
        rules = parse(self, css, *place, **named)
        if len(self._parse_cache) > before:
            sources.append(css)
        return rules

    monkeypatch.setattr(Stylesheet, "_parse_rules", parse_rules)
    return sources


def test_what_comes_later_is_parsed_alone(parsed: list[str]) -> None:
    kept, plain = KeepingStylesheet(variables=DARK), Stylesheet(variables=DARK)
    sources = [f"#n{n} {{ color: $shade; width: {n}; }}" for n in range(100)]
    for sheet in (kept, plain):
        for n, source in enumerate(sources[:-1]):
            sheet.add_source(source, read_from=("", str(n)))
        sheet.parse()
        sheet.add_source(sources[-1], read_from=("", "last"))
        if sheet is kept:
            parsed.clear()
        sheet.reparse()
        if sheet is kept:
            assert parsed == sources[-1:]
    assert kept.css == plain.css
    assert "width: 99" in kept.css


def test_another_theme_and_a_mistake(parsed: list[str]) -> None:
    sheet = KeepingStylesheet(variables=DARK)
    sheet.add_source("Screen { color: $shade; }", read_from=("", "first"))
    sheet.parse()
    dark = sheet.css
    sheet.set_variables(LIGHT)
    sheet.reparse()
    assert sheet.css != dark
    light = sheet.css
    sheet.add_source("Screen { color: of nothing; }", read_from=("", "second"))
    with pytest.raises(StylesheetParseError):
        sheet.reparse()
    assert "".join(rule.css for rule in sheet._rules) == light
