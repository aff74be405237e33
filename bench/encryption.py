"""What the encryption of the cache costs: the program's own code over the same cache in plain."""

import itertools
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bench.benchmark import Benchmark, Extent
from bench.data.home import ACTOR
from bench.data.stage import Stage
from bench.data.texts import chosen_words
from bench.data.unencrypted import NO_KEY, without_keys
from bench.figures import Budget, Figure, in_turns, milliseconds
from bench.fill import ARCHIVE
from cur_tui.contract.wire import Put
from cur_tui.domain.query.query import Query
from cur_tui.services.lists.lists import Lists
from cur_tui.services.lists.window import GLIMPSE, PAGE
from cur_tui.services.reference import ReferenceData
from storage.cache import Cache
from storage.entries import Draft

REFERENCE: Final = "the same cache in plain"
BUDGETS: Final = {"first": (Budget("ratio", 1.5),), "search:": (Budget("ratio", 1.5),)}
"""By the first word of what is measured. What takes tenths of a millisecond has none: nobody waits for it."""
CHANGES: Final = 200
"""Appeals in a page of the change feed."""
WRITTEN_UP_TO: Final = 100_000
"""Writing changes the file, so it is copied; what a page costs hardly depends on what else there is."""

Calls = dict[str, Callable[[], object]]


class _Side:
    """The cache of one size, encrypted or in plain."""

    def __init__(self, stage: Stage, size: int, running: ExitStack, *, encrypted: bool) -> None:
        home = stage.home(size)
        self._path = home.cache_path if encrypted else stage.unencrypted(size)
        self._key = home.cache_key if encrypted else NO_KEY
        self._encrypted = encrypted
        self._running = running
        self._stage = stage
        self._size = size

    def _opened(self, path: Path, *, read_only: bool) -> Cache:
        if self._encrypted:
            return Cache.open(path, self._key, read_only=read_only)
        with without_keys():
            cache = Cache.open(path, self._key, read_only=read_only)
            if not read_only:
                _ = cache.writer
            return cache

    def open(self) -> None:
        """Open the cache to read, and close it."""
        self._opened(self._path, read_only=True).close()

    def reading(self) -> Calls:
        """What the screens read most."""
        cache = self._opened(self._path, read_only=True)
        self._running.callback(cache.close)
        zone = ZoneInfo(self._stage.rulebook.region.time_zone)
        lists = Lists(cache, ACTOR, ReferenceData(cache), now=lambda: datetime.now(zone))
        words = chosen_words(self._stage.texts(self._size))
        window = lists.open(lists.parse("open"))
        assert window is not None
        pks = list(itertools.islice(window.keys, PAGE))
        calls: Calls = {
            "open": self.open,
            f"first {GLIMPSE} rows: open": _glimpse(lists, lists.parse("open")),
            f"first {GLIMPSE} rows: archive": _glimpse(lists, lists.parse(ARCHIVE)),
            f"{len(pks)} rows by key": partial(lists.ids_of, pks),
            "one appeal": partial(cache.reader.appeal, lists.ids_of(pks[:1])[0]),
        }
        for name, searched in words:
            calls[f"search: {name}"] = _glimpse(lists, lists.parse(f"{ARCHIVE} {searched}"))
        return calls

    def writing(self, records: Sequence[Put]) -> Calls:
        """What the exchange and the person write, into a copy."""
        folder = self._stage.folder / f"written-{self._size}-{self._encrypted}"
        folder.mkdir(exist_ok=True)
        path = folder / "cache.db"
        shutil.copyfile(self._path, path)
        cache = self._opened(path, read_only=False)
        self._running.callback(cache.close)
        cache.replay_with(lambda appeal, command: appeal)
        pages = _new_pages(records)
        texts = itertools.count()
        appeal = records[0].row.id
        return {
            f"apply a page of {CHANGES} new appeals": lambda: cache.writer.apply_page(next(pages), "later"),
            "keep a draft, durably": lambda: cache.writer.save_draft(
                Draft(appeal, "final", f"Текст ответа. {next(texts)}")
            ),
        }


def _glimpse(lists: Lists, query: Query) -> Callable[[], object]:
    return partial(lists.glimpse, query, patient=True)


def _new_pages(records: Sequence[Put]) -> Iterator[list[Put]]:
    """The same appeals again and again under other ids and numbers."""
    for n in itertools.count():
        yield [
            Put(
                record.seq,
                replace(record.row, id=f"{record.row.id}-{n}", number=f"{record.row.number}-{n}"),
                record.doc,
                record.applicant,
            )
            for record in records
        ]


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    records = list(stage.records(CHANGES))
    figures = []
    for size in sizes:
        with ExitStack() as running:
            ours = _Side(stage, size, running, encrypted=True)
            plain = _Side(stage, size, running, encrypted=False)
            figures += _compared(size, ours.reading(), plain.reading(), rounds)
            if size <= WRITTEN_UP_TO:
                figures += _compared(size, ours.writing(records), plain.writing(records), rounds)
    return figures


def _compared(size: int, ours: Calls, plain: Calls, rounds: int) -> list[Figure]:
    turns = {
        f"{who} {what}": partial(milliseconds, call)
        for what in ours
        for who, call in (("ours", ours[what]), ("plain", plain[what]))
    }
    taken = in_turns(turns, rounds)
    return [
        Figure(
            *("encryption", what, size, "ms", taken[f"ours {what}"]),
            *(REFERENCE, taken[f"plain {what}"], BUDGETS.get(what.split()[0], ())),
        )
        for what in ours
    ]


def _prepare(stage: Stage, size: int) -> None:
    stage.unencrypted(size)
    stage.texts(size)


ENCRYPTION: Final = Benchmark(
    *("encryption", "the cache against the same cache in plain, in the process", _prepare, _measure),
    quick=Extent((1_000,), 30),
    full=Extent((1_000, 1_000_000), 200),
)
