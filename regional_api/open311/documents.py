"""Documents in the two forms of the standard: XML without a schema, and JSON by the Spark convention.

A list is an element whose children have the singular of its name; in JSON the outermost element has no name.
Nothing here ever reads XML.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec
from starlette.responses import Response

Format = Literal["xml", "json"]

FORMATS: Final[tuple[Format, ...]] = ("xml", "json")
MEDIA_TYPES: Final[Mapping[Format, str]] = {"xml": "text/xml", "json": "application/json"}

_ITEMS: Final = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What the items of a list are called."""
_DECLARATION: Final = b'<?xml version="1.0" encoding="utf-8"?>\n'
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (production 2, Char)."""


def document(
    root: str, content: object, form: Format, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """``content``, a structure of :mod:`regional_api.open311.wire` or a list of them, as ``root``."""
    if form == "json":
        data = msgspec.json.encode(content)
    else:
        data = _DECLARATION + _xml(root, msgspec.to_builtins(content))
    media_type = f"{MEDIA_TYPES[form]}; charset=utf-8"
    kept = {"Cache-Control": "no-store", **(headers or {}), "Content-Type": media_type}
    return Response(data, status, kept)


def _xml(root: str, content: object) -> bytes:
    element = ET.Element(root)
    _fill(element, content)
    written: bytes = ET.tostring(element, encoding="utf-8")
    return written


def _fill(element: ET.Element, content: object) -> None:
    if isinstance(content, Mapping):
        for name, value in content.items():
            _fill(ET.SubElement(element, name), value)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for item in content:
            _fill(ET.SubElement(element, _ITEMS[element.tag]), item)
    elif content is not None:
        element.text = _text(content)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NOT_XML.sub("\ufffd", str(value))
