"""From TOML tables to the values of a profile: every key known, every value of its type, no error hidden."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from typing import TypeVar, get_args, get_origin, get_type_hints

import msgspec

from cur_tui.domain.profile.problems import Lines, Place, Report, advise

T = TypeVar("T")

_TOML_VALUES = (date, datetime, time)
"""What the TOML reader itself turns into values; everything else arrives as plain data."""


@dataclass(frozen=True, slots=True)
class Table:
    """One TOML table with its place. ``number`` is the line of its header: 0 for the file itself."""

    values: Mapping[str, object]
    place: Place
    header: int | None = None
    lines: Lines | None = None

    def at(self, key: str) -> Place:
        """The place of one key of this table."""
        path = f"{self.place.path}.{key}" if self.place.path else key
        line = self.lines.of_key(key, self.header) if self.lines else None
        return replace(self.place, path=path, line=line or self.place.line)

    def child(self, key: str, name: str, values: Mapping[str, object], index: int | None) -> "Table":
        """The table that stands under ``key``; ``name`` is its full name in a header."""
        header = self.lines.of_table(name, index or 0, self.header or 0) if self.lines else None
        place = self.at(key)
        if index is not None:
            place = replace(place, path=f"{place.path}[{index}]")
        return Table(values, replace(place, line=header or place.line), header, self.lines)

    def children(self, key: str, report: Report, *, prefix: str = "") -> list["Table"]:
        """The ``[[key]]`` entries of this table; reports anything else that stands under the key."""
        raw = self.values.get(key, [])
        if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
            report.add("not_a_table_list", self.at(key), table=f"{prefix}{key}")
            return []
        return [self.child(key, f"{prefix}{key}", item, index) for index, item in enumerate(raw)]


def check_keys(table: Table, known: frozenset[str], report: Report) -> None:
    """Report every key that nobody would read: a misspelt key must not pass for an absent one."""
    for key in table.values:
        if key not in known:
            report.add("unknown_key", table.at(key), key=key, **advise(key, known))


def read(table: Table, key: str, kind: type[T], default: T, report: Report) -> T:
    """The value of ``key`` as ``kind``; reports a value of another type and goes on with ``default``."""
    if key not in table.values:
        return default
    try:
        return msgspec.convert(table.values[key], kind, builtin_types=_TOML_VALUES)
    except msgspec.ValidationError as error:
        report.add("wrong_value", table.at(key), **_reason(error, kind))
        return default


def build(
    cls: type[T], table: Table, report: Report, *, also: frozenset[str] = frozenset(), **ready: object
) -> T | None:
    """A value of the dataclass ``cls`` from ``table``; None, with the reasons reported, if it cannot be made.

    ``ready`` are fields that the caller has made itself; ``also`` are keys of the table that it reads itself.
    """
    before = len(report.problems)
    hints, required, optional = _shape(cls)  # type: ignore[arg-type]  # a class is hashable
    names = frozenset(hints) - ready.keys()
    check_keys(table, names | also, report)
    values = dict(ready)
    for name in hints:
        if name in ready:
            continue
        if name not in table.values:
            if name in optional:
                values[name] = None
            elif name in required:
                report.add("missing_key", table.place, key=name)
            continue
        try:
            values[name] = msgspec.convert(table.values[name], hints[name], builtin_types=_TOML_VALUES)
        except msgspec.ValidationError as error:
            report.add("wrong_value", table.at(name), **_reason(error, hints[name]))
    if len(report.problems) > before:
        return None
    make: Callable[..., T] = cls
    return make(**values)


@cache
def _shape(cls: type) -> tuple[dict[str, type], frozenset[str], frozenset[str]]:
    """The fields of a dataclass with their types; those without a default; of these, those that may be None.

    TOML has no null, so leaving such a key out is the only way to say None.
    """
    hints = get_type_hints(cls)
    own = fields(cls)
    required = frozenset(
        item.name for item in own if item.default is MISSING and item.default_factory is MISSING
    )
    optional = frozenset(name for name in required if type(None) in get_args(hints[name]))
    return {item.name: hints[item.name] for item in own}, required, optional


def _reason(error: msgspec.ValidationError, kind: object) -> dict[str, str]:
    """The parser's reason, with the admissible words where the type is a closed set."""
    words = _words(kind)
    return {"reason": str(error), **({"words": ", ".join(words)} if words else {})}


def _words(kind: object) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    found: list[str] = []
    for inner in get_args(kind):
        if isinstance(inner, str):
            found.append(inner or '""')
        elif get_origin(kind) is not dict:
            found.extend(_words(inner))
    return found
