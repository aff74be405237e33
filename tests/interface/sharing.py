"""What all applications of a test process share, because making it anew proves nothing: parsed styles."""

from collections.abc import Hashable
from functools import wraps
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
