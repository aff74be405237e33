"""The benchmarks can be run: the table is complete, and what each of them needs can be made."""

import importlib
import json
import pkgutil
from collections.abc import Iterator

import pytest

import bench
from bench import report
from bench.benchmark import Benchmark
from bench.figures import Figure, Sample
from bench.stage import Stage
from bench.suite import BENCHMARKS

SMALLEST = 30


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(SMALLEST - 10) as prepared:
        yield prepared


def test_the_table_names_every_benchmark_once() -> None:
    programs = {"empty_app", "plain_list", "__main__"}
    modules = {item.name for item in pkgutil.iter_modules(bench.__path__)} - programs
    defined = [
        value
        for name in modules
        for value in vars(importlib.import_module(f"bench.{name}")).values()
        if isinstance(value, Benchmark)
    ]
    assert {id(one) for one in defined} == {id(one) for one in BENCHMARKS.values()}
    assert all(name == one.name for name, one in BENCHMARKS.items())


@pytest.mark.parametrize("name", BENCHMARKS)
def test_what_a_benchmark_needs_can_be_made(name: str, stage: Stage) -> None:
    BENCHMARKS[name].prepare(stage, SMALLEST)


def test_the_cache_and_its_plain_copy_hold_the_same_rows(stage: Stage) -> None:
    (figures,) = [BENCHMARKS["window"].measure(stage, SMALLEST, 5)]
    assert {figure.size for figure in figures} == {SMALLEST}
    rows = stage.home(SMALLEST).rows()
    assert len(rows["appeal"]) == SMALLEST
    assert len({row[10] for row in rows["appeal"]}) == SMALLEST, "numbers repeat"


def test_fewer_than_five_measurements_make_no_figure() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        Sample((1.0,) * 4)


@pytest.mark.parametrize(
    ("ours", "more_is_better", "kept"), [(2.0, False, True), (3.0, False, False), (3.0, True, True)]
)
def test_a_budget_bounds_the_ratio_from_the_right_side(ours: float, more_is_better: bool, kept: bool) -> None:
    figure = Figure(
        *("start", "first rows", 10, "ms", Sample((ours,) * 5)),
        *("empty", Sample((1.0, 1.0, 1.0, 1.0, 9.0))),
        budget=2.5,
        more_is_better=more_is_better,
    )
    assert figure.ratio == ours
    assert figure.within_budget is kept
    assert ("!" in report.table([figure])) is not kept
    told = json.loads(report.document([figure], report.environment(), quick=True))
    assert told["figures"][0]["reference"]["p99"] == 9.0
    assert told["environment"]["processors"] >= 1
