"""The shape of one benchmark."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Figure
from bench.stage import Stage


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One measured thing.

    ``prepare`` makes what a size needs (a cache, a server) and is not measured; ``measure`` takes the size
    and the number of rounds.
    """

    name: str
    about: str
    prepare: Callable[[Stage, int], object]
    measure: Callable[[Stage, int, int], list[Figure]]
    quick_sizes: tuple[int, ...]
    full_sizes: tuple[int, ...]
    quick_rounds: int
    full_rounds: int

    def run(self, stage: Stage, *, quick: bool) -> list[Figure]:
        """All figures of this benchmark."""
        figures: list[Figure] = []
        for size in self.quick_sizes if quick else self.full_sizes:
            self.prepare(stage, size)
            figures += self.measure(stage, size, self.quick_rounds if quick else self.full_rounds)
        return figures
