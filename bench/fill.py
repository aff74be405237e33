"""From the command until the whole of the longest list can be used: its last row is on the screen."""

from collections.abc import Callable, Sequence
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.home import FilledHome
from bench.data.stage import Stage
from bench.figures import Figure, in_turns
from bench.programs import ARCHIVE_KEY, EMPTY_MARK, OURS_MARK, TABLE_NAME, TABLE_ROWS, empty_app, workstation
from bench.terminal import Terminal

ARCHIVE: Final = "closed sort:-registered"
TABLE_END: Final = b"ROW-%d " % (TABLE_ROWS - 1)
AGAIN: Final = 0.05
"""Seconds between two presses of End while the end is not there yet."""


def _filled(terminal: Terminal, first: bytes, last: bytes, end: str, *keys: str) -> float:
    with terminal:
        terminal.until(first)
        for key in keys:
            terminal.press(key)
        while True:
            terminal.send(end)
            if terminal.shows(last, AGAIN):
                return terminal.age


def _last_number(home: FilledHome) -> bytes:
    with home.lists() as lists:
        window = lists.open(lists.parse(ARCHIVE))
        assert window is not None
        row = window.row(window.count - 1)
    assert row is not None
    return row.row.number.encode()


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    calls = {TABLE_NAME: lambda: _filled(empty_app(TABLE_ROWS), EMPTY_MARK, TABLE_END, "ctrl+end")}
    for size in sizes:
        calls[str(size)] = _of(stage.home(size))
    taken = in_turns(calls, rounds)
    return [
        Figure("fill", "whole list usable: End", size, "ms", taken[str(size)], TABLE_NAME, taken[TABLE_NAME])
        for size in sizes
    ]


def _of(home: FilledHome) -> Callable[[], float]:
    last = _last_number(home)
    return lambda: _filled(workstation(home), OURS_MARK, last, "end", ARCHIVE_KEY)


FILL: Final = Benchmark(
    *("fill", "from the command to the end of the archive, through a pty", Stage.home, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((1_000, 1_000_000), 7),
)
