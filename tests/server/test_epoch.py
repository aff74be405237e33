"""A new epoch by hand, for a restore that nothing tells of; and a process that another database answers."""

import json

import psycopg
import pytest

from regional_api.cli.main import main
from regional_api.database.home import Home
from tests.postgres import Cluster
from tests.server.office import Seat, code, on_both_engines, register, running_server


@pytest.mark.failure(21)
@on_both_engines
def test_readers_begin_anew_in_a_new_epoch(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    register(address)
    with running_server(address) as url:
        seat = Seat.take(url, "su.polev")
        before = seat.hello()
        seat.http.close()
    assert main(["epoch", "show", "--database", address, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["epoch"] == before["epoch"]
    assert main(["epoch", "begin", "--database", address]) == 0
    with running_server(address) as url:
        seat = Seat.take(url, "su.polev")
        after = seat.hello()
        assert after["epoch"] != before["epoch"]
        assert code(seat.changes(before["cursor"])) == (410, "resync")
        seat.http.close()
    with running_server(address) as url:
        seat = Seat.take(url, "su.polev")
        assert seat.hello()["epoch"] == after["epoch"], "an ordinary start begins none"
        seat.http.close()
    assert main(["journal", "verify", "--database", address]) == 0


@pytest.mark.failure(22)
def test_a_connection_to_another_database_is_refused_and_told(cluster: Cluster) -> None:
    home = Home()
    told: list[bool] = []
    home.left = lambda: told.append(True)
    first, second = cluster.create(), cluster.create()
    for _ in range(2):
        with psycopg.connect(cluster.url(first)) as connection:
            home.check(connection, psycopg)
    assert (told, home.name.count("/")) == ([], 2)
    with psycopg.connect(cluster.url(second)) as connection, pytest.raises(psycopg.OperationalError):
        home.check(connection, psycopg)
    assert told == [True]
    for name in (first, second):
        cluster.drop(name)
