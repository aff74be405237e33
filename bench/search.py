"""The search in the process: from the words to the first page of what they find in the archive."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Final

from bench.benchmark import Benchmark, Extent
from bench.data.stage import Stage
from bench.data.texts import chosen_words
from bench.figures import Budget, Figure, in_turns, milliseconds, side_by_side
from bench.fill import ARCHIVE
from cur_tui.domain.query.query import Query
from cur_tui.services.lists.lists import Lists
from cur_tui.services.lists.window import GLIMPSE

MATCH: Final = f"SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid DESC LIMIT {GLIMPSE}"
LIKE: Final = f"SELECT pk FROM text WHERE words LIKE ? ORDER BY pk DESC LIMIT {GLIMPSE}"
MATCH_NAME: Final = "sqlite3 FTS5, unicode61"
LIKE_NAME: Final = "sqlite3 LIKE"
BUDGETS: Final[Mapping[str, Budget]] = {
    "rare word": Budget("p99", 20.0),
    "two words": Budget("p99", 40.0),
    "word in 30 %": Budget("p99", 100.0),
}
LIKE_ROUNDS: Final = 5
"""It reads the texts themselves: seconds, each time. It is there for the colour."""


def _measure(stage: Stage, sizes: Sequence[int], rounds: int) -> list[Figure]:
    matched, liked = [], []
    for size in sizes:
        texts = stage.texts(size)
        with stage.home(size).lists() as lists, closing(sqlite3.connect(texts)) as plain:
            for name, words in chosen_words(texts):
                query = lists.parse(f"{ARCHIVE} {words}")
                ours, match = side_by_side(_found(lists, query), _plainly(plain, MATCH, words), rounds)
                like = in_turns({LIKE_NAME: _plainly(plain, LIKE, f"%{words}%")}, LIKE_ROUNDS)[LIKE_NAME]
                what = f"first page: {name}"
                matched.append(Figure("search", what, size, "ms", ours, MATCH_NAME, match, (BUDGETS[name],)))
                liked.append(Figure("search", what, size, "ms", ours, LIKE_NAME, like))
    return [*matched, *liked]


def _found(lists: Lists, query: Query) -> Callable[[], float]:
    def first_page() -> None:
        window = lists.glimpse(query, patient=True)
        assert window is not None
        assert window.count, "a word of the texts was not found"

    return lambda: milliseconds(first_page)


def _plainly(plain: sqlite3.Connection, sql: str, words: str) -> Callable[[], float]:
    return lambda: milliseconds(lambda: plain.execute(sql, (words,)).fetchall())


def prepare(stage: Stage, size: int) -> None:
    """A cache, and the same texts in a plain file."""
    stage.home(size)
    stage.texts(size)


SEARCH: Final = Benchmark(
    *("search", "words in the archive, in the process", prepare, _measure),
    quick=Extent((1_000,), 50),
    full=Extent((1_000, 1_000_000), 200),
)
