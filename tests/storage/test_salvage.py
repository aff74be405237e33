"""A damaged cache: what can be read of it, what comes along into the new one, and no text goes astray."""

import os
import random
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cur_tui.domain.commands import AddNote
from cur_tui.domain.query.query import Query
from storage.cache import Cache
from storage.database import damage
from storage.database.tables import CacheTable
from storage.entries import Draft, SavedView
from storage.errors import CacheBusy, CacheError
from storage.lists.filters import compile_view
from storage.salvage import rebuild as rebuilding
from storage.salvage.findings import SHAPES, Findings, search
from storage.salvage.pages import Pages
from storage.salvage.rebuild import Rescued, rebuild, set_aside
from storage.salvage.rows import records
from tests.factories import NOW, make_appeal, make_command, put, replay
from tests.storage.conftest import KEY

pytestmark = pytest.mark.failure(12)

NOTES = 12
LONG = "длинная заметка с места " * 700
"""Longer than a page, so that the row goes on elsewhere."""


def filled(path: Path, *, close: bool = True) -> Cache:
    """A cache with texts of every kind among appeals; without ``close`` a part of it is only in the log."""
    cache = Cache.open(path, KEY)
    cache.replay_with(replay)
    appeals = [make_appeal() for _ in range(120)]
    cache.writer.apply_page([put(appeal) for appeal in appeals], "c1")
    cache.writer.set_state("account", '{"account":"vetrova"}')
    for n in range(NOTES):
        note = LONG if n % 4 == 3 else f"заметка {n}"
        command = make_command(appeals[n], AddNote(note), id=f"command-{n}")
        cache.writer.apply_local(command, replay(appeals[n], command))
    cache.writer.take_batch(3)
    cache.writer.save_draft(Draft(appeals[50].id, "final", "черновик ответа " * 500, number="INC-1"))
    cache.writer.save_draft(Draft(appeals[51].id, "note", "черновик заметки"))
    cache.writer.save_view(SavedView("mine", "Моё", "моё"))
    if close:
        cache.close()
    return cache


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "cache" / "amur.db"
    filled(path)
    return path


@pytest.fixture
def path(tmp_path: Path, whole: Path) -> Path:
    """A copy of a filled cache."""
    shutil.copytree(whole.parent, tmp_path / "cache")
    return tmp_path / "cache" / whole.name


def texts_in(path: Path) -> dict[str, str]:
    cache = Cache.open(path, KEY)
    try:
        return texts(cache)
    finally:
        cache.close()


def texts(cache: Cache) -> dict[str, str]:
    """Everything typed, by what it belongs to."""
    found = {entry.id: str(entry.arguments["text"]) for entry in cache.reader.outbox()}
    return found | {f"{draft.appeal} {draft.kind}": draft.text for draft in cache.reader.drafts()}


def spoil(path: Path, begin: int, end: int) -> None:
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(os.urandom(end - begin))


def cut(path: Path, size: int) -> None:
    os.truncate(path, size)


def refusal(path: Path) -> str:
    """The code with which the cache refuses: at its opening, or when everything in it is read."""
    try:
        cache = Cache.open(path, KEY)
    except CacheError as error:
        return error.code
    try:
        cache.reader.rows(cache.reader.ids(compile_view(Query(), now=NOW, me=None)))
        cache.reader.accounts(), cache.reader.outbox(), cache.reader.drafts()
    except CacheError as error:
        return error.code
    finally:
        cache.close()
    return ""


