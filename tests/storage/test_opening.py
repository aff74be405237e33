"""Opening: what is refused, with which code, and that a refusal changes nothing."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cur_tui.domain.commands import AddNote
from cur_tui.domain.query.query import Query
from storage.cache import Cache
from storage.database.connection import connect
from storage.database.schema import SCHEMA
from storage.entries import Draft
from storage.errors import REFUSALS, CacheBusy, CacheError
from storage.lists.filters import compile_view
from tests.factories import NOW, make_appeal, make_command, put, replay
from tests.storage.conftest import KEY

PAGE = 4096
ROOT = Path(__file__).resolve().parents[2]


def content(path: Path) -> bytes:
    return path.read_bytes()


def filled(path: Path, appeals: int = 200) -> None:
    cache = Cache.open(path, KEY)
    cache.writer.apply_page([put(make_appeal()) for _ in range(appeals)], "c")
    cache.close()


def refusal(path: Path, key: bytes = KEY, *, read_only: bool = False) -> CacheError:
    with pytest.raises(CacheError) as caught:
        Cache.open(path, key, read_only=read_only)
    assert caught.value.code in REFUSALS
    assert "{" not in caught.value.sentence()
    return caught.value


def test_file_and_folder_are_private_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        cache = Cache.open(path, KEY)
        cache.writer.set_state("k", "v")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        cache.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {"amur.db", "amur.db-wal", "amur.db-shm", "amur.db.lock"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_readable_file_is_closed_to_others(path: Path) -> None:
    filled(path, 1)
    path.chmod(0o644)
    Cache.open(path, KEY).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_readable_on_the_disk(path: Path) -> None:
    cache = Cache.open(path, KEY)
    cache.writer.apply_page([put(make_appeal(text="Совершенно особенная примета"))], "c")
    raw = b"".join(file.read_bytes() for file in path.parent.iterdir())
    cache.close()
    assert "особенн".encode() not in raw
    assert b"CREATE TABLE" not in raw
    assert KEY not in raw


def test_symbolic_links_are_refused(path: Path, tmp_path: Path) -> None:
    filled(path, 1)
    link = path.with_name("link.db")
    link.symlink_to(path)
    assert refusal(link).code == "cache_symlink"
    folder = tmp_path / "elsewhere"
    folder.symlink_to(path.parent)
    assert refusal(folder / path.name).code == "cache_symlink"


def test_wrong_key_is_said_and_changes_nothing(path: Path) -> None:
    filled(path, 5)
    before = content(path)
    assert refusal(path, bytes(32)).code == "cache_wrong_key"
    assert content(path) == before
    Cache.open(path, KEY).close()


def test_wrong_key_writes_nothing_to_the_terminal(path: Path) -> None:
    filled(path, 1)
    program = (
        "import sys; from pathlib import Path\n"
        "from storage.cache import Cache; from storage.errors import CacheError\n"
        "try: Cache.open(Path(sys.argv[1]), bytes(32))\n"
        "except CacheError as error: sys.exit(7 if error.code == 'cache_wrong_key' else 1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, b"", b"")


def test_damaged_page_is_said(path: Path) -> None:
    filled(path)
    damaged = bytearray(content(path))
    for at in range(20 * PAGE, len(damaged), PAGE):
        damaged[at + 100] ^= 0xFF
    path.write_bytes(damaged)
    with pytest.raises(CacheError) as caught:  # noqa: PT012
        cache = Cache.open(path, KEY)
        try:
            view = compile_view(Query(), now=NOW, me=None)
            cache.reader.rows(cache.reader.ids(view))
        finally:
            cache.close()
    assert caught.value.code == "cache_damaged"


def test_newer_schema_is_refused_and_untouched(path: Path) -> None:
    filled(path, 1)
    connection = connect(path, KEY, writer=True)
    connection.execute(f"PRAGMA user_version={SCHEMA + 1}")
    connection.close()
    before = content(path)
    error = refusal(path)
    assert (error.code, error.params["found"]) == ("cache_newer", str(SCHEMA + 1))
    assert refusal(path, read_only=True).code == "cache_newer"
    assert content(path) == before


def test_second_writer_is_refused_and_a_reader_is_welcome(cache: Cache, path: Path) -> None:
    cache.writer.apply_page([put(make_appeal())], "c7")
    with pytest.raises(CacheBusy):
        Cache.open(path, KEY)
    beside = Cache.open(path, KEY, read_only=True)
    assert beside.reader.state("cursor") == "c7"
    with pytest.raises(CacheError) as caught:
        _ = beside.writer
    assert caught.value.code == "cache_read_only"
    cache.writer.set_state("cursor", "c8")
    assert beside.reader.state("cursor") == "c8"
    beside.close()


def test_lock_goes_with_its_holder(path: Path) -> None:
    Cache.open(path, KEY).close()
    Cache.open(path, KEY).close()


def test_reading_only_makes_no_cache(path: Path) -> None:
    assert refusal(path, read_only=True).code == "cache_missing"
    assert not path.exists()


def test_full_disk_refuses_and_keeps_what_was(cache: Cache) -> None:
    appeal = make_appeal()
    cache.writer.apply_page([put(appeal)], "c1")
    command = make_command(appeal, AddNote("Позвонить заявителю"))
    cache.writer.apply_local(command, replay(appeal, command))
    used = cache.writer._connection.execute("PRAGMA page_count").fetchone()[0]
    cache.writer._connection.execute(f"PRAGMA max_page_count={used + 1}").fetchone()

    with pytest.raises(CacheError) as caught:
        cache.writer.apply_page([put(make_appeal()) for _ in range(500)], "c2")
    assert caught.value.code == "cache_full"
    with pytest.raises(CacheError) as caught:
        cache.writer.save_draft(Draft(appeal.id, "final", "длинный текст " * 2000))
    assert caught.value.code == "cache_full"

    assert cache.reader.state("cursor") == "c1"
    assert [entry.id for entry in cache.reader.outbox()] == [command.id]
    assert cache.reader.drafts() == []
    cache.writer._connection.execute("PRAGMA max_page_count=1000000").fetchone()
    cache.writer.save_draft(Draft(appeal.id, "final", "короткий текст"))
    assert cache.reader.draft(appeal.id).text == "короткий текст"  # type: ignore[union-attr]


def test_locked_by_another_program(cache: Cache, path: Path) -> None:
    cache.writer._connection.execute("PRAGMA busy_timeout=50")
    other = connect(path, KEY, writer=True)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(CacheError) as caught:
        cache.writer.set_state("k", "v")
    assert caught.value.code == "cache_locked"
    other.execute("ROLLBACK")
    other.close()
    cache.writer.set_state("k", "v")
    assert cache.reader.state("k") == "v"


def test_key_has_32_bytes(path: Path) -> None:
    with pytest.raises(ValueError, match="32"):
        Cache.open(path, b"short")


def test_reading_and_writing_load_no_mapper(path: Path) -> None:
    filled(path, 3)
    program = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from storage.cache import Cache
from storage.lists.filters import compile_view
from cur_tui.domain.query.query import Query
import msgspec
from dataclasses import replace
from cur_tui.contract.codec import encode_appeal
from cur_tui.contract.row import row_of
from cur_tui.contract.wire import Put
from storage.entries import Draft
cache = Cache.open(Path(sys.argv[1]), bytes(range(32)))
view = compile_view(Query(), now=datetime(2026, 3, 18, tzinfo=UTC), me="x")
row = cache.reader.first_rows(view, 50)[0]
assert cache.reader.appeal(row.row.number).id == row.row.id
cache.reader.clocks_by_queue(*[datetime(2026, 3, 18, tzinfo=UTC)] * 2)
cache.reader.outbox(); cache.reader.drafts()
appeal = cache.reader.appeal(row.row.number)
put = Put(1, row_of(replace(appeal, version=9)), msgspec.Raw(encode_appeal(replace(appeal, version=9))))
cache.writer.apply_page([put], "c")
assert cache.reader.appeal(row.row.number).version == 9
cache.writer.save_draft(Draft(appeal.id, "note", "text"))
cache.writer.reoffer(0, restored=True); cache.writer.sweep()
cache.close()
heavy = {"sqlmodel", "sqlalchemy", "pydantic", "textual", "httpx", "jinja2"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == (b"[]", b"")
