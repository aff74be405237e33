"""Resident memory of the workstation: after the first paint, and after what a day's work brings."""

from collections.abc import Callable, Sequence
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.home import FilledHome
from bench.data.stage import Stage
from bench.data.texts import chosen_words
from bench.figures import Budget, Figure, Sample
from bench.keys import REST
from bench.programs import ARCHIVE_KEY, EMPTY_MARK, EMPTY_NAME, OURS_MARK, empty_app, workstation
from bench.terminal import Terminal

BUDGET: Final = Budget("p50", 90.0)
PAGES: Final = 1_000
AT_ONCE: Final = 20
"""Page downs that are pressed before waiting for the repaint, as by a key held down."""

Step = tuple[str, Callable[[Terminal], None]]


def _nothing(terminal: Terminal) -> None:
    """The paint itself."""


def _steps(size: int, word: str) -> tuple[Step, ...]:
    pages = min(PAGES, size // AT_ONCE)

    def page_through(terminal: Terminal) -> None:
        terminal.press(ARCHIVE_KEY)
        terminal.settle()
        for _ in range(pages // AT_ONCE):
            terminal.hold("page down", AT_ONCE)

    def search(terminal: Terminal) -> None:
        terminal.press("/")
        terminal.press(word)
        terminal.press("enter")
        terminal.settle()
        terminal.press("escape")

    return (
        ("1 s after the paint", _nothing),
        (f"after {pages:,} page downs", page_through),
        ("after a search", search),
        ("after End in the archive", lambda terminal: terminal.hold("end", 1)),
    )


def _session(home: FilledHome, steps: Sequence[Step]) -> list[float]:
    with workstation(home) as terminal:
        terminal.until(OURS_MARK)
        terminal.settle(1.0)
        resident = []
        for _, act in steps:
            act(terminal)
            terminal.settle(REST)
            resident.append(terminal.memory())
        return resident


def _empty() -> float:
    with empty_app() as terminal:
        terminal.until(EMPTY_MARK)
        terminal.settle(1.0)
        return terminal.memory()


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    steps = {size: _steps(size, chosen_words(stage.texts(size)).common) for size in sizes}
    sessions: dict[int, list[list[float]]] = {size: [] for size in sizes}
    empty = []
    for _ in range(rounds):
        empty.append(_empty())
        for size in sizes:
            sessions[size].append(_session(stage.home(size), steps[size]))
    reference = Sample(tuple(empty))
    return [
        Figure(
            *("memory", f"resident, {what}", size, "MiB", Sample(tuple(one[n] for one in sessions[size]))),
            *(EMPTY_NAME, reference, (BUDGET,)),
        )
        for size in sizes
        for n, (what, _) in enumerate(steps[size])
    ]


def _prepare(stage: Stage, size: int) -> None:
    stage.home(size)
    stage.texts(size)


MEMORY: Final = Benchmark(
    *("memory", "resident memory of the workstation", _prepare, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((1_000, 1_000_000), 5),
)
