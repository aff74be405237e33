"""Cuts from the cache: equal to counting by hand on random rows, and each number has its list."""

import random
from collections import Counter
from datetime import UTC, date, datetime
from fractions import Fraction
from math import floor
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.contract.row import AppealRow
from cur_tui.contract.wire import Gone, Put
from cur_tui.domain.figures.cuts import MEASURES, Cut, CutTable, cell_terms, period_terms
from cur_tui.domain.figures.dimensions import DIMENSIONS
from cur_tui.domain.figures.ranking import packaged_policy, target_minutes
from cur_tui.domain.figures.sums import FIELDS, Measures
from cur_tui.domain.query.match import matches
from cur_tui.domain.query.query import Query, Term
from cur_tui.domain.time.calendar import cur_week
from cur_tui.domain.time.periods import Basis, Period, PeriodKind
from cur_tui.domain.vocabulary import State
from storage.cache import Cache
from storage.figures import cells as module
from storage.figures.cells import CellRequest
from storage.lists.filters import compile_view
from tests.storage.conftest import KEY
from tests.storage.test_filters import (
    ME_ACCOUNT,
    MOMENTS,
    NOW,
    ONE_CACHE,
    PLAIN,
    REFERENCE,
    ROWS,
    ZONE,
    filled,
    make_rows,
)

__all__ = ["filled"]

POLICY = packaged_policy()
TARGETS = {target.regime.value: target_minutes(target) for target in POLICY.targets}
NAMES = sorted(DIMENSIONS)
COLUMNS = {"kind": "item_kind", "repeat": "is_repeat", "duplicate": "is_duplicate", "reworked": "reworks"}


def value(row: AppealRow, name: str, zone: ZoneInfo = ZONE) -> str | None:
    """What a cut says of a row, told anew from its moments."""
    dimension = DIMENSIONS[name]
    if dimension.kind == "time":
        moment = row.done_at if name.startswith("done_") else row.registered_at
        if moment is None:
            return None
        day = datetime.fromtimestamp(moment, zone).date()
        return {
            "day": day.isoformat(),
            "week": day.fromisocalendar(*day.isocalendar()[:2], 1).isoformat(),
            "cur_week": cur_week(day)[0].isoformat(),
            "month": f"{day:%Y-%m}",
            "quarter": f"{day.year}-Q{-(-day.month // 3)}",
            "year": f"{day.year}",
        }[name.removeprefix("done_")]
    if name == "open":
        return "yes" if State(row.state).is_open else "no"
    if name == "fast_track":
        return "no" if row.fast_track is None else "yes"
    found = getattr(row, COLUMNS.get(name, name))
    if found is None:
        return None
    return ("yes" if found else "no") if dimension.kind == "truth" else str(found)


def speed(row: AppealRow) -> int:
    if row.spent is None or row.allowed is None or row.spent >= row.allowed:
        return 0
    target = TARGETS[row.regime]
    lost = Fraction(max(row.spent - target, 0), max(row.allowed - target, 1))
    return floor(10_000 * (1 - lost))


def sums_of(row: AppealRow, now: datetime) -> dict[str, int]:
    is_open = State(row.state).is_open
    due = row.control_due_at
    return {
        "count": 1,
        "open": is_open,
        "overdue": is_open and due is not None and due < now.timestamp(),
        "answered": row.answered_at is not None,
        "in_time": row.in_time == 1,
        "late": row.in_time == 0,
        "answer_seconds": 0 if row.answered_at is None else row.answered_at - row.registered_at,
        "rated": row.rating is not None,
        "rating_sum": row.rating or 0,
        "positive": row.rating in (4, 5),
        "done": row.done_at is not None,
        "complete": row.complete == 1,
        "reworked": row.reworks > 0,
        "repeats": row.is_repeat,
        "paced": row.spent is not None,
        "speed": speed(row),
    }


def by_hand(
    rows: list[AppealRow], first: str, second: str | None, now: datetime = NOW
) -> dict[tuple[str | None, str | None], dict[str, int]]:
    cells: dict[tuple[str | None, str | None], Counter[str]] = {}
    for row in rows:
        key = value(row, first), value(row, second) if second else None
        cells.setdefault(key, Counter(dict.fromkeys(FIELDS, 0))).update(sums_of(row, now))
    return {key: dict(sums) for key, sums in cells.items()}


def told(cells: dict[tuple[str | None, str | None], Measures]) -> dict[object, dict[str, int]]:
    return {key: msgspec.structs.asdict(sums) for key, sums in cells.items()}


def asked(first: str, second: str | None, terms: tuple[Term, ...] = (), now: datetime = NOW) -> CellRequest:
    return CellRequest(first, second, terms, now, ME_ACCOUNT, POLICY)


