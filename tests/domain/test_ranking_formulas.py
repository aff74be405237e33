"""The ranking: equal to a naive computation item by item, and fair at its edges."""

import random
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.domain.figures.ranking import (
    Weights,
    Zone,
    least_answers,
    packaged_policy,
    policy_in_force,
    rank,
    score,
    target_minutes,
    weights_of,
)
from cur_tui.domain.figures.sums import POINTS, Measures, speed_points, total_of
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.periods import Period, PeriodKind, parse_period, period_of

POLICY = packaged_policy()
TARGETS = {target.regime.value: target_minutes(target) for target in POLICY.targets}


@dataclass(frozen=True)
class Item:
    """One appeal, as an auditor with a pencil would note it down."""

    regime: str
    answered: bool
    late: bool
    overdue: bool
    spent: int | None
    allowed: int
    rating: int | None
    reworks: int
    complete: bool
    repeat: bool


ITEMS = st.builds(
    Item,
    regime=st.sampled_from(sorted(TARGETS)),
    answered=st.booleans(),
    late=st.booleans(),
    overdue=st.booleans(),
    spent=st.none() | st.integers(0, 50_000),
    allowed=st.sampled_from([480, 1_440, 14_400, 43_200]),
    rating=st.none() | st.integers(1, 5),
    reworks=st.integers(0, 2),
    complete=st.booleans(),
    repeat=st.booleans(),
)


def sums(items: list[Item]) -> Measures:
    """What a database adds up: open and overdue items are not done yet."""
    done = [item for item in items if not item.overdue]
    answered = [item for item in done if item.answered]
    paced = [item for item in answered if item.spent is not None]
    return Measures(
        count=len(items),
        overdue=len(items) - len(done),
        done=len(done),
        answered=len(answered),
        late=sum(item.late for item in answered),
        rated=sum(item.rating is not None for item in answered),
        positive=sum(item.rating in (4, 5) for item in answered),
        complete=sum(item.complete for item in answered),
        reworked=sum(item.reworks > 0 for item in answered),
        repeats=sum(item.repeat for item in done),
        paced=len(paced),
        speed=sum(speed_points(i.spent or 0, i.allowed, TARGETS[i.regime]) for i in paced),
    )


