"""A program killed between what the server has done and its answer: done once, and known as done."""

import pytest

from tests.crash.office import Account, FarRegion
from tests.e2e.region import Client


@pytest.mark.failure(2)
@pytest.mark.failure(7)
def test_what_was_done_unheard_is_not_done_again(
    region: FarRegion, tmp_path_factory: pytest.TempPathFactory
) -> None:
    client = Client(region, "belkina", tmp_path_factory.mktemp("belkina") / "home")
    client.login()
    account = Account(client)
    number = str(client.json("list", "--query", "open", "--limit", "1")["items"][0]["number"])
    client.cur("do", "note", number, "--text", "услышана не сразу")
    proxy = region.proxy
    assert proxy is not None
    proxy.swallow = b"/v1/commands"
    process = account.start("sync")
    try:
        assert proxy.swallowed.wait(30)
    finally:
        process.kill()
        process.communicate(timeout=30)
        proxy.swallow = b""
    assert [entry["state"] for entry in client.json("outbox")["pending"]] == ["sending"]
    assert client.json("sync")["sent"] == 1
    assert account.in_the_record()["услышана не сразу"] == 1
    assert client.json("outbox") == {"pending": [], "refused": [], "files": []}
