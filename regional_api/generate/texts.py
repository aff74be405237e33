"""The packaged fragments: what people write about each topic, and what they write about anything."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from regional_api.generate.grammar import Fragment, parse_all

_COMMON = "common.toml"


@dataclass(frozen=True, slots=True)
class TopicFrame:
    """Fragments of one topic. ``weight`` is its share among the topics of its sector."""

    weight: int
    what: tuple[Fragment, ...]
    detail: tuple[Fragment, ...]
    plea: tuple[Fragment, ...]
    results: Mapping[str, tuple[Fragment, ...]]
    """What was done, planned, explained or begun, for answers: by ``done``, ``planned``, …"""


@dataclass(frozen=True, slots=True)
class Texts:
    """All fragments. ``common`` are those that fit any topic, by the name of their list."""

    topics: Mapping[str, TopicFrame]
    common: Mapping[str, tuple[Fragment, ...]]
    results: Mapping[str, tuple[Fragment, ...]]
    emoji: tuple[str, ...]


RESULTS = ("done", "planned", "explained", "interim")


@cache
def load_texts() -> Texts:
    """The packaged fragments, parsed once."""
    topics: dict[str, TopicFrame] = {}
    common: dict[str, Any] = {}
    for entry in files("regional_api.generate").joinpath("texts").iterdir():
        if not entry.name.endswith(".toml"):
            continue
        table = tomllib.loads(entry.read_text(encoding="utf-8"))
        if entry.name == _COMMON:
            common = table
        else:
            topics.update({code: _frame(values) for code, values in table.items()})
    results = common.pop("results")
    emoji = tuple(common.pop("emoji"))
    return Texts(
        topics=topics,
        common={name: parse_all(common, name) for name in common},
        results={name: parse_all(results, name) for name in RESULTS},
        emoji=emoji,
    )


def _frame(values: dict[str, Any]) -> TopicFrame:
    return TopicFrame(
        weight=values.get("weight", 1),
        what=parse_all(values, "what"),
        detail=parse_all(values, "detail"),
        plea=parse_all(values, "plea"),
        results={name: parse_all(values, name) for name in RESULTS if name in values},
    )
