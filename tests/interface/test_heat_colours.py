"""Heat is told by signs first; its colours must leave the number beside them legible in every theme."""

from textual.app import App
from textual.color import Color

from screens import cuts, problems, ranking
from widgets.themes import THEMES

LEGIBLE = 4.5
"""Contrast of text, WCAG 2.2, 1.4.3 (AA)."""


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in Color.parse(colour).normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_every_colour_of_a_figure_is_legible_on_its_ground() -> None:
    app = App[None]()
    named = {*cuts._COLOURS, *problems._COLOURS, *ranking._COLOURS.values()} - {""}
    for theme in THEMES:
        app.register_theme(theme)
        app.theme = theme.name
        known = app.get_css_variables()
        for ground in ("background", "surface"):
            for name in named:
                assert contrast(known[name], known[ground]) >= LEGIBLE, (theme.name, name, ground)
