"""What all applications of a test process share: parsed styles, and the process itself."""

from collections.abc import Hashable, Iterator
from functools import wraps
from types import SimpleNamespace
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parsed: dict[Hashable, list[RuleSet]] = {}


@pytest.fixture(scope="module", autouse=True)
def shared_styles() -> Any:
    """Each source of styles is parsed once in a process and not once in an application."""
    parse = Stylesheet._parse_rules

    @wraps(parse)
    def parse_once(self: Stylesheet, css: str, *place: Any, **named: Any) -> list[RuleSet]:
        key = (tuple(self._variables.items()), css, place, tuple(named.items()))
        if key not in _parsed:
            _parsed[key] = parse(self, css, *place, **named)
        return _parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture(scope="module", autouse=True)
def shared_process() -> Iterator[None]:
    """An application that has started does not look for the garbage of all those before it."""

    def leave(*_: int) -> None:
        """The process does it by its own measure (tests/conftest.py)."""

    nobody = SimpleNamespace(collect=leave, freeze=leave, set_threshold=leave, enable=leave)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cur_tui.app.gc", nobody)
        yield