DAMAGES: dict[str, Callable[[Path], None]] = {
    "first bytes": lambda path: spoil(path, 0, 64),
    "first page": lambda path: spoil(path, 0, damage.PAGE),
    "end cut off": lambda path: cut(path, path.stat().st_size - 3 * damage.PAGE),
    "end of a page cut off": lambda path: cut(path, path.stat().st_size - damage.PAGE // 2),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_noticed_at_the_opening_and_what_was_typed_comes_along(path: Path, kind: str) -> None:
    before = texts_in(path)
    kept = typed_pages(path)
    DAMAGES[kind](path)
    spoiled = path.read_bytes()
    readable = {name: text for name, text in before.items() if not kept[name] & broken(path)}
    assert refusal(path) == "cache_damaged"
    rescued = rebuild(path, KEY)
    cache = Cache.open(path, KEY)
    assert texts(cache) == readable
    assert kind not in ("first bytes", "first page") or readable == before
    assert (rescued.outbox + rescued.drafts, rescued.broken > 0) == (len(readable), True)
    assert cache.reader.state("account") == '{"account":"vetrova"}'
    assert cache.reader.state("cursor") is None
    assert [view.code for view in cache.reader.saved_views()] == ["mine"]
    cache.close()
    assert rescued.aside.read_bytes() == spoiled
    assert {stat.S_IMODE(place.stat().st_mode) for place in path.parent.iterdir()} == {0o600}


def test_commands_that_an_older_page_gives_one_place_and_one_number_are_both_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_older(pages: Pages) -> Findings:
        found = search(pages)
        sent = next(row for row in found.rows["outbox"] if row[2] is not None)
        found.rows["outbox"] += [(sent[0], "older", *sent[2:]), sent]
        return found

    monkeypatch.setattr(rebuilding, "search", with_older)
    before = texts_in(path)
    assert rebuild(path, KEY).outbox == NOTES + 1
    after = texts_in(path)
    assert after.pop("older") in before.values()
    assert after == before
    cache = Cache.open(path, KEY)
    numbers = [envelope.dseq for envelope in cache.writer.take_batch(100)]
    cache.close()
    assert len(set(numbers)) == NOTES + 1


def typed_pages(path: Path) -> dict[str, set[int]]:
    """For every text the pages that it lies on."""
    pages = Pages.open(path, KEY)
    found: dict[str, set[int]] = {}
    for number, page in pages:
        used: set[int] = {number}

        def follow(next_: int, used: set[int] = used) -> bytes | None:
            used.add(next_)
            return pages.page(next_)

        assert page is not None
        for record in records(number, page, follow):
            by_table = {shape.table: shape.row(record) for shape in SHAPES}
            if (row := by_table["outbox"]) is not None:
                found[str(row[1])] = set(used)
            elif (row := by_table["draft"]) is not None:
                found[f"{row[0]} {row[1]}"] = set(used)
            used.clear()
            used.add(number)
    pages.close()
    return found


def broken(path: Path) -> set[int]:
    pages = Pages.open(path, KEY)
    try:
        return {number for number, page in pages if page is None}
    finally:
        pages.close()


@pytest.mark.parametrize("seed", range(int(os.environ.get("CUR_DAMAGES", "4"))))
def test_exactly_what_lies_on_broken_pages_is_lost(path: Path, seed: int) -> None:
    before = texts_in(path)
    kept = typed_pages(path)
    chance = random.Random(seed)
    total = path.stat().st_size // damage.PAGE
    for number in chance.sample(range(1, total + 1), chance.randint(1, total // 2)):
        at = (number - 1) * damage.PAGE + chance.randrange(damage.PAGE)
        spoil(path, at, at + 1)
    lost = broken(path)
    rescued = rebuild(path, KEY)
    assert rescued.broken == len(lost) > 0
    assert texts_in(path) == {name: text for name, text in before.items() if not kept[name] & lost}


def test_broken_page_in_the_middle_is_noticed_when_it_is_read_and_remembered(path: Path) -> None:
    kept = set().union(*typed_pages(path).values())
    for number in set(range(10, path.stat().st_size // damage.PAGE)) - kept:
        spoil(path, number * damage.PAGE - 100, number * damage.PAGE - 90)
    assert refusal(path) == "cache_damaged"
    with pytest.raises(CacheError) as caught:
        Cache.open(path, KEY)
    assert caught.value.code == "cache_damaged"
    assert rebuild(path, KEY).outbox == NOTES
    assert refusal(path) == ""


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A cache as a killed program leaves it: what was typed is in the log and not yet in the file."""
    cache = filled(tmp_path / "open" / "amur.db", close=False)
    path = tmp_path / "killed" / "amur.db"
    path.parent.mkdir(mode=0o700)
    for end in ("", "-wal"):
        shutil.copy2(cache.path.with_name(cache.path.name + end), path.with_name(path.name + end))
    cache.close()
    return path


def test_what_is_only_in_the_log_comes_along(killed: Path, whole: Path) -> None:
    cut(killed, 0)
    assert refusal(killed) == "cache_damaged"
    rescued = rebuild(killed, KEY)
    assert sorted(texts_in(killed).values()) == sorted(texts_in(whole).values())
    assert rescued.aside.with_name(rescued.aside.name + "-wal").exists()


FRAME_HEADER, LOG_HEADER = 24, 32


@pytest.mark.parametrize("taken_back", [NOTES - 2, NOTES - 1], ids=["short", "long"])
def test_what_was_taken_back_does_not_return_from_an_older_version_of_its_page(
    tmp_path: Path, taken_back: int
) -> None:
    """Whichever page of the transaction that took it back is broken in the log."""
    cache = filled(tmp_path / "open" / "amur.db", close=False)
    log = cache.path.with_name(cache.path.name + "-wal")
    before = log.stat().st_size
    cache.writer.undo(f"command-{taken_back}")
    frame = FRAME_HEADER + damage.PAGE
    frames = range((before - LOG_HEADER) // frame, (log.stat().st_size - LOG_HEADER) // frame)
    assert len(frames) >= 3
    for n in frames:
        copy = tmp_path / str(n) / "amur.db"
        copy.parent.mkdir(mode=0o700)
        for end in ("", "-wal"):
            shutil.copy2(cache.path.with_name(cache.path.name + end), copy.with_name(copy.name + end))
        at = LOG_HEADER + n * frame + FRAME_HEADER
        spoil(copy.with_name(copy.name + "-wal"), at, at + damage.PAGE)
        rebuild(copy, KEY)
        assert set(texts_in(copy)) >= {f"command-{n}" for n in range(3)}
        assert f"command-{taken_back}" not in texts_in(copy)
    cache.close()


def test_numbers_go_on_behind_what_was_taken(path: Path) -> None:
    spoil(path, 0, damage.PAGE)
    rebuild(path, KEY)
    cache = Cache.open(path, KEY)
    assert [entry.dseq for entry in cache.reader.outbox()[:4]] == [1, 2, 3, None]
    assert [envelope.dseq for envelope in cache.writer.take_batch(5)] == [1, 2, 3, 4, 5]
    cache.close()


def test_another_key_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(CacheError) as caught:
        rebuild(path, bytes(32))
    assert caught.value.code == "cache_wrong_key"
    assert path.read_bytes() == before
    assert set_aside(path) == []


def test_nothing_left_is_said_and_can_be_set_aside_on_purpose(path: Path) -> None:
    spoil(path, 0, path.stat().st_size)
    assert refusal(path) == "cache_wrong_key"
    rescued = rebuild(path, KEY, whatever_it_is=True)
    assert (rescued.outbox, rescued.drafts, rescued.unsent) == (0, 0, 0)
    assert refusal(path) == ""
    assert set_aside(path) == [rescued.aside]


def test_cache_in_use_is_left_alone(path: Path) -> None:
    cache = Cache.open(path, KEY)
    damage.remember(path)
    with pytest.raises(CacheBusy):
        rebuild(path, KEY)
    assert len(cache.reader.outbox()) == NOTES
    cache.close()


def test_only_the_latest_damaged_files_are_kept(path: Path) -> None:
    asides = []
    for n in range(rebuilding.KEPT + 2):
        os.utime(path, (1_700_000_000 + n, 1_700_000_000 + n))
        asides.append(rebuild(path, KEY).aside)
    assert set_aside(path) == asides[::-1][: rebuilding.KEPT]


def test_a_stop_at_any_step_loses_nothing(
    killed: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(killed, 0, damage.PAGE)
    stops = 0
    while True:
        folder = tmp_path / f"stop-{stops}"
        shutil.copytree(killed.parent, folder)
        ended = stopped_at(folder / killed.name, stops, monkeypatch)
        monkeypatch.undo()
        rescued = rebuild_if_needed(folder / killed.name)
        after = sorted(texts_in(folder / killed.name).values())
        assert after == sorted(texts_in(whole).values()), f"stopped at step {stops}"
        asides = set_aside(folder / killed.name)
        assert asides, f"stopped at step {stops}"
        assert rescued is None or rescued.outbox == NOTES
        if ended:
            break
        stops += 1
    assert stops >= 6


def rebuild_if_needed(path: Path) -> Rescued | None:
    try:
        Cache.open(path, KEY).close()
    except CacheError as error:
        if error.code != "cache_damaged":
            raise
        return rebuild(path, KEY)
    return None


def stopped_at(path: Path, step: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Rebuild in another process that ends before its ``step``-th change of a name; whether it is done."""
    child = os.fork()
    if child == 0:
        left, unlink = step, Path.unlink

        def counted(act: Callable[..., object]) -> Callable[..., object]:
            def do(*args: object, **options: object) -> object:
                nonlocal left
                if act is unlink and not args[0].exists():  # type: ignore[attr-defined]
                    return act(*args, **options)
                if left == 0:
                    os._exit(7)
                left -= 1
                return act(*args, **options)

            return do

        for name in ("replace", "unlink"):
            monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
        monkeypatch.setattr(os, "link", counted(os.link))
        monkeypatch.setattr(rebuilding, "sync_folder", counted(rebuilding.sync_folder))
        try:
            rebuild(path, KEY)
        except BaseException:
            os._exit(9)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 7)
    return status == 0


def test_shapes_are_those_of_the_tables() -> None:
    tables = CacheTable.metadata.tables
    for shape in SHAPES:
        assert [name for name, _ in shape.columns] == list(tables[shape.table].columns.keys()), shape.table
    typed = {"outbox", "unsent", "settled", "draft", "saved_view"}
    assert typed <= {shape.table for shape in SHAPES}


def test_every_row_of_those_tables_is_found_in_a_whole_file(path: Path) -> None:
    pages = Pages.open(path, KEY)
    found = search(pages)
    pages.close()
    counts = {table: len(rows) for table, rows in found.rows.items()}
    assert (counts["outbox"], counts["draft"], counts["saved_view"]) == (NOTES, 2, 1)
    assert found.broken == 0
