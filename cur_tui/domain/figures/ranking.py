"""The ranking of authorities and municipalities: four dimensions, one score, and how it came about.

Quantity is shown and not scored. The others are shares from 0 to 1, weighed by the ranking policy of the
region (``shared/ranking.toml``); docs/ranking-and-cuts.md has the formulas in words. Everything is made
of sums that add up (:class:`~cur_tui.domain.figures.sums.Measures`): a score is the same wherever they
were counted.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from cur_tui.domain.figures.sums import POINTS, Measures, total_of
from cur_tui.domain.profile.profile import RankingPolicy, RankingTarget, Region
from cur_tui.domain.time.periods import Basis, Period, PeriodKind
from cur_tui.domain.vocabulary import TimeUnit

RankedBy = Literal["authority", "municipality"]
ASPECTS: Final = ("speed", "timeliness", "quality", "completeness")
"""What is weighed; speed and timeliness are the one dimension «speed» of the decrees."""
_DAYS_A_MONTH: Final = 30
_MINUTES: Final = {
    TimeUnit.CALENDAR_DAY: 24 * 60,
    TimeUnit.WORKING_DAY: 8 * 60,
    TimeUnit.WORKING_HOUR: 60,
    TimeUnit.CLOCK_HOUR: 60,
    TimeUnit.WORKING_MINUTE: 1,
}
_SHOWN: Final = 10
"""A score is shown and compared in tenths."""


class Zone(StrEnum):
    """Where a score lies."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Weights(msgspec.Struct, frozen=True):
    """Parts of the score; only their relation counts."""

    speed: int
    timeliness: int
    quality: int
    completeness: int

    def __post_init__(self) -> None:
        values = msgspec.structs.astuple(self)
        if min(values) < 0 or not any(values):
            raise ValueError("weights are not negative and not all nothing")


class Score(msgspec.Struct, frozen=True):
    """Shares from 0 to 1, None where there was nothing to measure, and the ``total`` from 0 to 100.

    ``ratings`` and ``first_pass`` are the two halves of ``quality``. An aspect without anything to measure is
    left out, and the weights of the others grow in proportion.
    """

    speed: float | None
    timeliness: float
    ratings: float | None
    first_pass: float
    quality: float
    completeness: float
    total: float
    zone: Zone


class RankingLine(msgspec.Struct, frozen=True):
    """One body. ``code`` None: appeals without one. ``place`` None: too few answers for a place.

    ``previous`` is the score of the period before, ``was`` the place in it.
    """

    code: str | None
    place: int | None
    sums: Measures
    score: Score | None
    previous: Score | None = None
    was: int | None = None


class RankingTable(msgspec.Struct, frozen=True):
    """A ranking: by what, over which days and appeals, by which policy and weights."""

    by: RankedBy
    first: str
    last: str
    query: str
    policy: str
    weights: Weights
    minimum: int
    lines: tuple[RankingLine, ...]
    total: Measures
    """The sums of the region, whose mean rating is the prior of everybody's."""
    against: tuple[str, str] | None = None
    """The first and the last day that it is compared with."""


@cache
def packaged_policy() -> RankingPolicy:
    """The policy that comes with the product, for regions whose profile was made before there was one."""
    text = files("cur_tui.domain").joinpath("regions/shared/ranking.toml").read_text(encoding="utf-8")
    entry = tomllib.loads(text)["ranking"][-1]
    return msgspec.convert({**entry, "targets": entry.pop("target")}, RankingPolicy)


def policy_in_force(region: Region) -> RankingPolicy:
    """The latest ranking policy of the region."""
    return region.ranking[-1] if region.ranking else packaged_policy()


def target_minutes(target: RankingTarget) -> int:
    """A target in minutes of its term's own time; a working day is one of eight hours."""
    return target.amount * _MINUTES[target.unit]


def weights_of(policy: RankingPolicy) -> Weights:
    """The weights that the policy gives."""
    return Weights(policy.speed, policy.timeliness, policy.quality, policy.completeness)


