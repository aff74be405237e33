"""What benchmarks share: appeals, homes, servers and reference files, made when they are first needed."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from zoneinfo import ZoneInfo

from bench.data.appeals import Pattern, appeals, patterns, records
from bench.data.home import FilledHome, fill_home
from bench.data.keep import Keep
from bench.data.plain import plain_copy
from bench.data.postgres import make_postgres, running_postgres
from bench.data.server import RunningRegion, make_region, serve
from bench.data.texts import fill_texts
from bench.data.unencrypted import decrypt
from cur_tui.contract.wire import Put
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from tests.postgres import find_binary, running_cluster

REGION: Final = "amur"
_APPEALS: Final = (
    "bench/data/appeals.py",
    "regional_api/generate",
    "cur_tui/contract/row.py",
    "cur_tui/domain",
)
_PACKING: Final = ("cur_tui/contract/packing.py", "cur_tui/contract/dictionaries")
_CACHE: Final = (*_APPEALS, *_PACKING, "bench/data/home.py", "cur_tui/services/secrets", "storage")
_SERVER: Final = (
    *_APPEALS,
    *_PACKING,
    "bench/data/server.py",
    "regional_api/*.py",
    "regional_api/appeals",
    "regional_api/database",
    "regional_api/lists/search_index.py",
    "regional_api/record",
)


class Stage:
    """Everything that was prepared. ``variety``: appeals with texts of their own; the others are copies.

    ``keep`` holds what the next run can use again; ``folder`` is removed at the end.
    """

    def __init__(self, variety: int, keep: Path) -> None:
        self.now = datetime.now(UTC)
        self.rulebook = Rulebook(load_region(REGION))
        self.notes: list[str] = []
        """What could not be measured, and why."""
        self.keep = Keep(keep)
        self._variety = variety
        self._stack = ExitStack()
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="cur-bench-")))
        self._regions: dict[tuple[str, int], RunningRegion] = {}
        self._postgres: dict[int, str] = {}
        self._fresh_postgres: dict[int, str] = {}

    @cached_property
    def _patterns(self) -> Sequence[Pattern]:
        return patterns(self.rulebook, self._variety, self.now)

    def records(self, size: int) -> Iterator[Put]:
        """``size`` appeals as a server sends them, one at a time."""
        return records(self._patterns, size, ZoneInfo(self.rulebook.region.time_zone))

    def appeals(self, size: int) -> Iterator[Appeal]:
        """The same appeals as the domain has them."""
        return appeals(self.records(size))

    def place(self, name: str, size: int) -> str:
        """The name of a kept thing: that of few originals is not that of many."""
        return f"{name}-{size}-of-{self._variety}"

    def home(self, size: int) -> FilledHome:
        """A workstation's home whose cache holds ``size`` appeals."""
        path = self.keep.place(
            self.place("home", size),
            _CACHE,
            lambda folder: fill_home(folder, self.rulebook, self.records(size)),
        )
        return FilledHome(path, self.rulebook)

    def plain(self, size: int) -> Path:
        """A plain SQLite file with what lists read of the cache of that size: the same rows and indexes."""
        home = self.home(size)
        sources = (*_CACHE, "bench/data/plain.py")
        return (
            self.keep.place(
                self.place("plain", size), sources, lambda folder: plain_copy(folder / "rows.db", home.rows())
            )
            / "rows.db"
        )

    def unencrypted(self, size: int) -> Path:
        """The cache of that size as a plain SQLite file."""
        home = self.home(size)
        sources = (*_CACHE, "bench/data/unencrypted.py")
        return (
            self.keep.place(
                self.place("unencrypted", size), sources, lambda folder: decrypt(home, folder / "cache.db")
            )
            / "cache.db"
        )

    def texts(self, size: int) -> Path:
        """A plain SQLite file with the texts that the search reads, and SQLite's own index over them."""
        sources = (*_APPEALS, "bench/data/texts.py")
        return (
            self.keep.place(
                self.place("texts", size),
                sources,
                lambda folder: fill_texts(folder / "texts.db", self.records(size)),
            )
            / "texts.db"
        )

    def region(self, size: int) -> RunningRegion:
        """A regional server with ``size`` appeals on the kept file, which earlier runs may have changed."""
        return self._serve(str(self.region_file(size)))

    def fresh_region(self, size: int) -> RunningRegion:
        """A regional server of its own on a copy of the kept file, as it was made."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        shutil.copyfile(self.region_file(size), folder / "region.db")
        return self._serve(str(folder / "region.db"))

    def region_file(self, size: int) -> Path:
        """The kept file of a region with ``size`` appeals."""
        return (
            self.keep.place(
                self.place("region", size),
                _SERVER,
                lambda folder: make_region(str(folder / "region.db"), self.rulebook, self.appeals(size)),
            )
            / "region.db"
        )

    def _serve(self, address: str, processes: int = 1) -> RunningRegion:
        if (address, processes) not in self._regions:
            self._regions[address, processes] = self._stack.enter_context(serve(address, processes))
        return self._regions[address, processes]

    def postgres_region(self, size: int, processes: int = 1) -> RunningRegion | None:
        """A regional server of several ``processes`` on the kept database of a PostgreSQL of our own, which
        earlier runs may have changed; None where PostgreSQL is not installed.
        """
        folder = self.postgres_folder(size)
        if folder is None:
            return None
        if size not in self._postgres:
            self._postgres[size] = self._stack.enter_context(running_postgres(folder))
        return self._serve(self._postgres[size], processes)

    def fresh_postgres_region(self, size: int, processes: int = 1) -> RunningRegion | None:
        """The same on a database that is made for this run; so only over few appeals."""
        if self._without_postgres():
            return None
        if size not in self._fresh_postgres:
            cluster = self._stack.enter_context(running_cluster())
            self._fresh_postgres[size] = cluster.url(cluster.create())
            make_region(self._fresh_postgres[size], self.rulebook, self.appeals(size))
        return self._serve(self._fresh_postgres[size], processes)

    def postgres_folder(self, size: int) -> Path | None:
        """The kept cluster whose database has ``size`` appeals; None where PostgreSQL is not installed."""
        if self._without_postgres():
            return None
        return self.keep.place(
            self.place("postgres", size),
            (*_SERVER, "bench/data/postgres.py"),
            lambda folder: make_postgres(folder, self.rulebook, self.region_file(size)),
        )

    def _without_postgres(self) -> bool:
        if find_binary("initdb") is not None:
            return False
        self.note("PostgreSQL is not installed: the server was measured on SQLite only")
        return True

    def note(self, text: str) -> None:
        """Remember what could not be measured; each once."""
        if text not in self.notes:
            self.notes.append(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
