"""Bad input of every kind: one clear sentence in the reader's language, and nothing has changed."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy.exc import OperationalError

from regional_api.log import log_failure
from regional_api.problems import preferred_language, refusal_of
from tests.server.office import PASSWORD, Seat, code, register, running_server

Take = Callable[..., Seat]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, office_file: Path) -> Iterator[Callable[..., Seat]]:
    """Seats at one server with one appeal, for what changes nothing."""
    path = tmp_path_factory.mktemp("desk") / "region.db"
    shutil.copy(office_file, path)
    register(str(path))
    with running_server(str(path)) as url:
        taken: dict[str, Seat] = {}

        def take(account: str = "op.zarechnaya") -> Seat:
            if account not in taken:
                taken[account] = Seat.take(url, account)
            taken[account].dseq = taken[account].hello()["last_dseq"]
            return taken[account]

        yield take
        for seat in taken.values():
            seat.http.close()


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Error</body></html>",
        b'{"device": NaN, "commands": []}',
        b'{"device": "d", "commands": [], "device": 1e400}',
        DEEP.encode(),
        b'{"device": "d", "commands": ' + DEEP.encode() + b"}",
        b'{"device": "d", "commands": [], "extra": 1}',
        b'{"device": "d", "commands": [{"id": "x", "dseq": 1}]}',
        b'{"device": "d", "commands": {}}',
        b'{"device": "\xff", "commands": []}',
        b'{"device": "\\ud800", "commands": []}',
        b'{"device": "\\u0000", "commands": []}',
        b'{"device": "", "commands": []}',
        b"[]",
        b"null",
        b'{"device": "d", "commands": []',
    ],
)
def test_broken_bodies_are_refused_and_change_nothing(desk: Take, body: bytes) -> None:
    operator = desk()
    before = operator.hello()["cursor"]
    answer = operator.http.post("/v1/commands", content=body, headers={"Content-Type": "application/json"})
    assert code(answer) == (400, "malformed")
    assert operator.hello()["cursor"] == before


@pytest.mark.parametrize(
    "change",
    [
        {"dseq": 0},
        {"dseq": -1},
        {"dseq": 2**63},
        {"dseq": "1"},
        {"dseq": 1.5},
        {"base": -1},
        {"base": 2**70},
        {"id": "x"},
        {"id": "0190F5FE-7C1E-7000-8000-00000000A001"},
        {"id": "\x00"},
        {"stranger": 1},
        {"arguments": None},
        {"arguments": []},
        {"arguments": {"text": [[["a"]]]}},
        {"arguments": {"text": {"a": "b"}}},
    ],
)
def test_envelopes_out_of_range_are_refused(desk: Take, change: dict[str, object]) -> None:
    operator = desk()
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    note = operator.envelope("note", appeal, 1, text="Запись")
    before = operator.hello()["last_dseq"]
    assert code(operator.send({**note, **change})) == (400, "malformed")
    assert operator.hello()["last_dseq"] == before


def test_strange_appeals_of_a_command_are_settled_as_not_found(desk: Take) -> None:
    operator = desk()
    for strange in ("x", "\x00", "'; drop table appeal; --", "я" * 5000):
        assert operator.do("note", strange, 1, text="a")["problem"]["code"] == "not_found"


def test_deeply_nested_arguments_are_refused(desk: Take) -> None:
    """As deep as the decoder takes them, which is deeper than the encoder does."""
    operator = desk()
    note = json.dumps({**operator.envelope("note", "x", 1), "arguments": "HERE"})
    deep = note.replace('"HERE"', '{"text":' + "[" * 900 + "]" * 900 + "}")
    body = f'{{"device": "{operator.device}", "commands": [{deep}]}}'
    answer = operator.http.post("/v1/commands", content=body, headers={"Content-Type": "application/json"})
    assert code(answer) == (400, "malformed")


def test_impossible_clock_of_a_device_refuses_that_command_only(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    early = {**operator.envelope("note", appeal, 1, text="a"), "device_at": "0001-01-01T00:00:00+14:00"}
    late = {**operator.envelope("note", appeal, 1, text="b"), "device_at": "9999-12-31T23:59:59-14:00"}
    results = operator.send(early, late, operator.envelope("note", appeal, 1, text="c")).json()["results"]
    assert [result["status"] for result in results] == ["rejected", "rejected", "applied"]
    assert results[0]["problem"]["code"] == "malformed"


def test_form_and_size_of_a_request_are_limited(desk: Take) -> None:
    operator = desk()
    too_many = [operator.envelope("claim", "x", 1) for _ in range(101)]
    assert code(operator.send(*too_many)) == (413, "batch_too_large")
    plain = operator.http.post("/v1/commands", content=b"{}", headers={"Content-Type": "text/plain"})
    assert code(plain) == (400, "malformed")
    large = operator.http.post(
        "/v1/commands", content=b" " * (17 * 1_048_576), headers={"Content-Type": "application/json"}
    )
    assert code(large) == (413, "too_large")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/nowhere", (404, "unknown_path")),
        ("/", (404, "unknown_path")),
        ("/v1/commands", (405, "method_not_allowed")),
        ("/v1/snapshot?limit=0", (400, "malformed")),
        ("/v1/snapshot?limit=1000000", (400, "malformed")),
        ("/v1/snapshot?sort=password", (400, "malformed")),
        ("/v1/changes", (400, "malformed")),
        ("/v1/journal?limit=501", (400, "malformed")),
        ("/v1/journal?after=-1", (400, "malformed")),
        ("/v1/appeals/%00", (404, "not_found")),
        ("/v1/appeals/..%2f..%2fetc", (404, "unknown_path")),
        ("/v1/blobs/%00", (404, "not_found")),
    ],
)
def test_bad_addresses_and_parameters(desk: Take, path: str, expected: tuple[int, str]) -> None:
    assert code(desk("su.polev").http.get(path)) == expected


def test_sentence_is_in_the_readers_language_and_both_are_there(server: str) -> None:
    body = {"name": "op.zarechnaya", "password": "не тот пароль", "device": "d"}
    details = {}
    plain = httpx.Client(base_url=server, trust_env=False, verify=False)
    for language in ("ru", "en", "de", "en;q=0.1, ru;q=0.9", ""):
        answer = httpx.post(
            f"{server}/v1/sign-in",
            json=body,
            headers={"Accept-Language": language},
            trust_env=False,
            verify=False,
        )
        problem = answer.json()
        details[language] = problem["detail"]
        assert problem["type"] == "urn:cur:problem:sign_in_failed"
        assert problem["detail_en"] == "The name or the password is wrong."
        assert answer.headers["www-authenticate"] == "Bearer"
    plain.close()
    assert details["en"] == "The name or the password is wrong."
    assert (
        details["ru"] == details["de"] == details["en;q=0.1, ru;q=0.9"] == details[""] == problem["detail_ru"]
    )


@contextmanager
def locked(path: str) -> Iterator[None]:
    other = sqlite.connect(path)
    other.isolation_level = None
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_locked_database_is_busy_and_the_command_can_be_sent_again(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    note = operator.envelope("note", appeal, 1, text="Запись")
    with locked(address):
        answer = operator.send(note)
        assert code(answer) == (503, "busy")
        assert int(answer.headers["retry-after"]) > 0
        assert operator.hello()["last_dseq"] == 0, "reading goes on"
    assert operator.send(note).json()["results"][0]["status"] == "applied"


def test_full_disk_is_told_and_leaves_the_database_whole(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    if not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    with pytest.raises(OSError, match="No space left") as full, Path("/dev/full").open("wb", 0) as device:
        device.write(b"x")
    assert refusal_of(full.value).code == "storage_full"
    error = OperationalError("INSERT", {"text": "тайна"}, sqlite.OperationalError("database or disk is full"))
    assert refusal_of(error).code == "storage_full"
    assert operator.do("note", appeal, 1, text="Запись")["status"] == "applied"


def test_failure_says_nothing_about_data(address: str, capfd: pytest.CaptureFixture[str]) -> None:
    import logging

    from regional_api.log import configure_log

    handlers, level = logging.getLogger().handlers, logging.getLogger().level
    try:
        configure_log()
        try:
            raise ValueError("Ветрова Алла Кузьминична")
        except ValueError as error:
            refused = refusal_of(error)
            log_failure(refused.params["incident"], error)
    finally:
        logging.getLogger().handlers = handlers
        logging.getLogger().setLevel(level)
    written = capfd.readouterr().err
    assert refused.code == "internal"
    assert refused.params["incident"] in written
    assert "Ветрова" not in written
    assert "\\u0412" not in written


def test_damaged_table_is_an_incident_without_details(address: str, seat: Take, tmp_path: Path) -> None:
    register(address)
    operator = seat()
    shutil.copy(address, tmp_path / "copy.db")
    other = sqlite.connect(address)
    other.execute("DROP TABLE journal")
    other.commit()
    other.close()
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    answer = operator.send(operator.envelope("note", appeal, 1, text="Секретная запись"))
    assert code(answer) == (500, "internal")
    assert "journal" not in answer.text
    assert "Секретная" not in answer.text
    assert PASSWORD not in answer.text
    assert operator.hello()["last_dseq"] == 0


def test_language_headers(address: str) -> None:
    wishes = {None: "ru", "*": "ru", "en-GB,en;q=0.8": "en", "fr, en;q=0.3": "en", "en;q=x": "ru"}
    assert {wish: preferred_language(wish) for wish in wishes} == wishes
