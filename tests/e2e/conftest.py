"""One region for all end-to-end tests of a module; each person has a machine of their own."""

from collections.abc import Callable, Iterator

import pytest

from tests.cheap import cheap_keys
from tests.e2e.region import Client, Region, running_region

__all__ = ["cheap_keys"]


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """A running region with two hundred appeals."""
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running


@pytest.fixture(scope="module")
def machine(region: Region, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Client]:
    """The machine of a person, signed in; the same one when asked again."""
    machines: dict[str, Client] = {}

    def of(name: str) -> Client:
        if name not in machines:
            client = Client(region, name, tmp_path_factory.mktemp(name) / "home")
            client.login()
            machines[name] = client
        return machines[name]

    return of
