"""The last wall before the terminal: no control or deceiving character of anybody's text gets past it.

Texts are made safe on the way into storage and again by :func:`widgets.show.show`. This filter runs on
every line that Textual is about to write, whatever widget drew it, so that a forgotten path stays harmless.
"""

import unicodedata
from functools import lru_cache

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

MAX_MARKS = 2
"""Combining marks kept per base character."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@lru_cache(4096)
def _clean(text: str) -> str:
    cleaned: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            marks += 1
            if marks > MAX_MARKS:
                continue
        else:
            marks = 0
        cleaned.append("·" if category in _UNSAFE else character)
    return "".join(cleaned)


class TerminalGuard(LineFilter):
    """Replaces what is not printable and drops hyperlinks from each line on its way to the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line, safe to write."""
        return [segment if _is_plain(segment) else _guarded(segment) for segment in segments]


def _is_plain(segment: Segment) -> bool:
    style = segment.style
    return segment.text.isascii() and segment.text.isprintable() and (style is None or style.link is None)


def _guarded(segment: Segment) -> Segment:
    style = segment.style
    if style is not None and style.link is not None:
        style = style.update_link(None)
    return Segment(_clean(segment.text), style, segment.control)
