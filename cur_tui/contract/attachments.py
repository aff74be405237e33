"""Which files may be attached, told by their bytes: the same check before sending and on the server."""

from typing import Final

from cur_tui.contract import MAX_ATTACHMENT
from cur_tui.domain.refusal import Refused

ALLOWED_TYPES: Final = frozenset(
    {
        "application/pdf",
        "image/jpeg",
        "image/png",
        "text/plain",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)


def check_file(data: bytes) -> str:
    """The type that the bytes have. Raises :class:`Refused`: ``file_empty``, ``too_large`` or
    ``type_not_allowed``.
    """
    if not data:
        raise Refused("file_empty")
    if len(data) > MAX_ATTACHMENT:
        raise Refused("too_large", limit=str(MAX_ATTACHMENT))
    media_type = detect_type(data)
    if media_type not in ALLOWED_TYPES:
        raise Refused("type_not_allowed", type=media_type)
    return media_type


def detect_type(data: bytes) -> str:
    """The media type that the bytes have, whatever their sender says."""
    import filetype  # its tables of types are wanted when there is a file, not before

    kind = filetype.guess(data)
    if kind is not None:
        return str(kind.mime)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    if any(ord(char) < 0x20 and char not in "\t\n\r" for char in text):
        return "application/octet-stream"
    # A browser or a terminal helper might run what looks like a page or a script.
    return "text/html" if text.lstrip("\ufeff \t\r\n")[:1] == "<" or text[:2] == "#!" else "text/plain"
