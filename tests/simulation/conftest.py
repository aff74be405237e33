"""One region and one set of caches for all runs of a worker process; each run begins with fresh copies."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import storage.writing.core
from storage.database.connection import Connection, connect
from tests.memory import memory
from tests.simulation.faults import FusedConnection
from tests.simulation.mornings import Mornings
from tests.simulation.person import FUSES
from tests.simulation.server import Server
from tests.simulation.stage import Stage, set_up
from tests.simulation.world import run


@dataclass(frozen=True)
class Town:
    """What all runs share."""

    stage: Stage
    server: Server
    mornings: Mornings
    folder: Path

    def run(self, seed: int) -> list[str]:
        """What went wrong in the run of ``seed``."""
        return run(self.server, self.mornings, self.folder, seed)


def _connect(path: Path, key: bytes, *, writer: bool) -> Connection:
    return FusedConnection(connect(path, key, writer=writer), FUSES[path])  # type: ignore[return-value]


@contextmanager
def opened() -> Iterator[Town]:
    """A region to run seeds in."""
    folder = Path(tempfile.mkdtemp(prefix="simulation-", dir=memory()))
    stage = Stage()
    with set_up(stage), pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage.writing.core, "connect", _connect)
        try:
            server = Server(folder, stage)
            yield Town(stage, server, Mornings(server, folder), folder)
            server.database.close()
        finally:
            shutil.rmtree(folder)


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with opened() as town:
        yield town
