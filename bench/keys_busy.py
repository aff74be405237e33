"""Key by key while the first reading goes on: the workstation writes thousands of rows a second meanwhile."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.home import PERSON, PROFILE, FilledHome, new_home
from bench.data.server import PASSWORD, RunningRegion
from bench.data.stage import Stage
from bench.figures import Budget, Figure, Sample
from bench.programs import ARCHIVE_KEY, EMPTY_MARK, OURS_MARK, TABLE_NAME, TABLE_ROWS, empty_app, workstation
from bench.terminal import Terminal
from storage.database.schema import BOOTSTRAP, COMPLETE

BUDGET: Final = Budget("p99", 50.0)
BEGUN: Final = 0.2
"""The share that is there before the workstation starts, so that there is a list to go down in."""
BATCH: Final = 10
"""Keys after which the program of the reference has its turn."""


def _begun_home(stage: Stage, region: RunningRegion) -> FilledHome:
    """A home whose first reading was cut off."""
    home = new_home(Path(tempfile.mkdtemp(dir=stage.folder)), stage.rulebook, region.url)
    home.signin.sign_in(PROFILE, PERSON.account, PASSWORD)
    access = home.signin.access(PROFILE)
    with home.cache(read_only=False) as cache:
        engine = access.engine(cache)
        engine.hello()
        while (read := engine.bootstrap_step()).done < BEGUN * read.total:
            pass
    access.transport.close()
    return home


def _read_on(home: FilledHome, reference: Terminal) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    beside: list[float] = []
    with workstation(home) as terminal, home.cache() as cache:
        terminal.until(OURS_MARK)
        terminal.press(ARCHIVE_KEY)
        while not ours or cache.reader.state(BOOTSTRAP) != COMPLETE:
            ours += [terminal.press("down") for _ in range(BATCH)]
            beside += [reference.press("down") for _ in range(BATCH)]
            reference.press("ctrl+home")
    return ours, beside


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    figures = []
    with empty_app(TABLE_ROWS) as reference:
        reference.until(EMPTY_MARK)
        reference.settle(1.0)
        reference.press("down")
        for size in sizes:
            region = stage.region(size)
            taken = [_read_on(_begun_home(stage, region), reference) for _ in range(rounds)]
            ours = Sample(tuple(value for one, _ in taken for value in one))
            beside = Sample(tuple(value for _, one in taken for value in one))
            what = "key: down during the first reading"
            figures.append(Figure("busy", what, size, "ms", ours, TABLE_NAME, beside, (BUDGET,)))
    return figures


def _prepare(stage: Stage, size: int) -> None:
    stage.region_file(size)


KEYS_BUSY: Final = Benchmark(
    *("busy", "keys while the first reading goes on", _prepare, _measure),
    quick=Extent((6_000,), 1),
    full=Extent((100_000,), 2),
)
