"""The messages of the code: every literal text given to a gettext function, read from the syntax tree."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("cur_tui", "storage", "screens", "widgets", "regional_api")
TEXT_ARGUMENTS = {"_": 1, "gettext": 1, "N_": 1, "ngettext": 2, "pgettext": 2}
"""The functions whose first arguments are messages, and how many of them."""

COMMENT = "# TRANSLATORS:"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What identifies a message: its context and its id (the singular one of a plural message)."""

    context: str
    msgid: str

    def __str__(self) -> str:
        return f"{self.context}|{self.msgid!r}" if self.context else repr(self.msgid)


@dataclass(frozen=True, slots=True)
class Found:
    """A message of the code: its plural, where it first occurs, and the comments for translators."""

    key: Key
    plural: str | None
    where: str
    comments: tuple[str, ...]


def python_files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _calls(source: str) -> Iterator[tuple[int, str, list[str]]]:
    """Line, function and literal texts of every gettext call.

    The syntax tree is read rather than tokens: up to Python 3.11 a call inside an f-string is not a token.
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if name not in TEXT_ARGUMENTS:
            continue
        literals = [arg.value for arg in node.args[: TEXT_ARGUMENTS[name]] if isinstance(arg, ast.Constant)]
        texts = [text for text in literals if isinstance(text, str)]
        # `_(variable)` shows a text that is marked with N_() elsewhere.
        if len(texts) == TEXT_ARGUMENTS[name]:
            yield node.lineno, name, texts


def _comment_above(lines: list[str], line: int) -> tuple[str, ...]:
    """The ``TRANSLATORS:`` comment on the line before ``line`` (counted from one), if there is one."""
    above = lines[line - 2].strip() if line > 1 else ""
    return (above.removeprefix(COMMENT).strip(),) if above.startswith(COMMENT) else ()


def extract(paths: Iterable[Path] | None = None) -> dict[Key, Found]:
    """Every message of the given files and folders (of the whole product by default)."""
    found: dict[Key, Found] = {}
    for path in python_files(paths if paths is not None else [ROOT / name for name in SOURCES]):
        where = os.path.relpath(path, ROOT)
        source = path.read_text(encoding="utf-8")
        lines = source.splitlines()
        for line, name, texts in sorted(_calls(source)):
            context = texts.pop(0) if name == "pgettext" else ""
            key, plural = Key(context, texts[0]), texts[1] if name == "ngettext" else None
            known = found.get(key)
            # One id may be used with and without a plural; the plural entry serves both.
            if known is None or (known.plural is None and plural is not None):
                found[key] = Found(key, plural, f"{where}:{line}", _comment_above(lines, line))
    return found
