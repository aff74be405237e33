"""The table of all benchmarks."""

from collections.abc import Mapping
from typing import Final

from bench.benchmark import Benchmark
from bench.board import BOARD
from bench.bootstrap import BOOTSTRAP
from bench.commands import COMMANDS
from bench.cuts import CUTS, RANKING
from bench.encryption import ENCRYPTION
from bench.endpoints import SERVER
from bench.fill import FILL
from bench.helpdesk import HELPDESK
from bench.keys import KEYS
from bench.keys_busy import KEYS_BUSY
from bench.listing import LIST
from bench.memory import MEMORY
from bench.problems import PROBLEMS
from bench.processes import PROCESSES_BENCH
from bench.search import SEARCH
from bench.search_keys import SEARCH_KEYS
from bench.start import START
from bench.window import WINDOW

BENCHMARKS: Final[Mapping[str, Benchmark]] = {
    one.name: one
    for one in (
        *(START, FILL, KEYS, KEYS_BUSY, MEMORY, LIST, WINDOW, SEARCH, SEARCH_KEYS, ENCRYPTION),
        *(BOOTSTRAP, COMMANDS, PROCESSES_BENCH, SERVER, BOARD, CUTS, RANKING, PROBLEMS, HELPDESK),
    )
}
"""By name, in the order of the report."""
QUICK: Final = tuple(name for name in BENCHMARKS if name not in (SEARCH_KEYS.name, HELPDESK.name))
"""Those of the quick pass: the others take a quarter of its time and tell nothing over few appeals."""
