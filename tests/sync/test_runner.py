"""The exchange in the background: what it does by itself, what it shows, and that it ends when told to."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from cur_tui.domain.vocabulary import State
from cur_tui.sync.runner import SyncRunner
from cur_tui.sync.state import Phase, SyncState
from tests.factories import make_appeal
from tests.sync.faulty import Deliver, Network, cut, failing, fine, lose_request, problem, to, web_page
from tests.sync.office import Desk, Region, region_in

PATIENCE = 8.0
"""Seconds after which something that should have happened has not; never reached when all is well."""


class Watcher:
    """Hears every state of a runner and can wait for one."""

    def __init__(self, runner: SyncRunner) -> None:
        self.seen: list[SyncState] = []
        self._queue: queue.Queue[SyncState] = queue.Queue()
        runner.subscribe(self._hear)

    def _hear(self, state: SyncState) -> None:
        self.seen.append(state)
        self._queue.put(state)

    def until(self, wanted: Callable[[SyncState], bool]) -> SyncState:
        """The next state that is wanted."""
        while True:
            state = self._queue.get(timeout=PATIENCE)
            if wanted(state):
                return state


@contextmanager
def running(desk: Desk, *, poll: float = 25.0) -> Iterator[tuple[SyncRunner, Watcher]]:
    runner = desk.runner(poll=poll)
    watcher = Watcher(runner)
    runner.start()
    try:
        yield runner, watcher
    finally:
        assert runner.stop(timeout=PATIENCE)
        assert runner.state.phase is Phase.STOPPED


def quiet(state: SyncState) -> bool:
    return state.phase is Phase.IDLE and state.last_contact is not None and state.pending == 0


def test_it_reads_everything_and_then_what_changes(region: Region, desk: Desk) -> None:
    with running(desk) as (_, watcher):
        watcher.until(quiet)
        assert desk.shown() == region.appeals("utilities", "roads")
        arrived = threading.Event()
        stop = desk.cache.changes.subscribe(lambda change: arrived.set() if change.pks else None)
        region.register(1, "roads")
        assert arrived.wait(PATIENCE)
        stop()
    assert desk.shown() == region.appeals("utilities", "roads")


def test_a_command_goes_out_at_once_although_a_long_poll_waits(region: Region, desk: Desk) -> None:
    with running(desk, poll=600) as (runner, watcher):
        watcher.until(quiet)
        appeal = min(desk.shown())
        command = desk.note(appeal, "сразу")
        runner.poke()
        watcher.until(lambda state: state.pending == 1)
        watcher.until(lambda state: state.pending == 0 and state.phase is Phase.IDLE)
    assert [event.command for event in region.appeal(appeal).timeline].count(command.id) == 1


def test_stopping_does_not_wait_for_the_poll(desk: Desk) -> None:
    runner = desk.runner(poll=600)
    watcher = Watcher(runner)
    runner.start()
    watcher.until(quiet)
    assert runner.stop(timeout=PATIENCE)
    # A poll of ten minutes would have outlasted the patience above.
    assert runner.state.phase is Phase.STOPPED


def test_progress_is_shown_while_everything_is_read(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cur_tui.sync.engine.SNAPSHOT_PAGE", 3)
    desk = region.desk(tmp_path / "cache.db", "operator")
    with running(desk) as (_, watcher):
        watcher.until(quiet)
    shown = [state.progress for state in watcher.seen if state.progress is not None]
    assert shown
    assert [progress.done for progress in shown] == sorted(progress.done for progress in shown)
    assert all(0 < progress.done <= progress.total for progress in shown)
    assert any(progress.rate > 0 for progress in shown), shown
    desk.close()


def test_a_paused_reading_rests_and_goes_on_where_it_was(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regional_api.feed.snapshot.PIECE", 2)
    desk = region.desk(tmp_path / "cache.db", "operator")
    runner = desk.runner()
    watcher = Watcher(runner)
    pausing = runner.subscribe(lambda state: runner.pause() if state.phase is Phase.BOOTSTRAPPING else None)
    runner.start()
    try:
        first = watcher.until(lambda state: state.phase is Phase.PAUSED).progress
        assert runner.is_paused
        assert first is not None
        assert 0 < len(desk.shown()) == first.done < first.total
        runner.resume()
        second = watcher.until(lambda state: state.phase is Phase.PAUSED and state.progress != first).progress
        assert second is not None
        assert first.done < len(desk.shown()) == second.done
        pausing()
        runner.resume()
        watcher.until(quiet)
    finally:
        assert runner.stop(timeout=PATIENCE)
    assert desk.shown() == region.appeals("utilities", "roads")
    desk.close()


def test_the_indexing_of_the_archive_tells_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cur_tui.sync.runner.INDEX_BATCH", 1)
    with region_in(tmp_path) as region:
        archive = [make_appeal(state=State.RESOLVED) for _ in range(4)]
        list(region.intake.store_prepared((appeal, None) for appeal in archive))
        desk = region.desk(tmp_path / "cache.db", "operator")
        with running(desk) as (_, watcher):
            watcher.until(lambda state: state.indexing is not None)
            watcher.until(lambda state: state.indexing is None)
        told = [state.indexing for state in watcher.seen if state.indexing is not None]
        assert [(progress.done, progress.total) for progress in told] == [(1, 4), (2, 4), (3, 4)]
        assert desk.cache.reader.unindexed() == 0
        desk.close()


def test_a_paused_indexing_rests_and_changes_still_arrive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cur_tui.sync.runner.INDEX_BATCH", 1)
    with region_in(tmp_path) as region:
        archive = [make_appeal(state=State.RESOLVED) for _ in range(4)]
        list(region.intake.store_prepared((appeal, None) for appeal in archive))
        desk = region.desk(tmp_path / "cache.db", "operator")
        runner = desk.runner(poll=0.2)
        watcher = Watcher(runner)
        pausing = runner.subscribe(lambda state: runner.pause() if state.indexing is not None else None)
        runner.start()
        try:
            rests = watcher.until(lambda state: state.indexing is not None and not state.indexing.rate)
            assert rests.indexing is not None
            left = desk.cache.reader.unindexed()
            assert left == rests.indexing.total - rests.indexing.done > 0
            arrived = threading.Event()
            stop = desk.cache.changes.subscribe(lambda change: arrived.set() if change.pks else None)
            region.register(1, "utilities")
            assert arrived.wait(PATIENCE)
            stop()
            assert desk.cache.reader.unindexed() == left
            pausing()
            runner.resume()
            watcher.until(lambda state: state.indexing is None and state.phase is Phase.IDLE)
            assert desk.cache.reader.unindexed() == 0
        finally:
            assert runner.stop(timeout=PATIENCE)
        desk.close()


def test_a_server_that_goes_and_comes_back(tmp_path: Path) -> None:
    with region_in(tmp_path) as region:
        region.register(3, "utilities")
        desk = region.desk(tmp_path / "cache.db", "operator")
        with running(desk, poll=5) as (runner, watcher):
            watcher.until(quiet)
            region.stop()
            offline = watcher.until(lambda state: state.phase is Phase.OFFLINE)
            assert offline.problem in ("refused", "interrupted")
            assert offline.sentence
            commands = [desk.note(appeal, "без связи") for appeal in sorted(desk.shown())]
            runner.poke()
            watcher.until(lambda state: state.pending == 3 and state.phase is Phase.OFFLINE)
            region.start()
            back = watcher.until(quiet)
            assert (back.problem, back.sentence) == (None, None)
        for command in commands:
            events = [event.command for event in region.appeal(command.appeal).timeline]
            assert events.count(command.id) == 1
        desk.close()


@pytest.mark.parametrize(
    ("fault", "code"),
    [(web_page, "web_page"), (lose_request, "refused"), (cut(10, silently=True), "damaged")],
)
def test_what_is_wrong_is_said_and_passes(desk: Desk, network: Network, fault: object, code: str) -> None:
    assert callable(fault)
    network.always = fault
    with running(desk) as (_, watcher):
        away = watcher.until(lambda state: state.problem == code)
        assert away.phase is Phase.OFFLINE
        assert away.sentence
        assert away.last_contact is None
        network.always = fine
        watcher.until(quiet)


def test_it_asks_for_a_sign_in_and_goes_on_after_it(region: Region, tmp_path: Path) -> None:
    desk = Desk(region, tmp_path / "cache.db", "operator")
    desk.sign_in()
    desk.load()
    desk.session.sign_out()
    with running(desk) as (runner, watcher):
        state = watcher.until(lambda state: state.phase is Phase.SIGN_IN_NEEDED)
        assert state.problem == "token_invalid"
        desk.note(min(desk.shown()), "до входа")
        runner.poke()
        watcher.until(lambda state: state.phase is Phase.SIGN_IN_NEEDED and state.pending == 1)
        desk.sign_in()
        runner.poke()
        watcher.until(quiet)
    desk.close()


def test_a_server_that_wants_peace_is_left_in_peace(region: Region, desk: Desk, network: Network) -> None:
    desk.load()
    network.always = to("/commands", failing(429, "600"))
    desk.note(min(desk.shown()), "потом")
    with running(desk) as (runner, watcher):
        state = watcher.until(lambda state: state.problem == "unavailable")
        assert state.pending == 1
        for _ in range(20):
            runner.poke()
        # Reading is not what the server complained of: it goes on meanwhile.
        arrived = threading.Event()
        desk.cache.changes.subscribe(lambda change: arrived.set() if change.pks else None)
        region.register(1, "utilities")
        assert arrived.wait(PATIENCE)
    asked = [request for request in network.requests if request.url.path.endswith("/commands")]
    assert len(asked) == 1


def test_a_server_without_end_of_trouble_is_not_hammered(desk: Desk, network: Network) -> None:
    """Told to start anew by every answer, it pauses in between instead of running in circles."""
    desk.load()
    seen = threading.Semaphore(0)

    def count(request: httpx.Request, deliver: Deliver) -> httpx.Response:
        seen.release()
        return problem(410, "resync")(request, deliver)

    network.always = to("/changes", count)
    with running(desk):
        for _ in range(4):
            assert seen.acquire(timeout=PATIENCE)


def test_too_old_a_program_goes_on_reading_and_says_so(region: Region, desk: Desk, network: Network) -> None:
    desk.load()
    network.always = to("/hello", problem(426, "schema_too_old"))
    desk.note(min(desk.shown()), "из старой программы")
    desk.restart()
    with running(desk) as (_, watcher):
        state = watcher.until(
            lambda state: state.phase is Phase.UPDATE_NEEDED and state.last_contact is not None
        )
        assert state.problem == "schema_too_old"
        assert state.pending == 1
        arrived = threading.Event()
        desk.cache.changes.subscribe(lambda change: arrived.set() if change.pks else None)
        region.register(1, "utilities")
        assert arrived.wait(PATIENCE)
        assert watcher.seen[-1].phase is Phase.UPDATE_NEEDED


def test_a_mistake_in_the_program_is_shown_and_its_text_not_logged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(wait: float = 0.0) -> None:
        raise ValueError("Ветрова Алла Кузьминична")

    with monkeypatch.context() as patch:
        patch.setattr(desk.engine, "pull_once", broken)
        with running(desk) as (_, watcher):
            state = watcher.until(lambda state: state.problem == "unexpected")
    assert state.sentence is not None
    assert "ValueError" in state.sentence
    assert "ValueError" in caplog.text
    assert "Ветрова" not in caplog.text
