"""The search through a pty: from Enter to the finished repaint of what the words find."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.stage import Stage
from bench.data.texts import chosen_words
from bench.figures import Figure, Sample
from bench.keys import REST, SLOW_QUIET, refill
from bench.programs import EMPTY_MARK, TABLE_NAME, TABLE_ROWS, empty_app, in_archive, workstation
from bench.search import prepare
from bench.terminal import Terminal


def _search(terminal: Terminal, words: str) -> float:
    terminal.press("/")
    terminal.press(words)
    terminal.settle(REST)
    taken = terminal.press("enter", SLOW_QUIET)
    terminal.settle(REST)
    terminal.press("escape")
    terminal.settle(REST)
    return taken


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    words = {size: dict(chosen_words(stage.texts(size))) for size in sizes}
    names = list(words[sizes[0]])
    taken: dict[tuple[str, int], list[float]] = {}
    with ExitStack() as running:
        reference = running.enter_context(empty_app(TABLE_ROWS))
        reference.until(EMPTY_MARK)
        terminals = {size: running.enter_context(workstation(stage.home(size))) for size in sizes}
        for terminal in terminals.values():
            in_archive(terminal)
        for _ in range(rounds):
            for name in names:
                for size, terminal in terminals.items():
                    taken.setdefault((name, size), []).append(_search(terminal, words[size][name]))
                taken.setdefault((name, 0), []).append(refill(reference))
    samples = {key: Sample(tuple(values)) for key, values in taken.items()}
    return [
        Figure(
            *("search", f"key: search, {name}", size, "ms", samples[name, size]),
            *(TABLE_NAME, samples[name, 0]),
        )
        for size in sizes
        for name in names
    ]


SEARCH_KEYS: Final = Benchmark(
    *("search-keys", "words in the archive, through a pty", prepare, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((1_000, 1_000_000), 15),
)
