"""A process killed in the middle of its writes: whatever it said was done is there, and the file is whole."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.cache import Cache
from storage.database.connection import connect
from tests.storage.conftest import KEY

KILLS = int(os.environ.get("CUR_KILLS", "2"))
"""A couple with every run of the suite; set the variable to hundreds for a soak."""
ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from cur_tui.domain.commands import AddNote
from storage.cache import Cache
from storage.entries import Draft
from tests.factories import make_appeal, make_command, put, replay

cache = Cache.open(Path(sys.argv[1]), bytes(range(32)))
cache.replay_with(replay)
run = sys.argv[2]
appeal = make_appeal(id=f"appeal-{run}")
cache.writer.apply_page([put(appeal)], f"{run}:0")
for n in range(1, 100_000):
    command = make_command(appeal, AddNote(f"{run}:{n}"), id=f"{run}:{n}")
    shown = cache.reader.appeal(appeal.id)
    cache.writer.apply_local(command, replay(shown, command))
    print("command", command.id, flush=True)
    cache.writer.apply_page([put(make_appeal(id=f"{run}:{n}:{i}")) for i in range(40)], f"{run}:{n}")
    print("page", f"{run}:{n}", flush=True)
    cache.writer.save_draft(Draft(f"{run}:{n}", "final", "текст"))
    print("draft", f"{run}:{n}", flush=True)
"""


@pytest.mark.failure(6)
@pytest.mark.failure(8)
@pytest.mark.parametrize("lines", range(3, 3 + 17 * KILLS, 17))
def test_nothing_acknowledged_is_lost(path: Path, lines: int) -> None:
    said: list[list[str]] = []
    for run in ("a", "b"):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(path), run], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        # It writes on without a pause, so the signal meets it at any point of a transaction.
        said += [process.stdout.readline().split() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        said += [line.split() for line in process.stdout if line.endswith("\n")]
        process.wait(30)

    connection = connect(path, KEY, writer=True)
    assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == []
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    for index in ("fts_open", "fts_archive"):
        connection.execute(f"INSERT INTO {index}({index}) VALUES ('integrity-check')")
    indexed = connection.execute("SELECT count(*) FROM fts_open WHERE fts_open MATCH 'садов'").fetchone()
    assert indexed == connection.execute("SELECT count(*) FROM appeal").fetchone()
    connection.close()

    cache = Cache.open(path, KEY)
    queued = [entry.id for entry in cache.reader.outbox()]
    for kind, what in said:
        if kind == "command":
            assert what in queued
        elif kind == "draft":
            assert cache.reader.draft(what) is not None
        else:
            run, n = what.split(":")
            assert all(cache.reader.appeal(f"{run}:{n}:{i}") is not None for i in range(40))
    reached = cache.reader.state("cursor") or ""
    run, n = reached.split(":")
    if n != "0":
        assert cache.reader.appeal(f"{run}:{n}:39") is not None
    assert cache.reader.appeal(f"{run}:{int(n) + 1}:0") is None
    for run in ("a", "b"):
        shown = cache.reader.appeal(f"appeal-{run}")
        if shown is not None:
            assert [note.id for note in shown.notes] == [cid for cid in queued if cid.startswith(run + ":")]
    cache.close()
