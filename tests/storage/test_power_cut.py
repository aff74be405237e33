"""A power cut: what was acknowledged is on the disk; the end of the server's rows may go with its cursor."""

import os
import random
import shutil
from pathlib import Path

import pytest

from cur_tui.contract.wire import BatchResult, CommandResult, Problem
from cur_tui.domain.commands import AddNote
from storage.cache import Cache
from storage.entries import Draft
from tests.factories import make_appeal, make_command, put, replay
from tests.storage.conftest import KEY

pytestmark = pytest.mark.failure(10)

CUTS = int(os.environ.get("CUR_CUTS", "240" if os.environ.get("CUR_SOAK") else "12"))
PAGES = 12


def test_a_cut_log_keeps_what_was_acknowledged_and_never_a_cursor_without_its_rows(
    cache: Cache, path: Path, tmp_path: Path
) -> None:
    appeal = make_appeal()
    cache.writer.apply_page([put(appeal)], "0")
    command = make_command(appeal, AddNote("до отключения"))
    cache.writer.apply_local(command, replay(appeal, command))
    cache.writer.save_draft(Draft(appeal.id, "final", "черновик до отключения"))
    log = path.with_name(path.name + "-wal")
    on_disk = log.stat().st_size  # a durable commit has waited for the disk; what follows has not
    ids: list[list[str]] = []
    for n in range(1, PAGES):
        page = [make_appeal() for _ in range(8)]
        ids.append([one.id for one in page])
        cache.writer.apply_page([put(one) for one in page], str(n))
    chance = random.Random(5)
    reached = set()
    for n in range(CUTS):
        folder = tmp_path / f"cut-{n}"
        shutil.copytree(path.parent, folder)
        end = chance.randint(on_disk, log.stat().st_size)
        with (folder / log.name).open("r+b") as file:
            file.truncate(end)
            if n % 2:  # a sector that was half written
                file.seek(0, 2)
                file.write(chance.randbytes(chance.randint(1, 4096)))
        (folder / (path.name + "-shm")).unlink()
        again = Cache.open(folder / path.name, KEY)
        assert [entry.id for entry in again.reader.outbox()] == [command.id]
        assert [draft.text for draft in again.reader.drafts()] == ["черновик до отключения"]
        cursor = int(again.reader.state("cursor") or "0")
        there = [all(again.reader.appeal(id_) for id_ in page) for page in ids]
        assert there == [m < cursor for m in range(len(ids))]
        reached.add(cursor)
        again.close()
    assert len(reached) > 1


def test_every_text_waits_for_the_disk(cache: Cache) -> None:
    """The log of one transaction each: a person's text is committed with ``synchronous=FULL``."""
    appeal = make_appeal()
    cache.writer.apply_page([put(appeal)], "0")
    said: list[str] = []
    cache.writer._connection.set_trace_callback(said.append)

    def modes_of(begin: int) -> set[str]:
        settings = [line.partition("=")[2] for line in said[begin:] if line.startswith("PRAGMA synchronous")]
        assert settings
        return set(settings)

    command = make_command(appeal, AddNote("один"), id="c1")
    cache.writer.apply_local(command, replay(appeal, command))
    other = make_command(appeal, AddNote("два"), id="c2")
    cache.writer.apply_local(other, replay(replay(appeal, command), other))
    cache.writer.undo("c2")
    cache.writer.save_draft(Draft(appeal.id, "final", "черновик"))
    cache.writer.take_batch(1)
    problem = Problem("urn:cur:problem:x", "", 409, "", "not_permitted")
    cache.writer.settle(BatchResult((CommandResult("c1", 1, "rejected", problem=problem),), ""))
    assert modes_of(0) == {"FULL"}
    begin = len(said)
    cache.writer.apply_page([put(make_appeal())], "1")
    assert modes_of(begin) == {"NORMAL"}
