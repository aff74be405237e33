"""The one door from anybody's text to the screen.

A widget is given ``Content`` made here and never a ``str`` from a record: a plain string would be parsed
as markup, which lets a stranger's «[@click=…]» run actions or «[/» crash the screen.
"""

from textual.content import Content
from textual.style import Style

from cur_tui.domain.texts.text import display, one_line
from cur_tui.i18n import _
from cur_tui.services.lists.found import Find

_JOINER = "\u200d"
FOUND = "bold underline $accent"
"""How a word that was searched for looks in a text."""


def show(text: str | None, style: str | Style = "", find: Find | None = None) -> Content:
    """Several lines of text, safe to draw; what ``find`` finds in them stands out."""
    return _drawn(_parted(display(text or "").text), style, find)


def show_line(
    text: str | None, limit: int = 400, style: str | Style = "", find: Find | None = None
) -> Content:
    """One line of at most ``limit`` cells, safe to draw; what ``find`` finds in it stands out."""
    return _drawn(line_text(text or "", limit), style, find)


def _drawn(shown: str, style: str | Style, find: Find | None) -> Content:
    content = Content.styled(shown, style) if shown else Content("")
    for start, end in find(shown) if find is not None else ():
        content = content.stylize(FOUND, start, end)
    return content


def line_text(text: str, limit: int) -> str:
    """One line of at most ``limit`` cells for a widget that draws its segments itself."""
    return _parted(one_line(text, limit))


def _parted(text: str) -> str:
    """Emoji apart from each other: terminals disagree on the width of joined ones, which breaks a table."""
    return text.replace(_JOINER, "")


def erased_note() -> Content:
    """What stands where the texts of an appeal were."""
    return Content.styled(_("personal data erased"), "$text-muted")
