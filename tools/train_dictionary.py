"""The dictionary with which documents of appeals are packed, trained from invented appeals of every region.

    python -m tools.train_dictionary

writes ``cur_tui/contract/dictionaries/ID.zdict``, where ID is today's date as a number. A dictionary that
was released stays where it is for ever, since what was packed with it cannot be read without it; to pack with
a new one, name its id in ``cur_tui/contract/packing.py:CURRENT``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import zstandard

from cur_tui.contract.codec import encode_appeal
from cur_tui.contract.packing import LEVEL
from cur_tui.domain.profile.load import load_region, region_codes
from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.generate.generator import generate

FOLDER: Final = Path(__file__).resolve().parents[1] / "cur_tui" / "contract" / "dictionaries"
SIZE: Final = 48 * 1024
APPEALS: Final = 700
"""Of each region."""
SEED: Final = 7_919
"""Unlike those of the demonstration and the benchmarks: a dictionary must not know what it packs."""


def samples(now: datetime) -> Iterator[bytes]:
    """Documents of appeals of every packaged region."""
    for n, code in enumerate(region_codes()):
        rulebook = Rulebook(load_region(code))
        for made in generate(rulebook, count=APPEALS, seed=SEED + n, now=now):
            yield encode_appeal(made.appeal)


def main() -> int:
    """Train and write the dictionary of today; exit code 1 when there is one already."""
    now = datetime.now(UTC)
    number = int(now.strftime("%Y%m%d"))
    path = FOLDER / f"{number}.zdict"
    if path.exists():
        print(f"{path.name} is there already, and what was packed with it needs it", file=sys.stderr)
        return 1
    documents: list[bytes | bytearray | memoryview] = list(samples(now))
    dictionary = zstandard.train_dictionary(SIZE, documents, dict_id=number, level=LEVEL)
    path.write_bytes(dictionary.as_bytes())
    print(f"{path.name}: {len(dictionary)} bytes from {len(documents)} documents")
    return 0


if __name__ == "__main__":
    sys.exit(main())
