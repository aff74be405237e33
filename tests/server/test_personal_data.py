"""Personal data by need: masked for roles without it, opened by an act with a reason, never found."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from cur_tui.domain.model import Applicant, Place
from tests.server.office import Seat, code, on_both_engines, read_lines, register

Take = Callable[..., Seat]

TEXT = "Я, Ветрова Алла, живу на Садовой, 1. Звоните: +7 000 000-00-01. Нет горячей воды."
APPLICANT = Applicant(
    name="Ветрова Алла Кузьминична",
    phone="+7 000 000-00-01",
    email="vetrova@example.org",
    address="Озёрная, 5",
)
TRACES = ("Ветров", " Алла", "Кузьминичн", "000-00-01", "vetrova@", "Озёрная, 5")
ANSWER = "Уважаемая Алла Кузьминична! Воду дадут 3 июня."


@pytest.fixture
def appeal(address: str, seat: Take) -> str:
    """An appeal whose author stands in its text, its notes, its answer and the name of its file."""
    number = register(address, text=TEXT, applicant=APPLICANT, place=Place(address="Озёрная, 5"))[0]
    operator = seat()
    id: str = next(line["row"][0] for line in operator.snapshot() if line["_"] == "put")
    file = "Заявление Ветровой".encode()
    sha256 = hashlib.sha256(file).hexdigest()
    assert operator.http.put(f"/v1/blobs/{sha256}", content=file).status_code == 200
    attached = {"sha256": sha256, "name": "Ветрова.txt", "size": len(file), "media_type": "text/plain"}
    acts: list[tuple[str, dict[str, Any]]] = [
        ("note", {"text": "Ветровой перезвонить vetrova@example.org"}),
        ("attach", attached),
        ("assign", {"authority": "amur_utilities"}),
        ("submit", {"answer": "0190f5fe-7c1e-7000-8000-0000000000aa", "text": ANSWER, "kind": "interim"}),
    ]
    for version, (type, arguments) in enumerate(acts, 1):
        result = operator.do(type, id, version, **arguments)
        assert result["status"] == "applied", result["problem"]
    assert number
    return id


def _leaks(text: str) -> list[str]:
    return [trace for trace in TRACES if trace.casefold() in text.casefold()]


@on_both_engines
def test_role_without_personal_data_reads_no_trace_of_the_author_on_any_path(seat: Take, appeal: str) -> None:
    observer = seat("ob.tikhaya")
    cursor = observer.hello()["cursor"]
    result = observer.do("note", appeal, 9, text="Проверено")
    assert result["status"] == "applied"
    answers = {
        "snapshot": observer.http.get("/v1/snapshot").text,
        "changes": observer.changes(cursor).text,
        "record": observer.http.get(f"/v1/appeals/{appeal}").text,
        "list": observer.http.get("/v1/appeals").text,
        "finds": observer.http.get("/v1/appeals", params={"query": "горячей"}).text,
        "command": json.dumps(result, ensure_ascii=False),
    }
    for path, text in answers.items():
        assert appeal in text, path
        assert _leaks(text) == [], path
    packed = observer.http.get("/v1/snapshot", params={"packed": list(range(1, 10))}).text
    assert _leaks(packed) == []
    assert '"doc":"' not in packed, "a packed document would be the whole one"


def test_role_with_personal_data_reads_everything_as_it_is(seat: Take, appeal: str) -> None:
    text = seat().http.get(f"/v1/appeals/{appeal}").text
    assert _leaks(text) == list(TRACES)


def test_who_may_not_see_an_author_cannot_search_for_one(seat: Take, appeal: str) -> None:
    observer = seat("ob.tikhaya")
    for word in ("Ветрова", "ветровой", "Кузьминична", '"+7 000 000-00-01"', "0000001"):
        answer = observer.http.get("/v1/appeals", params={"query": word, "count": 1}).json()
        assert (answer["items"], answer["count"]) == ([], 0), word
        assert observer.next(word).status_code in (200, 403)
    assert len(observer.http.get("/v1/appeals", params={"query": "вода"}).json()["items"]) == 1


def test_files_need_the_right_to_personal_data_unless_they_are_ones_own(seat: Take, appeal: str) -> None:
    file = "Заявление Ветровой".encode()
    path = f"/v1/blobs/{hashlib.sha256(file).hexdigest()}"
    assert seat("su.polev").http.get(path).content == file
    observer = seat("ob.tikhaya")
    assert code(observer.http.get(path)) == (403, "not_permitted")
    assert code(seat("op.dorogin").http.get(path)) == (404, "not_found")
    assert observer.http.put(path, content=file).status_code == 200
    assert observer.http.get(path).content == file


def _told(seat: Take, type: str) -> list[dict[str, Any]]:
    items = seat("su.polev").http.get("/v1/journal?limit=500").json()["items"]
    return [line for line in items if line["type"] == type]


@on_both_engines
def test_disclosure_opens_one_appeal_for_a_reason_that_the_journal_keeps(seat: Take, appeal: str) -> None:
    curator = seat("cu.gordeev")
    assert _leaks(curator.http.get(f"/v1/appeals/{appeal}").text) == []
    opened = curator.http.post(f"/v1/appeals/{appeal}/disclosure", json={"reason": " Личный приём "})
    assert opened.status_code == 200
    assert opened.headers["cache-control"] == "no-store"
    assert _leaks(opened.text) == list(TRACES)
    assert opened.json()["applicant"]["phone"] == APPLICANT.phone
    (line,) = _told(seat, "disclose")
    assert (line["account"], line["role"], line["appeal"]) == ("cu.gordeev", "curator", appeal)
    assert line["payload"] == {"reason": "Личный приём"}
    assert _leaks(curator.http.get(f"/v1/appeals/{appeal}").text) == [], "it opens nothing for later"


@pytest.mark.parametrize(
    ("account", "reason", "expected"),
    [
        ("ob.tikhaya", "Хочу знать", (403, "not_permitted")),
        ("op.dorogin", "Чужой блок", (404, "not_found")),
        ("ad.krylov", "Проверка", (404, "not_found")),
        ("cu.gordeev", "  ", (422, "empty_field")),
        ("cu.gordeev", "я" * 501, (422, "too_long")),
    ],
)
def test_disclosure_that_is_refused_leaves_no_line(
    seat: Take, appeal: str, account: str, reason: str, expected: tuple[int, str]
) -> None:
    answer = seat(account).http.post(f"/v1/appeals/{appeal}/disclosure", json={"reason": reason})
    assert code(answer) == expected
    assert _leaks(answer.text) == []
    assert _told(seat, "disclose") == []


def test_reading_an_original_is_journaled(seat: Take, appeal: str) -> None:
    answer = seat().http.get(f"/v1/appeals/{appeal}/original")
    (line,) = _told(seat, "read_original")
    assert (line["account"], line["appeal"]) == ("op.zarechnaya", appeal)
    assert line["payload"] == {"sha256": hashlib.sha256(answer.content).hexdigest()}


def test_reader_who_gains_or_loses_personal_data_is_sent_everything_anew(seat: Take, appeal: str) -> None:
    """Texts differ between the two, so a cache of the other kind must not be kept."""
    observer = seat("ob.tikhaya")
    assert observer.hello()["scopes"] == ["*", "masked"]
    assert seat().hello()["scopes"] == ["block:utilities", "pd"]
    lines = read_lines(observer.http.get("/v1/snapshot", params={"scope": "masked"}))
    assert [line["row"][0] for line in lines if line["_"] == "put"] == [appeal]
