"""A register as large as the largest export: doubles are found, at a price for each row that does not grow.

``CUR_SOAK=1 pytest -s`` compares 400,000 rows and prints rate and peak memory.
"""

import os
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal, Place
from regional_api.appeals.facts import record_of
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.database.tables import APPEAL
from regional_api.related import alike
from regional_api.related.follower import Follower, Tally
from regional_api.related.tables import LIKENESS_KEY, LIKENESS_PAIR
from tests.factories import make_appeal, make_region

ROWS = 400_000 if os.environ.get("CUR_SOAK") else 600
EVERY = 20
"""One of so many rows is an edited copy of one of the last forty."""
BEGIN = datetime(2023, 11, 1, tzinfo=UTC)
_SYLLABLES = ("во", "да", "до", "ро", "га", "сне", "го", "ли", "му", "со", "ра", "ки", "пе", "ту", "ме", "но")


def rows_of(amount: int) -> Iterator[tuple[Appeal, int | None]]:
    """Appeals of three years, and for a copy the place of its pattern."""
    rng = Random(5)
    words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(4_000)]
    sentences = [" ".join(rng.choices(words, k=rng.randint(6, 14))) for _ in range(2_000)]
    pattern = replace(make_appeal(), place=Place())
    step = timedelta(days=3 * 365) / amount
    lately: list[str] = []
    for n in range(amount):
        of = None
        if n % EVERY == EVERY - 1:
            of = rng.randrange(len(lately))
            text = _edited(lately[of], rng)
            of += n - len(lately)
        else:
            text = f"Дом {n % 977}. " + ". ".join(rng.choices(sentences, k=rng.randint(2, 5)))
        lately = [*lately[-39:], text]
        at = BEGIN + step * n
        number = f"INC-20231101-{n + 1:04d}"
        appeal = replace(pattern, id=str(UUID(int=n + 1)), number=number, text=text, registered_at=at)
        yield replace(appeal, received_at=at), of


def _edited(text: str, rng: Random) -> str:
    words = text.split(" ")
    place = rng.randrange(2, len(words))
    return " ".join([*words[:place], "очень", *words[place:]])


def fill(database: Database, amount: int) -> list[tuple[int, int]]:
    """Store them, five hundred a transaction of the feed; the keys of copies with those of their patterns."""
    rulebook = open_centre(database).rulebook
    copies: list[tuple[int, int]] = []
    group: list[dict[str, Any]] = []
    for n, (appeal, of) in enumerate(rows_of(amount), 1):
        group.append({**record_of(appeal, rulebook), "pk": n, "seq": 10 + n // 500})
        if of is not None:
            copies.append((n, of + 1))
        if len(group) == 500 or n == amount:
            with database.writing() as connection:
                connection.execute(insert(APPEAL), group)
            group = []
    return copies


def test_doubles_in_a_large_register_are_found_at_an_even_price(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "region.db"))
    create_region(database, make_region())
    copies = fill(database, ROWS)
    begun, told = time.process_time(), []

    def tell(tally: Tally) -> None:
        told.append((tally.compared, time.process_time() - begun))
        if len(told) % 100 == 0:
            print(f"{tally.compared} rows, {1000 * told[-1][1] / tally.compared:.2f} ms a row", flush=True)

    tally = Follower(database, open_centre(database).rulebook).catch_up(told=tell)
    assert tally.compared == ROWS
    with database.reading() as connection:
        found = {(row.newer, row.older) for row in connection.execute(select(LIKENESS_PAIR))}
        buckets = select(func.count(LIKENESS_KEY.c.pk).label("n")).group_by(LIKENESS_KEY.c.key).subquery()
        largest = connection.execute(select(func.max(buckets.c.n))).scalar_one()
    missed = [pair for pair in copies if pair not in found]
    # A copy of a copy is paired with the first of them.
    assert len(missed) < 0.1 * len(copies)
    assert largest <= alike.BUCKET
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{ROWS} rows: {told[-1][1]:.0f} s, {tally.pairs} pairs, {len(copies)} planted, peak {peak} MiB")
    database.close()
