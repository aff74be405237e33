"""Keys at rest: changed crash by crash, destroyed for good, and unlocked by their person only."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cur_tui.cli.doctor_secrets import look_at_secrets
from cur_tui.contract.wire import Account
from cur_tui.domain.commands import AddNote
from cur_tui.paths import Home
from cur_tui.services.access import unlocking
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.access.rotation import change_key
from cur_tui.services.access.signin import SignIn
from cur_tui.services.access.wiping import unsent_of, wipe, wipe_without_secrets
from cur_tui.services.secrets.vault import Vault
from cur_tui.services.secrets.vault_file import FileVault
from cur_tui.services.secrets.vault_keyring import KeyringVault
from cur_tui.services.secrets.vault_problems import VaultError
from cur_tui.settings import SettingsError, load_settings
from cur_tui.sync.person import remember_account
from storage.entries import Draft
from storage.errors import CacheBusy, CacheError
from tests.factories import make_appeal, make_command, put, replay
from tests.services.test_vault import CHEAP, Keeping

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "a good passphrase"
MARK = "Улица Незабудковая, дом 77"
PERSON = Account("o.larina", "Ларина О. В.", "block_operator", (), None, ())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.at(tmp_path / "home", environ={})
    made.prepare()
    return made


@pytest.fixture
def signin(home: Home) -> SignIn:
    """A profile whose secrets are in a file and whose cache holds a note and a draft that were not sent."""
    Profiles(home).remember_vault("file")
    return filled(home, FileVault.create(home.secrets_file, PASSPHRASE, CHEAP))


def filled(home: Home, vault: Vault, name: str = "amur") -> SignIn:
    signin = SignIn(home, vault)
    signin.profiles.add(name, "http://127.0.0.1:9", user=PERSON.account)
    cache = signin.open_cache(name)
    cache.replay_with(replay)
    remember_account(cache, PERSON)
    appeal = make_appeal(text=MARK)
    cache.writer.apply_page([put(appeal)], "1")
    command = make_command(appeal, AddNote(MARK))
    cache.writer.apply_local(command, replay(appeal, command))
    cache.writer.save_draft(Draft(appeal.id, "final", MARK, appeal.number))
    cache.close()
    return signin


def everything_is_there(signin: SignIn, name: str = "amur") -> bool:
    unsent = unsent_of(signin, name)
    return (
        [entry.arguments["text"] for entry in unsent.pending]
        == [MARK]
        == [draft.text for draft in unsent.drafts]
    )


def files_with(home: Home, mark: bytes) -> list[str]:
    found = [file for file in home.config_dir.rglob("*") if file.is_file() and mark in file.read_bytes()]
    return [str(file) for file in found]


# --- another key ---


def test_the_key_is_changed_and_nothing_else(signin: SignIn) -> None:
    secrets = signin.secrets_of("amur")
    before = secrets.cache_key(create=False)
    change_key(signin, "amur")
    assert secrets.cache_key(create=False) != before
    assert secrets.next_key() is None
    assert everything_is_there(signin)


def test_the_key_is_not_changed_under_an_open_workstation(signin: SignIn) -> None:
    cache = signin.open_cache("amur")
    before = signin.secrets_of("amur").cache_key(create=False)
    with pytest.raises(CacheBusy):
        change_key(signin, "amur")
    cache.close()
    assert signin.secrets_of("amur").cache_key(create=False) == before
    assert everything_is_there(signin)


STOPPED = """
import os, sys
from pathlib import Path
import storage.database.rekeying, cur_tui.services.secrets.vault as vault
from cur_tui.paths import Home
from cur_tui.services.access.rotation import change_key
from cur_tui.services.access.signin import SignIn
from cur_tui.services.secrets.vault_file import FileVault

home, step = Home.at(Path(sys.argv[1])), sys.argv[2]
owner, name = {
    "begin": (vault.ProfileSecrets, "begin_new_key"),
    "copy": (storage.database.rekeying, "_write_copy"),
    "encrypt": (storage.database.rekeying, "_change_key"),
    "replace": (Path, "replace"),
    "settle": (vault.ProfileSecrets, "settle_key"),
}[step]
real = getattr(owner, name)

def stop(*args):
    if step == "replace" and not str(args[0]).endswith(".rekeyed"):
        return real(*args)
    real(*args)
    os._exit(9)

