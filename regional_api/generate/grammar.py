"""A tiny grammar for fragments of text: choices that nest, and slots.

``[a|b|]`` is one of its alternatives (the last one is empty), ``{name}`` is a slot that the scene fills.
Fragments are parsed once and rendered many times.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

_TOKEN = re.compile(r"\[|\||\]|\{(\w+)\}|[^\[\]|{}]+")

Fill = Callable[[str], str]
"""Gives the text of a slot by its name."""


class GrammarError(ValueError):
    """A fragment with unbalanced brackets or a stray brace."""


@dataclass(frozen=True, slots=True)
class _Slot:
    name: str


@dataclass(frozen=True, slots=True)
class _Choice:
    alternatives: "tuple[Fragment, ...]"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A parsed fragment: literals, slots and choices in their order."""

    parts: tuple[str | _Slot | _Choice, ...]

    def render(self, rng: Random, fill: Fill) -> str:
        """One text of this fragment."""
        rendered: list[str] = []
        self._render_into(rendered, rng, fill)
        return "".join(rendered)

    def slots(self) -> frozenset[str]:
        """The names of all slots, whatever is chosen."""
        names: set[str] = set()
        for part in self.parts:
            if isinstance(part, _Slot):
                names.add(part.name)
            elif isinstance(part, _Choice):
                names.update(*(alternative.slots() for alternative in part.alternatives))
        return frozenset(names)

    def _render_into(self, rendered: list[str], rng: Random, fill: Fill) -> None:
        for part in self.parts:
            if isinstance(part, str):
                rendered.append(part)
            elif isinstance(part, _Slot):
                rendered.append(fill(part.name))
            else:
                chosen = part.alternatives[int(rng.random() * len(part.alternatives))]
                chosen._render_into(rendered, rng, fill)


def parse(source: str) -> Fragment:
    """The fragment written as ``source``; :class:`GrammarError` when it is malformed."""
    tokens = _tokens(source)
    alternatives, position = _alternatives(source, tokens, 0)
    if position != len(tokens) or len(alternatives) != 1:
        raise GrammarError(f"unbalanced choice in {source!r}")
    return alternatives[0]


def parse_all(table: Mapping[str, list[str]], name: str) -> tuple[Fragment, ...]:
    """The fragments of the list ``name`` in ``table``; none when there is no such list."""
    return tuple(parse(source) for source in table.get(name, ()))


def _tokens(source: str) -> list[str]:
    tokens = [match[0] for match in _TOKEN.finditer(source)]
    if sum(map(len, tokens)) != len(source):
        raise GrammarError(f"stray brace in {source!r}")
    return tokens


def _alternatives(source: str, tokens: list[str], position: int) -> tuple[tuple[Fragment, ...], int]:
    """Parse alternatives up to the closing bracket or the end."""
    found: list[Fragment] = []
    parts: list[str | _Slot | _Choice] = []
    while position < len(tokens) and tokens[position] != "]":
        token = tokens[position]
        if token == "[":
            inner, position = _alternatives(source, tokens, position + 1)
            if position >= len(tokens):
                raise GrammarError(f"unclosed choice in {source!r}")
            parts.append(_Choice(inner))
        elif token == "|":
            found.append(Fragment(tuple(parts)))
            parts = []
        else:
            parts.append(_Slot(token[1:-1]) if token.startswith("{") else token)
        position += 1
    found.append(Fragment(tuple(parts)))
    return tuple(found), position
