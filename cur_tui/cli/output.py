"""Printing: data for programs, lines for people. Nobody's text reaches the terminal raw."""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from cur_tui.printing import printable, printable_json

if TYPE_CHECKING:
    from cur_tui.contract.row import AppealRow


def emit(document: object) -> None:
    """One JSON document on stdout."""
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    sys.stdout.write(printable_json(text) + "\n")


def say(sentence: str) -> None:
    """One sentence on stderr."""
    sys.stderr.write(printable(sentence) + "\n")


def lines(rows: Iterable[str]) -> None:
    """Lines of text on stdout."""
    for row in rows:
        sys.stdout.write(printable(row) + "\n")


def table(rows: Sequence[tuple[str, ...]], widths: tuple[int, ...]) -> list[str]:
    """Rows with their cells cut or filled to ``widths``; the last cell is only cut."""
    from cur_tui.domain.texts.text import cell_width, one_line

    def cell(text: str, width: int) -> str:
        clean = one_line(text, width)
        return clean + " " * (width - cell_width(clean))

    return [
        "  ".join(cell(text, width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def row_document(row: "AppealRow") -> dict[str, object]:
    """A list row as an object: codes as stored, instants as RFC 3339 UTC, truth values as such."""
    document: dict[str, object] = {}
    for name in row.__struct_fields__:
        value = getattr(row, name)
        if value is not None and (name.endswith("_at") or name == "claim_until"):
            value = datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        elif name in ("provisional", "is_repeat", "is_duplicate"):
            value = bool(value)
        elif name in ("flags", "tags"):
            value = value.split()
        document[name] = value
    return document


def plain(values: object) -> dict[str, object]:
    """The named values of a mapping or a structure as JSON knows them."""
    builtins: dict[str, object] = msgspec.to_builtins(values)
    return builtins
