"""A damaged cache and a second workstation as a person meets them: in a small terminal and in commands."""

import os
import re
from pathlib import Path

import pytest

from storage.salvage.rebuild import set_aside
from tests.crash.office import Account, FarRegion
from tests.e2e.region import BIN, PASSWORD, Client
from tests.e2e.terminal import Terminal

PAGE = 4096


@pytest.fixture
def account(region: FarRegion, tmp_path: Path) -> Account:
    """A machine with a note that waits to be sent."""
    client = Client(region, "vetrova", tmp_path / "home")
    client.login()
    account = Account(client)
    number = str(client.json("list", "--query", "open", "--limit", "1")["items"][0]["number"])
    client.cur("do", "note", number, "--text", f"не потерять {tmp_path.name}")
    account.typed += [number, f"не потерять {tmp_path.name}"]
    return account


def spoil(path: Path, *pages: int) -> None:
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * PAGE)
            file.write(os.urandom(PAGE))


def workstation(client: Client, *, language: str = "ru") -> Terminal:
    return Terminal([str(BIN / "cur")], env={**client.env, "CUR_LANG": language}, columns=80, rows=24)


@pytest.mark.failure(12)
def test_the_workstation_tells_what_was_saved_and_loads_the_rest(account: Account) -> None:
    client = account.client
    spoil(account.path, 1)
    with workstation(client) as desk:
        shown = desk.wait_for("повреждены и отложены в сторону")
        assert re.search(r"к\s+отправке\s+—\s+1", shown)
        desk.press("enter")
        desk.wait_for("на связи")
        desk.wait_for("к отправке", gone=True)
        desk.press("ctrl+q")
        assert desk.wait_end() == 0
    assert len(set_aside(account.path)) == 1
    assert client.json("outbox") == {"pending": [], "refused": [], "files": []}
    notes = client.json("show", account.typed[0])["notes"]
    assert [note["text"] for note in notes].count(account.typed[1]) == 1
    with workstation(client, language="en") as desk:
        desk.wait_for("in contact")
        assert "set aside" not in desk.text
        desk.press("ctrl+q")
        assert desk.wait_end() == 0


@pytest.mark.failure(12)
def test_commands_say_it_too_and_repair_on_demand(account: Account) -> None:
    client = account.client
    spoil(account.path, 1)
    code, sentence = client.refused("outbox")  # it only reads, and changes nothing
    assert code == 1
    assert "повреждены" in sentence
    assert set_aside(account.path) == []
    status, _, sentence = client.call("sync")
    assert status == 0
    assert "отложены в сторону" in sentence
    notes = client.json("show", account.typed[0])["notes"]
    assert [note["text"] for note in notes].count(account.typed[1]) == 1
    checks = {check["check"]: check for check in client.json("doctor")["checks"]}
    assert checks["файл данных"]["state"] == "ok"
    assert checks["отложено"]["detail"] == str(set_aside(account.path)[0])
    spoil(account.path, account.path.stat().st_size // PAGE)
    code, findings = client.call("doctor")[:2]
    assert code == 1
    assert "cur repair" in findings
    repaired = client.json("repair")
    assert (repaired["outbox"], repaired["broken"]) == (0, 1)
    assert client.json("sync")["received"] > 0
    assert client.json("show", account.typed[0])["notes"] == notes


@pytest.mark.failure(13)
def test_a_second_workstation_says_so_and_changes_nothing(account: Account) -> None:
    client = account.client
    with workstation(client) as first:
        first.wait_for("на связи")
        first.press("f6")
        first.wait_for("к отправке", gone=True)
        before = {place.name: place.read_bytes() for place in client.home.iterdir() if place.is_file()}
        with workstation(client) as second:
            second.wait_for("открыт")
            second.wait_for("Пароль")
            second.type(PASSWORD)
            second.press("enter")
            second.wait_for("Сервер опрашивается", gone=True)
            second.wait_for("открыт")
            second.press("escape")
            assert second.wait_end() == 0
        code, sentence = client.refused("do", "note", account.typed[0], "--text", "второй")
        assert code == 1
        assert "открыт" in sentence
        login = ("login", "--server", client.region.url, "--user", client.name, "--password-stdin")
        code, sentence = client.refused(*login, stdin=PASSWORD + "\n")
        assert "открыт" in sentence
        assert {
            place.name: place.read_bytes() for place in client.home.iterdir() if place.is_file()
        } == before
        first.press("f5")
        first.wait_for("на связи")
        first.press("ctrl+q")
        assert first.wait_end() == 0
    assert client.json("sync")["refused"] == 0
