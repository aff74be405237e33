"""How lists are read: by an index in its order, never by looking at every appeal, never by sorting."""

import random
import re
from collections.abc import Iterator

import msgspec
import pytest

from cur_tui.contract.wire import Put
from cur_tui.domain.query.parse import parse_query
from cur_tui.domain.query.query import Query, Sort, SortKey
from cur_tui.domain.query.words import default_vocabulary
from cur_tui.domain.vocabulary import State
from cur_tui.services.lists.views import _WORK
from storage.cache import Cache
from storage.database.connection import Connection, connect
from storage.decoding import ROW_COLUMNS
from storage.figures.board import BANDS, DONE, MEDIAN, PROVISIONAL
from storage.lists.filters import CompiledView, compile_view
from storage.lists.legs import Leg
from storage.lists.planning import FEW
from tests.storage.conftest import KEY
from tests.storage.test_filters import ME_ACCOUNT, NOW, make_rows

LISTS = {
    "mine open": ["open_worker_due"],
    "mine": ["open_worker_due", "facet"],
    "mine closed": ["facet"],
    "state:distribution": ["open_state_due"],
    "open -claimed": ["open_due"],
    "open due:<4h -overdue": ["open_due"],
    "open overdue": ["open_due"],
    "open fast_track": ["open_fast_track_due"],
    "state:revision_required": ["open_state_due"],
    "state:in_review": ["open_state_due"],
    "awaiting_approval": ["open_state_due"],
    "open priority:elevated,emergency": ["open_due"],
    "open": ["open_due"],
    "block:utilities open": ["open_block_due"],
    "block:utilities state:in_review": ["open_block_state_due"],
    "block:utilities overdue": ["open_block_due"],
    "block:utilities,roads,general open": ["open_due"],
    "block:none open": ["open_block_due"],
    "open block:roads municipality:zeya tone:negative": ["open_due"],
    "open due:none": ["open_due"],
    "open sort:-due": ["open_due", "open_due"],
    "open sort:number": ["open_number"],
    "open mine sort:-registered": ["open_registered"],
    "open sort:rating": ["open_rating", "open_rating"],
    "closed sort:-registered": ["facet"],
    "closed block:roads topic:roads.pit municipality:zeya": ["facet"],
    "closed authority:min_roads -tag:зима": ["facet"],
    "closed sort:rating": ["facet"] * 6,
    "closed sort:-priority": ["facet"] * 3,
    "closed sort:number": ["all_number"],
    "": ["open_due", "facet"],
    "sort:priority": ["open_urgency", "facet"] * 3,
    "sort:registered": ["appeal"],
    "registered:today sort:registered": ["appeal"],
    "topic:roads.pit sort:registered": ["facet"],
    "sort:number": ["all_number"],
    "mass": ["open_due", "facet"],
    "pending": ["appeal_pending"],
    "conflict": ["appeal_conflict"],
    "escalated": ["appeal_escalated"],
    "undelivered": ["appeal_undelivered"],
    "conflict_situation": ["appeal_conflict_situation"],
    "communication_error": ["appeal_communication_error"],
    "open pending": ["appeal_pending"],
    "number:INC-20260318-0001": ["all_number"],
}
"""What each stretch of a list is read by."""

