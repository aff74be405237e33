"""A machine that the office takes back: its data go, what was never sent reaches the office."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cur_tui.cli.main import main
from cur_tui.cli.revoked import give_up_here
from cur_tui.cli.workplace import open_to_work
from cur_tui.contract.sealed import new_key, public_of
from cur_tui.paths import Home
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.access.revocation import GivenUp
from regional_api.cli.main import main as regional_api
from regional_api.identity import account_changes
from storage.entries import Upload
from tests.sync.office import PASSWORD, Region, region_in

pytestmark = pytest.mark.failure(19)
TEXT = "Ветеран просит перезвонить"


@pytest.fixture
def region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Region]:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("a passphrase")
    passphrase.chmod(0o600)
    monkeypatch.setenv("CUR_PASSPHRASE_FILE", str(passphrase))
    (tmp_path / "region").mkdir()
    with region_in(tmp_path / "region") as region:
        region.register(2, "utilities")
        yield region


@pytest.fixture
def home(region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine where the operator has signed in."""
    home = tmp_path / "home"
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    with password.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        words = ["login", "--server", region.address, "--user", "operator", "--password-stdin"]
        assert main(["--home", str(home), *words]) == 0
    return home


def files(home: Path) -> set[str]:
    return {path.name for path in home.rglob("*") if path.is_file()}


def number(region: Region) -> str:
    return region.appeal(next(iter(region.appeals()))).number


def cur(home: Path, *words: str) -> int:
    return main(["--home", str(home), *words])


def test_unsent_work_is_sealed_before_everything_is_destroyed(
    region: Region, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cur(home, "do", "note", number(region), "--text", TEXT) == 0
    account_changes.close(region.centre, "operator", wipe=True)
    capsys.readouterr()
    assert cur(home, "sync") == 3
    told = capsys.readouterr().err
    (sealed,) = home.rglob("*.sealed")
    assert str(sealed) in told.replace("\n", "")
    assert TEXT.encode() not in sealed.read_bytes()
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert not [name for name in files(home) if name.endswith((".db", ".db-wal", ".db-shm"))]
    address = str(region.path)
    assert regional_api(["user", "unseal", str(sealed), "--database", address]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["account"], document["unsent"]["pending"][0]["arguments"]["text"]) == ("operator", TEXT)
    # Nothing of the access is left to be used.
    assert cur(home, "list") != 0


def test_files_that_were_not_sent_are_sealed_with_their_bytes(
    region: Region, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = "Акт осмотра\n".encode() * 1_000
    profiles = Profiles(Home.at(home))
    (name,) = profiles.settings.profiles
    with open_to_work(argparse.Namespace(home=home, profile=name)) as place:
        appeal = place.desk.appeal(number(region))
        for n in range(2):
            file = Upload(
                id=f"0190f5fe-0000-7000-8000-00000000000{n}",
                appeal=appeal.id,
                number=appeal.number,
                sha256=f"{n}" * 64,
                name="../акт.txt",
                size=len(data) + n,
                media_type="text/plain",
            )
            place.cache.writer.keep_upload(file, data + b"\n" * n)
    account_changes.close(region.centre, "operator", wipe=True)
    assert cur(home, "sync") == 3
    (sealed,) = home.rglob("*.sealed")
    assert data not in sealed.read_bytes()
    capsys.readouterr()
    unseal = ["user", "unseal", str(sealed), "--database", str(region.path)]
    assert regional_api(unseal) == 0
    told = capsys.readouterr()
    assert [file["name"] for file in json.loads(told.out)["unsent"]["files"]] == ["../акт.txt"] * 2
    assert "--files" in told.err
    folder = tmp_path / "a" / "folder"
    assert regional_api([*unseal, "--files", str(folder)]) == 0
    written = sorted(folder.iterdir())
    assert [path.read_bytes() for path in written] == [data, data + b"\n"]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}


def test_without_unsent_work_nothing_is_left_at_all(region: Region, home: Path) -> None:
    account_changes.end_sessions(region.centre, "operator", wipe=True)
    assert cur(home, "sync") == 3
    assert not list(home.rglob("*.sealed"))
    assert not list(home.rglob("*.db"))


def test_without_the_order_everything_stays(
    region: Region, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {name for name in files(home) if name.endswith(".db")}
    account_changes.close(region.centre, "operator", wipe=False)
    assert cur(home, "sync") == 3
    assert {name for name in files(home) if name.endswith(".db")} == before
    assert not list(home.rglob("*.sealed"))
    assert cur(home, "list", "--query", "open") == 0


def test_the_profile_whose_server_ordered_it_is_destroyed_and_not_the_one_chosen_meanwhile(
    home: Path,
) -> None:
    profiles = Profiles(Home.at(home))
    (name,) = profiles.settings.profiles
    args = argparse.Namespace(home=home, profile=None)
    with open_to_work(args):
        profiles.add("other", "https://other.example")
    with pytest.raises(GivenUp) as caught:
        give_up_here(args, public_of(new_key()))
    assert caught.value.profile == name
    assert profiles.names() == ["other"]


def test_own_password_is_changed_from_the_command_line(
    region: Region, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = tmp_path / "lines"
    for words, code in ((("не тот", "новый пароль 1"), 1), ((PASSWORD, "новый пароль 1"), 0)):
        lines.write_text("\n".join(words) + "\n")
        with lines.open() as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            assert cur(home, "password", "--password-stdin") == code
    assert cur(home, "sync") == 0
    from regional_api.identity.accounts import find_password, password_fits

    with region.database.reading() as connection:
        assert password_fits(find_password(connection, "operator"), "новый пароль 1")
