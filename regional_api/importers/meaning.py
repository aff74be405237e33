"""The rules of a form applied to a row: regime, state, outcome and whatever else follows from its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from regional_api.importers.cells import folded
from regional_api.importers.form import Form, Meaning, Rule

_REMEMBERED = 5_000
_PROPERTIES = tuple(name for name in Meaning.__struct_fields__ if name != "tag")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules make of a row. ``unknown`` are the watched fields whose value no rule knows."""

    meaning: Meaning
    tags: tuple[str, ...]
    unknown: tuple[str, ...]


class Rules:
    """The rules of one form, quick for rows that use the same words."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._fields = tuple(dict.fromkeys([f for rule in form.rules for f in rule.when] + [*form.watched]))
        self._known: dict[tuple[str, ...], Verdict] = {}

    def verdict(self, values: Mapping[str, str]) -> Verdict:
        """The verdict on a row with these values of its fields."""
        words = tuple(folded(values.get(field, "")) for field in self._fields)
        found = self._known.get(words)
        if found is None:
            found = self._decide(dict(zip(self._fields, words, strict=True)))
            if len(self._known) < _REMEMBERED:
                self._known[words] = found
        return found

    def _decide(self, words: Mapping[str, str]) -> Verdict:
        settled: dict[str, object] = {}
        tags: dict[str, None] = {}
        recognised: set[str] = set()
        for rule in self._form.rules:
            if not _holds(rule, words):
                continue
            recognised.update(rule.when)
            for name in _PROPERTIES:
                value = getattr(rule.set, name)
                if value is not None:
                    settled.setdefault(name, value)
            if rule.set.tag is not None:
                tags[rule.set.tag] = None
        unknown = tuple(f for f in self._form.watched if words[f] and f not in recognised)
        return Verdict(Meaning(**settled), tuple(tags), unknown)  # type: ignore[arg-type]


def _holds(rule: Rule, words: Mapping[str, str]) -> bool:
    return all(any(fnmatchcase(words[f], p) for p in patterns) for f, patterns in rule.when.items())
