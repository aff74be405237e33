"""How lists are read: by an index in its order, never by looking at every appeal, never by sorting."""

import random
from collections.abc import Iterator

import msgspec
import pytest

from cur_tui.contract.wire import Put
from cur_tui.domain.query import Sort, SortKey
from cur_tui.domain.query_parse import parse_query
from cur_tui.domain.query_words import default_vocabulary
from cur_tui.domain.vocabulary import State
from storage.cache import Cache
from storage.connection import connect
from storage.decoding import ROW_COLUMNS
from storage.filters import CompiledView, compile_view
from storage.reader import _BANDS
from tests.storage.conftest import KEY
from tests.storage.test_filters import ME_ACCOUNT, NOW, make_rows

BUILT_IN = {
    "mine open": "open_worker_due",
    "state:distribution": "open_state_due",
    "open -claimed": "open_due",
    "open due:<4h -overdue": "open_due",
    "open overdue": "open_due",
    "open fast_track": "open_fast_track_due",
    "state:revision_required": "open_state_due",
    "state:in_review": "open_state_due",
    "state:approved": "open_state_due",
    "awaiting_approval": "open_state_due",
    "returned": "open_state_due",
    "open priority:elevated,emergency": "open_due",
    "open": "open_due",
    "open unassigned": "open_",
    "block:utilities open": "open_block_due",
    "block:utilities state:in_review": "open_block_state_due",
    "block:utilities overdue": "open_block_due",
    "block:utilities,roads,general open": "open_due",
    "block:none open": "open_block_due",
    "authority:min_roads open": "open_authority_due",
    "open due:none": "open_due",
    "closed sort:-registered": "all_registered",
    "closed block:roads sort:-registered": "all_block_registered",
    "closed block:roads": "all_due",
    "state:resolved": "all_due",
    "": "all_due",
    "sort:number": "all_number",
    "sort:priority": "all_urgency",
    "pending": "appeal_pending",
    "conflict": "appeal_conflict",
    "mass": "all_due",
    "assignee:me open": "open_worker_due",
    "assignee:none open": "open_worker_due",
    "authority:none open": "open_due",
    "open pending": "appeal_pending",
    "open block:roads municipality:zeya tone:negative": "open_block_due",
}


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
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
        for row, *_ in make_rows(2, 4_000)
    ]
    cache.writer.apply_page([Put(1, row, msgspec.Raw(b'{"text":"x"}')) for row in rows], "c")
    yield cache
    cache.close()


def plan(cache: Cache, sql: str, params: tuple[object, ...]) -> list[str]:
    connection = connect(cache.path, KEY, writer=False)
    steps = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", params)]
    connection.close()
    return steps


def check(steps: list[str]) -> None:
    for step in steps:
        assert "TEMP B-TREE" not in step, steps
        if step.startswith("SCAN appeal"):
            # A scan may only follow an index in its order and stops at the limit.
            assert "USING" in step, steps


def compiled(text: str) -> CompiledView:
    return compile_view(parse_query(text, default_vocabulary()), now=NOW, me=ME_ACCOUNT)


@pytest.mark.parametrize(("text", "index"), BUILT_IN.items())
def test_windows_of_the_views_follow_an_index(plans: Cache, text: str, index: str) -> None:
    view = compiled(text)
    anchor = (1,)
    for columns, after, limit, more in (
        ("pk", False, False, ()),
        (ROW_COLUMNS, False, True, (50,)),
        (ROW_COLUMNS, True, True, (*anchor, 50)),
    ):
        steps = plan(plans, view.select(columns, after=after, limit=limit), (*view.params, *more))
        check(steps)
        assert any(f"INDEX {index}" in step for step in steps), steps


@pytest.mark.parametrize("text", ["number:INC-20260318-0001", "open number:INC-20260318-0001"])
def test_a_number_is_looked_up(plans: Cache, text: str) -> None:
    view = compiled(text)
    assert "_number (number=?)" in plan(plans, view.select("pk"), view.params)[0]


@pytest.mark.parametrize("text", [text for text in BUILT_IN if compiled(text).where.startswith("is_open=1")])
def test_counts_of_open_views_stay_inside_the_open_indexes(plans: Cache, text: str) -> None:
    view = compiled(text)
    steps = plan(plans, f"SELECT count(*) FROM {view.source} WHERE {view.where}", view.params)
    reads = [step for step in steps if "appeal" in step]
    assert all("INDEX open_" in step or "INDEX appeal_pending" in step for step in reads), steps


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("key", list(SortKey))
def test_open_work_is_never_sorted_whatever_the_order(plans: Cache, key: SortKey, descending: bool) -> None:
    query = parse_query("open", default_vocabulary())
    view = compile_view(query, Sort(key, descending), now=NOW, me=None)
    steps = plan(plans, view.select(ROW_COLUMNS, limit=True), (*view.params, 50))
    check(steps)
    assert "INDEX open_" in steps[0]


def test_clocks_by_queue_read_one_covering_index(plans: Cache) -> None:
    bounds = {"now": 1, "soon": 2, "today": 3, "tomorrow": 4}
    connection = connect(plans.path, KEY, writer=False)
    steps = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {_BANDS}", bounds)]
    connection.close()
    assert steps[0].endswith("USING COVERING INDEX open_block_due")


def test_nothing_reads_by_offset() -> None:
    assert "OFFSET" not in compiled("open").select("pk", after=True, limit=True)


@pytest.mark.parametrize("table", ["appeal_doc", "shadow"])
def test_documents_are_found_by_key(plans: Cache, table: str) -> None:
    (step,) = plan(plans, f"SELECT doc, applicant FROM {table} WHERE pk=?", (1,))
    assert step == f"SEARCH {table} USING INTEGER PRIMARY KEY (rowid=?)"
