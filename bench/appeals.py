"""Any number of appeals at little cost: a generated region, copied with new identities and other times."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import msgspec
from uuid6 import uuid7

from cur_tui.contract.codec import encode_appeal, encode_applicant
from cur_tui.contract.row import row_of
from cur_tui.contract.wire import Put
from cur_tui.domain.intake import card_number
from cur_tui.domain.model import Appeal, Clock
from cur_tui.domain.rulebook import Rulebook
from regional_api.generate.generator import generate

SEED: Final = 20_260
OPEN_EVERY: Final = 8
"""An open appeal is in every eighth copy only: a young region is a third open, an old one a twentieth."""

_STEP: Final = timedelta(seconds=97)


def originals(rulebook: Rulebook, count: int, now: datetime) -> list[Appeal]:
    """``count`` generated appeals with texts and histories of their own."""
    return [made.appeal for made in generate(rulebook, count=count, seed=SEED, now=now)]


def copies(base: Sequence[Appeal], count: int) -> Iterator[Appeal]:
    """``base`` and then copies of it up to ``count`` appeals, each with its own id, number and times.

    The texts repeat, the index keys do not.
    """
    return itertools.islice(_endless(base), count)


def _endless(base: Sequence[Appeal]) -> Iterator[Appeal]:
    yield from base
    taken: Counter[str] = Counter()
    for appeal in base:
        _, day, n = appeal.number.split("-")
        taken[day] = max(taken[day], int(n))
    for copy in itertools.count(1):
        shift = copy * _STEP
        for appeal in base:
            if appeal.state.is_open and copy % OPEN_EVERY:
                continue
            registered = appeal.registered_at - shift
            # The day of the original's number: a copy may slip over midnight.
            day = appeal.number.split("-")[1]
            taken[day] += 1
            yield replace(
                appeal,
                id=str(uuid7()),
                number=card_number(datetime.strptime(day, "%Y%m%d").date(), taken[day]),  # noqa: DTZ007
                registered_at=registered,
                received_at=appeal.received_at - shift,
                clocks=tuple(_later(clock, shift) for clock in appeal.clocks),
            )


def _later(clock: Clock, shift: timedelta) -> Clock:
    return replace(clock, due_at=clock.due_at + shift, control_due_at=clock.control_due_at + shift)


def records(appeals: Iterable[Appeal]) -> Iterator[Put]:
    """The appeals as the lines in which a server sends them."""
    for seq, appeal in enumerate(appeals, 1):
        document = msgspec.Raw(encode_appeal(appeal))
        yield Put(seq, row_of(appeal), document, msgspec.Raw(encode_applicant(appeal.applicant)))
