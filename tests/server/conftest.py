"""Every test of the server has a fresh copy of the same office, on SQLite unless it asks for both engines.

What depends on the engine (locks, orders, conditions in SQL) is marked with ``on_both_engines``.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.memory import memory
from tests.postgres import TEMPORARY, Cluster, running_cluster
from tests.server.office import Seat, found_office, running_server


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The PostgreSQL cluster of this test process."""
    try:
        context = running_cluster(memory() or TEMPORARY)
        started = context.__enter__()
    except FileNotFoundError as error:
        pytest.skip(f"PostgreSQL is not installed ({error} was not found): tested on SQLite only")
    try:
        yield started
    finally:
        context.__exit__(None, None, None)


@pytest.fixture(scope="session")
def office_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office on SQLite, to be copied."""
    path = tmp_path_factory.mktemp("office") / "office.db"
    found_office(str(path))
    return path


@pytest.fixture(scope="session")
def office_template(cluster: Cluster) -> str:
    """The office on PostgreSQL, to be copied."""
    name = cluster.create()
    found_office(cluster.url(name))
    return name


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the office in it."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = tmp_path / "region.db"
        shutil.copy(request.getfixturevalue("office_file"), path)
        yield str(path)
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = cluster.create(request.getfixturevalue("office_template"))
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture(scope="module")
def filled_file(
    office_file: Path, content: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The office with its content on SQLite, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "office.db"
    shutil.copy(office_file, path)
    content(str(path))
    return path


@pytest.fixture(scope="module")
def filled_template(cluster: Cluster, office_template: str, content: Callable[[str], None]) -> Iterator[str]:
    """The office with its content on PostgreSQL, to be copied."""
    name = cluster.create(office_template)
    content(cluster.url(name))
    yield name
    cluster.drop(name)


@pytest.fixture
def filled(request: pytest.FixtureRequest, address: str) -> str:
    """``address``, where no server runs yet, with what ``content`` of the test file puts into an office."""
    url = make_url(address) if "://" in address else None
    if url is None or url.database is None:
        shutil.copy(request.getfixturevalue("filled_file"), address)
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        cluster.drop(url.database)
        cluster.create(request.getfixturevalue("filled_template"), url.database)
    return address


@pytest.fixture
def server(address: str) -> Iterator[str]:
    """The URL of a real server on ``address``."""
    with running_server(address) as url:
        yield url


@pytest.fixture
def seat(server: str) -> Iterator[Callable[..., Seat]]:
    """Signs people in at the server."""
    seats: list[Seat] = []

    def take(account: str = "op.zarechnaya", device: str | None = None) -> Seat:
        seats.append(Seat.take(server, account, device))
        return seats[-1]

    yield take
    for taken in seats:
        taken.http.close()
