"""Readings of everything that are overtaken, damaged or put off: nothing is missed, and no memory is held."""

from pathlib import Path

import httpx
import msgspec
import pytest

from cur_tui.sync.engine import Bootstrapped
from cur_tui.sync.faults import NoContact
from tests.sync.faulty import Deliver, Network, fine, lose_request, made, to
from tests.sync.office import Desk, Region

SCOPE = ("utilities", "roads")


@pytest.mark.parametrize("moment", ["after the first piece", "after the last piece"])
def test_a_new_reading_begun_while_another_is_under_way_misses_nothing(
    region: Region, desk: Desk, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """As the thread that sends does when it greets a server that was restored."""
    monkeypatch.setattr("regional_api.feed.snapshot.PIECE", 4)
    heard: list[Bootstrapped] = []

    def told(step: Bootstrapped) -> bool:
        heard.append(step)
        if moment == "after the first piece" if len(heard) == 1 else step.done == step.total:
            desk.cache.writer.begin_generation(desk.cache.reader.state("cursor") or "")
        return True

    step = desk.engine.bootstrap_step(told)
    assert len(heard) == (1 if moment == "after the first piece" else -(-heard[0].total // 4))
    assert not step.complete
    assert desk.engine.needs_bootstrap
    assert desk.cache.reader.state("snapshot") == ""
    desk.load()
    assert desk.shown() == region.appeals(*SCOPE)


@pytest.mark.failure(21)
def test_a_page_of_changes_from_before_a_new_reading_is_not_taken(
    region: Region, desk: Desk, network: Network
) -> None:
    desk.load()
    region.register(1, "utilities")
    before = desk.shown()

    def begun_anew(request: httpx.Request, deliver: Deliver) -> httpx.Response:
        answer = deliver(request)
        desk.cache.writer.begin_generation(desk.cache.reader.state("cursor") or "")
        return answer

    network.once = [to("/changes", begun_anew)]
    assert desk.engine.pull_once().renewed
    assert desk.shown() == before
    desk.load()
    assert desk.shown() == region.appeals(*SCOPE)


def test_the_memory_of_a_reading_is_kept_from_page_to_page_and_given_back_when_it_rests(
    region: Region, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cur_tui.sync.engine.SNAPSHOT_PAGE", 4)
    monkeypatch.setattr("regional_api.feed.snapshot.PIECE", 2)
    desk = region.desk(tmp_path / "cache.db", "operator", network.factory)

    def kibibytes() -> int:
        return -int(desk.cache.writer._connection.execute("PRAGMA cache_size").fetchone()[0])

    usual = kibibytes()
    desk.engine.bootstrap_step()
    assert kibibytes() > usual, "the next page follows at once"
    desk.engine.bootstrap_step(lambda step: False)
    assert kibibytes() == usual
    desk.engine.bootstrap_step()
    assert kibibytes() > usual
    network.once = [to("/snapshot", lose_request)]
    with pytest.raises(NoContact):
        desk.engine.bootstrap_step()
    assert kibibytes() == usual
    desk.load()
    assert kibibytes() == usual
    desk.close()


@pytest.mark.parametrize("path", ["/snapshot", "/changes"])
def test_a_document_that_came_damaged_is_asked_for_again(
    region: Region, desk: Desk, network: Network, path: str
) -> None:
    def spoilt(request: httpx.Request, deliver: Deliver) -> httpx.Response:
        lines = [msgspec.json.decode(line) for line in deliver(request).whole.splitlines()]
        puts = [line for line in lines if "row" in line]
        puts[-1]["doc"] = "AAAA"
        return made(200, "application/x-ndjson", b"".join(msgspec.json.encode(one) + b"\n" for one in lines))

    if path == "/changes":
        desk.load()
        region.register(2, "utilities")
    before, cursor = desk.shown(), desk.cache.reader.state("cursor")
    network.always = to(path, spoilt)
    with pytest.raises(NoContact) as caught:
        desk.engine.bootstrap_step() if path == "/snapshot" else desk.engine.pull_once()
    assert (caught.value.code, caught.value.params["reason"]) == ("damaged", "zstd")
    assert desk.shown() == before
    assert cursor in (None, desk.cache.reader.state("cursor"))
    network.always = fine
    desk.load()
    assert desk.shown() == region.appeals(*SCOPE)
