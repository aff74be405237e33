"""Which column of a table holds which field of a form."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from regional_api.importers.base import QUARANTINE_KEY, QUARANTINE_MARK
from regional_api.importers.cells import clean, folded
from regional_api.importers.files.table import FileError
from regional_api.importers.form import Form

DATES = ("received", "assigned_at", "first_answer_at", "closed_at", "planned_at")
"""The fields that are dates."""


class ColumnError(Exception):
    """A column that is not in the file, or no column with the text. ``known`` is the header."""

    def __init__(self, field: str, name: str | None, known: Sequence[str]) -> None:
        super().__init__(f"{field}: {name}")
        self.field = field
        self.name = name
        self.known = tuple(known)


class Columns:
    """The positions of a form's fields under one header. ``named``: columns that a person has chosen."""

    def __init__(
        self, form: Form, header: Sequence[str], named: Mapping[str, str | None] | None = None
    ) -> None:
        self.header = tuple(clean(name) for name in header)
        places = _places(header)
        self._positions = {field: _found(names, places) for field, names in form.columns.items()}
        for field, name in (named or {}).items():
            if name is None:
                continue
            if not (positions := _found((name,), places)):
                raise ColumnError(field, name, self.header)
            self._positions[field] = positions
        kept = _found((QUARANTINE_KEY,), places) if form.identity else ()
        self._kept_key = kept[0] if kept else None
        marked = _found((QUARANTINE_MARK,), places)
        self._mark = marked[0] if marked else None
        if not form.compose and not self._positions.get("text"):
            raise ColumnError("text", None, self.header)
        self.identity = tuple(position for name in form.identity for position in _found((name,), places))
        if form.registers:
            self._require(form, "received")
            if not self.identity:
                self._require(form, "key")

    def _require(self, form: Form, field: str) -> None:
        """A column without which no row of the form could be taken."""
        if not self._positions.get(field):
            known = ", ".join(name[:40] for name in self.header[:30] if name)
            raise FileError(
                "missing_column", form=form.title, column=" / ".join(form.columns[field][:3]), known=known
            )

    @property
    def naming(self) -> dict[str, list[str]]:
        """The names of the columns that each field is read from."""
        return {field: [self.header[p] for p in found] for field, found in self._positions.items()}

    @property
    def dates(self) -> frozenset[int]:
        """The positions of the columns with dates."""
        return frozenset(p for field in DATES for p in self._positions.get(field, ()))

    def values(self, cells: Sequence[str]) -> dict[str, str]:
        """The cleaned text of every field that the row fills."""
        filled: dict[str, str] = {}
        width = len(cells)
        for field, positions in self._positions.items():
            for position in positions:
                if position < width and (value := clean(cells[position])):
                    filled[field] = value
                    break
        return filled

    def value(self, field: str, cells: Sequence[str]) -> str:
        """The cleaned text of one field, empty when the row does not fill it."""
        return next(iter(self.every(field, cells)), "")

    def every(self, field: str, cells: Sequence[str]) -> list[str]:
        """The cleaned texts of all columns of ``field`` that are filled."""
        positions = self._positions.get(field, ())
        found = (clean(cells[position]) for position in positions if position < len(cells))
        return [value for value in found if value]

    def raw(self, field: str, cells: Sequence[str]) -> str:
        """The text of a field as it stands in the file."""
        for position in self._positions.get(field, ()):
            if position < len(cells) and clean(cells[position]):
                return cells[position]
        return ""

    def kept_key(self, cells: Sequence[str]) -> str:
        """The key that the quarantine has kept for a row that is told apart by what stands in it."""
        return _kept(cells, self._kept_key, _KEPT_KEY)

    def kept_mark(self, cells: Sequence[str]) -> str:
        """The mark of the row in quarantine which this row was, empty for any other row."""
        return _kept(cells, self._mark, _MARK)

    def name_of(self, field: str) -> str:
        """The name of the field's first column, for telling where something is wrong."""
        positions = self._positions.get(field)
        return self.header[positions[0]] if positions else ""

    def name_at(self, position: int | None) -> str:
        """The name of the column at ``position``."""
        return self.header[position] if position is not None and position < len(self.header) else ""


_KEPT_KEY = re.compile(r"[0-9a-f]{32}-[0-9]{1,9}")
_MARK = re.compile(r"[0-9a-f]{64}-[0-9]{1,9}")


def _kept(cells: Sequence[str], position: int | None, shape: re.Pattern[str]) -> str:
    """What the quarantine wrote at ``position``; what has another shape was written by somebody else."""
    kept = clean(cells[position]) if position is not None and position < len(cells) else ""
    return kept if shape.fullmatch(kept) else ""


def _places(header: Sequence[str]) -> dict[str, list[int]]:
    """Positions by folded name; the n-th of equal names also under ``name#n``."""
    places: dict[str, list[int]] = {}
    for position, name in enumerate(header):
        key = folded(clean(name).replace("_", " "))
        if key:
            same = places.setdefault(key, [])
            same.append(position)
            places[f"{key}#{len(same)}"] = [position]
    return places


def _found(names: Sequence[str], places: Mapping[str, list[int]]) -> tuple[int, ...]:
    """Positions of the columns with one of these names; ``*`` in a name stands for anything."""
    found: dict[int, None] = {}
    for name in names:
        key = folded(name.replace("_", " "))
        matching = [other for other in places if "#" not in other and fnmatchcase(other, key)]
        for place in matching if "*" in key else [key]:
            found.update(dict.fromkeys(places.get(place, ())))
    return tuple(found)
