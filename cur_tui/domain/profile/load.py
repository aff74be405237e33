"""Loads region profiles: the packaged ones, a file of one's own, and the document sent between the two sides.

A region file names the shared files it builds on in ``include``; an entry of its own replaces the included
entry with the same code. Whatever is wrong is collected and raised as one :class:`ProfileError`: first what
cannot be read as values at all, then what contradicts itself or the founding acts.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from cur_tui.domain.profile.build import build_region
from cur_tui.domain.profile.problems import Lines, Place, Problem, ProfileError, advise
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.profile.tables import Table

__all__ = [
    "ProfileError",
    "load_region",
    "load_region_file",
    "parse_region",
    "region_codes",
    "region_from_document",
    "region_to_document",
]

_SUFFIX = ".toml"


def region_codes() -> tuple[str, ...]:
    """Codes of the packaged regions, in alphabetical order."""
    found = (entry.name for entry in _packaged().iterdir() if entry.is_file())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX)))


@cache
def load_region(code: str) -> Region:
    """The packaged profile of the region ``code``; :class:`ProfileError` for an unknown or broken one."""
    if code not in region_codes():
        params = {"kind": "packaged region", "value": code, **advise(code, region_codes())}
        raise ProfileError([Problem("unknown_reference", Place("regions"), params)])
    return _load(_packaged().joinpath(code + _SUFFIX), _packaged())


def load_region_file(path: Path) -> Region:
    """The profile in the TOML file ``path``.

    An included file is looked for beside ``path`` first and then among the packaged ones, so that a region
    can be written anywhere on top of the shared topics, policies and templates.
    """
    return _load(path, path.parent)


def parse_region(data: Mapping[str, object], *, source: str) -> Region:
    """The profile in ``data``, the content of a complete TOML file without includes; ``source`` names it."""
    return build_region(Table(data, Place(source)), [])


def region_to_document(region: Region) -> dict[str, Any]:
    """The profile as plain data for JSON, equal for equal profiles down to the order of every list."""
    document: dict[str, Any] = msgspec.to_builtins(region, order="deterministic")
    return document


def region_from_document(document: Mapping[str, Any]) -> Region:
    """The profile in ``document``, as :func:`region_to_document` made it.

    The sender has checked its sense, so only the form is checked: msgspec.ValidationError if it is not one.
    """
    return msgspec.convert(document, Region)


def _load(path: Traversable, beside: Traversable) -> Region:
    root = _read_table(path)
    shared = []
    for name in _includes(root):
        own = beside.joinpath(name)
        shared.append(_read_table(own if own.is_file() else _packaged().joinpath(name)))
    values = {key: value for key, value in root.values.items() if key != "include"}
    return build_region(Table(values, root.place, root.header, root.lines), shared)


def _includes(root: Table) -> list[str]:
    try:
        return msgspec.convert(root.values.get("include", []), list[str])
    except msgspec.ValidationError as error:
        raise ProfileError([Problem("wrong_value", root.at("include"), {"reason": str(error)})]) from error


def _read_table(path: Traversable) -> Table:
    place = Place(path.name)
    try:
        text = path.read_text(encoding="utf-8")
        return Table(tomllib.loads(text), place, 0, Lines(text))
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError([Problem("unreadable", place, {"reason": str(error)})]) from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError([Problem("not_toml", place, {"reason": str(error)})]) from error


def _packaged() -> Traversable:
    return files("cur_tui.domain.regions")
