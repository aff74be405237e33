"""From a key to the last byte of the repaint, through a pty, in the longest list: the archive."""

from collections.abc import Callable
from typing import Final

from bench.benchmark import Benchmark
from bench.figures import Figure, Sample
from bench.stage import Stage
from bench.start import EMPTY_APP, EMPTY_MARK, OURS_MARK, workstation
from bench.terminal import Terminal

ARCHIVE_KEY: Final = "6"
FILTER: Final = "block:roads"
TABLE_ROWS: Final = 1_000
REFERENCE: Final = "Textual app, DataTable of 1,000 rows"

Act = Callable[[Terminal], float]


def _press(name: str) -> Act:
    return lambda terminal: terminal.press(name)


def _home(terminal: Terminal) -> float:
    terminal.press("end")
    return terminal.press("home")


def _end(terminal: Terminal) -> float:
    taken = terminal.press("end")
    terminal.press("home")
    return taken


def _filter(terminal: Terminal) -> float:
    terminal.press("/")
    terminal.press(FILTER)
    return _and_back(terminal, "enter")


def _and_back(terminal: Terminal, key: str) -> float:
    taken = terminal.press(key)
    terminal.settle()
    terminal.press("escape")
    terminal.settle()
    return taken


def _refill(terminal: Terminal) -> float:
    taken = terminal.press("r")
    terminal.settle()
    terminal.press("a")
    terminal.settle()
    return taken


# What is done, by us and by the reference, and how many times in each round. The first two begin at the top.
ACTS: Final[tuple[tuple[str, Act, Act, int], ...]] = (
    ("down", _press("down"), _press("down"), 10),
    ("page down", _press("page down"), _press("page down"), 4),
    ("end", _end, _end, 2),
    ("home", _home, _home, 2),
    ("filter", _filter, _refill, 1),
    ("open", lambda t: _and_back(t, "enter"), lambda t: _and_back(t, "o"), 1),
)


def _measure(stage: Stage, size: int, rounds: int) -> list[Figure]:
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name, *_ in ACTS}
    with workstation(stage.home(size)) as ours, Terminal([*EMPTY_APP, str(TABLE_ROWS)]) as reference:
        ours.until(OURS_MARK)
        ours.settle(1.0)
        ours.press(ARCHIVE_KEY)
        reference.until(EMPTY_MARK)
        for terminal in (ours, reference):
            terminal.settle(1.0)
        for _ in range(rounds):
            for name, act, reference_act, times in ACTS:
                for _ in range(times):
                    taken[name][0].append(act(ours))
                    taken[name][1].append(reference_act(reference))
    return [
        Figure("keys", f"key: {name}", size, "ms", Sample(tuple(own)), REFERENCE, Sample(tuple(other)))
        for name, (own, other) in taken.items()
    ]


KEYS: Final = Benchmark(
    "keys",
    "from a key to the finished repaint, through a pty",
    Stage.home,
    _measure,
    (1_000,),
    (1_000, 100_000),
    5,
    15,
)
