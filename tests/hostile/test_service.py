"""The corpus through the server's own doors, and what its log says of it: nothing."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from cur_tui.domain.model import Applicant, Place
from regional_api.database.connections import Database
from regional_api.log import configure_log
from tests.hostile.corpus import ENCODABLE, SOAK, bundled
from tests.hostile.files import JSON
from tests.hostile.harmless import unsafe
from tests.hostile.lures import NAMES
from tests.server.office import Seat, register, running_server

HARMLESS = "\n\t"
MARKS = {
    "name": "Меткоимя Отчествов",
    "phone": "+7 911 777-31-41",
    "address": "ул. Меткина, 31415",
    "email": "metka31415@example.org",
    "password": "меткапароля-31415",
    "file": "меткафайла.pdf",
    **{
        part: f"metka{part}31415"
        for part in ("text", "query", "note", "user", "essence", "tag", "header", "path")
    },
}
"""Of whom and what no line of a log may speak."""


@pytest.fixture
def seat(address: str) -> Iterator[Callable[..., Seat]]:
    register(address, 3)
    with running_server(address, max_wait=0.0) as url:
        yield lambda account="op.zarechnaya": Seat.take(url, account)


def numbered(seat: Seat) -> list[str]:
    return [row[0] for row in seat.http.get("/v1/appeals", params={"limit": 50}).json()["items"]]


def version_of(seat: Seat, appeal: str) -> int:
    return int(seat.http.get(f"/v1/appeals/{appeal}").json()["row"][2])


def test_what_people_send_is_stored_harmless_and_found_again(seat: Callable[..., Seat]) -> None:
    person = seat()
    appeal = numbered(person)[0]
    texts = [one[:60_000] for one in bundled(size=80) if SOAK or len(one) < 10_000]
    commands = [person.envelope("note", appeal, version_of(person, appeal), text=one) for one in texts]
    commands += [person.envelope("tag", appeal, 1, add=[one[:40]]) for one in texts[:10]]
    commands += [
        person.envelope("classify", appeal, 1, essence=texts[n], address=texts[n]) for n in range(10)
    ]
    for one in commands:
        answer = person.send(one)
        assert answer.status_code == 200, answer.text
    for address in (f"/v1/appeals/{appeal}", "/v1/snapshot", "/v1/profile"):
        answer = person.http.get(address)
        assert not unsafe(answer.text, HARMLESS)
        for line in answer.text.splitlines():
            assert not set().union(*(unsafe(each, HARMLESS) for each in every_text(json.loads(line))))


def every_text(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    items: list[Any] = value if isinstance(value, list) else []
    if isinstance(value, dict):
        items = [*value, *value.values()]
    return [each for item in items for each in every_text(item)] or [""]


def test_any_text_may_be_looked_for_or_is_refused_in_words(seat: Callable[..., Seat]) -> None:
    person = seat("su.polev")
    for case in ENCODABLE if SOAK else ENCODABLE[::8]:
        words = case.text[:1_500]
        for address in ("/v1/appeals", "/v1/statistics?rows=block"):
            assert person.http.get(address, params={"query": words}).status_code in (200, 422, 400), case
        for name in ("cursor", "packed", "wait"):
            assert person.http.get("/v1/changes", params={name: words}).status_code in (400, 410), case


def test_bodies_that_no_reader_should_trust_are_malformed(seat: Callable[..., Seat]) -> None:
    person = seat()
    headers = {"Content-Type": "application/json"}
    for name, body in JSON.items():
        for address in ("/v1/commands", "/v1/hello", "/v1/sign-in", "/v1/next", "/v1/refresh"):
            answer = person.http.post(address, content=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), (name, address)


def test_names_of_files_are_shown_and_never_paths(seat: Callable[..., Seat]) -> None:
    person = seat()
    appeal = numbered(person)[0]
    data = b"text of a file"
    digest = hashlib.sha256(data).hexdigest()
    assert person.http.put(f"/v1/blobs/{digest}", content=data).status_code == 200
    for name in NAMES:
        if name.encode(errors="replace").decode() == name:
            wanted = {"sha256": digest, "name": name, "size": len(data), "media_type": "text/plain"}
            assert person.send(person.envelope("attach", appeal, 1, **wanted)).status_code == 200, name
            address = "/v1/blobs/" + quote(name[:500], safe="")
            assert person.http.get(address).status_code in (400, 404, 405), name
    answer = person.http.get(f"/v1/blobs/{digest}")
    assert answer.headers["content-disposition"] == f'attachment; filename="{digest}.bin"'


@pytest.fixture
def logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    logging.getLogger("regional_api").setLevel(logging.NOTSET)


@pytest.mark.usefixtures("logging_restored")
def test_the_log_holds_nobody(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Not when all goes well, not when something is refused, not when the database breaks in the middle."""
    configure_log("DEBUG")
    logging.getLogger().setLevel(1)  # every library at its most talkative, through the server's own handler
    register(
        address, 2, text=f"{MARKS['text']} {MARKS['phone']}", place=Place(address=MARKS["address"]),
        applicant=Applicant(name=MARKS["name"], phone=MARKS["phone"], email=MARKS["email"]),
    )  # fmt: skip
    with running_server(address, max_wait=0.0) as url:
        person = Seat.take(url, "op.zarechnaya")
        secrets = [str(person.tokens["access_token"]), str(person.tokens["refresh_token"])]
        wrong = {"name": MARKS["user"], "password": MARKS["password"], "device": "d"}
        assert person.http.post("/v1/sign-in", json=wrong).status_code == 401
        appeal = numbered(person)[0]
        person.http.get("/v1/appeals", params={"query": MARKS["query"]})
        person.http.get(f"/v1/{MARKS['path']}", params={MARKS["query"]: "1"})
        person.http.get("/v1/me", headers={"X-Name": MARKS["header"], "User-Agent": MARKS["header"]})
        person.do("note", appeal, 1, text=MARKS["note"])
        person.do("tag", appeal, 1, add=[MARKS["tag"]])
        person.do("classify", appeal, 1, essence=MARKS["essence"])
        wanted = {"sha256": "0" * 64, "name": MARKS["file"], "size": 1, "media_type": "text/plain"}
        person.do("attach", appeal, 1, **wanted)
        person.http.post(
            "/v1/commands", content=MARKS["note"].encode(), headers={"Content-Type": "application/json"}
        )
        person.snapshot()
        broken = Database(address)
        with broken.writing() as connection:
            connection.execute(text("DROP TABLE journal_payload"))
        broken.close()
        failed = person.send(person.envelope("note", appeal, 1, text=MARKS["note"]))
        assert failed.status_code == 500
    said = "".join(capsys.readouterr())
    assert '"event": "failure"' in said
    assert said.count('"event": "request"') > 10
    assert not [
        mark for mark in (*MARKS.values(), *secrets) if mark in said or json.dumps(mark)[1:-1] in said
    ]
