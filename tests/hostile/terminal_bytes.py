"""What a program wrote to its terminal, held against the few things that it has a reason to write.

Nothing is forgiven: a byte that is neither a printable letter nor part of an allowed sequence is told.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from tests.hostile.harmless import unsafe

_MODES = "7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048"
_ALLOWED = {
    "style": r"\x1b\[[0-9;]*m",
    "cursor": r"\x1b\[[0-9]{1,4}(?:;[0-9]{1,4})?H|\x1b\[H",
    "erase": r"\x1b\[[0-2]?[JK]",
    "mode": rf"\x1b\[\?(?:{_MODES})[hl]",
    "mode_asked": r"\x1b\[\?(?:2026|2048)\$p",
    "keyboard": r"\x1b\[>[0-9]{1,2}u|\x1b\[<u",
    "pointer": r"\x1b\]22;[a-z-]{1,20}\x07",
    "line": r"\r?\n|\r",
}
"""By what the library's driver is for; its parameters are numbers, and those of the pointer a name of CSS."""
_SEQUENCE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _ALLOWED.items()))
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")


@dataclass(slots=True)
class Written:
    """What was found: allowed sequences by kind, the text between them, and what should not be there."""

    sequences: Counter[str] = field(default_factory=Counter)
    text: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    foreign: Counter[str] = field(default_factory=Counter)


def read(raw: bytes) -> Written:
    """Take ``raw`` apart. Bytes that are no UTF-8 are foreign too."""
    written = Written()
    try:
        stream = raw.decode()
    except UnicodeDecodeError as error:
        written.foreign[f"no UTF-8: {raw[error.start : error.start + 12]!r}"] += 1
        stream = raw.decode(errors="replace")
    at = 0
    while at < len(stream):
        if found := _SEQUENCE.match(stream, at):
            written.sequences[str(found.lastgroup)] += 1
            written.parameters.append(found[0])
            at = found.end()
        elif found := _TEXT.match(stream, at):
            written.text.append(found[0])
            written.foreign.update(unsafe(found[0], ""))
            at = found.end()
        else:
            written.foreign[repr(stream[at : at + 24])] += 1
            at += 1
    return written