FILTERS = (
    "", "block:utilities", "-block:utilities", "block:none", "topic:roads.pit", "state:resolved",
    "state:assigned", "regime:fz59", "priority:emergency", "source:hotline", "tone:negative",
    "kind:complaint", "municipality:zeya", "municipality:none", "authority:min_roads", "assignee:me",
    "assignee:none", "tag:зима", "rating:5", "rating:none", "due:<4h", "due:none", "due:today",
    "registered:today", "registered:<7d", "registered:2026-01..2026-02", "overdue", "assigned", "claimed",
    "-claimed", "mass", "repeat", "duplicate", "answered", "provisional", "returned", "fast_track", "pending",
    "conflict", "escalated", "undelivered", "conflict_situation", "communication_error",
)  # fmt: skip
"""A typical one of each kind."""
VIEWS = {
    "everything": "",
    "one's own": "mine",
    "one's own, closed": "mine closed",
    "a block": "block:roads open",
    "a block's archive": "block:roads closed",
    **{code: view[1] for code, view in _WORK.items()},
}
COUNTED_BY = re.compile(
    r"(SCAN|SEARCH) (tally|\(subquery-\d\))|CO-ROUTINE|CORRELATED SCALAR"
    r"|SCAN facet VIRTUAL TABLE INDEX \d+:.*M"
    r"|(SCAN|SEARCH) appeal USING COVERING INDEX (open|appeal)_|SEARCH appeal USING INTEGER PRIMARY KEY"
    r"|SEARCH appeal USING (COVERING )?INDEX all_number \(number="
    r"|(SCAN|SEARCH) appeal USING INDEX (appeal_|open_worker|open_claimed)"
)
"""The tally, the facets, what an index holds, or the rows of a handful."""
HANDFULS = tuple(f"appeal INDEXED BY {index}" for index in FEW.values())
"""Lists that cannot be long: as many as commands wait, as numbers were asked for. They may be sorted."""


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    path = tmp_path_factory.mktemp("plans") / "cache" / "a.db"
    cache = Cache.open(path, KEY)
    rng = random.Random(5)
    rows = [
        # As in life: most are closed, and their months lie behind.
        msgspec.structs.replace(
            row,
            state=rng.choice([State.RESOLVED.value] * 9 + [row.state]),
            registered_at=row.registered_at - rng.randrange(10**7),
        )
        for row, *_ in make_rows(2, 2_000)
    ]
    cache.writer.apply_page([Put(1, row, msgspec.Raw(b'{"text":"x"}')) for row in rows], "c")
    cache.close()
    connection = connect(path, KEY, writer=False)
    yield connection
    connection.close()


