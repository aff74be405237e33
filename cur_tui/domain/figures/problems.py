"""The problems of a region: what each block is asked about most, and what of it nobody has named yet.

The founding acts ask each block for its top three problems and for a residual category that is taken apart
(Amur cl. 4.1, ЕАО cl. 5.2), and all of them for a whole picture of problems (Kursk cl. 2.2, ЕАО cl. 2.2(1)).
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cur_tui.domain.figures.cuts import CutTable
from cur_tui.domain.profile.profile import BurstRule
from cur_tui.domain.related.bursts import Level

TOP: Final = 3


@dataclass(frozen=True, slots=True)
class Amount:
    """How many, and how many in the period before; None where there is none."""

    now: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class BlockProblems:
    """The appeals of a block (None: of none yet) by topic.

    ``top``: its topics with the most appeals, residual ones not among them; ``residual``: those of its
    residual topics; ``unsorted``: those without a topic. All the rest have topics below the top.
    """

    block: str | None
    all: Amount
    top: tuple[tuple[str, Amount], ...]
    residual: Amount
    unsorted: Amount

    @property
    def residual_share(self) -> float | None:
        """The residual among those that have a topic; None when none has."""
        sorted_ = self.all.now - self.unsorted.now
        return self.residual.now / sorted_ if sorted_ else None


def problems_by_block(table: CutTable, residual: AbstractSet[str]) -> tuple[BlockProblems, ...]:
    """The problems of each block, of a cut of counts by block and topic; the block with most appeals first.

    Of topics with as many appeals the one that grew more stands first, then the one whose code does.
    """
    return tuple(_of_block(table, block, residual) for block in table.rows)


def _of_block(table: CutTable, block: str | None, residual: AbstractSet[str]) -> BlockProblems:
    # What a topic had before counts also where nobody asks about it any more.
    topics = {topic for row, topic in (*table.cells, *(table.before or ())) if row == block}
    amounts = {topic: _amount(table, block, topic) for topic in topics}
    named = [
        (topic, amount)
        for topic, amount in amounts.items()
        if topic is not None and topic not in residual and amount.now
    ]
    named.sort(key=lambda one: (-one[1].now, one[1].before or 0, one[0]))
    left_over = [amount for topic, amount in amounts.items() if topic in residual]
    return BlockProblems(
        block,
        _total(list(amounts.values()), table),
        tuple(named[:TOP]),
        _total(left_over, table),
        amounts.get(None, _total([], table)),
    )


def _amount(table: CutTable, row: str | None, column: str | None) -> Amount:
    cell = table.cells.get((row, column))
    before = None if table.before is None else table.before.get((row, column))
    then = None if table.before is None else (before.count if before else 0)
    return Amount(cell.count if cell else 0, then)


def _total(amounts: list[Amount], table: CutTable) -> Amount:
    before = None if table.before is None else sum(amount.before or 0 for amount in amounts)
    return Amount(sum(amount.now for amount in amounts), before)


def usual_level(lately: int, earlier: int, rule: BurstRule, now: datetime, oldest: datetime | None) -> Level:
    """The level of a topic and place: ``lately`` within the window, ``earlier`` in the days before it.

    A register younger than those days knows its usual level by what it has (``oldest``).
    """
    window = timedelta(hours=rule.window_hours)
    begin = now - window
    first = max(begin - timedelta(days=rule.baseline_days), oldest or begin)
    return Level(lately, earlier / max(1.0, (begin - first) / window))
