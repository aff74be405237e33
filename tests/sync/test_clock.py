"""The estimate of the server's time, and how long to wait between attempts."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from cur_tui.sync.backoff import LONGEST, LONGEST_WISH, Backoff
from cur_tui.sync.clock import SAMPLES, ServerClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)


def exchange(clock: ServerClock, offset: float, *, there: float, back: float, at: datetime = NOON) -> None:
    """A request that takes ``there`` and ``back`` seconds to a server whose clock is ``offset`` ahead."""
    clock.observe(at, at + seconds(there + back), at + seconds(there + offset))


def test_without_any_answer_the_local_clock_counts() -> None:
    assert ServerClock(lambda: NOON).now() == NOON
    assert ServerClock(lambda: NOON, remembered=seconds(90)).now() == NOON + seconds(90)


def test_the_quickest_exchange_is_believed() -> None:
    clock = ServerClock(lambda: NOON)
    exchange(clock, 300, there=4, back=0)
    exchange(clock, 300, there=0.01, back=0.01)
    exchange(clock, 300, there=0, back=3)
    assert clock.offset == seconds(300)
    assert clock.now() == NOON + seconds(300)


def test_only_the_last_exchanges_count() -> None:
    clock = ServerClock(lambda: NOON)
    exchange(clock, 10, there=0.5, back=0.5)
    for _ in range(SAMPLES):
        exchange(clock, 12, there=0.6, back=0.6)
    assert clock.offset == seconds(12)


def test_a_clock_that_was_set_is_followed_at_once() -> None:
    clock = ServerClock(lambda: NOON)
    exchange(clock, 0, there=0.01, back=0.01)
    exchange(clock, 3_600, there=1, back=1)
    assert clock.offset == seconds(3_600)


def test_an_answer_before_its_question_is_passed_over() -> None:
    clock = ServerClock(lambda: NOON)
    clock.observe(NOON, NOON - seconds(5), NOON + seconds(500))
    assert clock.offset == seconds(0)


@pytest.mark.failure(25)
def test_a_wrong_clock_is_told_from_two_minutes_on() -> None:
    for offset, skewed in ((119, False), (-119, False), (121, True), (-86_400, True)):
        clock = ServerClock(lambda: NOON)
        exchange(clock, offset, there=0, back=0)
        assert clock.is_skewed is skewed


def test_waits_grow_to_a_limit_and_are_never_nothing() -> None:
    backoff = Backoff(random.Random(1))
    for n in range(50):
        ceiling = min(LONGEST, 2.0**n)
        assert ceiling * 0.1 <= backoff.next_delay() <= ceiling
    backoff.reset()
    assert backoff.next_delay() <= 1


def test_machines_do_not_come_back_together() -> None:
    assert len({round(Backoff(random.Random(seed)).next_delay(), 3) for seed in range(100)}) > 80


def test_what_the_server_asks_for_is_kept_within_reason() -> None:
    backoff = Backoff(random.Random(1))
    assert 30 <= backoff.next_delay(retry_after=30) <= 40
    assert backoff.next_delay(retry_after=86_400) < LONGEST_WISH + LONGEST
    assert backoff.next_delay(retry_after=0) > 0
    assert backoff.next_delay(retry_after=-5) > 0
