"""The table of all benchmarks."""

from collections.abc import Mapping
from typing import Final

from bench.benchmark import Benchmark
from bench.bootstrap import BOOTSTRAP
from bench.commands import COMMANDS
from bench.keys import KEYS
from bench.listing import LIST
from bench.start import MEMORY, START
from bench.window import WINDOW

BENCHMARKS: Final[Mapping[str, Benchmark]] = {
    one.name: one for one in (START, KEYS, MEMORY, LIST, WINDOW, BOOTSTRAP, COMMANDS)
}
"""By name, in the order of the report."""
