"""The sums of facts as SQL expressions, one for each of :data:`cur_tui.domain.figures.sums.STORED`."""

from collections.abc import Mapping
from typing import Final

from cur_tui.domain.figures.ranking import target_minutes
from cur_tui.domain.figures.sums import POINTS
from cur_tui.domain.profile.profile import RankingPolicy

_SUMS: Final = {
    "count": "count(*)",
    "open": "sum(is_open)",
    "answered": "count(answer_seconds)",
    "in_time": "ifnull(sum(in_time), 0)",
    "late": "ifnull(sum(1-in_time), 0)",
    "answer_seconds": "ifnull(sum(answer_seconds), 0)",
    "rated": "count(rating)",
    "rating_sum": "ifnull(sum(rating), 0)",
    "done": "count(done_at)",
    "complete": "ifnull(sum(complete), 0)",
    "reworked": "sum(reworks>0)",
    "repeats": "sum(is_repeat)",
    "paced": "count(spent)",
}


def sum_of(name: str, policy: RankingPolicy, codes: Mapping[int, str]) -> str:
    """The expression of one of :data:`~cur_tui.domain.figures.sums.STORED`."""
    match name:
        case "speed":
            return f"ifnull(sum({_points(policy, codes)}), 0)"
        case "positive":
            return f"ifnull(sum(rating>={int(policy.positive)}), 0)"
    return _SUMS[name]


def _points(policy: RankingPolicy, codes: Mapping[int, str]) -> str:
    """:func:`cur_tui.domain.figures.sums.speed_points` of a fact, by the target of its regime."""
    targets = {target.regime.value: target_minutes(target) for target in policy.targets}
    cases = " ".join(
        f"WHEN {number} THEN {targets[code]}" for number, code in codes.items() if code in targets
    )
    target = f"(CASE regime {cases} ELSE 0 END)" if cases else "0"
    return (
        f"CASE WHEN spent>=allowed THEN 0 WHEN spent<={target} THEN {POINTS} "
        f"WHEN spent IS NOT NULL THEN (allowed-spent)*{POINTS}/(allowed-{target}) END"
    )
