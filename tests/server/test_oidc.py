"""Signing in at a real identity provider with a code, from the first question to the session."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from cur_tui.contract.wire import SsoPoll
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre, open_centre
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.tables import ACCOUNT, ATTEMPT, JOURNAL, JOURNAL_PAYLOAD
from regional_api.identity import account_changes
from regional_api.identity.account_changes import Post
from regional_api.identity.oidc import flow
from regional_api.identity.oidc.settings import OidcSettings, read_settings, write_settings
from tests.server.office import code, on_both_engines
from tests.server.oidc_provider import Person, running_provider

NAME = "op.zarechnaya"
DEVICE = "desk-4"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running_provider() as issuer:
        yield issuer


@pytest.fixture
def centre(address: str, issuer: str) -> Iterator[Centre]:
    centre = open_centre(Database(address))
    write_settings(centre, OidcSettings(issuer, "regional-api"))
    account_changes.change_post(centre, NAME, Post(sso="zarechnaya"))
    yield centre
    centre.database.close()


@pytest.fixture
def ask(server: str) -> Iterator[Callable[..., httpx.Response]]:
    http = httpx.Client(base_url=server, trust_env=False, timeout=30, verify=False)

    def ask(path: str, **body: Any) -> httpx.Response:
        return http.post(f"/v1/sso/{path}", json={"device": DEVICE, **body})

    yield ask
    http.close()


Ask = Callable[..., httpx.Response]


@on_both_engines
def test_a_person_who_agrees_at_the_provider_is_signed_in(server: str, centre: Centre, ask: Ask) -> None:
    started = ask("start", device_name="Стол 4").json()
    assert started["verification_uri_complete"].endswith(started["user_code"])
    assert (started["expires_in"], started["interval"]) == (600, 5)
    waiting = ask("poll", handle=started["handle"])
    assert waiting.json() == {"session": None, "slower": False}
    Person("zarechnaya").agree(started["verification_uri_complete"])
    let_time_pass(centre)
    session = ask("poll", handle=started["handle"]).json()["session"]
    assert session["account"]["account"] == NAME
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    me = httpx.get(f"{server}/v1/me", headers=headers, trust_env=False, verify=False)
    assert me.json() == session["account"]
    # The provider gives a token for a code once.
    let_time_pass(centre)
    assert code(ask("poll", handle=started["handle"])) == (410, "sso_expired")


@on_both_engines
def test_who_asks_too_often_is_told_to_slow_down_and_the_provider_is_left_alone(
    address: str, centre: Centre, ask: Ask
) -> None:
    started = ask("start").json()
    other = ask("start", device="desk-5").json()
    assert ask("poll", handle=started["handle"]).json() == {"session": None, "slower": False}
    Person("zarechnaya").agree(started["verification_uri_complete"])
    for _ in range(3):
        assert ask("poll", handle=started["handle"]).json() == {"session": None, "slower": True}
    # Each sign-in has its own pace, and another server process knows of it.
    assert ask("poll", handle=other["handle"], device="desk-5").json() == {"session": None, "slower": False}
    process = open_centre(Database(address))
    assert flow.poll(process, SsoPoll(started["handle"], DEVICE), "127.0.0.1").slower
    process.database.close()
    let_time_pass(centre)
    assert ask("poll", handle=started["handle"]).json()["session"]["account"]["account"] == NAME


def let_time_pass(centre: Centre) -> None:
    """Whatever has to be waited for is over."""
    with centre.database.writing() as connection:
        connection.execute(update(ATTEMPT).values(until=0))


def test_who_declines_is_not_signed_in(centre: Centre, ask: Ask) -> None:
    started = ask("start").json()
    Person("zarechnaya").decline(started["verification_uri_complete"])
    assert code(ask("poll", handle=started["handle"])) == (403, "sso_denied")


def test_no_account_is_made_for_a_stranger(centre: Centre, ask: Ask) -> None:
    started = ask("start", device_name="чужой стол").json()
    Person("stranger").agree(started["verification_uri_complete"])
    assert code(ask("poll", handle=started["handle"])) == (403, "sso_no_account")
    with centre.database.reading() as connection:
        names = connection.execute(select(ACCOUNT.c.account)).scalars().all()
        line = connection.execute(
            select(JOURNAL_PAYLOAD.c.data)
            .join(JOURNAL, JOURNAL.c.n == JOURNAL_PAYLOAD.c.n)
            .where(JOURNAL.c.type == "sign_in_failed")
        ).scalar_one()
    assert "stranger" not in "".join(names)
    assert "stranger" not in line.decode()


def test_a_closed_account_stays_closed(centre: Centre, ask: Ask) -> None:
    account_changes.close(centre, NAME, wipe=False)
    started = ask("start").json()
    Person("zarechnaya").agree(started["verification_uri_complete"])
    assert code(ask("poll", handle=started["handle"])) == (403, "sso_no_account")


@pytest.mark.parametrize(("person", "signed_in"), [("roshchin", True), ("unverified-roshchin", False)])
def test_an_address_counts_only_when_the_provider_vouches_for_it(
    centre: Centre, issuer: str, ask: Ask, person: str, signed_in: bool, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret: with & signs\n")
    write_settings(
        centre,
        OidcSettings(
            issuer,
            "regional api/2",
            claim="email",
            scope="openid email",
            secret_file=str(secret),
            needs_nonce=True,
        ),
    )
    account_changes.change_post(centre, "op.roshchin", Post(sso=f"{person}@amur.example"))
    started = ask("start").json()
    Person(person).agree(started["verification_uri_complete"])
    answer = ask("poll", handle=started["handle"])
    assert (answer.status_code == 200) is signed_in
    if signed_in:
        assert answer.json()["session"]["account"]["account"] == "op.roshchin"


def test_a_handle_is_for_one_device_and_cannot_be_made_up(centre: Centre, ask: Ask) -> None:
    handle = ask("start").json()["handle"]
    assert code(ask("poll", handle=handle, device="elsewhere")) == (410, "sso_expired")
    turned = ("A" if handle[20] != "A" else "B").join((handle[:20], handle[21:]))
    for wrong in (turned, handle[:-4], "", "я", "A" * 5_000):
        assert code(ask("poll", handle=wrong)) == (410, "sso_expired")


def test_a_wrong_client_secret_is_told_without_details(
    centre: Centre, issuer: str, ask: Ask, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("не тот")
    write_settings(centre, OidcSettings(issuer, "regional api/2", secret_file=str(secret)))
    assert code(ask("start")) == (503, "sso_unavailable")


def test_without_a_provider_there_are_passwords_only(centre: Centre, ask: Ask) -> None:
    write_settings(centre, None)
    assert code(ask("start")) == (404, "sso_off")
    assert code(ask("poll", handle="x")) == (404, "sso_off")


def test_a_provider_that_is_somebody_else_is_not_believed(centre: Centre, issuer: str, ask: Ask) -> None:
    # The same provider by another of its names: it does not call itself so.
    write_settings(centre, OidcSettings(issuer.replace("127.0.0.1", "localhost"), "regional-api"))
    assert code(ask("start")) == (503, "sso_unavailable")


def test_a_provider_that_is_down_is_told(centre: Centre, ask: Ask) -> None:
    write_settings(centre, OidcSettings("http://127.0.0.1:9", "regional-api"))
    assert code(ask("start")) == (503, "sso_unavailable")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer": "http://login.amur.example"}, "issuer"),
        ({"issuer": "https://login.amur.example/\x1b[2J"}, "issuer"),
        ({"issuer": "https://user@login.amur.example"}, "issuer"),
        ({"issuer": "https://login.amur.example?x=1"}, "issuer"),
        ({"scope": "profile"}, "scope"),
        ({"client_id": ""}, "client_id"),
        ({"ca_file": "/nowhere/ca.pem"}, "ca_file"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changes: dict[str, str], field: str) -> None:
    settings = {"issuer": "https://login.amur.example/realms/cur", "client_id": "regional-api"}
    OidcSettings(**settings).check()
    with pytest.raises(Refused) as caught:
        OidcSettings(**(settings | changes)).check()
    assert caught.value.params["field"] == field


def test_the_command_line_sets_checks_and_forgets(
    address: str, issuer: str, centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    def oidc(*words: str) -> dict[str, Any]:
        assert main(["oidc", *words, "--database", address]) == 0
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    assert (
        oidc("set", "--issuer", issuer, "--client-id", "cur", "--claim", "email")["oidc"]["claim"] == "email"
    )
    checked = oidc("check")["provider"]
    assert checked["device_authorization_endpoint"].startswith(issuer)
    assert checked["keys"] >= 1
    assert oidc("off") == {"oidc": None}
    with centre.database.reading() as connection:
        assert read_settings(connection) is None
