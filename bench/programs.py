"""The programs that are measured in a terminal, and the references that are started beside them."""

import sys
from pathlib import Path
from typing import Final

from bench.data.home import FilledHome
from bench.terminal import Terminal

EMPTY_NAME: Final = "empty Textual app"
TABLE_ROWS: Final = 1_000
TABLE_NAME: Final = f"Textual app, DataTable of {TABLE_ROWS:,} rows"
OURS_MARK: Final = b"INC-"
"""Every row begins with its number."""
EMPTY_MARK: Final = b"ROW-1"
ARCHIVE_KEY: Final = "6"
"""Opens the archive, the long list."""
OPEN_KEY: Final = "5"
"""Opens the queue of everything that is open."""

_EMPTY_APP: Final = [sys.executable, str(Path(__file__).with_name("empty_app.py"))]


def workstation(home: FilledHome) -> Terminal:
    """The workstation in a terminal."""
    return Terminal(home.program, home.env)


def empty_app(rows: int | None = None) -> Terminal:
    """The reference: an almost empty Textual application, or one with a table of ``rows`` rows."""
    return Terminal([*_EMPTY_APP, *([] if rows is None else [str(rows)])])


def in_archive(terminal: Terminal) -> None:
    """Wait until the workstation is there and open its longest list."""
    terminal.until(OURS_MARK)
    terminal.settle(1.0)
    terminal.press(ARCHIVE_KEY)
    terminal.settle(1.0)


def memory_of(pid: int) -> float:
    """Memory of a process and its children in MiB, what they share counted once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    own = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    return own / 1_024 + sum(memory_of(int(child)) for child in children)
