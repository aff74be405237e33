"""Another key for a cache: whenever the process is stopped, one of the two keys opens all of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage.cache import Cache
from storage.database.connection import REKEYED
from storage.database.rekeying import rekey
from storage.entries import Draft
from storage.errors import CacheError
from tests.factories import make_appeal, put, replay
from tests.storage.conftest import KEY

ROOT = Path(__file__).resolve().parents[2]
NEW = bytes(reversed(range(32)))
KILLS = 60 if os.environ.get("CUR_SOAK") else 4

PROGRAM = """
import sys, time
from pathlib import Path
from storage.database.rekeying import rekey

print("ready", flush=True)
rekey(Path(sys.argv[1]), bytes(range(32)), bytes(reversed(range(32))))
"""


@pytest.fixture
def filled(path: Path) -> Path:
    cache = Cache.open(path, KEY)
    cache.replay_with(replay)
    for page in range(10):
        puts = [put(make_appeal(id=f"{page}:{n}")) for n in range(100)]
        cache.writer.apply_page(puts, f"{page}")
    cache.writer.save_draft(Draft("0:1", "final", "набранный текст"))
    cache.close()
    return path


def opening_key(path: Path) -> bytes:
    """The key that opens everything."""
    for key in (KEY, NEW):
        try:
            cache = Cache.open(path, key)
        except CacheError:
            continue
        try:
            draft = cache.reader.draft("0:1")
            assert draft is not None
            assert draft.text == "набранный текст"
            assert all(cache.reader.appeal(f"{page}:99") is not None for page in range(10))
        finally:
            cache.close()
        return key
    raise AssertionError("neither key opens the cache")


def test_the_new_key_opens_everything_and_the_old_one_nothing(filled: Path) -> None:
    before = filled.read_bytes()
    rekey(filled, KEY, NEW)
    assert opening_key(filled) == NEW
    with pytest.raises(CacheError) as caught:
        Cache.open(filled, KEY)
    assert caught.value.code == "cache_wrong_key"
    assert filled.stat().st_mode & 0o777 == 0o600
    assert {file.name for file in filled.parent.iterdir()} <= {filled.name, f"{filled.name}.lock"}
    after = filled.read_bytes()
    pages = range(0, min(len(before), len(after)), 4096)
    # The first bytes of the file are its salt, which stays.
    assert not [at for at in pages if before[at + 16 : at + 4096] == after[at + 16 : at + 4096]]


def test_whoever_reads_meanwhile_keeps_the_key_from_being_changed(filled: Path) -> None:
    beside = Cache.open(filled, KEY, read_only=True)
    with pytest.raises(CacheError) as caught:
        rekey(filled, KEY, NEW)
    assert caught.value.code == "cache_locked"
    assert beside.reader.appeal("0:1") is not None
    beside.close()
    assert opening_key(filled) == KEY


def test_a_wrong_key_changes_nothing(filled: Path) -> None:
    with pytest.raises(CacheError) as caught:
        rekey(filled, NEW, KEY)
    assert caught.value.code == "cache_wrong_key"
    assert opening_key(filled) == KEY


def test_what_a_stopped_attempt_left_is_removed_by_the_next_opening(filled: Path) -> None:
    copy = filled.with_name(filled.name + REKEYED)
    copy.write_bytes(b"half a copy")
    assert opening_key(filled) == KEY
    assert not copy.exists()


def test_a_process_killed_at_any_moment_leaves_a_cache_that_one_of_the_keys_opens(filled: Path) -> None:
    began = time.monotonic()
    rekey(filled, KEY, NEW)
    took = time.monotonic() - began
    rekey(filled, NEW, KEY)
    for n in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(filled)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(took * 1.2 * n / KILLS)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        process.stdout.close()
        if opening_key(filled) == NEW:
            rekey(filled, NEW, KEY)
