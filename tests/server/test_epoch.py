"""A new epoch by hand, for a restore that neither the file's mark nor the cluster's identity tells of."""

import json

import pytest

from regional_api.cli.main import main
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
