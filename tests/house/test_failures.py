"""Every row of the failure matrix has a test that bears its number."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MATRIX = ROOT / "docs" / "failures.md"
ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)


def rows() -> list[int]:
    return [int(number) for number in ROW.findall(MATRIX.read_text(encoding="utf-8"))]


@cache
def marked() -> dict[int, list[str]]:
    """The files with a test of each row."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        for number in _marks(ast.parse(text)) if "mark.failure" in text else ():
            found[number].append(str(path.relative_to(ROOT)))
    return dict(found)


def _marks(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="mark"), attr="failure"),
                args=[ast.Constant(value=int(number))],
            ):
                yield number


def test_the_matrix_is_whole() -> None:
    assert rows() == list(range(1, 36))


def test_every_row_has_a_test() -> None:
    missing = set(rows()) - marked().keys()
    assert not missing, f"rows of {MATRIX.name} without a test: {sorted(missing)}"


def test_every_mark_names_a_row() -> None:
    assert marked().keys() <= set(rows())
