"""Finding an entry by a few letters: what fits best stands first, where Enter takes it."""

import pytest

from cur_tui.services.forms import Choice
from widgets.choice import matching

CHOICES = tuple(
    Choice(code, title, keywords=code)
    for code, title in (
        ("forward", "Перенаправить по компетенции"),
        ("assign", "Назначить"),
        ("remind", "Напомнить"),
        ("trees", "Упавшее дерево"),
    )
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("напом", ["remind", "forward"]),  # its ending cut off, it stands in the middle of a word of another
        ("на", ["assign", "remind", "forward"]),
        ("дерева", ["trees"]),
        ("упавшЁе дерев", ["trees"]),
        ("assign", ["assign"]),
        ("дерево назначить", []),
        ("", ["forward", "assign", "remind", "trees"]),
    ],
)
def test_what_fits_best_stands_first(typed: str, found: list[str]) -> None:
    assert [choice.code for choice in matching(CHOICES, typed)] == found
