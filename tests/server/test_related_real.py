"""Duplicates among real messages, against the groups of near-duplicates that their publishers labelled.

The labels group wordings; the product proposes matters. A form letter about another house is one wording and
two matters, so what is held against the labels is whether the numbers of houses tell the two apart.
``CUR_SOAK=1 pytest -s`` compares all messages, not only the labelled ones, and prints the figures.
"""

import csv
import os
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from sqlalchemy import select

from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.related.likeness import numbers_of, plain
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.database.tables import APPEAL
from regional_api.related.follower import Follower
from regional_api.related.tables import LIKENESS_PAIR
from tests.server.import_office import imported, stored

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "appeals.csv"
SOAK = bool(os.environ.get("CUR_SOAK"))
GROUPS = 40
"""Of the labelled groups, outside a soak."""
SHORT = 40


@pytest.mark.skipif(not REAL.exists(), reason=f"no real messages at {REAL.parent}")
def test_proposed_pairs_are_of_one_group_and_those_of_one_matter_are_found(tmp_path: Path) -> None:
    with REAL.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    groups: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["dup_cluster"]:
            groups[row["dup_cluster"]].append(row["id"])
    several = [(name, ids) for name, ids in groups.items() if len(ids) > 1]
    groups = dict(several if SOAK else several[:GROUPS])
    labelled = {id for ids in groups.values() for id in ids}
    with (tmp_path / "messages.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("id", "text"), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(row for row in rows if SOAK or row["id"] in labelled)
    database = Database(str(tmp_path / "region.db"))
    create_region(database, load_region("kursk"))
    imported(database, tmp_path / "messages.csv")
    Follower(database, open_centre(database).rulebook).catch_up(wait=True)
    proposed = pairs_of(database)
    appeals = {appeal.external_ids["csv"]: appeal for appeal in stored(database)}
    database.close()

    same_wording = {pair(*two) for ids in groups.values() for two in combinations(ids, 2)}
    right = {two for two in proposed if two in same_wording}
    told = told_by(proposed)
    one_matter = {two for two in same_wording if is_one_matter(*(appeals[id] for id in two))}
    found = {two for two in one_matter if told.get(min(two)) == told.get(max(two)) is not None}
    if SOAK:
        print(f"\n{len(appeals)} messages, {len(proposed)} pairs proposed, {len(right)} of one group;")
        print(f"pairs of one group {len(same_wording)}, of one matter {len(one_matter)}, found {len(found)}")
    assert len(proposed) > 20
    assert right == proposed, "no pair is proposed that people would not call alike"
    assert len(found) >= 0.95 * len(one_matter) > 20


def pair(one: str, other: str) -> frozenset[str]:
    return frozenset((one, other))


def is_one_matter(one: Appeal, other: Appeal) -> bool:
    """Whether two messages of one wording may be about one thing: the same house, and enough said of it."""
    says_enough = min(len(plain(one.text)), len(plain(other.text))) >= SHORT
    return says_enough and numbers_of(one.text) == numbers_of(other.text)


def pairs_of(database: Database) -> set[frozenset[str]]:
    """The proposed pairs, by the ids of the file."""
    with database.reading() as connection:
        keys = list(connection.execute(select(APPEAL.c.pk).order_by(APPEAL.c.pk)).scalars())
        pairs = connection.execute(select(LIKENESS_PAIR.c.newer, LIKENESS_PAIR.c.older)).all()
    ids = dict(zip(keys, (appeal.external_ids["csv"] for appeal in stored(database)), strict=True))
    return {pair(ids[newer], ids[older]) for newer, older in pairs}


def told_by(pairs: set[frozenset[str]]) -> dict[str, str]:
    """Whom the pairs join, under the name of one of them: a group is paired with its first one only."""
    first: dict[str, str] = {}
    for one, other in map(sorted, pairs):
        ends = first.get(one, one), first.get(other, other)
        joined = [id for id, name in first.items() if name in ends]
        first |= dict.fromkeys((one, other, *joined), ends[0])
    return first
