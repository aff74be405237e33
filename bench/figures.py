"""What a measurement yields: values of ours, and values of its reference from the same run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Final, Literal

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
class Budget:
    """What was promised: a bound of our median, of our 99th percentile, or of the ratio of the medians.

    ``at_least``: the bound is from below, as for rates.
    """

    of: Literal["p50", "p99", "ratio"]
    bound: float
    at_least: bool = False

    def keeps(self, value: float) -> bool:
        """Whether ``value`` is within."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report. ``size`` is the number of appeals that it was measured over.

    ``more_is_better``: a rate, of which a high percentile says nothing.
    """

    benchmark: str
    what: str
    size: int
    unit: str
    ours: Sample
    reference_name: str
    reference: Sample
    budgets: tuple[Budget, ...] = ()
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        """Our median over the reference's."""
        return self.ours.p50 / self.reference.p50

    def value(self, budget: Budget) -> float:
        """What ``budget`` bounds."""
        return {"p50": self.ours.p50, "p99": self.ours.p99, "ratio": self.ratio}[budget.of]

    @property
    def missed(self) -> tuple[Budget, ...]:
        """The budgets that were not kept."""
        return tuple(budget for budget in self.budgets if not budget.keeps(self.value(budget)))


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = perf_counter()
    call()
    return (perf_counter() - begun) * 1_000


def rate(size: int, call: Callable[[], object]) -> float:
    """How many of ``size`` things a second one call gets through."""
    begun = perf_counter()
    call()
    return size / (perf_counter() - begun)


def in_turns(calls: Mapping[str, Callable[[], float]], times: int) -> dict[str, Sample]:
    """Every call ``times`` times, in turns, so that what else the machine does falls upon all of them."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(times):
        for name, call in calls.items():
            taken[name].append(call())
    return {name: Sample(tuple(values)) for name, values in taken.items()}


def side_by_side(
    ours: Callable[[], float], reference: Callable[[], float], times: int
) -> tuple[Sample, Sample]:
    """Ours and one reference in turns."""
    taken = in_turns({"ours": ours, "reference": reference}, times)
    return taken["ours"], taken["reference"]


def growth(figures: list[Figure], bound: float) -> list[Figure]:
    """How the cost of the largest size compares with that of the smallest, for each thing measured."""
    found: dict[tuple[str, str, str], list[Figure]] = {}
    for figure in figures:
        found.setdefault((figure.benchmark, figure.what, figure.reference_name), []).append(figure)
    lines = []
    for same in found.values():
        small, large = min(same, key=lambda one: one.size), max(same, key=lambda one: one.size)
        if small.size < large.size:
            lines.append(
                Figure(
                    *(large.benchmark, large.what, large.size, large.unit, large.ours),
                    *(f"the same over {small.size:,}", small.ours, (Budget("ratio", bound),)),
                )
            )
    return lines
