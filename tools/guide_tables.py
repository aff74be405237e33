"""The tables of the operator's guide, made from the tables of the program, so that the two cannot disagree.

In the guide a table stands between ``<!-- table: NAME -->`` and ``<!-- end of table -->``; what is between is
written here and not by hand.

    python -m tools.guide_tables            rewrite the guide's tables
    python -m tools.guide_tables --check    say whether they are in step (exit 1 if not)
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Final

from cur_tui.domain.commands import COMMANDS
from cur_tui.i18n import _, set_language
from cur_tui.services.actions import SCOPES, Action, actions_of
from cur_tui.services.labels import command_label
from cur_tui.services.lists.query_help import query_words
from widgets.key_line import key_name

GUIDE: Final = Path(__file__).resolve().parents[1] / "docs" / "operator-guide.md"
COMPLETED: Final = frozenset({"answer", "digest"})
"""Fields that the command line fills in by itself (``cur_tui/services/completion.py``)."""
_TABLE: Final = re.compile(r"(<!-- table: (?P<name>\w+) -->\n).*?(\n<!-- end of table -->)", re.DOTALL)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _head in heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines)


def _code(words: str) -> str:
    return f"`{words}`"


def _keys(action: Action) -> str:
    return ", ".join(_code(key_name(key)) for key in action.keys.split(","))


def keys_table() -> str:
    """The keys of every screen, in the order of the help screen."""
    parts = []
    for scope, title in SCOPES.items():
        rows = ((_keys(action), _(action.title), _(action.help)) for action in actions_of(scope))
        parts.append(f"**{_(title)}**\n\n{_table(('Клавиша', 'Действие', 'Что делает'), rows)}")
    return "\n\n".join(parts)


def query_table() -> str:
    """The words of the filter."""
    rows = ((_code(word.name), _code(word.example), word.meaning) for word in query_words())
    return _table(("Слово", "Пример", "Что находит"), rows)


def commands_table() -> str:
    """The commands of ``cur do`` with their fields; those that must be given are marked."""
    rows = (
        (_code(name), command_label(name), ", ".join(map(_field, fields(shape))) or "—")
        for name, shape in COMMANDS.items()
    )
    return _table(("Команда", "Что делает", "Поля"), rows)


def _field(field: Field[object]) -> str:
    given = field.default is not MISSING or field.default_factory is not MISSING or field.name in COMPLETED
    return _code(f"--{field.name}") + ("" if given else "\N{NO-BREAK SPACE}★")


TABLES: Final[dict[str, Callable[[], str]]] = {
    "keys": keys_table,
    "query": query_table,
    "commands": commands_table,
}


def with_tables(guide: str) -> str:
    """The guide with its tables made anew. KeyError for a table that is not known here."""
    set_language("ru")
    return _TABLE.sub(lambda found: f"{found[1]}\n{TABLES[found['name']]()}\n{found[3]}", guide)


def main() -> int:
    """Rewrite the guide, or check it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if it would change")
    check = parser.parse_args().check
    before = GUIDE.read_text(encoding="utf-8")
    after = with_tables(before)
    if check:
        if after != before:
            sys.stderr.write(f"{GUIDE.name} is not in step: run python -m tools.guide_tables\n")
        return int(after != before)
    GUIDE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
