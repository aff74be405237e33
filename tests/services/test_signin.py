"""Signing in and out of a profile, and starting again without a network."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cur_tui.i18n import translator
from cur_tui.paths import Home
from cur_tui.services.access.profiles import ProfileError
from cur_tui.services.access.signin import SignIn
from cur_tui.services.secrets.vault import Vault, open_vault
from cur_tui.services.secrets.vault_file import KdfCost
from cur_tui.services.secrets.vault_problems import VaultError
from cur_tui.sync.faults import NoContact, ServerProblem, SignInNeeded
from storage.errors import CacheBusy
from tests.sync.office import PASSWORD, Region, region_in


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with region_in(tmp_path_factory.mktemp("region")) as region:
        region.register(2, "utilities")
        yield region


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home", environ={})


def vault_of(home: Home) -> Vault:
    cost = KdfCost(memory=64, passes=1, lanes=1)
    return open_vault(home, ask=lambda _: "a passphrase", environ={}, cost=cost, keyring=lambda: None)


def signed_in(home: Home, region: Region) -> SignIn:
    sign_in = SignIn(home, vault_of(home))
    sign_in.profiles.add("amur", region.address)
    sign_in.sign_in("amur", "operator", PASSWORD)
    return sign_in


def test_the_first_sign_in_makes_everything_that_work_needs(home: Home, region: Region) -> None:
    sign_in = SignIn(home, vault_of(home))
    profile = sign_in.profiles.add("amur", region.address)
    assert sign_in.resume("amur") is None
    account = sign_in.sign_in("amur", "operator", PASSWORD)
    assert (account.account, account.blocks) == ("operator", ("roads", "utilities"))
    assert sign_in.profiles.get("amur").user == "operator"
    assert sign_in.profiles.get("amur").device == profile.device
    access = sign_in.access("amur")
    cache = sign_in.open_cache("amur")
    engine = access.engine(cache)
    engine.hello()
    while engine.needs_bootstrap:
        engine.bootstrap_step()
    assert cache.reader.region() is not None
    access.transport.close()
    cache.close()


def test_a_start_without_network_knows_who_works_here(home: Home, region: Region) -> None:
    signed_in(home, region)
    # Another start of the program, and an address where nobody answers.
    again = SignIn(home, vault_of(home))
    account = again.resume("amur")
    assert account is not None
    assert account.account == "operator"
    assert "note" in account.permissions


def test_the_stored_token_goes_on_where_it_was(home: Home, region: Region) -> None:
    signed_in(home, region)
    access = SignIn(home, vault_of(home)).access("amur")
    assert access.session.renew().account == "operator"
    access.transport.close()


def test_a_wrong_password_leaves_nothing_behind(home: Home, region: Region) -> None:
    sign_in = SignIn(home, vault_of(home))
    sign_in.profiles.add("amur", region.address)
    with pytest.raises(ServerProblem) as caught:
        sign_in.sign_in("amur", "operator", "wrong password")
    assert caught.value.code == "sign_in_failed"
    assert sign_in.profiles.get("amur").user is None
    assert not sign_in.profiles.cache_path("amur").exists()
    assert sign_in.resume("amur") is None


def test_nobody_there_to_sign_in_to(home: Home) -> None:
    sign_in = SignIn(home, vault_of(home))
    sign_in.profiles.add("amur", "http://127.0.0.1:9")
    with pytest.raises(NoContact) as caught:
        sign_in.sign_in("amur", "operator", PASSWORD)
    assert caught.value.code == "refused"
    assert "127.0.0.1:9" in caught.value.sentence(translator("ru"))


def test_another_person_needs_a_profile_of_their_own(home: Home, region: Region) -> None:
    sign_in = signed_in(home, region)
    with pytest.raises(ProfileError) as caught:
        sign_in.sign_in("amur", "supervisor", PASSWORD)
    assert caught.value.code == "profile_of_other"
    assert "operator" in caught.value.sentence(translator("ru"))
    resumed = sign_in.resume("amur")
    assert resumed is not None
    assert resumed.account == "operator"
    sign_in.profiles.add("second", region.address)
    assert sign_in.sign_in("second", "supervisor", PASSWORD).account == "supervisor"


def test_after_signing_out_the_cache_stays_and_the_server_is_closed(home: Home, region: Region) -> None:
    sign_in = signed_in(home, region)
    sign_in.sign_out("amur")
    sign_in.sign_out("amur")
    access = sign_in.access("amur")
    with pytest.raises(SignInNeeded):
        access.session.renew()
    access.transport.close()
    assert sign_in.resume("amur") is not None
    assert sign_in.sign_in("amur", "operator", PASSWORD).account == "operator"


def test_a_cache_whose_key_is_gone_is_not_replaced_by_an_empty_one(home: Home, region: Region) -> None:
    sign_in = signed_in(home, region)
    sign_in.access("amur").secrets.forget()
    path = sign_in.profiles.cache_path("amur")
    before = path.read_bytes()
    with pytest.raises(VaultError) as caught:
        sign_in.open_cache("amur")
    assert caught.value.code == "cache_key_missing"
    assert path.read_bytes() == before


def test_one_program_at_a_time_writes_a_cache(home: Home, region: Region) -> None:
    sign_in = signed_in(home, region)
    cache = sign_in.open_cache("amur")
    with pytest.raises(CacheBusy):
        sign_in.open_cache("amur")
    # Reading beside it is fine.
    assert sign_in.resume("amur") is not None
    cache.close()


def test_neither_password_nor_token_is_in_any_file(home: Home, region: Region) -> None:
    sign_in = signed_in(home, region)
    token = sign_in.access("amur").secrets.load()
    assert token
    files = [path for path in home.config_dir.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert token.encode() not in content
        assert PASSWORD.encode() not in content
        assert path.stat().st_mode & 0o077 == 0, path
