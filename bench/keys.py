"""From a key to the last byte of the repaint, through a pty, in the longest list: the archive."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import cycle
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.stage import Stage
from bench.figures import Budget, Figure, Sample, growth
from bench.programs import (
    ARCHIVE_KEY,
    EMPTY_MARK,
    OPEN_KEY,
    TABLE_NAME,
    TABLE_ROWS,
    empty_app,
    in_archive,
    workstation,
)
from bench.terminal import NothingChanged, Terminal
from cur_tui.services.lists.lists import COUNT_BOUND

FILTERS: Final = (
    *("block:roads", "municipality:zeya", "priority:emergency", "tone:negative", "registered:<30d"),
    *("block:roads,utilities rating:<3", "answered -duplicate"),
)
"""From a hundredth to most of the archive: by facets, by their combination, by time; taken in turns."""
MEASURED: Final = ("late",)
"""What only the facts tell: there is no index of it."""
SLOW_QUIET: Final = 0.06
"""Seconds without output that end a repaint in several steps."""
ROWS_AND_COUNT: Final = (range(1, 20), range(34, 119))
"""Where the workstation tells what is listed and how much of it, and shows the first rows: not the preview,
which waits until the cursor rests, nor the scroll bar."""
BOUNDED: Final = f"{COUNT_BOUND}+"[-2:]
"""The end of «more than so many», which is told first where the exact number takes longer; what precedes it
may stand left of the part that is looked at."""
REST: Final = 0.12
"""Seconds of silence between one thing and the next."""
GROWTH: Final = 1.2
"""How many times more a key may cost in the largest list than in the smallest."""

Act = Callable[[Terminal], float]


def _press(name: str) -> Act:
    return lambda terminal: terminal.press(name)


def _there(key: str, back: str) -> Act:
    """The time of ``key``; then ``back`` untimed, so that the next one has as far to go."""

    def act(terminal: Terminal) -> float:
        taken = terminal.press(key)
        terminal.press(back)
        return taken

    return act


def _back(key: str, back: str) -> Act:
    """The time of ``back`` after an untimed ``key``."""

    def act(terminal: Terminal) -> float:
        terminal.press(key)
        return terminal.press(back)

    return act


def _rows_and_number(shown: list[str], final: list[str]) -> bool:
    """Whether the rows are there with their number, be it «more than so many»."""
    (headline, *rows), (_, *last) = shown, final
    return rows == last and (shown == final or BOUNDED in "".join(headline.split()))


def _filtering(filters: Sequence[str]) -> Act:
    """A filter that is typed in one go and applied at once, before its rows are tried while it is typed."""
    turns: dict[Terminal, Iterator[str]] = {}

    def act(terminal: Terminal) -> float:
        line = next(turns.setdefault(terminal, cycle(filters)))
        while True:
            terminal.press("/")
            terminal.settle(REST)
            terminal.look(ROWS_AND_COUNT)  # now: it would give the program time between the filter and Enter
            terminal.press(line)
            # On a busy machine the rows can be there before Enter is pressed: then once more.
            with suppress(NothingChanged):
                return _rows_and_back(terminal, "enter")

    return act


def _rows_and_back(terminal: Terminal, key: str) -> float:
    try:
        return terminal.press_for(key, ROWS_AND_COUNT, _rows_and_number)
    finally:
        terminal.press("escape")
        terminal.settle(REST)


def _and_back(terminal: Terminal, key: str) -> float:
    taken = terminal.press(key, SLOW_QUIET)
    terminal.settle(REST)
    terminal.press("escape")
    terminal.settle(REST)
    return taken


def _view(terminal: Terminal) -> float:
    terminal.press(OPEN_KEY)
    terminal.settle(REST)
    return terminal.press_for(ARCHIVE_KEY, ROWS_AND_COUNT)


def refill(terminal: Terminal) -> float:
    """What the reference does for a filter: show 50 other rows. It has nothing to look for."""
    taken = terminal.press("r", SLOW_QUIET)
    terminal.settle(REST)
    terminal.press("a")
    terminal.settle(REST)
    return taken


def _open(key: str) -> Act:
    return lambda terminal: _and_back(terminal, key)


# What is done, by us and by the reference, how many times in each round, and what was promised. The list is
# at its top when a round begins.
ACTS: Final[tuple[tuple[str, Act, Act, int, tuple[Budget, ...]], ...]] = (
    ("down", _press("down"), _press("down"), 20, (Budget("p50", 5.0), Budget("p99", 16.0))),
    ("page down", _press("page down"), _press("page down"), 10, (Budget("p99", 33.0),)),
    ("end", _there("end", "home"), _there("ctrl+end", "ctrl+home"), 2, ()),
    ("home", _back("end", "home"), _back("ctrl+end", "ctrl+home"), 2, ()),
    ("filter, rows and count", _filtering(FILTERS), refill, 2, (Budget("p99", 50.0),)),
    ("filter, late", _filtering(MEASURED), refill, 2, ()),
    ("view, rows and count", _view, refill, 2, (Budget("p99", 50.0),)),
    ("open", _open("enter"), _open("o"), 2, ()),
)


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    taken: dict[tuple[str, int], list[float]] = {}
    with ExitStack() as running:
        reference = running.enter_context(empty_app(TABLE_ROWS))
        reference.until(EMPTY_MARK)
        reference.settle(1.0)
        terminals = {0: reference}
        for size in sizes:
            terminals[size] = running.enter_context(workstation(stage.home(size)))
            in_archive(terminals[size])
        for _ in range(rounds):
            for name, act, reference_act, times, _budgets in ACTS:
                for _ in range(times):
                    for size, terminal in terminals.items():
                        doing = act if size else reference_act
                        taken.setdefault((name, size), []).append(doing(terminal))
    samples = {key: Sample(tuple(values)) for key, values in taken.items()}
    figures = [
        Figure(
            *("keys", f"key: {name}", size, "ms", samples[name, size]),
            *(TABLE_NAME, samples[name, 0], budgets),
        )
        for size in sizes
        for name, *_, budgets in ACTS
    ]
    return figures + growth(figures, GROWTH)


KEYS: Final = Benchmark(
    *("keys", "from a key to the finished repaint, through a pty", Stage.home, _measure),
    quick=Extent((1_000,), 3),
    full=Extent((1_000, 100_000, 1_000_000), 10),
)