setattr(owner, name, stop)
change_key(SignIn(home, FileVault.unlock(home.secrets_file, "a good passphrase")), "amur")
"""


@pytest.mark.parametrize("step", ["begin", "copy", "encrypt", "replace", "settle"])
def test_stopped_after_any_step_the_vault_knows_the_key_that_opens(
    signin: SignIn, home: Home, step: str
) -> None:
    stopped = subprocess.run(
        [sys.executable, "-c", STOPPED, str(home.config_dir), step], cwd=ROOT, check=False
    )
    assert stopped.returncode == 9
    assert everything_is_there(signin)
    signin.open_cache("amur").close()
    names = sorted(path.name for path in signin.profiles.cache_path("amur").parent.iterdir())
    assert not [name for name in names if "rekeyed" in name]
    change_key(signin, "amur")
    assert everything_is_there(signin)
    assert signin.secrets_of("amur").next_key() is None


# --- destroyed ---


def test_a_wipe_leaves_neither_keys_nor_files_nor_the_profile(signin: SignIn, home: Home) -> None:
    path = signin.profiles.cache_path("amur")
    noise = path.read_bytes()
    key = signin.secrets_of("amur").cache_key(create=False)
    wipe(home, signin, "amur")
    assert not list(path.parent.glob("amur*"))
    assert signin.profiles.names() == []
    assert signin.profiles.settings.vault is None
    assert not home.secrets_file.exists()
    assert not files_with(home, key)
    assert not files_with(home, noise[4096:4160])


def test_a_wipe_touches_no_other_profile(signin: SignIn, home: Home) -> None:
    filled(home, signin.secrets_of("amur").vault, "amur-2")
    wipe(home, signin, "amur")
    assert signin.profiles.names() == ["amur-2"]
    assert everything_is_there(signin, "amur-2")
    with pytest.raises(VaultError):
        signin.secrets_of("amur").cache_key(create=False)


def test_the_key_is_gone_before_the_first_file(
    signin: SignIn, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("cur_tui.services.access.wiping._remove_files", fail)
    with pytest.raises(OSError, match="disk"):
        wipe(home, signin, "amur")
    with pytest.raises(VaultError) as caught:
        signin.open_cache("amur")
    assert caught.value.code == "cache_key_missing"


def test_an_open_workstation_is_not_wiped(signin: SignIn, home: Home) -> None:
    cache = signin.open_cache("amur")
    with pytest.raises(CacheBusy):
        wipe(home, signin, "amur")
    cache.close()
    assert everything_is_there(signin)


def test_without_the_passphrase_only_the_last_profile_can_be_destroyed(signin: SignIn, home: Home) -> None:
    signin.profiles.add("kursk", "http://127.0.0.1:9")
    assert not wipe_without_secrets(home, "amur")
    assert everything_is_there(signin)
    signin.profiles.remove("kursk")
    assert wipe_without_secrets(home, "amur")
    assert not home.secrets_file.exists()
    assert not signin.profiles.cache_path("amur").exists()


# --- what was there before is overwritten ---


def test_the_file_under_the_old_passphrase_is_overwritten(signin: SignIn, home: Home, tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.link(home.secrets_file, held)
    before = held.read_bytes()
    vault = signin.secrets_of("amur").vault
    assert isinstance(vault, FileVault)
    vault.change_passphrase("another passphrase", CHEAP)
    assert held.read_bytes() == bytes(len(before))
    assert FileVault.unlock(home.secrets_file, "another passphrase").get("amur/cache-key") is not None
    assert not list(home.config_dir.glob(".secrets.enc.old"))


# --- a locked profile, with a keyring ---


@pytest.fixture
def locked(home: Home) -> SignIn:
    """A profile in a keyring whose workstation was locked and closed."""
    signin = filled(home, KeyringVault(Keeping()))
    secrets = signin.secrets_of("amur")
    unlocking.signed_in_with(secrets, "the password", CHEAP)
    unlocking.begin_lock(secrets)
    return signin


def test_a_locked_profile_is_closed_to_every_program(locked: SignIn) -> None:
    for read_only in (True, False):
        with pytest.raises(VaultError) as caught:
            locked.open_cache("amur", read_only=read_only)
        assert caught.value.code == "profile_locked"


def test_the_password_opens_it_and_a_program_that_only_reads_leaves_it_locked(
    locked: SignIn, home: Home
) -> None:
    asking = SignIn(home, locked.secrets_of("amur").vault, ask=lambda occasion: "the password")
    asking.open_cache("amur", read_only=True).close()
    with pytest.raises(VaultError):
        locked.open_cache("amur")
    asking.open_cache("amur").close()
    locked.open_cache("amur").close()


def test_wrong_passwords_are_slowed_down_across_programs(
    locked: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    secrets = locked.secrets_of("amur")
    for _program in range(2):
        with pytest.raises(VaultError) as caught:
            unlocking.admit(secrets, lambda occasion: "wrong")
        assert caught.value.code == "unlocking_wrong"
    assert slept == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    unlocking.admit(secrets, lambda occasion: "the password")


def test_the_doctor_tells_where_the_secrets_are_and_what_unlocks(locked: SignIn, home: Home) -> None:
    def told(signin: SignIn) -> list[tuple[str, str]]:
        return [(one.state, one.detail) for one in look_at_secrets(home, signin.secrets_of("amur"))]

    secrets = locked.secrets_of("amur")
    in_keyring = ("ok", "в системном хранилище ключей")
    assert told(locked) == [in_keyring, ("warning", "закрыто; откроет пароль последнего входа")]
    unlocking.end_lock(secrets)
    assert told(locked) == [in_keyring, ("ok", "через 15 минут без нажатий; откроет пароль")]
    secrets.forget()
    assert told(locked)[1][0] == "warning"
    assert "cur passphrase" in told(locked)[1][1]


def test_the_doctor_tells_of_a_passphrase(signin: SignIn, home: Home) -> None:
    places = [one.detail for one in look_at_secrets(home, signin.secrets_of("amur"))]
    assert places[0] == f"в файле {home.secrets_file}, под парольной фразой"
    assert places[1].endswith("откроет парольная фраза")


def test_a_password_of_ones_own_stays_until_it_is_not_known_at_a_lock(locked: SignIn) -> None:
    secrets = locked.secrets_of("amur")
    unlocking.end_lock(secrets)
    unlocking.choose(secrets, "my own one", CHEAP)
    unlocking.signed_in_with(secrets, "the password", CHEAP)
    assert unlocking.is_right(secrets, "my own one")
    unlocking.begin_lock(secrets)
    unlocking.signed_in_with(secrets, "the password", CHEAP)
    assert unlocking.is_right(secrets, "the password")
    assert secrets.locked is None


def test_what_unlocks_is_kept_as_a_hash(locked: SignIn) -> None:
    kept = locked.secrets_of("amur").vault.get("amur/unlocking")
    assert kept is not None
    assert b"the password" not in kept
    assert json.loads(kept)["cost"] == {"memory": 64, "passes": 1, "lanes": 1}


def test_a_sealed_cache_keeps_others_out_and_opens_with_its_key_only(signin: SignIn) -> None:
    cache = signin.open_cache("amur")
    key = signin.secrets_of("amur").cache_key(create=False)
    cache.seal()
    with pytest.raises(CacheError) as sealed:
        cache.reader.outbox()
    assert sealed.value.code == "cache_sealed"
    with pytest.raises(CacheError):
        _ = cache.writer
    with pytest.raises(CacheBusy):
        signin.open_cache("amur")
    with pytest.raises(CacheError) as wrong:
        cache.unseal(bytes(32))
    assert wrong.value.code == "cache_wrong_key"
    cache.unseal(key)
    assert [entry.arguments["text"] for entry in cache.reader.outbox()] == [MARK]
    cache.close()


def test_who_holds_the_writer_of_a_sealed_cache_is_told_so(signin: SignIn) -> None:
    cache = signin.open_cache("amur")
    writer = cache.writer
    cache.seal()
    with pytest.raises(CacheError) as caught:
        writer.save_draft(Draft("0197-1", "final", "набрано"))
    assert caught.value.code == "cache_sealed"
    cache.close()


# --- when it locks itself ---


@pytest.mark.parametrize(
    ("written", "seconds"), [("", 900.0), ("lock_minutes = 0", None), ("lock_minutes = 5", 300.0)]
)
def test_the_minutes_until_it_locks_itself_are_a_setting(
    home: Home, written: str, seconds: float | None
) -> None:
    home.config_file.write_text(written)
    assert load_settings(home.config_file).lock_after == seconds
    Profiles(home).prefer(theme="cur-light")
    assert load_settings(home.config_file).lock_after == seconds


def test_minutes_that_make_no_sense_are_told(home: Home) -> None:
    home.config_file.write_text("lock_minutes = -1")
    with pytest.raises(SettingsError) as caught:
        load_settings(home.config_file)
    assert caught.value.params["key"] == "lock_minutes"
