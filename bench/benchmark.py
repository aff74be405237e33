"""The shape of one benchmark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.data.stage import Stage
from bench.figures import Figure


@dataclass(frozen=True, slots=True)
class Extent:
    """Over how many appeals a benchmark is run, and how many rounds its measurements take."""

    sizes: tuple[int, ...]
    rounds: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One measured thing.

    ``prepare`` makes what a size needs (a cache, a server) and is not measured; ``measure`` takes all sizes,
    since they are measured in turns, and the number of rounds.
    """

    name: str
    about: str
    prepare: Callable[[Stage, int], object]
    measure: Callable[[Stage, Sequence[int], int], list[Figure]]
    quick: Extent
    full: Extent

    def run(self, stage: Stage, *, quick: bool, sizes: Sequence[int] = ()) -> list[Figure]:
        """All figures of this benchmark. ``sizes``: over these, as far as it goes, instead of its own."""
        extent = self.quick if quick else self.full
        most = max(self.full.sizes)
        chosen = sorted({min(size, most) for size in sizes}) or extent.sizes
        for size in chosen:
            self.prepare(stage, size)
        return self.measure(stage, chosen, extent.rounds)
