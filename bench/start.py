"""Start: from the command to the first rows on the terminal, beside an empty application and others."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.stage import Stage
from bench.figures import Budget, Figure, in_turns
from bench.peers.programs import installed_peers
from bench.programs import EMPTY_MARK, EMPTY_NAME, OURS_MARK, empty_app, workstation
from bench.terminal import Terminal

WHAT: Final = "first rows on the screen"
BUDGET: Final = Budget("ratio", 1.25)


def _starts(make: Callable[[], Terminal], marker: bytes) -> Callable[[], float]:
    def first_rows() -> float:
        with make() as terminal:
            return terminal.until(marker) * 1_000

    return first_rows


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    homes = {size: stage.home(size) for size in sizes}
    peers = installed_peers(stage)
    calls = {EMPTY_NAME: _starts(empty_app, EMPTY_MARK)}
    for size, home in homes.items():
        calls[str(size)] = _starts(partial(workstation, home), OURS_MARK)
    for peer in peers:
        calls[peer.title] = _starts(partial(Terminal, peer.command, peer.env), peer.marker)
    for peer in peers:
        calls[peer.title]()  # the mail programs make an index of their own at the first start
    taken = in_turns(calls, rounds)
    figures = [
        Figure("start", WHAT, size, "ms", taken[str(size)], EMPTY_NAME, taken[EMPTY_NAME], (BUDGET,))
        for size in sizes
    ]
    largest = sizes[-1]
    return figures + [
        Figure("start", WHAT, largest, "ms", taken[str(largest)], peer.title, taken[peer.title])
        for peer in peers
    ]


START: Final = Benchmark(
    *("start", "from the command to the first rows, through a pty", Stage.home, _measure),
    quick=Extent((1_000,), 5),
    full=Extent((1_000, 100_000, 1_000_000), 9),
)