def least_answers(policy: RankingPolicy, period: Period) -> int:
    """How many answers a place takes: the policy's number for a month, as often as the period has months."""
    return policy.minimum * max(1, period.days // _DAYS_A_MONTH)


def score(own: Measures, region: Measures, policy: RankingPolicy, weights: Weights) -> Score:
    """The score of the sums ``own`` among those of the ``region``. ValueError without any answer."""
    n = own.answered
    if n == 0:
        raise ValueError("nothing was answered")
    speed = Fraction(own.speed, POINTS * own.paced) if own.paced else None
    timeliness = _share(n - own.late - own.overdue, n)
    ratings = None
    if region.rated:
        mean = Fraction(region.positive, region.rated)
        ratings = (own.positive + policy.prior * mean) / (own.rated + policy.prior)
    first_pass = _share(n - own.reworked, n)
    quality = first_pass if ratings is None else (ratings + first_pass) / 2
    completeness = _share(own.complete, own.done) * (1 - _share(own.repeats, own.done))
    parts = {"speed": speed, "timeliness": timeliness, "quality": quality, "completeness": completeness}
    weighed = [(getattr(weights, name), part) for name, part in parts.items() if part is not None]
    heaviest = sum(weight for weight, _ in weighed)
    total = 100 * sum(weight * part for weight, part in weighed) / heaviest if heaviest else Fraction(0)
    shown = Fraction(round(total * _SHOWN), _SHOWN)
    return Score(
        speed=None if speed is None else float(speed),
        timeliness=float(timeliness),
        ratings=None if ratings is None else float(ratings),
        first_pass=float(first_pass),
        quality=float(quality),
        completeness=float(completeness),
        total=float(shown),
        zone=_zone(shown, policy),
    )


def rank(
    sums: Mapping[str | None, Measures],
    before: Mapping[str | None, Measures] | None,
    policy: RankingPolicy,
    weights: Weights,
    minimum: int,
) -> tuple[tuple[RankingLine, ...], Measures]:
    """The lines, the best first and those without a place behind them, and the sums of the region.

    ``before``: the sums of the previous period. What belongs to nobody and whoever answered fewer than
    ``minimum`` get no place.
    """
    total = total_of(sums.values())
    scores, places = _scored(sums, total, policy, weights, minimum)
    old, was = _scored(before or {}, total_of((before or {}).values()), policy, weights, minimum)
    lines = [
        RankingLine(code, places.get(code), own, scores.get(code), old.get(code), was.get(code))
        for code, own in sums.items()
    ]

    def order(line: RankingLine) -> tuple[bool, int, int, str]:
        return line.place is None, line.place or 0, -line.sums.answered, line.code or "\uffff"

    return tuple(sorted(lines, key=order)), total


def with_overdue(
    sums: Mapping[str | None, Measures], overdue: Mapping[str | None, int]
) -> dict[str | None, Measures]:
    """The sums of what was done, with what should have been."""
    return {
        code: msgspec.structs.replace(sums.get(code, Measures()), overdue=overdue.get(code, 0))
        for code in {**sums, **overdue}
    }


def _scored(
    sums: Mapping[str | None, Measures],
    total: Measures,
    policy: RankingPolicy,
    weights: Weights,
    minimum: int,
) -> tuple[dict[str | None, Score], dict[str | None, int]]:
    scores = {code: score(own, total, policy, weights) for code, own in sums.items() if own.answered}
    totals = [s.total for code, s in scores.items() if _is_placed(code, sums, minimum)]
    places = {
        code: 1 + sum(other > s.total for other in totals)
        for code, s in scores.items()
        if _is_placed(code, sums, minimum)
    }
    return scores, places


def _is_placed(code: str | None, sums: Mapping[str | None, Measures], minimum: int) -> bool:
    return code is not None and sums[code].answered >= minimum


def _share(part: int, whole: int) -> Fraction:
    """A share of a whole, never below nothing: what is overdue and open comes on top of what was answered."""
    return Fraction(max(part, 0), whole) if whole else Fraction(0)


def _zone(total: Fraction, policy: RankingPolicy) -> Zone:
    if total >= policy.green:
        return Zone.GREEN
    return Zone.YELLOW if total >= policy.yellow else Zone.RED


def done_query(period: Period, query: str = "") -> str:
    """What was done in the period: the appeals that a ranking is about."""
    return f"{query} {period.query(Basis.DONE)}".strip()


def overdue_query(period: Period, query: str = "") -> str:
    """What is open and was due by the end of the period, and has not been done."""
    return f"{query} overdue due:..{period.last}".strip()


MONTH: Final = PeriodKind.MONTH
"""What is ranked when nobody says more: Ulyanovsk and the policy's minimum speak of months."""
