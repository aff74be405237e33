"""JSON Lines as a sheet: one object a line, its members the columns."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from regional_api.importers.files.table import MAX_CELL, MAX_COLUMNS, FileError, Line

_SAMPLE = 1_000
_MAX_LINE = 1_000_000


class JsonSheet:
    """A file with one JSON object a line. The first line of the sheet is made of the members' names.

    A member that none of the first thousand objects has is no column. Nested values stay JSON.
    """

    name = ""
    dates_from_1904 = False

    def __init__(self, path: Path) -> None:
        self._path = path

    def lines(self) -> Iterator[Line]:
        """The names, then every object. ``n`` counts lines of the file from 1, so the names are line 0."""
        names = list(
            dict.fromkeys(
                name
                for _, item in islice(self._objects(), _SAMPLE)
                if isinstance(item, dict)
                for name in item
            )
        )
        if len(names) > MAX_COLUMNS:
            raise FileError("too_wide", limit=str(MAX_COLUMNS))
        yield Line(0, [_encodable(name) for name in names])
        for n, item in self._objects():
            if isinstance(item, bytes):
                yield Line(n, (item.decode(errors="replace")[:MAX_CELL],), "broken_row")
            else:
                yield Line(n, [_text(item.get(name)) for name in names])

    def _objects(self) -> Iterator[tuple[int, dict[str, object] | bytes]]:
        """Every line's number with its object, or with the head of a line that holds none."""
        with self._path.open("rb") as file:
            n = 0
            while raw := file.readline(_MAX_LINE):
                n += 1
                rest = raw
                while len(rest) == _MAX_LINE and not rest.endswith(b"\n"):
                    rest = file.readline(_MAX_LINE)
                if raw.strip(b" \t\r\n\xef\xbb\xbf"):
                    item = _object(raw) if rest is raw else None
                    yield n, raw.rstrip(b"\r\n") if item is None else item


def _object(raw: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(value: object) -> str:
    if value is None:
        return ""
    return _encodable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _encodable(text: str) -> str:
    """``text`` without the halves of letters that an escape of JSON may name and no charset can hold."""
    return text.encode(errors="replace").decode()
