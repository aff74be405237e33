"""Start: from the command to the first rows on the terminal; and memory a second later."""

import sys
import time
from pathlib import Path
from typing import Final

from bench.benchmark import Benchmark
from bench.figures import Figure, side_by_side
from bench.home import FilledHome
from bench.stage import Stage
from bench.terminal import Terminal

EMPTY_APP: Final = [sys.executable, str(Path(__file__).with_name("empty_app.py"))]
EMPTY_NAME: Final = "empty Textual app"
OURS_MARK: Final = b"INC-"
"""Every row begins with its number."""
EMPTY_MARK: Final = b"ROW-1"


def workstation(home: FilledHome) -> Terminal:
    """The workstation in a terminal."""
    return Terminal(home.program, home.env)


def _first_rows(terminal: Terminal, marker: bytes) -> float:
    with terminal:
        return terminal.until(marker) * 1_000


def _start(stage: Stage, size: int, rounds: int) -> list[Figure]:
    home = stage.home(size)
    ours, reference = side_by_side(
        lambda: _first_rows(workstation(home), OURS_MARK),
        lambda: _first_rows(Terminal(EMPTY_APP), EMPTY_MARK),
        rounds,
    )
    return [Figure("start", "first rows on the screen", size, "ms", ours, EMPTY_NAME, reference, budget=1.25)]


def _resident(terminal: Terminal, marker: bytes) -> float:
    with terminal:
        terminal.until(marker)
        deadline = time.perf_counter() + 1.0
        while (left := deadline - time.perf_counter()) > 0:
            terminal.settle(left)
        return terminal.memory()


def _memory(stage: Stage, size: int, rounds: int) -> list[Figure]:
    home = stage.home(size)
    ours, reference = side_by_side(
        lambda: _resident(workstation(home), OURS_MARK),
        lambda: _resident(Terminal(EMPTY_APP), EMPTY_MARK),
        rounds,
    )
    return [Figure("memory", "resident, 1 s after the paint", size, "MiB", ours, EMPTY_NAME, reference)]


START: Final = Benchmark(
    "start",
    "from the command to the first rows, through a pty",
    Stage.home,
    _start,
    (1_000,),
    (1_000, 100_000),
    5,
    9,
)
MEMORY: Final = Benchmark(
    "memory", "resident memory of the workstation", Stage.home, _memory, (1_000,), (1_000, 100_000), 5, 5
)