def steps(connection: Connection, sql: str, params: tuple[object, ...]) -> list[str]:
    return [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", params)]


def statements(leg: Leg) -> Iterator[tuple[str, tuple[object, ...]]]:
    behind = (*(1 for _ in leg.keys), 7)
    for columns in (leg.select_keys, lambda *args: leg.select(ROW_COLUMNS, *args)):
        yield columns(50)
        yield columns(50, behind)


def check(connection: Connection, view: CompiledView) -> None:
    """Every stretch is a walk along an index in its order; a row is only ever looked up by its key."""
    for leg in view.legs:
        for sql, params in statements(leg):
            found = steps(connection, sql, params)
            if leg.source in HANDFULS or "number=?" in leg.where:
                continue
            assert not any("TEMP B-TREE" in step for step in found), (sql, found)
            walk, *lookups = found
            assert re.match(
                r"(SCAN|SEARCH) appeal USING (COVERING )?INDEX (open|all|appeal)_"
                r"|SCAN facet VIRTUAL TABLE INDEX \d+:.*M|(SCAN|SEARCH) appeal( USING INTEGER PRIMARY KEY|$)",
                walk,
            ), (sql, found)
            assert all(step.startswith("SEARCH appeal USING INTEGER PRIMARY KEY") for step in lookups), found
            if re.match("(SCAN|SEARCH) appeal( USING INTEGER|$)", walk):
                # The rows themselves are walked only where nothing is asked of them but their time.
                assert leg.source == "appeal NOT INDEXED", sql


def compiled(text: str, sort: Sort | None = None) -> CompiledView:
    return compile_view(parse_query(text, default_vocabulary()), sort, now=NOW, me=ME_ACCOUNT)


@pytest.mark.parametrize(("text", "sources"), LISTS.items())
def test_a_list_is_read_by_its_indexes(plans: Connection, text: str, sources: list[str]) -> None:
    view = compiled(text)
    assert [_by(leg) for leg in view.legs] == sources
    check(plans, view)


@pytest.mark.parametrize(
    "text", ["state:rejected sort:number", "block:roads sort:-number", "closed topic:roads.pit sort:number"]
)
def test_a_few_by_number_are_found_by_their_facets(plans: Connection, text: str) -> None:
    (walk,) = compiled(text).legs
    assert _by(walk) == "all_number"
    assert walk.when_few is not None, "a million numbers are walked for a handful"
    few, counting = walk.when_few.leg, walk.when_few.counting
    assert steps(plans, *few.select_keys(50))[0].startswith("SCAN facet VIRTUAL TABLE INDEX")
    for step in steps(plans, *counting.statement(walk.when_few.at_most)):
        assert COUNTED_BY.match(step), (counting, step)


def _by(leg: Leg) -> str:
    table, *rest = leg.source.split()
    return rest[2] if rest[:2] == ["INDEXED", "BY"] else table


@pytest.mark.parametrize("text", ["closed late sort:-registered", "reworked done:2026-01 sort:registered"])
def test_what_facts_tell_is_asked_before_any_row(plans: Connection, text: str) -> None:
    (leg,) = compiled(text).legs
    walk, *asked = steps(plans, *leg.select_keys(50))
    assert walk.startswith("SCAN facet VIRTUAL TABLE INDEX")
    assert asked
    for step in asked:
        assert re.match(r"CORRELATED|SEARCH fact (EXISTS )?USING INTEGER PRIMARY KEY", step), asked


@pytest.mark.parametrize(
    ("text", "index"),
    [("open registered:2026-01", "open_registered"), ("closed done:2026-01 sort:registered", "fact_done")],
)
def test_a_few_of_one_time_are_found_by_it(plans: Connection, text: str, index: str) -> None:
    (walk,) = compiled(text).legs
    assert walk.when_few is not None, "all that is open, or closed, is walked for a handful"
    few, counting = walk.when_few.leg, walk.when_few.counting
    for sql, params in (few.select_keys(50), counting.statement(walk.when_few.at_most)):
        assert any(f"USING COVERING INDEX {index} (" in step for step in steps(plans, sql, params))


def test_closed_ones_of_a_handful_lie_in_the_order_of_registration(plans: Connection) -> None:
    (leg,) = compiled("closed communication_error sort:-registered").legs
    (step,) = steps(plans, *leg.select(ROW_COLUMNS, 50))
    assert step == "SEARCH appeal USING INDEX appeal_communication_error (due_rank=?)"


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_view_in_every_order_under_every_filter_has_its_index(plans: Connection, view: str) -> None:
    for text in FILTERS:
        query = Query(parse_query(f"{view} {text}", default_vocabulary()).terms)
        for key in SortKey:
            for descending in (False, True):
                check(plans, compile_view(query, Sort(key, descending), now=NOW, me=ME_ACCOUNT))
    assert len(FILTERS) * len(SortKey) * 2 == 516


@pytest.mark.parametrize("text", [*LISTS, *VIEWS.values(), *FILTERS])
def test_counts_never_look_at_rows_without_need(plans: Connection, text: str) -> None:
    counting = compiled(text).counting
    assert counting is not None
    for step in steps(plans, *counting.statement(10_000)):
        assert COUNTED_BY.match(step), (counting, step)


def test_clocks_by_queue_count_in_one_index(plans: Connection) -> None:
    bounds = {"now": 1, "soon": 2, "today": 3, "tomorrow": 4}
    found = [str(row[3]) for row in plans.execute(f"EXPLAIN QUERY PLAN {BANDS}", bounds)]
    assert [step for step in found if "appeal" in step] == [
        "SEARCH appeal USING COVERING INDEX open_block_due (block=? AND due_rank>? AND due_rank<?)"
    ]


def test_what_else_the_board_counts_reads_the_open_ones_or_the_days_asked_for(plans: Connection) -> None:
    asked = ((PROVISIONAL, ()), (MEDIAN, (1, 2)), (DONE, (4, 1, 2)))
    first = [steps(plans, *one)[0] for one in asked]
    assert first == [
        "SCAN appeal USING COVERING INDEX open_due",
        "SEARCH fact USING COVERING INDEX fact_done (done_at>? AND done_at<?)",
        "SEARCH fact USING COVERING INDEX fact_done (done_at>? AND done_at<?)",
    ]


def test_nothing_reads_by_offset() -> None:
    assert not any("OFFSET" in sql for leg in compiled("").legs for sql, _ in statements(leg))


@pytest.mark.parametrize("table", ["appeal_doc", "shadow"])
def test_documents_are_found_by_key(plans: Connection, table: str) -> None:
    (step,) = steps(plans, f"SELECT doc, applicant FROM {table} WHERE pk=?", (1,))
    assert step == f"SEARCH {table} USING INTEGER PRIMARY KEY (rowid=?)"
