"""What a measurement yields: a value, and the value of its reference from the same run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Final

LEAST_SAMPLES: Final = 5
"""A median of fewer says nothing on a shared machine."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Repeated measurements of one thing, in one unit."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) < LEAST_SAMPLES:
            raise ValueError(f"{len(self.values)} measurements; at least {LEAST_SAMPLES} make a figure")

    @property
    def p50(self) -> float:
        """The median."""
        return median(self.values)

    @property
    def p99(self) -> float:
        """The nearest-rank 99th percentile; with fewer than a hundred values the largest."""
        ordered = sorted(self.values)
        return ordered[max(0, -(-len(ordered) * 99 // 100) - 1)]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report. ``size`` is the number of appeals that it was measured over.

    ``budget`` bounds the ratio of the medians: from above, or from below where ``more_is_better``.
    """

    benchmark: str
    what: str
    size: int
    unit: str
    ours: Sample
    reference_name: str
    reference: Sample
    budget: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        """Our median over the reference's."""
        return self.ours.p50 / self.reference.p50

    @property
    def within_budget(self) -> bool | None:
        """Whether the ratio keeps its budget; None without one."""
        if self.budget is None:
            return None
        return self.ratio >= self.budget if self.more_is_better else self.ratio <= self.budget


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = perf_counter()
    call()
    return (perf_counter() - begun) * 1_000


def side_by_side(
    ours: Callable[[], float], reference: Callable[[], float], times: int
) -> tuple[Sample, Sample]:
    """Both measured in turns, so that what else the machine does falls upon both."""
    pairs: Sequence[tuple[float, float]] = [(ours(), reference()) for _ in range(times)]
    return Sample(tuple(first for first, _ in pairs)), Sample(tuple(second for _, second in pairs))
