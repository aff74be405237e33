"""Secrets: real keyrings only, else a file under a passphrase; never plain text, never a hang."""

import itertools
import multiprocessing
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from cur_tui.i18n import translator
from cur_tui.paths import Home
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.secrets.vault import Ask, Occasion, ProfileSecrets, Vault, open_vault
from cur_tui.services.secrets.vault_file import FileVault, KdfCost
from cur_tui.services.secrets.vault_keyring import SERVICE, KeyringVault, find_keyring
from cur_tui.services.secrets.vault_problems import REFUSALS, VaultError

CHEAP = KdfCost(memory=64, passes=1, lanes=1)
REAL = frozenset((__name__,))


class Keeping(KeyringBackend):
    """A keyring that works."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Forgetful(Keeping):
    """Says that it kept what it dropped, as the null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class Raising(Keeping):
    """A bus that is gone; the exception is not one of the keyring library."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise ConnectionResetError("bus")


class Crowded(Keeping):
    """Lets the first two who ask find nothing, both before either goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.crowd = threading.Barrier(2)
        self.asked = itertools.count()

    def get_password(self, service: str, username: str) -> str | None:
        known = super().get_password(service, username)
        if next(self.asked) < 2:
            self.crowd.wait(30)
        return known


class Hanging(Keeping):
    """A locked Secret Service that waits for a window nobody sees."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.released.wait(60)
        return None


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home", environ={})


def answering(*answers: str | None) -> tuple[Ask, list[Occasion]]:
    """A person who gives these answers, and what they were asked."""
    given = iter(answers)
    occasions: list[Occasion] = []

    def ask(occasion: Occasion) -> str | None:
        occasions.append(occasion)
        return next(given)

    return ask, occasions


def opened(home: Home, *answers: str | None, environ: dict[str, str] | None = None) -> Vault:
    ask, _ = answering(*answers)
    return open_vault(home, ask=ask, environ=environ or {}, cost=CHEAP, keyring=lambda: None)


def passphrase_file(folder: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    path = folder / "passphrase"
    path.write_text(text)
    path.chmod(mode)
    return {"CUR_PASSPHRASE_FILE": str(path)}


# --- the keyring ---


def test_a_real_keyring_keeps_and_forgets() -> None:
    backend = Keeping()
    vault = find_keyring(lambda: [backend], real=REAL)
    assert vault is not None
    assert backend.kept == {}, "the probe left something behind"
    vault.set("amur/cache-key", bytes(range(32)))
    assert vault.get("amur/cache-key") == bytes(range(32))
    vault.delete("amur/cache-key")
    vault.delete("amur/cache-key")
    assert vault.get("amur/cache-key") is None


@pytest.mark.parametrize("backend", [null.Keyring(), fail.Keyring(), Keeping()])
def test_backends_that_are_not_known_as_real_are_passed_over(backend: KeyringBackend) -> None:
    assert find_keyring(lambda: [backend]) is None


@pytest.mark.parametrize("backend", [Forgetful(), Raising()])
def test_backends_that_do_not_give_back_what_they_got_are_passed_over(backend: KeyringBackend) -> None:
    assert find_keyring(lambda: [backend], real=REAL) is None


def test_a_broken_configuration_is_no_keyring() -> None:
    def configured() -> list[KeyringBackend]:
        raise ModuleNotFoundError("no such backend")

    assert find_keyring(configured, real=REAL) is None


def test_a_hanging_keyring_is_given_up() -> None:
    backend = Hanging()
    assert find_keyring(lambda: [backend], real=REAL, limit=0.1) is None
    backend.released.set()


def test_the_next_member_of_a_chain_is_tried() -> None:
    backend = Keeping()
    vault = find_keyring(lambda: [null.Keyring(), Forgetful(), backend], real=REAL)
    assert vault is not None
    vault.set("a", b"b")
    assert len(backend.kept) == 1


def test_a_keyring_that_stops_answering_is_a_clear_error() -> None:
    backend = Hanging()
    with pytest.raises(VaultError) as caught:
        KeyringVault(backend, limit=0.1).get("amur/cache-key")
    assert caught.value.code == "keyring_unavailable"
    backend.released.set()


def test_a_keyring_that_drops_a_secret_is_an_error() -> None:
    with pytest.raises(VaultError) as caught:
        KeyringVault(Forgetful()).set("amur/cache-key", b"secret")
    assert caught.value.code == "keyring_failed"


def test_no_exception_of_a_backend_carries_the_secret() -> None:
    with pytest.raises(VaultError) as caught:
        KeyringVault(Raising()).set("amur/cache-key", b"secret")
    assert caught.value.params == {"reason": "ConnectionResetError"}


# --- the choice ---


def test_the_keyring_is_chosen_and_remembered(home: Home) -> None:
    backend = Keeping()
    for _ in range(2):
        vault = open_vault(home, environ={}, keyring=lambda: find_keyring(lambda: [backend], real=REAL))
        assert vault.kind == "keyring"
    assert Profiles(home).settings.vault == "keyring"
    assert not home.secrets_file.exists()


def test_a_remembered_keyring_that_is_gone_never_leads_to_a_new_empty_vault(home: Home) -> None:
    backend = Keeping()
    open_vault(home, environ={}, keyring=lambda: find_keyring(lambda: [backend], real=REAL))
    ask, occasions = answering("a good passphrase")
    with pytest.raises(VaultError) as caught:
        open_vault(home, ask=ask, environ={}, cost=CHEAP, keyring=lambda: None)
    assert caught.value.code == "keyring_unavailable"
    assert occasions == []
    assert not home.secrets_file.exists()


def test_without_a_keyring_the_person_is_asked_and_the_file_is_remembered(home: Home) -> None:
    ask, occasions = answering("a good passphrase", "a good passphrase")
    first = open_vault(home, ask=ask, environ={}, cost=CHEAP, keyring=lambda: None)
    first.set("amur/cache-key", b"k" * 32)
    # A keyring that turns up later does not hold the key, so it is not asked.
    again = open_vault(home, ask=ask, environ={}, keyring=lambda: KeyringVault(Keeping()))
    assert again.get("amur/cache-key") == b"k" * 32
    assert occasions == ["new", "unlock"]


def test_nobody_to_ask_is_an_error_and_never_plain_text(home: Home) -> None:
    with pytest.raises(VaultError) as caught:
        open_vault(home, environ={}, keyring=lambda: None)
    assert caught.value.code == "passphrase_needed"
    assert not home.secrets_file.exists()


def test_a_short_new_passphrase_is_refused(home: Home) -> None:
    with pytest.raises(VaultError) as caught:
        opened(home, "1234567")
    assert caught.value.code == "passphrase_short"
    assert not home.secrets_file.exists()


def test_the_passphrase_file_decides_for_the_file_without_a_look_at_the_keyring(
    home: Home, tmp_path: Path
) -> None:
    def keyring() -> KeyringVault:
        raise AssertionError("the keyring was asked")

    environ = passphrase_file(tmp_path, "a good passphrase\nsecond line\n")
    vault = open_vault(home, environ=environ, cost=CHEAP, keyring=keyring)
    vault.set("a", b"1")
    assert opened(home, "a good passphrase").get("a") == b"1"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_passphrase_file_open_to_others_is_refused(home: Home, tmp_path: Path, mode: int) -> None:
    with pytest.raises(VaultError) as caught:
        opened(home, environ=passphrase_file(tmp_path, "a good passphrase", mode))
    assert caught.value.code == "passphrase_file_open"
    assert not home.secrets_file.exists()


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_or_missing_passphrase_file_is_refused(home: Home, tmp_path: Path, content: str) -> None:
    with pytest.raises(VaultError):
        opened(home, environ=passphrase_file(tmp_path, content))
    with pytest.raises(VaultError):
        opened(home, environ={"CUR_PASSPHRASE_FILE": str(tmp_path / "nothing")})


# --- the file ---


def test_a_wrong_passphrase_is_told_and_the_file_is_untouched(home: Home) -> None:
    opened(home, "a good passphrase").set("a", b"1")
    before = (home.secrets_file.read_bytes(), home.secrets_file.stat().st_mtime_ns)
    ask, occasions = answering("wrong 1", "wrong 2", "wrong 3")
    with pytest.raises(VaultError) as caught:
        open_vault(home, ask=ask, environ={}, keyring=lambda: None)
    assert caught.value.code == "wrong_passphrase"
    assert occasions == ["unlock", "wrong", "wrong"]
    assert (home.secrets_file.read_bytes(), home.secrets_file.stat().st_mtime_ns) == before
    assert opened(home, "oops", "a good passphrase").get("a") == b"1"


def test_the_file_shows_neither_names_nor_secrets(home: Home) -> None:
    opened(home, "a good passphrase").set("amur/refresh-token", b"token-token-token")
    content = home.secrets_file.read_bytes()
    assert b"token" not in content
    assert b"amur" not in content
    assert stat.S_IMODE(home.secrets_file.stat().st_mode) == 0o600


def test_a_file_open_to_others_is_closed(home: Home) -> None:
    opened(home, "a good passphrase")
    home.secrets_file.chmod(0o644)
    opened(home, "a good passphrase")
    assert stat.S_IMODE(home.secrets_file.stat().st_mode) == 0o600


def test_a_symbolic_link_is_refused(home: Home, tmp_path: Path) -> None:
    opened(home, "a good passphrase")
    elsewhere = tmp_path / "elsewhere"
    home.secrets_file.rename(elsewhere)
    home.secrets_file.symlink_to(elsewhere)
    with pytest.raises(VaultError) as caught:
        opened(home, "a good passphrase")
    assert caught.value.code == "vault_untrusted"


def test_any_changed_byte_of_the_file_is_noticed(home: Home) -> None:
    opened(home, "a good passphrase").set("a", b"1")
    original = home.secrets_file.read_bytes()
    for place in range(0, len(original), 7):
        changed = bytearray(original)
        changed[place] ^= 0x11
        home.secrets_file.write_bytes(bytes(changed))
        assert _outcome(home.secrets_file) in ("wrong_passphrase", "vault_damaged") or (
            # White space between the members means nothing.
            chr(original[place]).isspace() and _outcome(home.secrets_file) == "1"
        )


def _outcome(path: Path) -> str:
    try:
        return (FileVault.unlock(path, "a good passphrase").get("a") or b"").decode()
    except VaultError as error:
        return error.code


def test_a_file_that_asks_for_absurd_memory_is_damaged_not_obeyed(home: Home) -> None:
    opened(home, "a good passphrase")
    text = home.secrets_file.read_text().replace('"memory": 64', '"memory": 4000000000')
    home.secrets_file.write_text(text)
    with pytest.raises(VaultError) as caught:
        opened(home, "a good passphrase")
    assert caught.value.code == "vault_damaged"


def test_the_passphrase_can_change(home: Home) -> None:
    vault = opened(home, "a good passphrase")
    vault.set("a", b"1")
    assert isinstance(vault, FileVault)
    vault.change_passphrase("another passphrase", CHEAP)
    with pytest.raises(VaultError):
        FileVault.unlock(home.secrets_file, "a good passphrase")
    assert FileVault.unlock(home.secrets_file, "another passphrase").get("a") == b"1"


def test_the_default_cost_is_the_documented_one(home: Home) -> None:
    home.prepare()
    FileVault.create(home.secrets_file, "a good passphrase").set("a", b"1")
    assert b'"memory": 65536' in home.secrets_file.read_bytes()
    assert FileVault.unlock(home.secrets_file, "a good passphrase").get("a") == b"1"


def _write_many(path: str, prefix: str) -> None:
    vault = FileVault.unlock(Path(path), "a good passphrase")
    for n in range(20):
        vault.set(f"{prefix}-{n}", prefix.encode())


def test_two_programs_do_not_lose_each_others_secrets(home: Home) -> None:
    opened(home, "a good passphrase")
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(str(home.secrets_file), name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
        assert writer.exitcode == 0
    vault = opened(home, "a good passphrase")
    assert [vault.get(f"{name}-{n}") for name in "ab" for n in range(20)] == [b"a"] * 20 + [b"b"] * 20


def test_a_failed_write_leaves_the_old_file(home: Home) -> None:
    vault = opened(home, "a good passphrase")
    vault.set("a", b"1")
    lock = home.config_dir / ".secrets.enc.lock"
    lock.unlink()
    lock.mkdir()
    with pytest.raises(VaultError) as caught:
        vault.set("a", b"2")
    assert caught.value.code == "vault_unusable"
    assert vault.get("a") == b"1"


# --- of one profile ---


def test_secrets_of_a_profile(home: Home) -> None:
    vault = opened(home, "a good passphrase")
    amur = ProfileSecrets(vault, "amur", home.config_dir / ".amur.lock")
    kursk = ProfileSecrets(vault, "kursk", home.config_dir / ".kursk.lock")
    with pytest.raises(VaultError) as caught:
        amur.cache_key(create=False)
    assert caught.value.code == "cache_key_missing"
    key = amur.cache_key(create=True)
    assert len(key) == 32
    assert amur.cache_key(create=False) == key != kursk.cache_key(create=True)
    amur.save("token")
    assert (amur.load(), kursk.load()) == ("token", None)
    amur.forget()
    assert amur.load() is None
    with pytest.raises(VaultError):
        amur.cache_key(create=False)


def test_programs_that_begin_at_once_get_one_key(home: Home) -> None:
    home.prepare()
    vault = KeyringVault(Crowded())
    made = [ProfileSecrets(vault, "amur", home.config_dir / ".amur.lock") for _ in range(2)]
    with ThreadPoolExecutor(len(made)) as programs:
        keys = set(programs.map(lambda secrets: secrets.cache_key(create=True), made))
    assert keys == {made[0].cache_key(create=False)}


def test_a_changed_entry_of_the_keyring_is_told(home: Home) -> None:
    keyring = Keeping()
    secrets = ProfileSecrets(KeyringVault(keyring), "amur", home.config_dir / ".amur.lock")
    for kept, expected in (("%%%", "keyring_failed"), ("aGVsbG8=", "cache_key_missing")):
        keyring.set_password(SERVICE, "amur/cache-key", kept)
        with pytest.raises(VaultError) as caught:
            secrets.cache_key(create=False)
        assert caught.value.code == expected


def test_every_refusal_has_its_sentence_in_both_languages() -> None:
    params = dict.fromkeys(("variable", "limit", "path", "reason", "profile"), "x")
    for code in REFUSALS:
        for language in ("ru", "en"):
            assert "{" not in VaultError(code, params).sentence(translator(language))
