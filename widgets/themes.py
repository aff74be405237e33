"""Three themes: dark, light, and one of high contrast. Colour never carries meaning alone.

``text-muted`` is named in each: the library's own value depends on the ground and is lost in styled text.
"""

from textual.theme import Theme

DARK = Theme(
    name="cur-dark",
    primary="#6cb6ff",
    secondary="#8ddb8c",
    accent="#f0b45a",
    warning="#f0b45a",
    error="#ff7b72",
    success="#8ddb8c",
    foreground="#d7dde5",
    background="#12161c",
    surface="#1a2028",
    panel="#242c37",
    dark=True,
    variables={"text-muted": "#8b97a6"},
)
LIGHT = Theme(
    name="cur-light",
    primary="#0a58a8",
    secondary="#1c6b32",
    accent="#8a4b00",
    warning="#8a4b00",
    error="#b3261e",
    success="#1c6b32",
    foreground="#1d2430",
    background="#fbfbf9",
    surface="#f1f2f0",
    panel="#e2e5e6",
    dark=False,
    variables={"text-muted": "#5d6672"},
)
CONTRAST = Theme(
    name="cur-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#ffff00",
    warning="#ffd700",
    error="#ff9b9b",
    success="#7dff7d",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    variables={"text-muted": "#c8c8c8"},
)
THEMES: tuple[Theme, ...] = (DARK, LIGHT, CONTRAST)


def next_theme(name: str) -> str:
    """The theme after ``name``, round and round."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
