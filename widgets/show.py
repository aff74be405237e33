"""The one door from anybody's text to the screen.

A widget is given ``Content`` made here and never a ``str`` from a record: a plain string would be parsed
as markup, which lets a stranger's «[@click=…]» run actions or «[/» crash the screen.
"""

from textual.content import Content
from textual.style import Style

from cur_tui.domain.text import display, one_line

_JOINER = "\u200d"


def show(text: str | None, style: str | Style = "") -> Content:
    """Several lines of text, safe to draw."""
    return Content.styled(_parted(display(text or "").text), style) if text else Content("")


def show_line(text: str | None, limit: int = 400, style: str | Style = "") -> Content:
    """One line of at most ``limit`` cells, safe to draw."""
    return Content.styled(line_text(text or "", limit), style) if text else Content("")


def line_text(text: str, limit: int) -> str:
    """One line of at most ``limit`` cells for a widget that draws its segments itself."""
    return _parted(one_line(text, limit))


def _parted(text: str) -> str:
    """Emoji apart from each other: terminals disagree on the width of joined ones, which breaks a table."""
    return text.replace(_JOINER, "")
