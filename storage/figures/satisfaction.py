"""Answers by channel and rating, from the facts of the cache."""

from typing import Final, cast

from storage.figures.facts import CODE_TABLE, FACT_TABLE
from storage.read_connections import Snapshot

_RATED: Final = (
    f"SELECT (SELECT code FROM {CODE_TABLE} WHERE id=source), rating, count(*) "  # noqa: S608
    f"FROM {FACT_TABLE} INDEXED BY fact_done "
    "WHERE done_at>=? AND done_at<? AND answer_seconds IS NOT NULL GROUP BY source, rating"
)


def read_ratings(snapshot: Snapshot, first: int, until: int) -> list[tuple[str, int | None, int]]:
    """Answers delivered from the second ``first`` until ``until``: channel, rating if any, how many."""
    return cast("list[tuple[str, int | None, int]]", snapshot.all(_RATED, (first, until)))