def naive(items: list[Item], region: list[Item], weights: Weights) -> float | None:
    """The formulas of the handbook, written out once more with fractions of items."""
    done = [item for item in items if not item.overdue]
    answered = [item for item in done if item.answered]
    if not answered:
        return None
    n = len(answered)
    parts: list[tuple[int, Fraction]] = []
    times = [(i.spent, i.allowed, TARGETS[i.regime]) for i in answered if i.spent is not None]
    if times:
        points = []
        for spent, limit, target in times:
            if spent >= limit:
                points.append(Fraction(0))
            elif spent <= target:
                points.append(Fraction(1))
            else:
                points.append(Fraction(10_000 * (limit - spent) // (limit - target), 10_000))
        parts.append((weights.speed, sum(points, Fraction(0)) / len(points)))
    broken = sum(i.late for i in answered) + sum(i.overdue for i in items)
    parts.append((weights.timeliness, max(Fraction(0), 1 - Fraction(broken, n))))
    everybody = [i.rating for i in region if i.answered and not i.overdue and i.rating is not None]
    first_pass = 1 - Fraction(sum(i.reworks > 0 for i in answered), n)
    quality = first_pass
    if everybody:
        mean = Fraction(sum(r >= 4 for r in everybody), len(everybody))
        own = [i.rating for i in answered if i.rating is not None]
        shrunk = (sum(r >= 4 for r in own) + 10 * mean) / (len(own) + 10)
        quality = (shrunk + first_pass) / 2
    parts.append((weights.quality, quality))
    full = Fraction(sum(i.complete for i in answered), len(done))
    parts.append((weights.completeness, full * (1 - Fraction(sum(i.repeat for i in done), len(done)))))
    whole = sum(weight for weight, _ in parts)
    total = 100 * sum(weight * part for weight, part in parts) / whole if whole else Fraction(0)
    return float(Fraction(round(total * 10), 10))


@given(
    bodies=st.dictionaries(st.sampled_from("abcdef"), st.lists(ITEMS, min_size=1, max_size=12), min_size=1),
    weights=st.tuples(*[st.integers(0, 50)] * 4).filter(any).map(lambda four: Weights(*four)),
)
def test_scores_are_those_of_the_formulas(bodies: dict[str, list[Item]], weights: Weights) -> None:
    region = [item for items in bodies.values() for item in items]
    lines, total = rank({code: sums(items) for code, items in bodies.items()}, None, POLICY, weights, 2)
    assert total == sums(region)
    for line in lines:
        assert line.code is not None
        wanted = naive(bodies[line.code], region, weights)
        assert (line.score and line.score.total) == wanted
        better = [
            other
            for other in lines
            if other.place and other.score and line.score and other.score.total > line.score.total
        ]
        assert line.place == (1 + len(better) if line.sums.answered >= 2 else None)
    placed = [line.place is None for line in lines]
    assert placed == sorted(placed), "those without a place come last"


def body(**changed: int) -> Measures:
    """A body without blame."""
    plain = {"done": 20, "answered": 20, "complete": 20, "paced": 20, "speed": 20 * POINTS}
    return Measures(**{**plain, **changed})


def test_one_rating_wins_and_ruins_nothing() -> None:
    region = body(rated=100, positive=50)
    weights = weights_of(POLICY)
    lucky, unlucky = (score(body(rated=1, positive=n), region, POLICY, weights) for n in (1, 0))
    assert lucky.ratings == pytest.approx(6 / 11)
    assert unlucky.ratings == pytest.approx(5 / 11)
    assert lucky.total - unlucky.total < 2


def test_zones_begin_where_the_policy_says() -> None:
    weights = Weights(0, 100, 0, 0)
    zones = {
        late: score(body(answered=100, done=100, late=late), body(), POLICY, weights).zone
        for late in (0, 20, 21, 40, 41, 100)
    }
    assert zones == {
        0: Zone.GREEN,
        20: Zone.GREEN,
        21: Zone.YELLOW,
        40: Zone.YELLOW,
        41: Zone.RED,
        100: Zone.RED,
    }


def test_what_cannot_be_measured_is_left_out_and_not_held_against_anybody() -> None:
    found = score(body(paced=0, speed=0), body(), POLICY, weights_of(POLICY))
    assert (found.speed, found.ratings, found.total) == (None, None, 100.0)


def test_overdue_work_weighs_even_more_than_everything_answered() -> None:
    found = score(body(answered=2, done=2, overdue=50), body(), POLICY, weights_of(POLICY))
    assert found.timeliness == 0


def test_too_few_answers_have_a_score_and_no_place() -> None:
    of = {"a": body(), "b": body(answered=1, done=1, complete=1), None: body()}
    lines, _ = rank(of, {"a": body(late=20)}, POLICY, weights_of(POLICY), 2)
    assert [(line.code, line.place) for line in lines] == [("a", 1), (None, None), ("b", None)]
    assert lines[0].previous is not None
    assert lines[0].was == 1
    assert lines[0].score is not None
    assert lines[0].score.total > lines[0].previous.total


def test_longer_periods_ask_for_more_answers() -> None:
    day = date(2026, 11, 20)
    least = {kind: least_answers(POLICY, period_of(kind, day)) for kind in PeriodKind}
    assert least[PeriodKind.MONTH] == least[PeriodKind.CUR_WEEK] == least[PeriodKind.DAY] == 2
    assert (least[PeriodKind.QUARTER], least[PeriodKind.YEAR]) == (6, 24)


def test_speed_falls_evenly_from_the_target_to_the_limit() -> None:
    points = [speed_points(spent, 1_440, 480) for spent in (0, 480, 481, 960, 1_439, 1_440, 9_999)]
    assert points == [10_000, 10_000, 9_989, 5_000, 10, 0, 0]
    assert speed_points(100, 300, 480) == 10_000, "a term shorter than the target"


def test_every_region_has_the_policy_and_a_profile_without_one_gets_the_packaged() -> None:
    region = load_region("amur")
    assert policy_in_force(region) == region.ranking[-1] == POLICY
    assert policy_in_force(replace(region, ranking=())) == POLICY
    assert sum((POLICY.speed, POLICY.timeliness, POLICY.quality, POLICY.completeness)) == 100
    with pytest.raises(ValueError, match="nothing"):
        Weights(0, 0, 0, 0)


def test_periods_follow_one_another_without_gaps() -> None:
    rng = random.Random(3)
    for _ in range(200):
        day = date.fromordinal(rng.randint(date(2019, 1, 1).toordinal(), date(2030, 12, 31).toordinal()))
        for kind in PeriodKind:
            period = period_of(kind, day)
            assert period.first <= day <= period.last
            assert (period.first - period.previous.last).days == 1
            assert period.previous.kind is kind
    thursday = period_of(PeriodKind.CUR_WEEK, date(2026, 11, 20))
    assert (thursday.first, thursday.last) == (date(2026, 11, 19), date(2026, 11, 25))


def test_periods_are_read_as_they_are_written() -> None:
    today = date(2026, 11, 22)
    spans = {
        "month": (date(2026, 11, 1), date(2026, 11, 30)),
        "last:quarter": (date(2026, 7, 1), date(2026, 9, 30)),
        "2026-Q1": (date(2026, 1, 1), date(2026, 3, 31)),
        "2024-02": (date(2024, 2, 1), date(2024, 2, 29)),
        "2025": (date(2025, 1, 1), date(2025, 12, 31)),
        "2026-03-05": (date(2026, 3, 5), date(2026, 3, 5)),
        "2026-03-05..2026-04-01": (date(2026, 3, 5), date(2026, 4, 1)),
    }
    for text, (first, last) in spans.items():
        period = parse_period(text, today)
        assert period is not None
        assert (period.first, period.last) == (first, last), text
    assert parse_period("all", today) is None
    for wrong in (
        "",
        "fortnight",
        "2026-13",
        "2026-02-30",
        "2026-03-05..2026-03-04",
        "range",
        "9999",
        "last:",
    ):
        with pytest.raises(Refused):
            parse_period(wrong, today)
    assert Period(PeriodKind.RANGE, date(2026, 1, 5), date(2026, 1, 5)).query() == "registered:2026-01-05"


def test_sums_of_nothing_are_nothing() -> None:
    assert total_of([]) == Measures()
