"""The region that most tests of the exchange share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.faulty import Network
from tests.sync.office import Desk, Region, region_in


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with region_in(tmp_path_factory.mktemp("region")) as region:
        region.register(12, "utilities")
        region.register(3, "roads")
        region.register(2, "health")
        yield region


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def desk(region: Region, network: Network, tmp_path: Path) -> Iterator[Desk]:
    """A desk that has not read anything yet; its network is fine until a test says otherwise."""
    desk = region.desk(tmp_path / "cache.db", "operator", network.factory)
    yield desk
    desk.close()
