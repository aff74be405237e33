"""What can be wrong with a region profile, told so that the person who keeps the file can put it right."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

_TEXTS: Mapping[str, str] = {
    "not_toml": "cannot be read as TOML: {reason}",
    "unreadable": "cannot be read: {reason}",
    "unknown_key": "unknown key '{key}'; {advice}",
    "missing_key": "'{key}' is required; add it",
    "wrong_value": "{reason}",
    "not_a_table_list": "must be written as [[{table}]] entries",
    "not_a_table": "must be written as a [{table}] table",
    "duplicate": "'{value}' is defined twice in the same layer; rename or remove one",
    "unknown_reference": "no {kind} '{value}' is known; {advice}",
    "self_reference": "a topic cannot be confusable with itself; remove '{value}'",
    "topic_prefix": "the code '{value}' must begin with the sector of its block: '{block}.'",
    "sector_twice": "'{value}' has a sector block; remove it from general_takes or remove the block",
    "no_general_block": "a region with sector blocks needs the block 'general' for what no sector claims",
    "too_few_topics": "has {count} topics besides the residual one; the founding acts ask for {least}",
    "bad_interval": "'{value}' is no working interval; write it as \"09:00-13:00\", the end after the start",
    "intervals_overlap": "'{value}' begins before the previous interval ends; put the intervals in order",
    "no_working_time": "no day of the week has working time; give at least one day an interval",
    "unknown_time_zone": "no time zone '{value}'; use an IANA name such as Asia/Yakutsk",
    "not_positive": "must be at least 1, not {value}",
    "not_a_likeness": "must be from 0.3 (alike in something) to 1 (the same), not {value}",
    "unknown_permission": "no permission '{value}'; {advice}",
    "works_blind": "'{value}' cannot be done on masked texts; add 'see_personal_data'",
    "unknown_base": "no policy '{value}' stands before this one; based_on must name an earlier policy",
    "clock_twice": "the policy has two '{value}' clocks; keep one",
    "no_final_clock": "the policy has no 'final' clock; an appeal under it would never be due",
    "policy_missing": "no policy covers {regime} with {priority} priority; add one without a priority",
    "policy_twice": "policy '{value}' covers the same appeals; give one of them another priority",
    "steps_unordered": "steps must be numbered 1, 2, 3 … in order; this one is {value}",
    "half_due": "due_amount and due_unit go together; give both or neither",
    "bad_season": 'a season needs season_from and season_to, each as "MM-DD"',
    "chain_unapproved": "the last step must approve, not {value}",
    "weights_not_whole": "the weights make {total} per cent together; they must make 100",
    "zones_mixed": "the zones overlap; yellow must lie between 1 and green, green at most at 100",
    "nobody_alerted": "alerts nobody: give a role of the region, or worker = true",
    "above_limit": "must be at most {limit}, not {value}",
    "target_twice": "the ranking has two targets for '{value}'; keep one",
    "alias_twice": "'{value}' already names the municipality '{other}'; an import could not tell them apart",
}


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
    """One thing wrong: a stable ``code`` with its ``params``; as text, the place and what to do there."""

    code: str
    place: Place
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What is wrong and what to do, without the place."""
        return _TEXTS[self.code].format_map(self.params)

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


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


def advise(word: str, known: Iterable[str]) -> str:
    """Advice on an unknown name: the nearest known one, or all of them when none is near and they are few."""
    names = sorted(known)
    near = get_close_matches(word, names, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    if names and len(names) <= 16:
        return f"known: {', '.join(names)}"
    return "check the spelling or add it"


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
