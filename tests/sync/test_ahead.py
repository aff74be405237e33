"""Reading ahead: everything comes in order, little waits, and nobody is waited for who has left."""

import threading
from collections.abc import Callable

import pytest

from cur_tui.sync.ahead import DEPTH, ahead

PATIENCE = 8.0


class BrokenError(Exception):
    """What a source may raise."""


def test_pieces_come_in_their_order_and_then_the_failure() -> None:
    def source(give: Callable[[int], None]) -> None:
        for n in range(50):
            give(n)
        raise BrokenError

    seen: list[int] = []
    with ahead(source) as pieces, pytest.raises(BrokenError):
        seen.extend(pieces)
    assert seen == list(range(50))


def test_a_source_without_pieces_ends() -> None:
    with ahead(lambda _give: None) as pieces:
        assert list(pieces) == []


def test_no_more_waits_than_is_meant_to() -> None:
    made = threading.Semaphore(0)
    count = [0]

    def source(give: Callable[[int], None]) -> None:
        for n in range(100):
            count[0] += 1
            made.release()
            give(n)

    with ahead(source) as pieces:
        # The one that is offered and those that wait: then the source stands still.
        for _ in range(DEPTH + 1):
            assert made.acquire(timeout=PATIENCE)
        assert not made.acquire(timeout=0.3)
        assert count[0] == DEPTH + 1
        assert next(pieces) == 0
        assert made.acquire(timeout=PATIENCE)


def test_who_leaves_early_ends_the_source() -> None:
    ended = threading.Event()

    def source(give: Callable[[int], None]) -> None:
        try:
            for n in range(1_000_000):
                give(n)
        finally:
            ended.set()

    with ahead(source) as pieces:
        next(pieces)
    assert ended.wait(PATIENCE)
