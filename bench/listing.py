"""The headless program: one page of a list as JSON, as a whole process."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from bench.benchmark import Benchmark
from bench.figures import Figure, milliseconds, side_by_side
from bench.stage import Stage
from storage.decoding import ROW_COLUMNS

PLAIN_PROGRAM: Final = str(Path(__file__).with_name("plain_list.py"))
QUERY: Final = "open"
LIMIT: Final = 20


def _measure(stage: Stage, size: int, rounds: int) -> list[Figure]:
    home = stage.home(size)
    view = home.view(QUERY, stage.now)
    plain = [
        sys.executable,
        PLAIN_PROGRAM,
        str(stage.plain(size)),
        view.select(ROW_COLUMNS, limit=True),
        str(LIMIT),
    ]
    ours = [*home.program, "list", "--json", "--limit", str(LIMIT), "--query", QUERY]

    def run(command: list[str]) -> float:
        return milliseconds(
            lambda: subprocess.run(command, env=home.env, check=True, stdout=subprocess.DEVNULL)
        )

    own, reference = side_by_side(lambda: run(ours), lambda: run(plain), rounds)
    return [
        Figure("list", "cur list --json", size, "ms", own, "python + sqlite3", reference, budget=4.0),
    ]


LIST: Final = Benchmark(
    "list",
    "`cur list --json` of 20 rows, the whole process",
    Stage.plain,
    _measure,
    (1_000,),
    (1_000, 100_000),
    7,
    15,
)
