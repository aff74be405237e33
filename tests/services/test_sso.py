"""Single sign-on from the workstation's side, with the real server and the certified provider behind it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cur_tui.contract.wire import SsoPolled, SsoStarted
from cur_tui.domain.refusal import Refused
from cur_tui.paths import Home
from cur_tui.services.access import sso
from cur_tui.services.access.profiles import ProfileError
from cur_tui.services.access.signin import Access, SignIn
from cur_tui.services.access.sso import Prompt, SsoSignIn
from cur_tui.sync.faults import NoContact
from regional_api.identity import account_changes
from regional_api.identity.account_changes import Post
from regional_api.identity.oidc.settings import OidcSettings, write_settings
from tests.server.oidc_provider import Person, running_provider
from tests.services.test_signin import vault_of
from tests.sync.office import PASSWORD, Region, region_in


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with running_provider() as issuer, region_in(tmp_path_factory.mktemp("region")) as region:
        write_settings(region.centre, OidcSettings(issuer, "regional-api"))
        account_changes.change_post(region.centre, "operator", Post(sso="op-1"))
        account_changes.change_post(region.centre, "supervisor", Post(sso="su-1"))
        yield region


@pytest.fixture
def signin(region: Region, tmp_path: Path) -> SignIn:
    home = Home.at(tmp_path / "home", environ={})
    signin = SignIn(home, vault_of(home))
    signin.profiles.add("amur", region.address)
    return signin


class Browser:
    """Goes where the workstation says and agrees there as ``name``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.prompts: list[Prompt] = []

    def show(self, prompt: Prompt) -> None:
        self.prompts.append(prompt)
        Person(self.name).agree(f"{prompt.address}?user_code={prompt.code}")


def at_once(_seconds: float) -> bool:
    return False


def test_a_person_signs_in_without_a_password(signin: SignIn, region: Region) -> None:
    browser = Browser("op-1")
    account = signin.sign_in_through("amur", browser.show, at_once)
    assert account.account == "operator"
    profile = signin.profiles.get("amur")
    assert (profile.user, profile.sso) == ("operator", True)
    access = signin.access("amur")
    assert access.session.renew().account == "operator"
    access.close()
    assert browser.prompts[0].advice
    signin.sign_in("amur", "operator", PASSWORD)
    assert signin.profiles.get("amur").sso is False


def test_somebody_else_gets_neither_the_profile_nor_a_session(signin: SignIn, region: Region) -> None:
    signin.sign_in("amur", "operator", PASSWORD)
    with region.database.reading() as connection:
        before = account_changes.list_sessions(connection, "supervisor")
    with pytest.raises(ProfileError, match="profile_of_other"):
        signin.sign_in_through("amur", Browser("su-1").show, at_once)
    with region.database.reading() as connection:
        after = account_changes.list_sessions(connection, "supervisor")
    assert len(after) == len(before) + 1
    assert after[0].ended_at is not None
    access = signin.access("amur")
    assert access.session.renew().account == "operator"
    access.close()


def test_giving_up_ends_the_wait(signin: SignIn) -> None:
    shown: list[Prompt] = []
    given_up = threading.Event()

    def rest(_seconds: float) -> bool:
        given_up.set()
        return given_up.is_set()

    with pytest.raises(Refused, match="sso_cancelled"):
        signin.sign_in_through("amur", shown.append, rest)
    assert shown
    assert signin.profiles.get("amur").user is None


class Talk:
    """A server that says what a test wants it to."""

    def __init__(self, started: dict[str, Any] | None = None, *polls: SsoPolled | Exception) -> None:
        values = {
            "handle": "h",
            "user_code": "BCDF-GHJK",
            "verification_uri": "https://login.amur.example/device",
            "verification_uri_complete": None,
            "expires_in": 600,
            "interval": 5,
        }
        self.started = SsoStarted(**(values | (started or {})))
        self.polls = iter(polls)

    def start_sso(self) -> SsoStarted:
        return self.started

    def poll_sso(self, handle: str) -> SsoPolled:
        answer = next(self.polls)
        if isinstance(answer, Exception):
            raise answer
        return answer


def with_server(talk: Talk) -> SsoSignIn:
    access = Access.__new__(Access)
    access.__dict__["session"] = talk
    return SsoSignIn(access)


@pytest.mark.parametrize(
    "started",
    [
        {"user_code": "\x1b[2JBCDF"},
        {"user_code": "ВСDF"},
        {"user_code": ""},
        {"user_code": "A" * 33},
        {"verification_uri": "http://login.amur.example/device"},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "https://login.amur.example/\x1b]8;;x\x07"},
        {"verification_uri": "https://логин.example/"},
        {"verification_uri": "https://login.amur.example@evil.example/"},
        {"verification_uri": "https://login.amur.example/" + "a" * 500},
    ],
)
def test_what_cannot_be_shown_as_it_is_is_not_shown(started: dict[str, str]) -> None:
    with pytest.raises(Refused, match="sso_unavailable"):
        with_server(Talk(started)).start()


def test_the_wait_is_as_slow_as_the_provider_wants_and_outlives_a_bad_network() -> None:
    rests: list[float] = []

    def rest(seconds: float) -> bool:
        rests.append(seconds)
        return len(rests) > 4

    slower = SsoPolled(slower=True)
    waiting = with_server(Talk(None, slower, NoContact("timeout", {"server": "x"}), slower, SsoPolled()))
    waiting.start()
    with pytest.raises(Refused, match="sso_cancelled"):
        waiting.wait(rest)
    assert rests == [5, 10, 10, 15, 15]


def test_the_wait_ends_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = with_server(Talk({"expires_in": 0}))
    waiting.start()
    with pytest.raises(Refused, match="sso_expired"):
        waiting.wait(at_once)
    assert sso.asleep(0) is False


def test_the_command_line_shows_the_code(
    region: Region, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cur_tui.cli import login
    from cur_tui.cli.main import main

    passphrase = tmp_path / "passphrase"
    passphrase.write_text("a passphrase")
    passphrase.chmod(0o600)
    monkeypatch.setenv("CUR_PASSPHRASE_FILE", str(passphrase))
    show = login._show

    def agree(prompt: Prompt) -> None:
        show(prompt)
        Person("op-1").agree(f"{prompt.address}?user_code={prompt.code}")

    monkeypatch.setattr(login, "_show", agree)
    monkeypatch.setattr(login, "asleep", at_once)
    home = str(tmp_path / "home")
    assert main(["--home", home, "login", "--server", region.address, "--sso"]) == 0
    told = capsys.readouterr().err
    assert "/device" in told
    assert "operator" in told
    assert main(["--home", home, "login"]) == 2
