"""Seeded days of several workstations and one server: whatever happens, everything agrees in the evening.

A failing seed is run again, exactly as it was, by ``CUR_SEED=n pytest tests/simulation``; others than the
usual ones are run by ``CUR_SEEDS=first-last``.
"""

import os
import subprocess
import sys

import pytest

from tests.simulation.conftest import Town
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.world import digest

SOAK = bool(os.environ.get("CUR_SOAK"))
ONE = os.environ.get("CUR_SEED")
FIRST, LAST = map(int, os.environ.get("CUR_SEEDS", "0-3999" if SOAK else "0-7").split("-"))
PARTS = max(4, (LAST - FIRST) // 100)
"""Seeds are run in parts, so that the processes of a soak share them."""
LOOKED_AT = 80
"""So many seeds must be enough to notice a rule that is switched off."""
OTHER_RUN = """
import pytest, sys
from tests.simulation.conftest import opened
from tests.simulation.world import digest
with opened() as town:
    town.run(int(sys.argv[1]))
    print(digest(town.stage.trace))
"""


def told(town: Town, seed: int, found: list[str]) -> str:
    """What to read when a seed fails."""
    lines = [f"seed {seed} does not hold: CUR_SEED={seed} pytest tests/simulation -k agrees", *found]
    return "\n".join([*lines, "", "the last things that happened:", *town.stage.trace[-40:]])


@pytest.mark.parametrize("part", range(1 if ONE else PARTS))
def test_everything_agrees_in_the_evening(town: Town, part: int) -> None:
    for seed in [int(ONE)] if ONE else range(FIRST + part, LAST + 1, PARTS):
        found = town.run(seed)
        assert not found, told(town, seed, found)


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_a_rule_switched_off_is_noticed(town: Town, mutant: Mutant) -> None:
    with pytest.MonkeyPatch.context() as patch:
        mutant.switch_off(patch, town.stage)
        # A soak looks from the first seed on, as if nobody knew where to look.
        known = () if SOAK else (mutant.first,)
        assert any(notices(town, seed) for seed in (*known, *range(LOOKED_AT))), "nothing was noticed"


def notices(town: Town, seed: int) -> bool:
    """Whether the run of ``seed`` shows that something is wrong; an exchange that never ends shows it too."""
    try:
        return bool(town.run(seed))
    except Exception:
        return True


def test_a_seed_is_the_same_day_every_time(town: Town) -> None:
    town.run(7)
    first = digest(town.stage.trace)
    town.run(7)
    assert digest(town.stage.trace) == first
    town.run(8)
    assert digest(town.stage.trace) != first


@pytest.mark.skipif(not SOAK, reason="a process more: make soak runs it")
def test_a_seed_is_the_same_day_in_another_process(town: Town) -> None:
    """There sets of texts have another order."""
    town.run(7)
    first = digest(town.stage.trace)
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    other = subprocess.run(
        [sys.executable, "-c", OTHER_RUN, "7"], env=environment, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == first
