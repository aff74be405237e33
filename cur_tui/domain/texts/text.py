"""Citizens' text made harmless: the one way into storage and the one way onto a terminal.

Everything here decides per code point. It never recognises escape sequences, because a later filter that
drops a character may join what an earlier one left apart (``ESC BEL [31m``): once no ESC is left, nothing
can be joined. Markup is another matter: widgets get these strings as literal content, never as markup.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import msgspec

MAX_MARKS = 2
"""Combining marks kept on one base character; Russian and its neighbours need one, a few languages two."""

MAX_DISPLAY_CHARS = 65_536
MAX_LINE_CELLS = 2_000
MAX_LINES = 2_000
"""A screen takes a second to lay ten thousand lines out, and nobody reads so many."""
TAB_WIDTH = 4
ELLIPSIS = "…"

# Whatever consists of these needs no look at each character: nearly every Russian text.
_UNUSUAL = re.compile(
    "[^\\n\\t -~\u00a0-\u00ac\u00ae-\u02ff\u0400-\u0482\u048a-\u052f"
    "\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2116]"
)
# Few texts get past it, so the other patterns are compiled by the first that does and not by every start.
_LINE_BREAKS = "\r\n|[\r\u0085\u2028\u2029]"

# Categories whose characters draw nothing, or draw what the terminal pleases.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# Invisible helpers that honest software sprinkles into text: dropping them loses nothing a reader could see.
_DROPPED = frozenset(
    {0x00AD, 0x034F, 0x17B4, 0x17B5, 0x200B, 0x200C, 0x2060, 0xFEFF}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)
# Letters and symbols that draw as a blank: an «empty» message, or words with a hole in them.
_BLANK_LOOKING = frozenset({0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0})

_ZWJ = "\u200d"
_EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_STRAY_ZWJ = f"(?<![{_EMOJI}]){_ZWJ}|{_ZWJ}(?![{_EMOJI}])"
# The longest joined emoji of the standard has four members; a longer chain only serves to break a layout.
_ZWJ_CHAIN = f"[{_EMOJI}]{{1,2}}(?:{_ZWJ}[{_EMOJI}]{{1,2}}){{4,}}"
# Unicode reserves these code points for emoji, so one of a newer version than Python knows is still an emoji.
_FUTURE_EMOJI = range(0x1F680, 0x1FB00)

# Normalisation sorts marks in quadratic time, so a flood is cut before it and to the final measure after it.
_MARKS_BEFORE_NFC = 16
# A longer run of marks is told by its first member and its length, or it would grow the text ninefold.
_LONG_RUN = r"(⟪U\+[0-9A-F]{4,6}⟫)((?:⟪U\+[0-9A-F]{4,6}⟫){8,})"
_SHOWN = r"[\u2400-\u2421]|⟪U\+[0-9A-F]{4,6}⟫|⟪\+(\d{1,7})⟫"


class Display(msgspec.Struct, frozen=True):
    """Text ready for a terminal.

    ``hidden`` counts the characters that the author wrote and the reader would not have seen as such;
    anything above zero deserves a warning badge. ``cut`` says that more text exists than ``text`` holds.
    """

    text: str
    hidden: int
    cut: bool


def neutralise(text: str) -> str:
    """Return the readable record of ``text``: NFC, lines ended by LF, no invisible or acting character.

    Controls become their pictures (``␛``), direction controls, tags, surrogates, private and unassigned
    code points become ``⟪U+202E⟫``, zero-width helpers disappear (a joiner stays between emoji), and a base
    keeps at most :data:`MAX_MARKS` combining marks. Applying it twice changes nothing more. The original
    bytes belong into the evidence, since this cannot be undone.
    """
    return _neutralise(text)[0]


def display(text: str, *, max_line: int = MAX_LINE_CELLS, max_chars: int = MAX_DISPLAY_CHARS) -> Display:
    """Return ``text`` for a detail view: harmless, tabs as blanks, lines folded at ``max_line`` cells.

    It neutralises again, because text of an older cache or of a foreign server may not have been. The work
    is bounded by ``max_chars``, however long the text is.
    """
    clean, dropped = _neutralise(text[:max_chars])
    clean = clean.expandtabs(TAB_WIDTH)
    hidden = dropped + sum(int(run or 1) for run in re.findall(_SHOWN, clean))
    pieces = list(
        islice((piece for line in clean.split("\n") for piece in _fold(line, max_line)), MAX_LINES + 1)
    )
    folded = "\n".join(pieces[:MAX_LINES])
    cut = len(text) > max_chars or len(folded) > max_chars or len(pieces) > MAX_LINES
    return Display(folded[:max_chars], hidden, cut)


def one_line(text: str, limit: int) -> str:
    """Return ``text`` in one line of at most ``limit`` terminal cells, clipped with «…», for a list."""
    # Eight code points a cell leave room for blanks to collapse and for marks to vanish.
    sample = text[: limit * 8 + 64]
    line = " ".join(neutralise(sample).split())
    if len(sample) == len(text) and cell_width(line) <= limit:
        return line
    return _clip(line, max(limit - 1, 0)) + (ELLIPSIS if limit > 0 else "")


def cell_width(text: str) -> int:
    """Return how many terminal cells a neutralised line takes; East Asian «ambiguous» counts as one."""
    if not _UNUSUAL.search(text):
        return len(text)
    return sum(map(_char_width, text))


def _neutralise(text: str) -> tuple[str, int]:
    """Return the harmless text and how many characters vanished from it without a visible trace."""
    # Line breaks are unusual too, but often the only ones.
    if _UNUSUAL.search(text):
        text = re.sub(_LINE_BREAKS, "\n", text)
    if not _UNUSUAL.search(text):
        return unicodedata.normalize("NFC", text), 0
    counts = Counter(text)
    table = {ord(char): shown for char in counts if (shown := _replacement(char)) is not None}
    dropped = sum(counts[chr(code)] for code, shown in table.items() if not shown)
    text = re.sub(_LONG_RUN, _shorten_run, text.translate(table))

    length = len(text)
    text = re.sub(_STRAY_ZWJ, "", text)
    text = re.sub(_ZWJ_CHAIN, lambda chain: chain[0].replace(_ZWJ, ""), text)
    if any(unicodedata.category(char)[0] == "M" for char in counts):
        text = _limit_marks(text, _MARKS_BEFORE_NFC)
    dropped += length - len(text)

    text = unicodedata.normalize("NFC", text)
    limited = _limit_marks(text, MAX_MARKS)
    return limited, dropped + len(text) - len(limited)


def _shorten_run(run: re.Match[str]) -> str:
    return f"{run[1]}⟪+{run[2].count('⟪')}⟫"


def _replacement(char: str) -> str | None:
    """Return what stands for ``char``, an empty string to drop it, or None when it may stay."""
    code = ord(char)
    if char in "\n\t" or char == _ZWJ:
        return None
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code in _DROPPED:
        return ""
    if code in _BLANK_LOOKING:
        return _mark(char)
    category = unicodedata.category(char)
    if category not in _UNPRINTABLE or (category == "Cn" and code in _FUTURE_EMOJI):
        return None
    return _mark(char)


def _mark(char: str) -> str:
    return f"⟪U+{ord(char):04X}⟫"


def _limit_marks(text: str, limit: int) -> str:
    marks = {char for char in set(text) if unicodedata.category(char)[0] == "M"}
    if not marks:
        return text
    kept = []
    run = 0
    for char in text:
        run = run + 1 if char in marks else 0
        if run <= limit:
            kept.append(char)
    return "".join(kept)


@lru_cache(maxsize=4096)
def _char_width(char: str) -> int:
    if char < "\u0300":
        return 1
    if char == _ZWJ or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    wide = unicodedata.east_asian_width(char) in "WF" or ord(char) in _FUTURE_EMOJI
    return 2 if wide else 1


def _clip(line: str, cells: int) -> str:
    """Return the longest beginning of ``line`` that fits into ``cells``."""
    used = 0
    for index, char in enumerate(line):
        used += _char_width(char)
        if used > cells:
            return line[:index].removesuffix(_ZWJ)
    return line


def _fold(line: str, cells: int) -> Iterator[str]:
    """Yield ``line`` in pieces of at most ``cells``, of which there must be two for the widest character."""
    if len(line) * 2 <= cells or cell_width(line) <= cells:
        yield line
        return
    start = used = 0
    for index, char in enumerate(line):
        width = _char_width(char)
        if used + width > cells:
            yield line[start:index].removesuffix(_ZWJ)  # what it joined to is in the next piece
            start, used = index, 0
        used += width
    yield line[start:]
