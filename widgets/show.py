"""The one door from anybody's text to the screen.

A widget is given ``Content`` made here and never a ``str`` from a record: a plain string would be parsed
as markup, which lets a stranger's «[@click=…]» run actions or «[/» crash the screen.
"""

from textual.content import Content
from textual.style import Style

from cur_tui.domain.text import display, one_line


def show(text: str | None, style: str | Style = "") -> Content:
    """Several lines of text, safe to draw."""
    return Content.styled(display(text or "").text, style) if text else Content("")


def show_line(text: str | None, limit: int = 400, style: str | Style = "") -> Content:
    """One line of at most ``limit`` characters, safe to draw."""
    return Content.styled(one_line(text or "", limit), style) if text else Content("")
