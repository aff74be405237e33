"""Who may see and do what, on every path that leads to an appeal."""

import hashlib
from collections.abc import Callable

import pytest

from tests.server.office import AUTHORITY, RESTRICTED_TOPIC, Seat, code, read_lines, register

Take = Callable[..., Seat]
WITHOUT_PERSONAL_DATA = ["ob.tikhaya"]
ALL_READS = ["op.zarechnaya", "op.dorogin", "ag.lugovoy", "su.polev", "ob.tikhaya", "ad.krylov"]


@pytest.fixture
def numbers(address: str, seat: Take) -> dict[str, str]:
    """One appeal of each kind: in utilities, in roads, given to an authority, restricted."""
    made = {
        "utilities": register(address)[0],
        "roads": register(address, block="roads")[0],
        "assigned": register(address, block="energy")[0],
        "restricted": register(address, block="general", topic=RESTRICTED_TOPIC)[0],
    }
    supervisor = seat("su.polev")
    ids = {line["row"][1]: line["row"][0] for line in supervisor.snapshot() if line["_"] == "put"}
    given = supervisor.do("assign", ids[made["assigned"]], 1, authority=AUTHORITY)
    assert given["status"] == "applied", given["problem"]
    return {kind: ids[number] for kind, number in made.items()}


SEES = {
    "op.zarechnaya": {"utilities"},
    "op.dorogin": {"roads"},
    "ag.lugovoy": {"assigned"},
    "su.polev": {"utilities", "roads", "assigned", "restricted"},
    "ob.tikhaya": {"utilities", "roads", "assigned"},
    "ad.krylov": set(),
}


@pytest.mark.parametrize("account", ALL_READS)
def test_every_read_shows_the_scope_and_nothing_else(
    seat: Take, numbers: dict[str, str], account: str
) -> None:
    reader = seat(account)
    visible = {numbers[kind] for kind in SEES[account]}
    puts = [line for line in reader.snapshot() if line["_"] == "put"]
    assert {line["row"][0] for line in puts} == visible
    for kind, id in numbers.items():
        answer = reader.http.get(f"/v1/appeals/{id}")
        if kind in SEES[account]:
            assert answer.json()["row"][0] == id
        else:
            assert code(answer) == (404, "not_found")
            missing = reader.http.get(f"/v1/appeals/{id[:-4]}ffff")
            assert answer.json() == missing.json(), "what is hidden and what is not there must look alike"
            assert code(reader.http.get(f"/v1/appeals/{id}/original")) == (404, "not_found")


@pytest.mark.parametrize("account", ALL_READS)
def test_feed_shows_the_scope_and_nothing_else(
    seat: Take, numbers: dict[str, str], account: str
) -> None:
    reader, supervisor = seat(account), seat("su.polev")
    cursor = reader.hello()["cursor"]
    for id in numbers.values():
        assert supervisor.do("note", id, 9, text="Проверить")["status"] == "applied"
    lines = read_lines(reader.changes(cursor))
    assert {line["row"][0] for line in lines[:-1]} == {numbers[kind] for kind in SEES[account]}


@pytest.mark.parametrize("account", ALL_READS)
def test_command_on_a_hidden_appeal_is_answered_like_one_on_nothing(
    seat: Take, numbers: dict[str, str], account: str
) -> None:
    person = seat(account)
    for kind, id in numbers.items():
        result = person.do("note", id, 9, text="Проверить")
        if kind not in SEES[account]:
            assert result["problem"]["code"] == "not_found"
            assert result["record"] is None
            assert result["problem"]["params"] == {}


def test_personal_data_is_withheld_without_the_right(seat: Take, numbers: dict[str, str]) -> None:
    observer = seat("ob.tikhaya")
    id = numbers["utilities"]
    cursor = observer.hello()["cursor"]
    result = observer.do("note", id, 9, text="Проверить")
    assert result["status"] == "applied"
    streams = [
        observer.http.get("/v1/snapshot").text,
        observer.changes(cursor).text,
        observer.http.get(f"/v1/appeals/{id}").text,
        str(result),
    ]
    for text in streams:
        assert id in text
        assert "Ветрова" not in text
        assert "+7 000" not in text
    assert code(observer.http.get(f"/v1/appeals/{id}/original")) == (403, "not_permitted")


def test_original_bytes_come_back_unaltered(seat: Take, numbers: dict[str, str]) -> None:
    answer = seat().http.get(f"/v1/appeals/{numbers['utilities']}/original")
    assert answer.content == "На улице Садовой, дом 1, третий день нет горячей воды.".encode("cp1251")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert answer.headers["content-disposition"].startswith("attachment")


def test_journal_is_for_its_readers_and_hides_hidden_appeals(
    seat: Take, numbers: dict[str, str]
) -> None:
    for account in ("op.zarechnaya", "ag.lugovoy", "ob.tikhaya"):
        assert code(seat(account).http.get("/v1/journal")) == (403, "not_permitted")
        assert code(seat(account).http.get("/v1/journal/verify")) == (403, "not_permitted")
    seen = {line["appeal"] for line in seat("su.polev").http.get("/v1/journal?limit=500").json()["items"]}
    assert set(numbers.values()) <= seen
    admin = {line["appeal"] for line in seat("ad.krylov").http.get("/v1/journal?limit=500").json()["items"]}
    assert admin == {None}


@pytest.mark.parametrize(
    ("account", "command", "arguments"),
    [
        ("ap.ozerova", "classify", {"tone": "negative"}),
        ("op.zarechnaya", "take_over", {}),
        ("op.zarechnaya", "extend", {"days": 5, "reason": "r", "notice": "n"}),
        ("ob.tikhaya", "claim", {}),
    ],
)
def test_role_without_the_right_is_refused(
    seat: Take, numbers: dict[str, str], account: str, command: str, arguments: dict[str, object]
) -> None:
    result = seat(account).do(command, numbers["utilities"], 1, **arguments)
    assert result["status"] == "rejected"
    assert result["problem"]["code"] == "not_permitted"


def test_appeal_has_its_version_as_etag(seat: Take, numbers: dict[str, str]) -> None:
    operator = seat()
    answer = operator.http.get(f"/v1/appeals/{numbers['utilities']}")
    tag = answer.headers["etag"]
    same = operator.http.get(f"/v1/appeals/{numbers['utilities']}", headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    operator.do("note", numbers["utilities"], 1, text="Новое")
    newer = operator.http.get(f"/v1/appeals/{numbers['utilities']}", headers={"If-None-Match": tag})
    assert newer.status_code == 200
