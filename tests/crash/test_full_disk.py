"""A disk that is full or takes no writes, under the cache and under the server: said and undone."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cur_tui.domain.commands import AddNote
from storage.cache import Cache
from storage.entries import Draft
from storage.errors import CacheError
from storage.salvage.rebuild import rebuild
from tests.crash.conftest import SmallDisk, fill_up, remount
from tests.e2e.region import Client, running_region
from tests.factories import make_appeal, make_command, put, replay
from tests.storage.conftest import KEY

pytestmark = pytest.mark.failure(11)


def opened(path: Path) -> Cache:
    cache = Cache.open(path, KEY)
    cache.replay_with(replay)
    return cache


def code_of(error: pytest.ExceptionInfo[CacheError]) -> str:
    assert "{" not in error.value.sentence()
    return error.value.code


def write_pages(cache: Cache) -> None:
    for n in range(400):
        cache.writer.apply_page([put(make_appeal()) for _ in range(20)], f"c{n + 2}")


def write_drafts(cache: Cache, appeal: str) -> None:
    for n in range(400):
        cache.writer.save_draft(Draft(appeal, "final", f"{n} " + "длинный текст " * 3000))


def test_a_full_disk_refuses_what_is_new_and_keeps_what_was(small_disk: SmallDisk) -> None:
    disk = small_disk(4096)
    cache = opened(disk / "cache" / "amur.db")
    appeal = make_appeal()
    cache.writer.apply_page([put(appeal)], "c1")
    first = make_command(appeal, AddNote("до того, как место кончилось"))
    cache.writer.apply_local(first, replay(appeal, first))
    ballast = fill_up(disk)
    shown = cache.reader.appeal(appeal.id)
    assert shown is not None
    with pytest.raises(CacheError) as caught:
        write_pages(cache)
    assert code_of(caught) == "cache_full"
    reached = cache.reader.state("cursor")
    with pytest.raises(CacheError) as caught:
        write_drafts(cache, appeal.id)
    assert code_of(caught) == "cache_full"
    draft = cache.reader.draft(appeal.id)
    assert [entry.id for entry in cache.reader.outbox()] == [first.id]
    assert cache.reader.appeal(appeal.id) == shown
    assert cache.reader.state("cursor") == reached
    cache.close()
    again = opened(disk / "cache" / "amur.db")
    assert again.reader.draft(appeal.id) == draft
    ballast.unlink()
    again.writer.save_draft(Draft(appeal.id, "final", "снова есть место"))
    assert again.reader.draft(appeal.id).text == "снова есть место"  # type: ignore[union-attr]
    again.close()


def test_a_disk_that_turns_read_only_is_said_and_reading_goes_on(small_disk: SmallDisk) -> None:
    disk = small_disk(4096)
    path = disk / "cache" / "amur.db"
    cache = opened(path)
    appeal = make_appeal()
    cache.writer.apply_page([put(appeal)], "c1")
    cache.close()
    remount(disk, "ro")
    with pytest.raises(CacheError) as caught:
        Cache.open(path, KEY)
    assert code_of(caught) == "cache_unusable"
    remount(disk, "rw")
    again = opened(path)
    assert again.reader.appeal(appeal.id) == appeal
    again.close()


def test_no_room_for_a_new_cache_leaves_the_damaged_one_as_it_is(small_disk: SmallDisk) -> None:
    disk = small_disk(2048)
    path = disk / "cache" / "amur.db"
    cache = opened(path)
    appeal = make_appeal()
    cache.writer.apply_page([put(appeal)], "c1")
    command = make_command(appeal, AddNote("не потерять"))
    cache.writer.apply_local(command, replay(appeal, command))
    cache.close()
    with path.open("r+b") as file:
        file.write(os.urandom(4096))
    ballast = fill_up(disk)
    before = path.read_bytes()
    with pytest.raises(CacheError) as caught:
        rebuild(path, KEY)
    assert code_of(caught) == "cache_full"
    assert path.read_bytes() == before
    assert {place.name for place in path.parent.iterdir()} == {"amur.db", "amur.db.lock"}
    ballast.unlink()
    assert rebuild(path, KEY).outbox == 1


def test_a_limit_on_the_size_of_files_is_a_full_disk(tmp_path: Path) -> None:
    """What a quota does, where nobody may mount anything."""
    program = """
import resource, signal, sys
from pathlib import Path
from storage.cache import Cache
from storage.entries import Draft
from storage.errors import CacheError

cache = Cache.open(Path(sys.argv[1]), bytes(range(32)))
cache.writer.save_draft(Draft("a", "final", "первый"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
try:
    for n in range(100):
        cache.writer.save_draft(Draft(f"b{n}", "final", "длинный текст " * 3000))
except CacheError as error:
    print(error.code, cache.reader.draft("a").text, len(cache.reader.drafts()) == n + 1)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "cache" / "amur.db")],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    code, text, kept = done.stdout.split()
    assert code in ("cache_full", "cache_unusable")
    assert (text, kept) == ("первый", "True")
    with Cache.open(tmp_path / "cache" / "amur.db", KEY).reader._read.snapshot() as snapshot:
        assert snapshot.one("PRAGMA quick_check") == ("ok",)


@pytest.mark.skipif(not os.environ.get("CUR_SOAK"), reason="a soak test: make soak runs it")
def test_the_server_on_a_full_disk_answers_so_and_goes_on_afterwards(
    small_disk: SmallDisk, tmp_path: Path
) -> None:
    disk = small_disk(24 * 1024)
    with running_region(disk, 20) as region:
        client = Client(region, "vetrova", tmp_path / "home")
        client.login()
        number = str(client.json("list", "--query", "open", "--limit", "1")["items"][0]["number"])
        client.cur("do", "note", number, "--text", "записка")
        region.stop()
        with sqlite3.connect(region.database) as connection:  # a log that is there already has room for more
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        region.start()
        ballast = fill_up(disk)
        status, sentence = client.refused("sync")
        assert status == 4
        assert "На сервере" in sentence
        ballast.unlink()
        after = client.json("sync")
        assert (after["sent"], after["refused"], after["waiting"]) == (1, 0, 0)
        notes = [note["text"] for note in client.json("show", number)["notes"]]
        assert notes.count("записка") == 1
        assert region.journal_is_whole()
