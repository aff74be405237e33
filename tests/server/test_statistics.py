"""Statistics: equal to counting by hand, whatever happened since, and nothing foreign in any number."""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, delete, func, select

from cur_tui.contract.wire import Statistics
from cur_tui.domain.figures.measured import in_time
from cur_tui.domain.figures.ranking import policy_in_force, target_minutes
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.time.calendar import cur_week
from cur_tui.domain.vocabulary import Role
from regional_api.appeals.intake import Intake
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.database.store import load
from regional_api.database.tables import APPEAL, FORMER
from regional_api.figures import statistics
from regional_api.figures.dimensions import DIMENSIONS
from regional_api.figures.statistics import Counted, StatisticsRequest, forget_former, read_statistics
from regional_api.generate import generate
from regional_api.identity.callers import Caller
from regional_api.unit_of_work import unit_of_work
from tests.lazily import Lazily
from tests.server.office import RESTRICTED_TOPIC, Seat, code, on_both_engines, register

Take = Callable[..., Seat]

NOW = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)
RULEBOOK = Rulebook(load_region("amur"))
ZONE = ZoneInfo(RULEBOOK.region.time_zone)
APPEALS = Lazily(lambda: [made.appeal for made in generate(RULEBOOK, count=120, seed=11, now=NOW)])
NAMES = sorted(DIMENSIONS)
COLUMNS = {"kind": "item_kind", "repeat": "is_repeat", "duplicate": "is_duplicate", "open": "is_open"}
COLUMNS |= {"reworked": "reworks"}
TARGETS = {t.regime.value: target_minutes(t) for t in policy_in_force(RULEBOOK.region).targets}


@pytest.fixture(scope="module")
def content() -> Callable[[str], None]:
    def fill(address: str) -> None:
        database = Database(address)
        for _ in Intake(database).store_prepared(((appeal, None) for appeal in APPEALS), chunk=30):
            pass
        database.close()

    return fill


@pytest.fixture
def centre(filled: str) -> Iterator[Centre]:
    database = Database(filled)
    yield open_centre(database)
    database.close()


def caller(centre: Centre, role: Role = Role.SUPERVISOR, *blocks: str) -> Caller:
    return Caller(Actor("su", "su", role, frozenset(blocks), None), centre.region)


def all_rows(centre: Centre) -> list[Row[tuple[Any, ...]]]:
    with centre.database.reading() as connection:
        return list(connection.execute(select(APPEAL)))


def value(row: Row[tuple[Any, ...]], name: str) -> str | None:
    """What a table says of a row, worked out anew from the instant of its registration."""
    moment = row.done_at if name.startswith("done_") else row.registered_at
    local = datetime.fromtimestamp(moment or 0, ZONE).date()
    if moment is None:
        return None
    match name.removeprefix("done_"):
        case "year":
            return str(local.year)
        case "quarter":
            return f"{local.year}-Q{(local.month + 2) // 3}"
        case "cur_week":
            return cur_week(local)[0].isoformat()
        case "month":
            return f"{local:%Y-%m}"
        case "week":
            return (local - timedelta(days=local.weekday())).isoformat()
        case "day":
            return local.isoformat()
    found = row._mapping[COLUMNS.get(name, name)]
    if name == "fast_track":
        return "no" if found is None else "yes"
    if name in ("open", "repeat", "duplicate", "in_time", "reworked", "complete"):
        return None if found is None else "yes" if found else "no"
    return None if found is None else str(found)


def points(row: Row[tuple[Any, ...]]) -> int:
    """Ten thousand for an answer not later than the target, falling evenly to nothing at its term."""
    if row.spent is None:
        return 0
    target = TARGETS[row.regime]
    if row.spent >= row.allowed:
        return 0
    late = max(Fraction(row.spent - target, max(row.allowed - target, 1)), Fraction(0))
    return math.floor(10_000 * (1 - late))


