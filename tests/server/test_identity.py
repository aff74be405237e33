"""Signing in, staying signed in, and being signed out."""

import socket
from collections.abc import Callable
from statistics import median
from time import perf_counter

import httpx
import pytest
from sqlalchemy import select, update

from cur_tui.domain.vocabulary import Role
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.database.tables import ACCOUNT, SESSION, TOKEN
from regional_api.identity.accounts import NewAccount, add_account
from regional_api.unit_of_work import unit_of_work
from tests.server.office import PASSWORD, Seat, code, on_both_engines

Take = Callable[..., Seat]


def sign_in(server: str, name: str, password: str) -> httpx.Response:
    body = {"name": name, "password": password, "device": "desk"}
    return httpx.post(f"{server}/v1/sign-in", json=body, trust_env=False, verify=False)


def test_session_says_who_one_is_and_what_one_may(seat: Take) -> None:
    operator = seat()
    account = operator.tokens["account"]
    assert account == operator.http.get("/v1/me").json()
    assert (account["account"], account["blocks"]) == ("op.zarechnaya", ["utilities"])
    assert "triage" in account["permissions"]
    assert operator.tokens["expires_in"] == 900


def test_unknown_name_and_wrong_password_get_the_same_answer_in_the_same_time(
    address: str, server: str
) -> None:
    centre = open_centre(Database(address))
    with unit_of_work(centre.database, centre.rulebook) as work:
        add_account(
            work, NewAccount("op.pozdnyaya", "Поздняя Ада", Role.BLOCK_OPERATOR, PASSWORD, ("roads",))
        )
    assert sign_in(server, "op.pozdnyaya", PASSWORD).status_code == 200
    known, unknown = [], []
    for n in range(2):
        began = perf_counter()
        wrong = sign_in(server, "op.pozdnyaya", f"не тот пароль {n}")
        known.append(perf_counter() - began)
        began = perf_counter()
        nobody = sign_in(server, "op.nikto", f"не тот пароль {n}")
        unknown.append(perf_counter() - began)
        assert code(wrong) == code(nobody) == (401, "sign_in_failed")
        assert wrong.json() == nobody.json()
    # Both pay for one argon2 check; an answer without it would be tens of times faster.
    assert 0.2 < median(known) / median(unknown) < 5


def test_guessing_is_slowed_down_for_the_guesser_only(server: str, seat: Take) -> None:
    codes = [code(sign_in(server, "op.dorogin", f"догадка {n}")) for n in range(7)]
    assert codes[:5] == [(401, "sign_in_failed")] * 5
    assert codes[-1] == (429, "too_many_attempts")
    refused = sign_in(server, "op.dorogin", PASSWORD)
    assert int(refused.headers["retry-after"]) >= 1
    assert seat("op.roshchin").hello()["last_dseq"] == 0


@on_both_engines
def test_refresh_token_works_once_and_its_theft_ends_the_session(address: str, seat: Take) -> None:
    operator = seat()
    old = operator.tokens
    body = {"refresh_token": old["refresh_token"], "device": operator.device}
    fresh = operator.http.post("/v1/refresh", json=body).json()
    # A client may have died before it stored the answer: within a minute, once.
    again = operator.http.post("/v1/refresh", json=body)
    assert again.status_code == 200
    assert code(operator.http.post("/v1/refresh", json=body)) == (401, "token_invalid")
    operator.adopt(fresh)
    assert code(operator.http.get("/v1/me")) == (401, "token_invalid")
    later = {"refresh_token": fresh["refresh_token"], "device": operator.device}
    assert code(operator.http.post("/v1/refresh", json=later)) == (401, "token_invalid")


def test_refresh_token_of_another_device_is_refused(seat: Take) -> None:
    operator = seat()
    body = {"refresh_token": operator.tokens["refresh_token"], "device": "elsewhere"}
    assert code(operator.http.post("/v1/refresh", json=body)) == (401, "token_invalid")


def test_expired_access_token_is_told_apart(address: str, seat: Take) -> None:
    operator = seat()
    database = Database(address)
    with database.writing() as connection:
        connection.execute(update(TOKEN).where(TOKEN.c.kind == "access").values(expires_at=1))
    assert code(operator.http.get("/v1/me")) == (401, "token_expired")
    body = {"refresh_token": operator.tokens["refresh_token"], "device": operator.device}
    operator.adopt(operator.http.post("/v1/refresh", json=body).json())
    assert operator.http.get("/v1/me").status_code == 200


def test_signing_out_and_blocking_end_every_token(address: str, seat: Take) -> None:
    operator, colleague = seat(), seat("op.roshchin")
    assert operator.http.post("/v1/sign-out").status_code == 204
    assert code(operator.http.get("/v1/me")) == (401, "token_invalid")
    database = Database(address)
    with database.writing() as connection:
        connection.execute(update(ACCOUNT).where(ACCOUNT.c.account == "op.roshchin").values(blocked=1))
    assert code(colleague.http.get("/v1/me")) == (401, "access_ended")


@pytest.mark.parametrize("header", ["", "Bearer", "Basic eA==", "Bearer дрянь", "Bearer " + "x" * 5000])
def test_no_or_broken_token_is_refused_everywhere(server: str, header: str) -> None:
    headers = {"Authorization": header.encode()} if header else {}
    for method, path in (
        ("GET", "/v1/me"),
        ("GET", "/v1/snapshot"),
        ("GET", "/v1/changes?cursor=x"),
        ("GET", "/v1/events"),
        ("GET", "/v1/profile"),
        ("GET", "/v1/journal"),
        ("GET", "/v1/journal/verify"),
        ("GET", "/v1/appeals/0190f5fe-7c1e-7000-8000-00000000a001"),
        ("GET", "/v1/blobs/" + "0" * 64),
        ("PUT", "/v1/blobs/" + "0" * 64),
        ("POST", "/v1/sign-out"),
    ):
        answer = httpx.request(method, server + path, headers=headers, trust_env=False, verify=False)
        assert code(answer) == (401, "token_invalid"), path


@pytest.mark.parametrize("path", ["commands", "next", "hello", "appeals/x/disclosure", "password"])
def test_body_of_a_stranger_is_not_read(server: str, path: str) -> None:
    url = httpx.URL(server)
    head = (
        f"POST /v1/{path} HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: Bearer nobody\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    )
    with socket.create_connection((url.host, url.port), timeout=10) as connection:
        connection.sendall(head.encode() + b"{")
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


def test_tokens_and_passwords_are_not_in_the_database(address: str, seat: Take) -> None:
    operator = seat()
    database = Database(address)
    with database.reading() as connection:
        stored = str(connection.execute(select(TOKEN)).all()) + str(connection.execute(select(SESSION)).all())
        stored += str(connection.execute(select(ACCOUNT)).all())
    for secret in (operator.tokens["access_token"], operator.tokens["refresh_token"], PASSWORD):
        assert secret not in stored
    assert "$argon2id$" in stored