@ONE_CACHE
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True),
    terms=st.lists(PLAIN, max_size=3),
    now=MOMENTS,
    stretch=st.sampled_from([1, 7, 90, 30_000]),
)
def test_cells_are_what_counting_by_hand_gives(
    filled: Cache, names: list[str], terms: list[Term], now: datetime, stretch: int
) -> None:
    first, second = names[0], names[1] if len(names) > 1 else None
    query = Query(tuple(terms))
    met = {
        id_
        for id_, row in REFERENCE.items()
        if matches(
            query,
            {**row, "claimed": row["claim_until"] is not None and row["claim_until"] > now.timestamp()},  # type: ignore[operator]
            now=now,
            me=ME_ACCOUNT,
        )
    }
    wanted = by_hand([row for row, *_ in ROWS if row.id in met], first, second, now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_STRETCH", stretch)
        cells = filled.reader.cells(asked(first, second, query.terms, now))
    assert told(cells) == wanted


@ONE_CACHE
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True),
    measure=st.sampled_from(sorted(MEASURES)),
    basis=st.sampled_from(Basis),
    first=st.dates(date(2026, 3, 14), date(2026, 3, 20)),
    seed=st.integers(0, 99),
)
def test_behind_each_number_is_a_list_of_so_many(
    filled: Cache, names: list[str], measure: str, basis: Basis, first: date, seed: int
) -> None:
    days = Period(PeriodKind.RANGE, first, date(2026, 3, 21))
    cut = Cut(names[0], names[1], measure, basis=basis)
    table = CutTable(cut, days, filled.reader.cells(asked(names[0], names[1], period_terms(days, basis))))
    counted = MEASURES[measure].part if MEASURES[measure].part not in NOT_COUNTED else MEASURES[measure].whole

    def listed(row: str | None, column: str | None, of: str) -> int:
        view = compile_view(Query(cell_terms(cut, days, row, column, of=of)), now=NOW, me=ME_ACCOUNT)
        return len(filled.reader.ids(view))

    assert counted is not None
    for row, column in random.Random(seed).sample(sorted(table.cells, key=str), min(4, len(table.cells))):
        assert listed(row, column, "cell") == getattr(table.cells[row, column], counted)
        assert listed(row, None, "row") == getattr(table.row_total(row), counted)
        assert listed(None, column, "column") == getattr(table.column_total(column), counted)
    assert listed(None, None, "table") == getattr(table.total, counted)


NOT_COUNTED = {"rating_sum": "rated", "answer_seconds": "answered", "speed": "paced"}
"""Sums that are no numbers of appeals: behind a mean are the appeals that it is a mean of."""


@pytest.mark.parametrize("zone", ["Asia/Chita", "Europe/Berlin", "UTC"])
def test_days_are_those_of_the_region_when_its_clocks_are_moved(path: Path, zone: str) -> None:
    """Chita moved its clocks twice and Berlin does it each spring; rows stand around those moments."""
    here = ZoneInfo(zone)
    rng = random.Random(5)
    turns = [datetime(*day, tzinfo=UTC) for day in ((2014, 10, 25, 15), (2016, 3, 26, 17), (2016, 3, 27, 1))]
    rows = [
        msgspec.structs.replace(
            row,
            registered_at=int(rng.choice(turns).timestamp()) + rng.randint(-40, 40) * 1800,
            done_at=int(rng.choice(turns).timestamp()) + rng.randint(-40, 40) * 1800,
        )
        for row, *_ in make_rows(4, 120)
    ]
    cache = Cache.open(path, KEY)
    cache.writer.apply_page([Put(1, row, msgspec.Raw(b'{"text":""}')) for row in rows], "c")
    request = asked("day", "done_month", (), datetime(2016, 4, 1, tzinfo=here))
    wanted = Counter((value(row, "day", here), value(row, "done_month", here)) for row in rows)
    assert {key: sums.count for key, sums in cache.reader.cells(request).items()} == wanted
    cache.close()


def test_facts_follow_every_change(path: Path) -> None:
    """Rows change, leave and come; codes that nobody has any more are no cells."""
    rng = random.Random(8)
    cache = Cache.open(path, KEY)
    present: dict[str, AppealRow] = {}
    seq = 0
    for batch in range(6):
        lines: list[Put | Gone] = []
        for row, *_ in make_rows(9, 60):
            version = batch + 1
            if rng.random() < 0.3:
                changed = msgspec.structs.replace(row, version=version, block=rng.choice(["waste", None]))
                present[row.id] = changed
                lines.append(Put(seq, changed, msgspec.Raw(b'{"text":""}')))
            elif row.id in present and rng.random() < 0.2:
                del present[row.id]
                lines.append(Gone(seq, row.id, version))
            seq += 1
        cache.writer.apply_page(lines, f"c{batch}")
        request = asked("block", "done_week")
        assert told(cache.reader.cells(request)) == by_hand(list(present.values()), "block", "done_week")
    cache.close()


def test_only_what_is_wanted_is_summed_up(filled: Cache) -> None:
    request = msgspec.structs.replace(asked("block", None), wanted=frozenset({"late"}))
    whole = filled.reader.cells(asked("block", None))
    for key, sums in filled.reader.cells(request).items():
        assert sums == Measures(count=whole[key].count, late=whole[key].late)
