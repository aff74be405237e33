"""Commands arrive in order, take effect once, and are answered with the truth."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from cur_tui.contract import MAX_LINE
from tests.server.office import PASSWORD, Mirror, Seat, code, on_both_engines, read_lines, register

Take = Callable[..., Seat]


def first_appeal(seat: Seat) -> dict[str, Any]:
    return next(line for line in seat.snapshot() if line["_"] == "put")


def test_applied_command_returns_the_new_record(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    result = operator.do("claim", appeal, 1)
    assert (result["status"], result["version"], result["problem"]) == ("applied", 2, None)
    record = result["record"]
    assert record["row"][2] == 2
    assert record["doc"]["claim"]["holder"] == "op.zarechnaya"
    assert record["applicant"]["name"] == "Ветрова Алла Кузьминична"
    assert operator.hello()["last_dseq"] == 1


@on_both_engines
def test_repeated_command_takes_effect_once(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    note = operator.envelope("note", appeal, 1, text="Позвонить в диспетчерскую")
    assert operator.send(note).json()["results"][0]["status"] == "applied"
    again = operator.send(note).json()["results"][0]
    assert (again["status"], again["version"]) == ("duplicate", 2)
    assert len(again["record"]["doc"]["notes"]) == 1


@pytest.mark.failure(4)
def test_late_repeat_of_an_old_request_changes_nothing(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    commands = [operator.envelope("note", appeal, 1, text=f"Запись {n}") for n in range(4)]
    assert operator.send(*commands[:2]).status_code == 200
    assert operator.send(*commands[2:]).status_code == 200
    late = operator.send(*commands[:2]).json()["results"]
    assert [result["status"] for result in late] == ["duplicate", "duplicate"]
    assert len(late[0]["record"]["doc"]["notes"]) == 4
    assert operator.hello()["last_dseq"] == 4


def test_batch_with_known_and_new_commands_goes_on(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    commands = [operator.envelope("note", appeal, 1, text=f"Запись {n}") for n in range(3)]
    operator.send(commands[0])
    statuses = [result["status"] for result in operator.send(*commands).json()["results"]]
    assert statuses == ["duplicate", "applied", "applied"]


@on_both_engines
def test_known_commands_take_numbers_where_a_device_offers_everything_again(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    known = [operator.envelope("note", appeal, 1, text=f"Запись {n}") for n in range(3)]
    operator.send(*known)
    again = [{**command, "dseq": dseq} for dseq, command in enumerate(known[:2], start=4)]
    operator.dseq = 5
    fresh = operator.envelope("note", appeal, 1, text="Новая")
    assert fresh["dseq"] == 6
    statuses = [result["status"] for result in operator.send(*again, fresh).json()["results"]]
    assert statuses == ["duplicate", "duplicate", "applied"]
    assert operator.hello()["last_dseq"] == 6
    last = {**known[2], "dseq": 7}
    assert operator.send(last).json()["results"][0]["status"] == "duplicate"
    assert operator.hello()["last_dseq"] == 7


def test_same_id_with_another_content_is_refused_as_a_whole(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    note = operator.envelope("note", appeal, 1, text="Первое")
    operator.send(note)
    fresh = operator.envelope("note", appeal, 1, text="Новое")
    forged = {**note, "arguments": {"text": "Другое"}}
    assert code(operator.send(fresh, forged)) == (422, "key_reused")
    assert len(operator.send(note).json()["results"][0]["record"]["doc"]["notes"]) == 1


def test_id_of_somebody_else_is_refused(address: str, seat: Take) -> None:
    register(address)
    operator, colleague = seat(), seat("op.roshchin")
    appeal = first_appeal(operator)["row"][0]
    note = operator.envelope("note", appeal, 1, text="Первое")
    operator.send(note)
    assert code(colleague.send(note)) == (422, "key_reused")


@pytest.mark.failure(5)
def test_gap_in_the_numbers_is_refused_and_says_where_to_go_on(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    operator.do("note", appeal, 1, text="Первое")
    operator.dseq += 1
    answer = operator.send(operator.envelope("note", appeal, 1, text="Третье"))
    assert code(answer) == (409, "order")
    assert answer.json()["last_dseq"] == 1
    used = {**operator.envelope("note", appeal, 1, text="Снова первое"), "dseq": 1}
    assert code(operator.send(used)) == (409, "order")


@pytest.mark.failure(14)
def test_refused_command_is_settled_and_does_not_stop_the_others(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    bad = operator.envelope("approve", appeal, 1, answer="x", digest="y")
    good = operator.envelope("note", appeal, 1, text="Дальше")
    first, second = operator.send(bad, good).json()["results"]
    assert (first["status"], second["status"]) == ("rejected", "applied")
    assert first["problem"]["code"] == "transition_not_allowed"
    assert first["record"]["row"][0] == appeal
    again = operator.send(bad).json()["results"][0]
    assert (again["status"], again["problem"]["code"]) == ("duplicate", "transition_not_allowed")
    assert operator.hello()["last_dseq"] == 2


def test_unknown_command_and_field_name_the_nearest(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    commands = [
        operator.envelope("clasify", appeal, 1),
        operator.envelope("note", appeal, 1, texxt="a"),
        operator.envelope("note", appeal, 1, text=5),
        operator.envelope("note", appeal, 1),
        {**operator.envelope("note", appeal, 1, text="a"), "device_at": "вчера"},
    ]
    problems = [result["problem"] for result in operator.send(*commands).json()["results"]]
    codes = ["unknown_command", "unknown_field", "invalid_value", "missing_field", "malformed"]
    assert [problem["code"] for problem in problems] == codes
    assert problems[0]["params"]["nearest"] == "classify"
    assert problems[1]["params"]["nearest"] == "text"


def test_text_of_a_command_is_neutralised(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    result = operator.do("note", appeal, 1, text="a\u001b]52;c;AAAA\u0007b\u202ec")
    stored = result["record"]["doc"]["notes"][0]["text"]
    assert "\x1b" not in stored
    assert "\u202e" not in stored


@pytest.mark.failure(27)
@on_both_engines
def test_two_claims_at_once_have_one_winner_whose_name_is_told(address: str, seat: Take) -> None:
    register(address)
    people = [seat("op.zarechnaya"), seat("op.roshchin"), seat("su.polev")]
    appeal = first_appeal(people[0])["row"][0]
    results: dict[str, dict[str, Any]] = {}
    gate = threading.Barrier(len(people))

    def claim(person: Seat) -> None:
        gate.wait()
        results[person.account] = person.do("claim", appeal, 1)

    threads = [threading.Thread(target=claim, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [account for account, result in results.items() if result["status"] == "applied"]
    assert len(winners) == 1
    holder = [line for line in people[0].snapshot() if line["_"] == "put"][-1]["doc"]["claim"]["holder_name"]
    losers = [result for account, result in results.items() if account not in winners]
    assert {result["problem"]["code"] for result in losers} == {"claimed_by_other"}
    assert {result["problem"]["params"]["holder"] for result in losers} == {holder}
    assert all(holder in result["problem"]["detail"] for result in losers)


def test_stale_classification_is_a_conflict_with_the_current_record(address: str, seat: Take) -> None:
    register(address)
    operator, supervisor = seat(), seat("su.polev")
    appeal = first_appeal(operator)["row"][0]
    assert supervisor.do("classify", appeal, 1, tone="negative")["status"] == "applied"
    supervisor.do("release", appeal, 2)
    result = operator.do("classify", appeal, 1, tone="neutral")
    assert result["problem"]["code"] == "version_conflict"
    assert result["record"]["doc"]["tone"] == "negative"


@on_both_engines
def test_same_batch_from_two_connections_at_once_takes_effect_once(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    batch = [operator.envelope("note", appeal, 1, text=f"Запись {n}") for n in range(5)]
    statuses: list[int] = []
    gate = threading.Barrier(4)

    def post() -> None:
        gate.wait()
        statuses.append(operator.send(*batch).status_code)

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4
    assert len(first_appeal(operator)["doc"]["notes"]) == 5


@on_both_engines
def test_batches_on_the_same_appeals_in_opposite_order_do_not_deadlock(address: str, seat: Take) -> None:
    register(address, 4)
    people = [seat("op.zarechnaya"), seat("op.roshchin")]
    appeals = [line["row"][0] for line in people[0].snapshot() if line["_"] == "put"]
    answers: list[int] = []

    def work(person: Seat, order: list[str]) -> None:
        for n in range(10):
            batch = [person.envelope("note", appeal, 1, text=f"Запись {n}") for appeal in order]
            answers.append(person.send(*batch).status_code)

    threads = [
        threading.Thread(target=work, args=(people[0], appeals)),
        threading.Thread(target=work, args=(people[1], appeals[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 20
    assert {len(line["doc"]["notes"]) for line in people[0].snapshot() if line["_"] == "put"} == {20}


def test_link_to_what_may_not_be_seen_is_refused_like_a_link_to_nothing(address: str, seat: Take) -> None:
    register(address)
    hidden_number = register(address, block="roads")[0]
    operator, roads = seat(), seat("op.dorogin")
    appeal, hidden = first_appeal(operator)["row"][0], first_appeal(roads)["row"][0]
    refused = operator.do("link", appeal, 1, kind="repeat", target=hidden, target_number=hidden_number)
    nothing = operator.do(
        "link", appeal, 1, kind="repeat", target=appeal[:-4] + "ffff", target_number=hidden_number
    )
    assert refused["problem"]["code"] == nothing["problem"]["code"] == "unknown_reference"
    assert refused["problem"]["params"] == nothing["problem"]["params"]


def test_effects_reach_a_colleague_through_the_feed(address: str, seat: Take) -> None:
    register(address)
    operator, colleague = seat(), seat("op.roshchin")
    cursor = colleague.hello()["cursor"]
    appeal = first_appeal(operator)["row"][0]
    operator.do("classify", appeal, 1, tone="negative")
    lines = read_lines(colleague.changes(cursor))
    assert [line["_"] for line in lines] == ["put", "cur"]
    assert lines[0]["doc"]["tone"] == "negative"
    mirror = Mirror()
    mirror.apply(lines)
    assert mirror.versions == {appeal: 2}


def test_a_full_appeal_takes_no_more_text_but_can_still_be_worked_on(address: str, seat: Take) -> None:
    """No client takes a longer line: one overfull appeal would keep a whole block from reading on."""
    register(address)
    operator = seat()
    appeal = first_appeal(operator)["row"][0]
    notes = [operator.envelope("note", appeal, 1, text="Ж" * 65_000) for _ in range(9)]
    results = operator.send(*notes).json()["results"]
    refused = [result for result in results if result["status"] == "rejected"]
    assert {result["problem"]["code"] for result in refused} == {"appeal_full"}
    assert 0 < len(refused) < len(results)
    assert operator.do("attach", appeal, 1, sha256="0" * 64, name="я" * 900_000, size=1, media_type="x")[
        "problem"
    ]
    assert operator.do("claim", appeal, 1)["status"] == "applied"
    longest = max(len(line) for line in operator.http.get("/v1/snapshot").content.split(b"\n"))
    assert longest <= MAX_LINE


@on_both_engines
def test_texts_that_postgresql_cannot_hold_are_no_incident(server: str, seat: Take) -> None:
    operator = seat()
    results = operator.send(
        operator.envelope("no\x00te", "a\x00", 1, text="a"), operator.envelope("note", "a\x00", 1, text="a")
    ).json()["results"]
    assert [result["problem"]["code"] for result in results] == ["not_found", "not_found"]
    hello = {"device": "a\x00b", "app_version": "1", "schema": 1}
    assert code(operator.http.post("/v1/hello", json=hello)) == (400, "malformed")
    following = {"id": results[0]["id"], "device": "a\x00b"}
    assert code(operator.http.post("/v1/next", json=following)) == (400, "malformed")
    who = {"name": "op.zarechnaya", "password": PASSWORD, "device": "d", "device_name": "стол\x00"}
    assert operator.http.post("/v1/sign-in", json=who).status_code == 200
    for change in ({"name": "op.zarechnaya\x00"}, {"device": "d\x00"}, {"device": "d" * 65}):
        assert code(operator.http.post("/v1/sign-in", json={**who, **change})) == (400, "malformed")
