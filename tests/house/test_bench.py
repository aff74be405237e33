"""The benchmarks can be run: the table is complete, and what each of them needs can be made."""

import importlib
import json
import pkgutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

import bench
from bench import report
from bench.benchmark import Benchmark, Extent
from bench.data.appeals import OPEN_SHARE, appeals
from bench.data.keep import Keep
from bench.data.plain import fetch, reader
from bench.data.stage import Stage
from bench.data.texts import chosen_words, fill_texts
from bench.figures import Budget, Figure, Sample, growth
from bench.load import Load, read_load
from bench.suite import BENCHMARKS
from bench.terminal import Terminal
from cur_tui.contract.row import row_of
from cur_tui.contract.wire import Put
from cur_tui.domain.vocabulary import State

SMALLEST = 30
PROGRAMS = {"empty_app", "plain_list", "__main__"}
"""What runs when it is imported."""


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="cur-kept-") as folder:
        # PostgreSQL runs as a user of its own, who may not enter the folders of pytest.
        Path(folder).chmod(0o755)
        with Stage(SMALLEST - 10, Path(folder)) as prepared:
            yield prepared


def figure(ours: float, *budgets: Budget, size: int = 10) -> Figure:
    reference = Sample((1.0, 1.0, 1.0, 1.0, 9.0))
    return Figure("start", "first rows", size, "ms", Sample((ours,) * 5), "empty", reference, budgets)


def test_the_table_names_every_benchmark_once() -> None:
    modules = [item.name for item in pkgutil.walk_packages(bench.__path__, "bench.")]
    defined = [
        value
        for name in modules
        if name.removeprefix("bench.") not in PROGRAMS
        for value in vars(importlib.import_module(name)).values()
        if isinstance(value, Benchmark)
    ]
    assert {id(one) for one in defined} == {id(one) for one in BENCHMARKS.values()}
    assert all(name == one.name for name, one in BENCHMARKS.items())


@pytest.mark.parametrize("name", BENCHMARKS)
def test_what_a_benchmark_needs_can_be_made(name: str, stage: Stage) -> None:
    BENCHMARKS[name].prepare(stage, SMALLEST)


def test_a_benchmark_measures_every_size_it_is_asked_for(stage: Stage) -> None:
    window = BENCHMARKS["window"]
    small = replace(window, quick=Extent((10, SMALLEST), 5), full=Extent((10, SMALLEST), 5))
    figures = small.run(stage, quick=True)
    assert {one.size for one in figures} == {10, SMALLEST}
    assert any(one.reference_name == "the same over 10" for one in figures)
    assert {one.size for one in small.run(stage, quick=True, sizes=(1_000_000,))} == {SMALLEST}


def test_copies_are_what_the_domain_makes_of_them(stage: Stage) -> None:
    lines = list(stage.records(200))
    assert len({line.row.id for line in lines}) == len({line.row.number for line in lines}) == 200
    assert [line.row.registered_at for line in lines] == sorted(line.row.registered_at for line in lines)
    assert sum(State(line.row.state).is_open for line in lines) == 200 * OPEN_SHARE
    for line, appeal in zip(lines, appeals(lines), strict=True):
        assert row_of(appeal) == line.row


def test_the_cache_and_its_plain_copy_hold_the_same_rows(stage: Stage) -> None:
    plain = reader(stage.plain(SMALLEST))
    copied = set(fetch(plain, "SELECT pk, number, state FROM appeal", ()))
    plain.close()
    assert copied == set(stage.home(SMALLEST).rows("pk, number, state"))
    assert len(copied) == SMALLEST


def test_the_cache_without_encryption_holds_the_same_and_shows_it(stage: Stage) -> None:
    plain, cache = stage.unencrypted(SMALLEST), stage.home(SMALLEST).cache_path
    assert plain.read_bytes().startswith(b"SQLite format 3")
    assert not cache.read_bytes().startswith(b"SQLite format 3")
    small = replace(BENCHMARKS["encryption"], quick=Extent((SMALLEST,), 5), full=Extent((SMALLEST,), 5))
    figures = small.run(stage, quick=True)
    assert {one.what.split()[0] for one in figures} >= {"open", "first", "search:", "apply", "keep"}


