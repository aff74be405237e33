"""What can be wrong with a region profile: all of it at once, each with its place to put it right at.

The sentences are in :mod:`cur_tui.contract.profile_sentences`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

_FEW: Final = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a profile: the file, the path of the value in it and, if known, the line (from 1)."""

    file: str
    path: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.path}" if self.path else where


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: a stable ``code`` with its ``params``, and where."""

    code: str
    place: Place
    params: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.place}: {self.code}({told})"


class ProfileError(ValueError):
    """A region profile that cannot be used; ``problems`` lists everything that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Report:
    """Collects problems, so that one reading of a profile tells all of them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, code: str, place: Place, **params: object) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, place, {name: str(value) for name, value in params.items()}))

    def stop_if_any(self) -> None:
        """Raise :class:`ProfileError` if anything was found so far."""
        if self.problems:
            raise ProfileError(self.problems)


def advise(word: str, known: Iterable[str]) -> dict[str, str]:
    """What helps with an unknown name, as parameters of its problem: ``near``, the nearest known one, or
    ``known``, all of them when none is near and they are few.
    """
    names = sorted(known)
    near = get_close_matches(word, names, n=1)
    if near:
        return {"near": near[0]}
    return {"known": ", ".join(names)} if names and len(names) <= _FEW else {}


class Lines:
    """Finds the line of a table or of a key in TOML text; the parser itself keeps no positions."""

    _HEADER = re.compile(r"^\s*\[\[?\s*([\w.\-]+)\s*\]\]?\s*(?:#.*)?$")

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._headers: list[int] = []
        self._tables: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines, start=1):
            found = self._HEADER.match(line)
            if found:
                self._headers.append(number)
                self._tables.setdefault(found.group(1), []).append(number)

    def of_table(self, table: str, index: int, after: int = 0) -> int | None:
        """Line of the ``index``-th (from 0) header of ``table`` below the line ``after``.

        None if it has none of its own: a table written inline must not borrow the header of a later one.
        """
        lines = self._tables.get(table, [])
        position = bisect_right(lines, after) + index
        parents = self._tables.get(table.rpartition(".")[0], [])
        following = bisect_right(parents, after)
        end = parents[following] if following < len(parents) else len(self._lines) + 1
        return lines[position] if position < len(lines) and lines[position] < end else None

    def of_key(self, key: str, header: int | None) -> int | None:
        """Line of ``key`` in the table headed at line ``header`` (0: above all tables), or that header."""
        if header is None:
            return None
        position = bisect_right(self._headers, header)
        end = self._headers[position] if position < len(self._headers) else len(self._lines) + 1
        wanted = re.compile(rf"^\s*{re.escape(key)}\s*=")
        for number in range(header + 1, end):
            if wanted.match(self._lines[number - 1]):
                return number
        return header or None
