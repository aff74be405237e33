"""Who may see and do what, on every path that leads to an appeal."""

import hashlib
from collections.abc import Callable

import pytest

from tests.server.office import AUTHORITY, RESTRICTED_TOPIC, Seat, code, on_both_engines, read_lines, register

Take = Callable[..., Seat]


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


@on_both_engines
def test_every_read_shows_the_scope_and_nothing_else(seat: Take, numbers: dict[str, str]) -> None:
    for account in SEES:
        _check_reads(seat(account), account, numbers)


def _check_reads(reader: Seat, account: str, numbers: dict[str, str]) -> None:
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


@on_both_engines
def test_feed_shows_the_scope_and_nothing_else(seat: Take, numbers: dict[str, str]) -> None:
    readers = {account: seat(account) for account in SEES}
    cursors = {account: reader.hello()["cursor"] for account, reader in readers.items()}
    for id in numbers.values():
        assert readers["su.polev"].do("note", id, 9, text="Проверить")["status"] == "applied"
    for account, reader in readers.items():
        lines = read_lines(reader.changes(cursors[account]))
        assert {line["row"][0] for line in lines[:-1]} == {numbers[kind] for kind in SEES[account]}


def test_command_on_a_hidden_appeal_is_answered_like_one_on_nothing(
    seat: Take, numbers: dict[str, str]
) -> None:
    for account in SEES:
        person = seat(account)
        for kind in numbers.keys() - SEES[account]:
            result = person.do("note", numbers[kind], 9, text="Проверить")
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


def test_journal_is_for_its_readers_and_hides_hidden_appeals(seat: Take, numbers: dict[str, str]) -> None:
    for account in ("op.zarechnaya", "ag.lugovoy", "ob.tikhaya"):
        assert code(seat(account).http.get("/v1/journal")) == (403, "not_permitted")
        assert code(seat(account).http.get("/v1/journal/verify")) == (403, "not_permitted")
    seen = {line["appeal"] for line in seat("su.polev").http.get("/v1/journal?limit=500").json()["items"]}
    assert set(numbers.values()) <= seen
    admin = {line["appeal"] for line in seat("ad.krylov").http.get("/v1/journal?limit=500").json()["items"]}
    assert admin == {None}


def test_journal_shows_what_was_typed_only_to_those_who_may_see_who_wrote(
    seat: Take, numbers: dict[str, str]
) -> None:
    note = "Перезвонить заявителю, Ветрова А. К."
    assert seat().do("note", numbers["utilities"], 1, text=note)["status"] == "applied"
    told = {
        account: seat(account).http.get("/v1/journal?limit=500").json()["items"][-1]
        for account in ("su.polev", "cu.gordeev")
    }
    assert told["su.polev"]["payload"] == {"text": note}
    assert told["cu.gordeev"] == {**told["su.polev"], "payload": None}


def test_role_without_the_right_is_refused(seat: Take, numbers: dict[str, str]) -> None:
    attempts: list[tuple[str, str, dict[str, object]]] = [
        ("ap.ozerova", "classify", {"tone": "negative"}),
        ("op.zarechnaya", "take_over", {}),
        ("op.zarechnaya", "extend", {"days": 5, "reason": "r", "notice": "n"}),
        ("ob.tikhaya", "claim", {}),
    ]
    for account, command, arguments in attempts:
        result = seat(account).do(command, numbers["utilities"], 1, **arguments)
        assert (result["status"], result["problem"]["code"]) == ("rejected", "not_permitted")


def test_appeal_has_its_version_as_etag(seat: Take, numbers: dict[str, str]) -> None:
    operator = seat()
    answer = operator.http.get(f"/v1/appeals/{numbers['utilities']}")
    tag = answer.headers["etag"]
    same = operator.http.get(f"/v1/appeals/{numbers['utilities']}", headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    operator.do("note", numbers["utilities"], 1, text="Новое")
    newer = operator.http.get(f"/v1/appeals/{numbers['utilities']}", headers={"If-None-Match": tag})
    assert newer.status_code == 200
