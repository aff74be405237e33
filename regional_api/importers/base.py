"""What every source of messages offers: one file in, messages and reasons for skipped rows out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a file, as it stands there. ``row`` counts its records from 1, the header not counted.

    ``key`` identifies the message within its source for ever; the labels are names, not codes.
    """

    row: int
    key: str
    text: str
    original: bytes
    charset: str
    is_html: bool = False
    source: str = ""
    category: str = ""
    theme: str = ""
    executor: str = ""
    received: str = ""

    @property
    def media_type(self) -> str:
        """What the original bytes are."""
        return f"text/{'html' if self.is_html else 'plain'}; charset={self.charset}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that cannot become an appeal. ``reason`` is a stable code, see :data:`REASONS`."""

    row: int
    reason: str


REASONS = ("no_text", "too_long", "broken_row", "repeated_later", "date_in_the_future")
"""No text; more text than an appeal may hold; a row that does not parse; a newer row of the same key follows;
received after now."""


class MessageSource(Protocol):
    """A file that yields messages, one at a time and as often as it is asked to."""

    def read(self) -> Iterator[Message | Skipped]:
        """Every row of the file in its order."""
        ...
