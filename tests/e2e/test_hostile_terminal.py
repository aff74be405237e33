"""Hostile texts through a real terminal: none of their sequences is among the bytes that it is sent."""

import re
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal

PROGRAM = """
import sys
from pathlib import Path
from cur_tui.app import Workstation
from cur_tui.services.exchange import Exchange
from tests.interface.office import OPERATOR, Office
from tests.interface.payloads import PAYLOADS

texts = tuple(PAYLOADS.values())[: int(sys.argv[2])]
office = Office.open(Path(sys.argv[1]), len(texts), texts=texts)
Workstation(office.desk(OPERATOR), Exchange()).run()
office.cache.close()
"""
FORBIDDEN = {
    "title": b"\x1b]0;",
    "link": b"\x1b]8;",
    "clipboard": b"\x1b]52;",
    "device string": b"\x1bP",
    "application command": b"\x1b_",
    "reset": b"\x1bc",
    "soft reset": b"\x1b[!p",
    "cursor report": b"\x1b[6n",
    "scrollback": b"\x1b[3J",
    "C1 introducer": "\x9b".encode(),
    "C1 operating system command": "\x9d".encode(),
    "next line": "\x85".encode(),
    "direction override": "\u202e".encode(),
    "zero width": "\u200b".encode(),
    "bell": b"\x07",
    "backspace": b"\x08",
}


ESCAPES = 15
"""The first of the texts hold escape sequences of every family."""

POINTER = re.compile(rb"\x1b]22;[a-z]+\x07")
"""The library's own way to choose the shape of the mouse pointer; the only string that a bell may end."""


@pytest.mark.parametrize(
    ("size", "texts"), [((80, 24), 35), ((150, 45), ESCAPES)], ids=["list", "list and preview"]
)
def test_no_sequence_of_a_citizen_is_written(tmp_path: Path, size: tuple[int, int], texts: int) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), str(texts)]
    root = Path(__file__).resolve().parents[2]
    columns, rows = size
    with Terminal(command, env={"CUR_LANG": "ru"}, cwd=root, columns=columns, rows=rows) as terminal:
        terminal.wait_for("Моя работа")
        terminal.press("9")
        # The preview follows only a cursor that rests.
        for keys in ["j" * texts] if columns < 100 else ["j"] * texts:
            terminal.type(keys)
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
        written = POINTER.sub(b"", bytes(terminal.raw))
    assert b"INC-2026" in written
    found = {name for name, sequence in FORBIDDEN.items() if sequence in written}
    assert not found
