"""The headless program: one page of a list as JSON, as a whole process."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.stage import Stage
from bench.figures import Budget, Figure, milliseconds, side_by_side
from storage.decoding import ROW_COLUMNS

PLAIN_PROGRAM: Final = str(Path(__file__).with_name("plain_list.py"))
QUERY: Final = "open"
SQL: Final = f"SELECT {ROW_COLUMNS} FROM appeal WHERE is_open=1 ORDER BY due_rank, pk LIMIT ?"
LIMIT: Final = 20
BUDGET: Final = Budget("ratio", 4.0)


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    figures = []
    for size in sizes:
        home = stage.home(size)
        plain = [sys.executable, PLAIN_PROGRAM, str(stage.plain(size)), SQL, str(LIMIT)]
        ours = [*home.program, "list", "--json", "--limit", str(LIMIT), "--query", QUERY]
        own, reference = side_by_side(_run(ours, home.env), _run(plain, home.env), rounds)
        figures.append(
            Figure("list", "cur list --json", size, "ms", own, "python + sqlite3", reference, (BUDGET,))
        )
    return figures


def _run(command: list[str], env: dict[str, str]) -> Callable[[], float]:
    def process() -> float:
        return milliseconds(lambda: subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL))

    return process


LIST: Final = Benchmark(
    *("list", f"`cur list --json` of {LIMIT} rows, the whole process", Stage.plain, _measure),
    quick=Extent((1_000,), 7),
    full=Extent((1_000, 1_000_000), 15),
)