def by_hand(
    rows: list[Row[tuple[Any, ...]]], first: str, second: str | None
) -> dict[tuple[str | None, str | None], dict[str, int]]:
    cells: dict[tuple[str | None, str | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        cell = cells[value(row, first), value(row, second) if second else None]
        overdue = row.is_open and row.control_due_at is not None and row.control_due_at < NOW.timestamp()
        answered = row.answered_at is not None
        for name, amount in {
            "count": 1,
            "open": row.is_open,
            "overdue": overdue,
            "answered": answered,
            "in_time": row.in_time == 1,
            "late": row.in_time == 0,
            "answer_seconds": row.answered_at - row.registered_at if answered else 0,
            "rated": row.rating is not None,
            "rating_sum": row.rating or 0,
            "positive": row.rating in (4, 5),
            "done": row.done_at is not None,
            "complete": row.complete == 1,
            "reworked": row.reworks > 0,
            "repeats": row.is_repeat,
            "paced": row.spent is not None,
            "speed": points(row),
        }.items():
            cell[name] += int(amount)
    return cells


def told(table: Statistics) -> dict[tuple[str | None, str | None], dict[str, int]]:
    return {
        (cell.row, cell.column): {n: getattr(cell.measures, n) for n in cell.measures.__struct_fields__}
        for cell in table.cells
    }


def check(table: Statistics, rows: list[Row[tuple[Any, ...]]]) -> None:
    wanted = by_hand(rows, table.rows, table.columns)
    assert told(table) == {key: dict(sums) for key, sums in wanted.items()}
    for name in table.total.__struct_fields__:
        assert getattr(table.total, name) == sum(sums[name] for sums in wanted.values())


@on_both_engines
def test_any_two_dimensions_are_counted_truly(centre: Centre) -> None:
    rows = all_rows(centre)
    pairs = [(a, b) for a, b in product(NAMES, [None, *NAMES]) if a != b]
    counted = Counted()
    for first, second in random.Random(1).sample(pairs, 80):
        request = StatisticsRequest(first, second)
        check(read_statistics(centre, counted, caller(centre), request, NOW), rows)


QUERIES: dict[str, Callable[[Row[tuple[Any, ...]]], bool]] = {
    "": lambda row: True,
    "open": lambda row: bool(row.is_open),
    "overdue": lambda row: bool(row.is_open) and 0 < (row.control_due_at or 0) < NOW.timestamp(),
    "-block:utilities,roads": lambda row: row.block not in ("utilities", "roads"),
    "registered:<30d": lambda row: row.registered_at > NOW.timestamp() - 30 * 86_400,
    "assignee:none -rating:5": lambda row: row.worker is None and row.rating != 5,
    "done:<60d": lambda row: row.done_at is not None and row.done_at > NOW.timestamp() - 60 * 86_400,
    "done:none": lambda row: row.done_at is None,
    "done:2024-01-01.. late": lambda row: row.done_at is not None and row.in_time == 0,
    "outcome:solved,none -reworked": lambda row: row.outcome in ("solved", None) and not row.reworks,
    "incomplete": lambda row: row.complete == 0,
    "state:resolved": lambda row: row.state == "resolved",
}


@on_both_engines
def test_carried_tables_equal_a_recount(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """Appeals change, leave, arrive and are deleted; the tables were counted before and are carried on."""
    rng = random.Random(4)
    counted, supervisor = Counted(), caller(centre)
    requests = [
        StatisticsRequest(first, second, query)
        for query in QUERIES
        for first, second in [rng.sample(["block", "state", "month", "rating", "worker", "topic"], 2)]
    ]
    for request in requests:
        read_statistics(centre, counted, supervisor, request, NOW)
    recounted: set[str] = set()
    count = statistics._count

    def watched(*arguments: Any) -> Any:
        recounted.add(request.query)
        return count(*arguments)

    monkeypatch.setattr(statistics, "_count", watched)
    late = iter(m.appeal for m in generate(RULEBOOK, count=60, seed=12, now=NOW - timedelta(days=900)))
    for _ in range(8):
        change_something(centre, rng)
        if rng.random() < 0.5:
            list(Intake(centre.database).store_prepared([(next(late), None), (next(late), None)]))
        for request in rng.sample(requests, 3):
            rows = [row for row in all_rows(centre) if QUERIES[request.query](row)]
            check(read_statistics(centre, counted, supervisor, request, NOW), rows)
    moving = {"overdue", "registered:<30d", "done:<60d"}
    assert recounted <= moving, "only what moves with time is counted anew"


def change_something(centre: Centre, rng: random.Random) -> None:
    """Several changes, some of them twice to the same appeal, in one or two transactions."""
    rows = rng.sample(all_rows(centre), 6)
    for _ in range(2):
        with unit_of_work(centre.database, centre.rulebook) as work:
            for stored in load(work.connection, [row.id for row in rows[:5]], lock=True).values():
                block = rng.choice(["utilities", "roads", "energy", None])
                rating = rng.choice([None, 1, 5])
                work.change(stored, replace(stored.appeal, block=block, rating=rating))
    with unit_of_work(centre.database, centre.rulebook) as work:
        for stored in load(work.connection, [rows[5].id], lock=True).values():
            work.delete(stored)


@on_both_engines
def test_forgotten_former_rows_lead_to_a_recount(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "KEEP_FORMER", 5)
    monkeypatch.setattr(statistics, "_PIECE", 2)
    counted, request = Counted(), StatisticsRequest("block", "rating")
    rng = random.Random(9)
    for _ in range(3):
        read_statistics(centre, counted, caller(centre), request, NOW)
        change_something(centre, rng)
        forget_former(centre)
        check(read_statistics(centre, counted, caller(centre), request, NOW), all_rows(centre))
    with centre.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(FORMER)).scalar_one() <= 5


def test_tables_in_memory_are_bounded_by_their_cells(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "_CELLS", 30)
    counted = Counted()
    requests = [StatisticsRequest(name) for name in ("block", "state", "topic", "source", "regime", "month")]
    for request in requests:
        table = read_statistics(centre, counted, caller(centre), request, NOW)
        kept = [len(known.cells) for known in counted._tables.values()]
        assert sum(kept) <= 30 or kept == [len(table.cells)]
        assert kept[-1] == len(table.cells), "the newest stays"


def test_words_and_scope_cut_the_table(centre: Centre) -> None:
    head = caller(centre, Role.BLOCK_HEAD, "utilities")
    request = StatisticsRequest("block", "state")
    table = read_statistics(centre, Counted(), head, request, NOW)
    check(table, [row for row in all_rows(centre) if row.block == "utilities" and not row.restricted])
    word = next(word for word in APPEALS[0].text.split() if word.isalpha() and len(word) > 5)
    found = read_statistics(centre, Counted(), caller(centre), StatisticsRequest("state", None, word), NOW)
    assert 0 < found.total.count < len(APPEALS)


@on_both_engines
def test_table_of_one_reader_is_not_shown_to_another(address: str, seat: Take) -> None:
    register(address, 2)
    register(address, block="roads")
    register(address, block="general", topic=RESTRICTED_TOPIC)
    supervisor = seat("su.polev")
    for _ in range(2):
        answer = supervisor.http.get("/v1/statistics", params={"rows": "block", "columns": "state"})
        assert {(c["row"], c["measures"]["count"]) for c in answer.json()["cells"]} == {
            ("utilities", 2),
            ("roads", 1),
            ("general", 1),
        }
    for account in ("op.zarechnaya", "ag.lugovoy", "ap.ozerova", "ob.tikhaya", "ad.krylov"):
        answer = seat(account).http.get("/v1/statistics", params={"rows": "block"})
        assert code(answer) == (403, "not_permitted")


def test_bad_requests_are_refused_by_name(address: str, seat: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    register(address, 1)
    register(address, block="roads")
    supervisor = seat("su.polev")
    bad: tuple[tuple[dict[str, str], tuple[int, str]], ...] = (
        ({}, (400, "malformed")),
        ({"rows": "applicant"}, (422, "invalid_value")),
        ({"rows": "block", "columns": "title"}, (422, "invalid_value")),
        ({"rows": "block", "columns": "block"}, (422, "invalid_value")),
        ({"rows": "block", "query": "state:novoe"}, (422, "invalid_value")),
        ({"rows": "block", "query": "pending"}, (422, "invalid_value")),
        ({"rows": "block", "measure": "count"}, (400, "malformed")),
    )
    for parameters, wanted in bad:
        answer = supervisor.http.get("/v1/statistics", params=parameters)
        assert code(answer) == wanted, parameters
    monkeypatch.setattr(statistics, "MAX_CELLS", 1)
    answer = supervisor.http.get("/v1/statistics", params={"rows": "block", "columns": "day"})
    assert code(answer) == (422, "table_too_large")


def test_answer_is_in_time_by_its_term(centre: Centre) -> None:
    """Told by the clocks of each appeal, apart from the columns."""
    for appeal, row in ((a, r) for a in APPEALS for r in all_rows(centre) if r.id == a.id):
        if row.answered_at is None:
            assert row.in_time is None
            continue
        finals = [c for c in appeal.clocks if c.kind.value.startswith("final") and c.stopped_at]
        last = max(finals, key=lambda clock: clock.stopped_at or NOW)
        assert last.stopped_at is not None
        assert row.in_time == in_time(appeal) == int(last.stopped_at <= last.due_at)
        hurried = [replace(c, due_at=c.started_at, control_due_at=c.started_at) for c in appeal.clocks]
        assert in_time(replace(appeal, clocks=tuple(hurried))) == 0
    assert {row.in_time for row in all_rows(centre)} >= {None, 1}


def test_empty_region_has_an_empty_table(address: str, seat: Take) -> None:
    database = Database(address)
    with database.writing() as connection:
        connection.execute(delete(APPEAL))
    database.close()
    table = seat("su.polev").http.get("/v1/statistics", params={"rows": "block", "columns": "month"}).json()
    assert table["cells"] == []
    assert set(table["total"].values()) == {0}
