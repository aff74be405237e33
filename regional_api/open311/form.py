"""The form in which a request is submitted: bounded, UTF-8, each field once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from cur_tui.domain.refusal import Refused

MAX_BODY: Final = 131_072
"""Bytes: 4,000 letters of a description take six each when they are Cyrillic."""
_MAX_FIELDS: Final = 200
_SECRET: Final = "api_key"
_BESIDE: Final = frozenset({_SECRET, "jurisdiction_id"})
"""Fields that say nothing of the matter."""
_ATTRIBUTE: Final = re.compile(r"attribute\[([^\[\]]{1,100})\](?:\[\])?")
MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form. ``attributes`` are the answers to the questions of the service.

    An empty field is one that was not given. ``received`` is the form without the key: the evidence.
    """

    fields: Mapping[str, str]
    attributes: Mapping[str, tuple[str, ...]]
    received: bytes

    def get(self, name: str) -> str:
        """A field, blank at neither end; empty when it was not given."""
        return self.fields.get(name, "").strip()

    @property
    def content(self) -> bytes:
        """What was said, whatever the order of the fields: equal for a form that comes twice."""
        said = [(name, value) for name, value in self.fields.items() if name not in _BESIDE and value]
        told = [(f"attribute[{name}]", value) for name, values in self.attributes.items() for value in values]
        return urlencode(sorted([*said, *told])).encode()


def check_content_type(declared: str) -> None:
    """Raises ``malformed`` unless a form in UTF-8 is announced."""
    media_type, _, parameters = declared.partition(";")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if media_type.strip().lower() != MEDIA_TYPE:
        raise Refused("malformed", reason=f"Content-Type: {MEDIA_TYPE} is needed")
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise Refused("malformed", reason="charset: UTF-8 is needed")


def read_form(body: bytes) -> Form:
    """The form that ``body`` holds. Raises ``malformed``."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except UnicodeDecodeError:
        raise Refused("malformed", reason="not UTF-8") from None
    except ValueError:
        raise Refused("malformed", reason="too many fields") from None
    fields: dict[str, str] = {}
    attributes: dict[str, list[str]] = {}
    for name, value in pairs:
        if found := _ATTRIBUTE.fullmatch(name):
            if value.strip():
                attributes.setdefault(found[1], []).append(value)
        elif name in fields:
            # Whichever of the two were taken, somebody would have meant the other.
            raise Refused("malformed", reason=f"{name[:40]!r} comes twice")
        else:
            fields[name] = value
    return Form(
        fields,
        {name: tuple(values) for name, values in attributes.items()},
        urlencode([(name, value) for name, value in pairs if name != _SECRET]).encode(),
    )
