from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.cache import Cache
from tests.factories import replay

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "amur.db"


@pytest.fixture
def cache(path: Path) -> Iterator[Cache]:
    opened = Cache.open(path, KEY)
    opened.replay_with(replay)
    yield opened
    opened.close()
