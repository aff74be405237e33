"""Guessing passwords is slowed down over processes and restarts, and locks no colleague out."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import func, insert, select, update

from cur_tui.contract.wire import SignIn
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.database.tables import ATTEMPT, JOURNAL, JOURNAL_PAYLOAD
from regional_api.identity import account_changes, attempts, sessions
from regional_api.identity.attempts import OF_ADDRESS, OF_NAME, OF_PAIR
from tests.server.office import PASSWORD, Seat, on_both_engines

NAME = "op.zarechnaya"


@pytest.fixture
def centre(address: str) -> Iterator[Centre]:
    centre = open_centre(Database(address))
    yield centre
    centre.database.close()


def try_in(centre: Centre, peer: str, name: str = NAME, password: str = "догадка", device: str = "d") -> str:
    """What a sign-in from ``peer`` comes to: ``ok`` or the code of its refusal."""
    try:
        sessions.sign_in(centre, SignIn(name=name, password=password, device=device), peer)
    except Refused as refused:
        return refused.code
    return "ok"


def count(centre: Centre, name: str, peer: str, times: int) -> None:
    """Failures, without the cost of looking at passwords."""
    for _ in range(times):
        attempts.begin(centre, name, "unknown", peer)
        let_time_pass(centre)


def let_time_pass(centre: Centre) -> None:
    """All waits are over."""
    with centre.database.writing() as connection:
        connection.execute(update(ATTEMPT).values(until=0))


def waits(centre: Centre, peer: str, name: str = NAME, device: str = "d") -> int:
    """Seconds until the next attempt, which is not counted."""
    with suppress(Refused):
        attempt = attempts.begin(centre, name, device, peer)
        attempts.take_back(centre, attempt)
        return 0
    try:
        attempts.begin(centre, name, device, peer)
    except Refused as refused:
        return int(refused.params["seconds"])
    raise AssertionError


def test_each_failure_beyond_the_free_ones_doubles_the_wait() -> None:
    assert [OF_PAIR.wait(n) for n in range(4, 8)] == [0, 1, 2, 4]
    assert OF_PAIR.wait(10_000) == OF_PAIR.longest == 900


@on_both_engines
def test_another_process_and_a_restart_know_what_failed(centre: Centre, address: str) -> None:
    assert [try_in(centre, "192.0.2.1") for _ in range(OF_PAIR.free)] == ["sign_in_failed"] * OF_PAIR.free
    let_time_pass(centre)
    count(centre, NAME, "192.0.2.1", 10)
    attempts.begin(centre, NAME, "d", "192.0.2.1")  # the wait is minutes now, however slow the machine is
    other = open_centre(Database(address))
    assert try_in(other, "192.0.2.1", password=PASSWORD) == "too_many_attempts"
    other.database.close()
    let_time_pass(centre)
    assert try_in(centre, "192.0.2.1", password=PASSWORD) == "ok"


@on_both_engines
def test_guesses_sent_at_once_do_not_slip_through_together(centre: Centre) -> None:
    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(lambda _: try_in(centre, "192.0.2.1"), range(24)))
    assert codes.count("sign_in_failed") <= OF_PAIR.free + 2
    assert set(codes) == {"sign_in_failed", "too_many_attempts"}


def test_nobody_locks_a_colleague_out_of_their_own_workstation(centre: Centre) -> None:
    assert try_in(centre, "198.51.100.7", password=PASSWORD, device="desk-4") == "ok"
    count(centre, NAME, "203.0.113.5", 40)
    attempts.begin(centre, NAME, "unknown", "203.0.113.5")
    assert waits(centre, "203.0.113.5") > 0
    # From the same address too, as behind one router; but not from a device that is not theirs.
    assert try_in(centre, "203.0.113.5", password=PASSWORD, device="desk-4") == "ok"
    assert waits(centre, "198.51.100.8", device="desk-5") > 0


def test_the_own_device_is_no_way_around_either(centre: Centre) -> None:
    assert try_in(centre, "198.51.100.7", password=PASSWORD, device="desk-4") == "ok"
    for n in range(OF_PAIR.free + 8):  # the wait is minutes then, however slow the machine is
        attempts.begin(centre, NAME, "desk-4", f"203.0.113.{n}")
        let_time_pass(centre)
    codes = [try_in(centre, f"203.0.113.{n}", device="desk-4") for n in range(100, 102)]
    assert codes[-1] == "too_many_attempts"


def test_a_guess_spread_over_many_addresses_is_slowed_as_well(centre: Centre) -> None:
    for n in range(OF_NAME.free + 9):
        count(centre, NAME, f"2001:db8::{n:x}", 1)
    attempts.begin(centre, NAME, "unknown", "2001:db8::ffff")
    assert waits(centre, "2001:db8::fffe") > 400
    # A right password from elsewhere proves nothing about the others.
    assert waits(centre, "2001:db8::fffe", name="op.roshchin") == 0


def test_one_password_tried_on_many_names_is_slowed(centre: Centre) -> None:
    for n in range(OF_ADDRESS.free + 3):
        count(centre, f"name-{n}", "192.0.2.9", 1)
    attempts.begin(centre, "name-x", "unknown", "192.0.2.9")
    assert waits(centre, "192.0.2.9", name="name-y") > 0
    assert waits(centre, "192.0.2.10", name="name-y") == 0


def test_success_excuses_the_pair_and_not_the_name(centre: Centre) -> None:
    count(centre, NAME, "192.0.2.1", OF_PAIR.free - 1)
    assert try_in(centre, "192.0.2.1", password=PASSWORD) == "ok"
    with centre.database.reading() as connection:
        rows = connection.execute(select(ATTEMPT.c.name, ATTEMPT.c.origin, ATTEMPT.c.failures)).all()
    assert sorted((bool(n), bool(o), failures) for n, o, failures in rows) == [
        (False, True, OF_PAIR.free - 1),
        (True, False, OF_PAIR.free - 1),
    ]


def test_failures_are_forgotten_in_time(centre: Centre) -> None:
    count(centre, NAME, "192.0.2.1", 9)
    with centre.database.writing() as connection:
        connection.execute(update(ATTEMPT).values(at=ATTEMPT.c.at - OF_PAIR.memory, until=0))
    attempts.begin(centre, NAME, "unknown", "192.0.2.1")
    assert waits(centre, "192.0.2.1") == 0
    with centre.database.writing() as connection:
        connection.execute(update(ATTEMPT).values(at=1))
    attempts.forget_old(centre)
    with centre.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(ATTEMPT)).scalar_one() == 0


@on_both_engines
def test_the_table_stays_small_and_keeps_what_matters(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MAX_ROWS", 40)
    count(centre, NAME, "192.0.2.1", 8)
    attempts.begin(centre, NAME, "unknown", "192.0.2.1")
    for n in range(60):
        attempts.begin(centre, f"flood-{n}", "unknown", f"2001:db8::{n:x}")
    with centre.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(ATTEMPT)).scalar_one() <= 40
    assert waits(centre, "192.0.2.1") > 0


@on_both_engines
def test_unlock_is_the_way_back(centre: Centre) -> None:
    count(centre, NAME, "192.0.2.1", 30)
    attempts.begin(centre, NAME, "unknown", "192.0.2.1")
    assert waits(centre, "192.0.2.1") > 0
    assert account_changes.unlock(centre, NAME) == 2
    assert try_in(centre, "192.0.2.1", password=PASSWORD) == "ok"


def test_the_journal_has_the_account_but_neither_password_nor_mistyped_name(centre: Centre) -> None:
    try_in(centre, "192.0.2.1", password="секрет-1")
    try_in(centre, "192.0.2.1", name="секрет-2", password=NAME)
    with centre.database.reading() as connection:
        lines = connection.execute(
            select(JOURNAL.c.account, JOURNAL.c.role, JOURNAL_PAYLOAD.c.data)
            .join(JOURNAL_PAYLOAD, JOURNAL_PAYLOAD.c.n == JOURNAL.c.n)
            .where(JOURNAL.c.type == "sign_in_failed")
            .order_by(JOURNAL.c.n)
        ).all()
        kept = str(connection.execute(select(ATTEMPT)).all())
    assert [line.account for line in lines] == [NAME, "system"]
    assert b'"peer":"192.0.2.1"' in lines[0].data
    assert "секрет" not in kept + "".join(line.data.decode() for line in lines)
    assert NAME not in kept
    assert "192.0.2.1" not in kept


def test_a_slowed_workstation_is_told_how_long(server: str, seat: Callable[..., Seat]) -> None:
    operator = seat()
    body = {"old": "не тот", "new": "совсем новый пароль"}
    answers = [operator.http.post("/v1/password", json=body) for _ in range(OF_PAIR.free + 1)]
    assert [answer.status_code for answer in answers] == [422] * OF_PAIR.free + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_counts_have_their_own_rows_for_names_alike(centre: Centre) -> None:
    # A name that ends as an address begins must not share a count with another pair.
    with centre.database.writing() as connection:
        connection.execute(insert(ATTEMPT).values(name="x", origin="y", failures=99, until=2**40, at=2**40))
    assert waits(centre, "y", name="x") == 0
