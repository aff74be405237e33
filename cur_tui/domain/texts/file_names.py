"""Names of files that strangers sent, made fit to be written to a disk of any system.

The name says nothing about where the file goes (no path), what opens it (the ending is that of the type its
bytes have) or how it reads (nothing invisible, nothing that turns the direction of writing around).
"""

import re
import unicodedata
from typing import Final

ENDINGS: Final = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "text/plain": ("txt",),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
}
"""What a file of each type may end with; the first is added to any other."""
MAX_NAME: Final = 120
"""Bytes of a name: half of what file systems take, so that a number fits behind it."""

_FORBIDDEN: Final = re.compile(r'[<>:"|?*\\/]')
_SHOWN: Final = re.compile(r"⟪U\+[0-9A-F]{4,6}⟫")
"""What a record shows in place of a character that acts: it says nothing in the name of a file."""
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[ .]*(\.|$)")
"""Windows takes these for devices, whatever follows the dot."""


def safe_file_name(name: str, media_type: str) -> str:
    """``name`` as a plain file name for a file of ``media_type``. Applied twice it changes nothing more."""
    last = re.split(r"[/\\]", name[-1024:])[-1]
    bare = _SHOWN.sub("", unicodedata.normalize("NFC", last))
    visible = "".join(char for char in bare if _is_visible(char))
    stem = " ".join(_FORBIDDEN.sub("_", visible).split()).strip(" .")
    endings = ENDINGS.get(media_type, ("bin",))
    body, dot, ending = stem.rpartition(".")
    if not dot or ending.lower() not in endings:
        body, ending = stem, endings[0]
    body = body.encode()[: MAX_NAME - len(ending) - 2].decode(errors="ignore").strip(" .") or "file"
    # A leading dash would read as an option wherever the name is typed, a leading dot hides the file.
    return f"{'_' if _RESERVED.match(body + '.') or body[0] in '-~' else ''}{body}.{ending}"


def _is_visible(char: str) -> bool:
    """Blanks of every kind pass, to become plain ones; controls, formats and the unassigned do not."""
    return char.isspace() or unicodedata.category(char)[0] not in "CZ"
