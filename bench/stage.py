"""What benchmarks share: appeals, homes and servers, each made once and all removed at the end."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bench.appeals import copies, originals
from bench.home import FilledHome, fill_home
from bench.plain import plain_copy
from bench.server import RunningRegion, running_region
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile_load import load_region
from cur_tui.domain.rulebook import Rulebook

REGION: Final = "amur"


class Stage:
    """A temporary folder with everything that was prepared. ``variety``: appeals with texts of their own."""

    def __init__(self, variety: int) -> None:
        self.now = datetime.now(UTC)
        self.rulebook = Rulebook(load_region(REGION))
        self._variety = variety
        self._stack = ExitStack()
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="cur-bench-")))
        self._homes: dict[int, FilledHome] = {}
        self._plain: dict[int, Path] = {}
        self._regions: dict[tuple[int, str | None], RunningRegion] = {}

    @cached_property
    def _originals(self) -> Sequence[Appeal]:
        return originals(self.rulebook, self._variety, self.now)

    def appeals(self, size: int) -> list[Appeal]:
        """``size`` appeals."""
        return list(copies(self._originals, size))

    def home(self, size: int) -> FilledHome:
        """A workstation's home whose cache holds ``size`` appeals."""
        if size not in self._homes:
            appeals = copies(self._originals, size)
            self._homes[size] = fill_home(self.folder / f"home-{size}", self.rulebook, appeals)
        return self._homes[size]

    def plain(self, size: int) -> Path:
        """A plain SQLite file with what lists read of the cache of that size: the same rows and indexes."""
        if size not in self._plain:
            rows = self.home(size).rows()
            self._plain[size] = plain_copy(self.folder / f"plain-{size}.db", rows)
        return self._plain[size]

    def region(self, size: int, database: str | None = None) -> RunningRegion:
        """A regional server with ``size`` appeals, on SQLite or in the ``database`` at this address."""
        known = self._regions.get((size, database))
        if known is None:
            address = database or str(self.folder / f"region-{size}.db")
            running = running_region(address, self.rulebook, self.appeals(size))
            known = self._regions[size, database] = self._stack.enter_context(running)
        return known

    def postgres(self) -> str | None:
        """The address of an empty PostgreSQL database of our own; None where PostgreSQL is not installed."""
        from tests.postgres import running_cluster

        try:
            cluster = self._stack.enter_context(running_cluster())
        except FileNotFoundError:
            return None
        return cluster.url(cluster.create())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