def test_words_are_taken_by_their_frequency(tmp_path: Path, stage: Stage) -> None:
    row = next(stage.records(10)).row
    words = {1: "каждый редкостный", 2: "каждый второе", 3: "каждый второе"}
    lines = [
        Put(n, row, msgspec.Raw(msgspec.json.encode({"text": words.get(n, "пустота")}))) for n in range(1, 11)
    ]
    fill_texts(tmp_path / "texts.db", lines)
    chosen = chosen_words(tmp_path / "texts.db")
    assert (chosen.rare, chosen.common) == ("редкостный", "каждый")


def test_what_was_prepared_is_kept_until_its_sources_change(tmp_path: Path) -> None:
    keep = Keep(tmp_path)
    made: list[Path] = []
    first = keep.place("thing", ("bench/report.py",), made.append)
    assert keep.place("thing", ("bench/report.py",), made.append) == first
    assert len(made) == 1
    second = keep.place("thing", ("bench/report.py", "bench/data"), made.append)
    assert second != first
    assert not first.exists()
    assert second.is_dir()


def test_a_thing_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    keep = Keep(tmp_path)

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep.place("thing", (), fail)
    assert not list(keep.place("thing", (), lambda folder: None).iterdir())


def test_the_load_tool_is_read_and_its_errors_stop_the_measurement() -> None:
    told = "Running 1s test\nerrors 0\nrate 12.5\nlatency 1500 3\nlatency 4000 1\n"
    assert read_load(told) == Load((1.5, 1.5, 1.5, 4.0), 12.5)
    with pytest.raises(RuntimeError, match="2 answers"):
        read_load(told.replace("errors 0", "errors 2"))


def test_a_program_in_a_terminal_is_timed_by_what_it_writes() -> None:
    echo = "import sys; print('ready', flush=True); [print('heard', flush=True) for _ in sys.stdin]"
    with Terminal([sys.executable, "-c", echo]) as terminal:
        assert 0 < terminal.until(b"ready") * 1_000 <= terminal.age
        assert terminal.press("enter") > 0
        terminal.settle(0)
        terminal.send("enter")
        assert terminal.shows(b"heard", 10.0)
        assert not terminal.shows(b"never", 0.0)
        assert terminal.memory() > 1


def test_a_program_that_never_shows_the_marker_fails_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.terminal.PATIENCE", 0.0)
    program = [sys.executable, "-c", "while True: print('else')"]
    with Terminal(program) as terminal, pytest.raises(RuntimeError, match="never came"):
        terminal.until(b"ready")


def test_fewer_than_five_measurements_make_no_figure() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        Sample((1.0,) * 4)


@pytest.mark.parametrize(
    ("ours", "budget", "told"),
    [
        (2.0, Budget("ratio", 2.5), "≤ 2.5"),
        (3.0, Budget("ratio", 2.5), "≤ 2.5 !"),
        (3.0, Budget("ratio", 2.5, at_least=True), "≥ 2.5"),
        (0.03, Budget("ratio", 0.02), "≤ 1/50 !"),
        (6.0, Budget("p50", 5.0), "p50 ≤ 5 !"),
        (6.0, Budget("p99", 16.0), "p99 ≤ 16"),
    ],
)
def test_a_budget_that_is_missed_is_marked(ours: float, budget: Budget, told: str) -> None:
    one = figure(ours, budget)
    assert report.table([one]).endswith(told)
    content = json.loads(report.document([one], report.environment(), ["wrk"], quick=True))
    assert content["figures"][0]["reference"]["p99"] == 9.0
    assert content["figures"][0]["missed"] == ([told.removesuffix(" !")] if "!" in told else [])
    assert content["not_measured"] == ["wrk"]


def test_growth_compares_the_largest_size_with_the_smallest() -> None:
    (line,) = growth([figure(4.0, size=1_000), figure(5.0, size=100), figure(6.0, size=10_000)], 1.3)
    assert line.ratio == 6.0 / 5.0
    assert line.missed == ()
    assert growth([figure(4.0)], 1.3) == []
