"""«Next»: the most urgent appeal that nobody holds, once for each who asks."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from uuid6 import uuid7

from cur_tui.domain.vocabulary import Priority
from regional_api.centre import open_centre
from regional_api.clock import now
from regional_api.database.connections import Database
from regional_api.database.lease import take_turns
from regional_api.database.tables import APPEAL
from regional_api.related import alike
from tests.server.office import Seat, code, on_both_engines, register

Take = Callable[..., Seat]


@on_both_engines
def test_fifty_at_once_get_fifty_different_appeals(address: str, seat: Take) -> None:
    register(address, 60)
    desks = [seat("op.zarechnaya" if n % 2 else "op.roshchin") for n in range(50)]
    given: list[str] = []
    gate = threading.Barrier(len(desks))

    def ask(desk: Seat) -> None:
        gate.wait()
        answer = desk.next()
        assert answer.status_code == 200, answer.text
        given.append(answer.json()["record"]["row"][0])

    threads = [threading.Thread(target=ask, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == len(set(given)) == 50


@on_both_engines
def test_most_urgent_comes_first_and_an_empty_queue_is_null(address: str, seat: Take) -> None:
    instant = datetime.now(UTC)
    register(address, received_at=instant, registered_at=instant)
    # Two days would not do: what comes on the eve of days off is due when that of the days off is.
    before = instant - timedelta(days=20)
    urgent = register(address, received_at=before, registered_at=before)
    operator = seat()
    first = operator.next().json()["record"]
    assert first["row"][1] == urgent[0]
    assert first["doc"]["claim"]["holder"] == "op.zarechnaya"
    assert operator.next().json()["record"] is not None
    assert operator.next().json()["record"] is None


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_what_is_compared_at_this_moment_is_not_passed_over(address: str, seat: Take) -> None:
    register(address)
    operator, database = seat(), Database(address)
    rulebook = open_centre(database).rulebook
    with database.reading() as connection:
        pks = connection.execute(select(APPEAL.c.pk)).scalars().all()
        found = alike.find_pairs(
            connection, alike.read_fresh(connection, pks, rulebook), rulebook.region.duplicates, now()
        )
    with database.writing() as connection:
        take_turns(connection)
        alike.write(connection, found)
        assert operator.next().json()["record"] is not None
    database.close()


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_the_last_one_is_waited_for_while_something_happens_to_it(address: str, seat: Take) -> None:
    register(address)
    operator, database = seat(), Database(address)
    given: list[object] = []
    asking = threading.Thread(target=lambda: given.append(operator.next().json()["record"]))
    with database.writing() as connection:
        connection.execute(select(APPEAL.c.pk).with_for_update()).all()
        asking.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        for _ in range(500):
            if connection.execute(waiting).scalar_one():
                break
            time.sleep(0.01)
        assert not given
    asking.join()
    assert given[0] is not None
    database.close()


def test_repeated_request_gives_the_same_appeal(address: str, seat: Take) -> None:
    register(address, 3)
    operator, colleague = seat(), seat("op.roshchin")
    id = str(uuid7())
    first, again = operator.next(id=id).json(), operator.next(id=id).json()
    assert first["record"]["row"][:3] == again["record"]["row"][:3]
    assert code(operator.next("priority:emergency", id=id)) == (422, "key_reused")
    assert code(colleague.next(id=id)) == (422, "key_reused")


@on_both_engines
def test_query_narrows_and_scope_still_holds(address: str, seat: Take) -> None:
    register(address, 2)
    emergency = register(address, priority=Priority.EMERGENCY)
    register(address, block="roads", priority=Priority.EMERGENCY)
    operator = seat()
    assert operator.next("приоритет:emergency").json()["record"]["row"][1] == emergency[0]
    assert operator.next("priority:emergency").json()["record"] is None
    assert operator.next("block:roads").json()["record"] is None
    assert (
        operator.next("-priority:emergency due:<90d registered:today tag:none").json()["record"] is not None
    )


@on_both_engines
def test_words_narrow_what_is_given_out(address: str, seat: Take) -> None:
    register(address, text="Во дворе не работает фонарь.")
    sought = register(address, text="Во дворах протекают трубы.")
    operator = seat()
    assert operator.next("труба -фонарь").json()["record"]["row"][1] == sought[0]
    assert operator.next("труба").json()["record"] is None


def test_bad_queries_are_refused_by_name(address: str, seat: Take) -> None:
    register(address)
    operator = seat()
    for query in ("state:novoe", "pending", "due:banana", "x" * 3000):
        answer = operator.next(query)
        assert code(answer) == (422, "invalid_value")
        assert answer.json()["params"]["field"] == "query"


def test_everybody_gets_what_waits_for_their_right(address: str, seat: Take) -> None:
    register(address)
    approver = seat("ap.ozerova")
    assert approver.next().json()["record"] is None
    assert code(seat("ob.tikhaya").next()) == (403, "not_permitted")


def test_claim_of_next_is_journaled_and_seen_by_others(address: str, seat: Take) -> None:
    register(address)
    operator, supervisor = seat(), seat("su.polev")
    number = operator.next().json()["record"]["row"][1]
    lines = supervisor.http.get("/v1/journal", params={"limit": 500}).json()["items"]
    assert (lines[-1]["type"], lines[-1]["number"], lines[-1]["account"]) == (
        "claim",
        number,
        "op.zarechnaya",
    )
