"""The ranking at the desk, counted from the cache, and how each score came about, down to the appeals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from cur_tui.domain.figures.cuts import overdue_terms, period_terms
from cur_tui.domain.figures.dimensions import DIMENSIONS
from cur_tui.domain.figures.ranking import (
    RankedBy,
    RankingLine,
    RankingTable,
    Weights,
    least_answers,
    policy_in_force,
    rank,
    target_minutes,
    weights_of,
    with_overdue,
)
from cur_tui.domain.figures.sums import FIELDS, POINTS, Measures, speed_points
from cur_tui.domain.query.query import NONE, Field, FieldTerm, Flag, FlagTerm
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.periods import Basis, parse_period
from cur_tui.services.figures.cuts import CutDesk

if TYPE_CHECKING:
    from cur_tui.contract.row import AppealRow
    from cur_tui.domain.query.query import Term
    from cur_tui.domain.time.periods import Period
    from cur_tui.services.desk import Desk

WEIGHTS: Final = "ranking_weights"
"""State of the cache: the weights that the person has set for themselves."""
_DONE: Final = frozenset(FIELDS) - {"overdue"}
_ITEMS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a derivation: its code, how many, and the query that finds them."""

    code: str
    value: int
    query: str


@dataclass(frozen=True, slots=True)
class Step:
    """One aspect of a score: the formula's value, its weight in it, and the numbers that it is made of."""

    aspect: str
    value: float | None
    weight: int
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """What one appeal gives to the score of its body. ``points`` is its speed, from 0 to 1."""

    row: AppealRow
    points: float | None


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a score came about."""

    line: RankingLine
    prior: int
    mean: float | None
    """The region's share of satisfied ratings, with the weight of ``prior`` ratings."""
    steps: tuple[Step, ...]
    everything: Number


class RankingDesk:
    """The ranking of one desk. Counting blocks: call it in a worker."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._cuts = CutDesk(desk)

    def table(
        self,
        by: RankedBy = "authority",
        period: str = "month",
        query: str = "",
        weights: Weights | None = None,
        *,
        compare: bool = True,
        stop: Callable[[], bool] | None = None,
    ) -> RankingTable:
        """The ranking as the cache has it now; without ``weights`` the person's own, else the policy's.

        Raises like :meth:`CutDesk.table`.
        """
        if not self._desk.may("supervise"):
            raise Refused("not_permitted", command="ranking", permission="supervise")
        days = self.period_of(period)
        policy = policy_in_force(self._desk.rulebook.region)
        taken = weights or self.weights
        minimum = least_answers(policy, days)
        terms = self._desk.lists.parse(query).terms

        def sums_of(one: Period) -> Mapping[str | None, Measures]:
            done = self._cuts.cells(by, None, (*terms, *period_terms(one, Basis.DONE)), _DONE, stop)
            late = self._cuts.cells(by, None, (*terms, *overdue_terms(one)), frozenset({"overdue"}), stop)
            overdue = {row: sums.overdue for (row, _), sums in late.items()}
            return with_overdue({row: sums for (row, _), sums in done.items()}, overdue)

        against = days.compared(self._desk.local_now().date())
        before = sums_of(against) if compare else None
        lines, total = rank(sums_of(days), before, policy, taken, minimum)
        return RankingTable(
            by=by,
            first=days.first.isoformat(),
            last=days.last.isoformat(),
            query=query,
            policy=policy.id,
            weights=taken,
            minimum=minimum,
            lines=lines,
            total=total,
            against=(against.first.isoformat(), against.last.isoformat()) if compare else None,
        )

    def period_of(self, period: str) -> Period:
        """The days that a ranking is about. Raises ``invalid_value``, for ``all`` too."""
        days = parse_period(period, self._desk.local_now().date())
        if days is None:
            raise Refused("invalid_value", field="period", value=period)
        return days

    @property
    def weights(self) -> Weights:
        """The weights that the person has set, else those of the policy."""
        kept = self._desk.cache.reader.state(WEIGHTS)
        if kept:
            return parse_weights(kept)
        return weights_of(policy_in_force(self._desk.rulebook.region))

    def set_weights(self, text: str) -> Weights:
        """Set one's own weights; an empty text takes those of the policy again. Raises ``invalid_value``."""
        taken = parse_weights(text) if text.strip() else None
        kept = "" if taken is None else ",".join(map(str, msgspec.structs.astuple(taken)))
        self._desk.cache.writer.set_state(WEIGHTS, kept)
        return taken or self.weights

    def derivation(self, table: RankingTable, line: RankingLine, language: str = "en") -> Derivation:
        """How the score of ``line`` came about, each number with the query behind it."""
        policy = policy_in_force(self._desk.rulebook.region)
        days = self.period_of(f"{table.first}..{table.last}")
        body = DIMENSIONS[table.by].terms(line.code)
        done = (*period_terms(days, Basis.DONE), *body)

        def number(code: str, *terms: Term, among: tuple[Term, ...] = done) -> Number:
            query = self._cuts.line(table.query, (*among, *terms), language)
            return Number(code, getattr(line.sums, code), query)

        answered = number("answered", FlagTerm(Flag.ANSWERED))
        everything = number("done")
        score, weights = line.score, table.weights
        positive = FieldTerm(Field.RATING, tuple(str(n) for n in range(policy.positive, 6)))
        parts: dict[str, tuple[Number, ...]] = {
            "speed": (number("paced", FlagTerm(Flag.TIMED)),),
            "timeliness": (
                number("late", FlagTerm(Flag.LATE)),
                number("overdue", among=(*overdue_terms(days), *body)),
                answered,
            ),
            "quality": (
                number("positive", positive),
                number("rated", FieldTerm(Field.RATING, (NONE,), negated=True)),
                number("reworked", FlagTerm(Flag.REWORKED)),
                answered,
            ),
            "completeness": (
                number("complete", FlagTerm(Flag.COMPLETE)),
                number("repeats", FlagTerm(Flag.REPEAT)),
                everything,
            ),
        }
        return Derivation(
            line=line,
            prior=policy.prior,
            mean=table.total.positive / table.total.rated if table.total.rated else None,
            steps=tuple(
                Step(
                    aspect,
                    None if score is None else getattr(score, aspect),
                    getattr(weights, aspect),
                    numbers,
                )
                for aspect, numbers in parts.items()
            ),
            everything=everything,
        )

    def items(self, query: str, limit: int = _ITEMS) -> list[Item]:
        """What the appeals of a number give, one by one: the first ``limit`` that ``query`` finds."""
        lists, reader = self._desk.lists, self._desk.cache.reader
        policy = policy_in_force(self._desk.rulebook.region)
        targets = {target.regime.value: target_minutes(target) for target in policy.targets}
        page, _ = lists.page(lists.parse(query), limit)
        items = []
        for cached in reader.measured([one.pk for one in page]):
            if cached.spent is None or cached.allowed is None:
                items.append(Item(cached, None))
                continue
            points = speed_points(cached.spent, cached.allowed, targets.get(cached.regime, 0))
            items.append(Item(cached, points / POINTS))
        return items


def parse_weights(text: str) -> Weights:
    """Four numbers apart by commas: speed, timeliness, quality, completeness. Raises ``invalid_value``."""
    parts = [part.strip() for part in text.split(",")]
    try:
        if len(parts) != len(Weights.__struct_fields__) or not all(part.isdecimal() for part in parts):
            raise ValueError(text)
        return Weights(*(int(part) for part in parts))
    except ValueError:
        raise Refused("invalid_value", field="weights", value=text[:80]) from None
