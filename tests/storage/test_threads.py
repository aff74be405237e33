"""Several threads on one cache: the screen reads, workers read long lists, the synchronisation writes."""

import threading
from concurrent.futures import ThreadPoolExecutor

from cur_tui.domain.commands import AddNote
from cur_tui.domain.query.query import Query
from storage.cache import Cache
from storage.lists.filters import compile_view
from tests.factories import NOW, make_appeal, make_command, put, replay


def test_readers_see_whole_pages_while_pages_arrive(cache: Cache) -> None:
    view = compile_view(Query(), now=NOW, me=None)
    pages = [[put(make_appeal()) for _ in range(50)] for _ in range(12)]
    done = threading.Event()

    def write() -> None:
        for n, page in enumerate(pages, start=1):
            cache.writer.apply_page(page, str(n))
        done.set()

    def read() -> set[int]:
        seen = set()
        while not done.is_set():
            seen.add(len(cache.reader.ids(view)))
            cache.reader.first_rows(view, 20)
        return seen

    with ThreadPoolExecutor(3) as workers:
        readers = [workers.submit(read) for _ in range(2)]
        workers.submit(write).result()
        sizes = read().union(*(reader.result() for reader in readers))
    assert all(size % 50 == 0 for size in sizes)
    assert len(cache.reader.ids(view)) == 600


def test_commands_of_two_threads_are_all_kept_in_one_order(cache: Cache) -> None:
    appeal = make_appeal()
    cache.writer.apply_page([put(appeal)], "c")

    def write(name: str) -> None:
        for n in range(15):
            command = make_command(appeal, AddNote(f"{name}{n}"))
            # Both start from what they read, which the other one may have changed since.
            cache.writer.apply_local(command, replay(appeal, command))

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(write, "аб"))
    shown = cache.reader.appeal(appeal.id)
    assert shown is not None
    assert [note.id for note in shown.notes] == [entry.id for entry in cache.reader.outbox()]
    assert (len(shown.notes), shown.version) == (30, 31)
