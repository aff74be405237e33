"""How lists, searches and statistics are read: along an index, never through the whole table, and nothing is
sorted but the page.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Role
from regional_api.appeals.intake import Intake
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.figures.statistics import Counted, StatisticsRequest, read_statistics
from regional_api.figures.warming import warm
from regional_api.generate import generate
from regional_api.identity.callers import Caller
from regional_api.lists.listing import ListRequest, read_page
from regional_api.lists.query_sql import read_query
from regional_api.lists.words import search_within, wanted_of
from tests.lazily import Lazily

NOW = datetime(2026, 11, 18, 3, 20, tzinfo=UTC)
RULEBOOK = Rulebook(load_region("amur"))
APPEALS = Lazily(lambda: [m.appeal for m in generate(RULEBOOK, count=150, seed=8, now=NOW)])
SUPERVISOR = Actor("su", "su", Role.SUPERVISOR, frozenset(), None)
OPERATOR = Actor("op", "op", Role.BLOCK_OPERATOR, frozenset({"utilities", "roads"}), None)
AGENT = Actor("ag", "ag", Role.SECONDED_AGENT, frozenset(), "amur_utilities")

LISTS = [
    "",
    "open",
    "closed",
    "mine",
    "assignee:me open",
    "block:utilities open",
    "block:utilities,roads state:in_progress,in_review",
    "overdue",
    "due:<4h -claimed",
    "due:none",
    "priority:emergency",
    "topic:utilities.heating",
    "authority:none",
    "registered:<30d",
    "tag:зима",
    "rating:<3",
]
SORTS = [None, "-due", "registered", "-registered", "priority", "-priority", "rating", "-rating", "number"]
SEARCHES = [
    "вода",
    "вода дорога",
    '"нет воды"',
    "вод*",
    "вода -дорога",
    "вода block:utilities open",
    "вода closed",
]


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory, office_file: Any) -> Iterator[Centre]:
    path = tmp_path_factory.mktemp("plans") / "region.db"
    path.write_bytes(office_file.read_bytes())
    database = Database(str(path))
    fill(database)
    yield open_centre(database)
    database.close()


@pytest.fixture(scope="module")
def postgres(cluster: Any, office_template: str) -> Iterator[Centre]:
    name = cluster.create(office_template)
    database = Database(cluster.url(name))
    fill(database)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    yield open_centre(database)
    database.close()
    cluster.drop(name)


def fill(database: Database) -> None:
    for _ in Intake(database).store_prepared((appeal, None) for appeal in APPEALS):
        pass


def statements(centre: Centre, work: Callable[[], object]) -> list[tuple[str, Any]]:
    """The reading statements that ``work`` executes."""
    seen: list[tuple[str, Any]] = []

    def look(_c: object, _u: object, statement: str, parameters: Any, _x: object, _m: object) -> None:
        if "appeal" in statement or "search_index" in statement:
            seen.append((statement, parameters))

    event.listen(centre.database.engine, "before_cursor_execute", look)
    try:
        work()
    finally:
        event.remove(centre.database.engine, "before_cursor_execute", look)
    return [(statement, parameters) for statement, parameters in seen if not statement.startswith("EXPLAIN")]


def sqlite_plan(connection: Connection, statement: str, parameters: Any) -> list[tuple[int, str]]:
    """Parent and text of each step."""
    rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
    return [(row[1], row[3]) for row in rows]


def postgres_plan(
    connection: Connection, statement: str, parameters: Any, *, bitmaps: bool = False
) -> dict[str, Any]:
    # A table of 150 rows is read whole by any planner in its senses; what is asked is whether it has to be.
    for setting in ("seqscan", "sort", "bitmapscan"):
        value = "on" if setting == "bitmapscan" and bitmaps else "off"
        connection.exec_driver_sql(f"SET LOCAL enable_{setting} = {value}")
    # The settings are those of a transaction and say nothing outside of one.
    assert connection.exec_driver_sql("SHOW enable_seqscan").scalar_one() == "off"
    plan = connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, parameters).scalar_one()
    root: dict[str, Any] = plan[0]["Plan"]
    return root


def nodes(plan: dict[str, Any], limited: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every node, and whether a limit stands above it."""
    yield plan, limited
    for child in plan.get("Plans", []):
        yield from nodes(child, limited or plan["Node Type"] == "Limit")


def read(centre: Centre, actor: Actor, query: str, sort: str | None) -> Callable[[], object]:
    caller = Caller(actor, centre.region)

    def pages() -> None:
        page = read_page(centre, caller, ListRequest(query, sort, 5), NOW)
        if page.next:
            read_page(centre, caller, ListRequest(query, sort, 5, page.next), NOW)

    return pages


ALL_LISTS = [(SUPERVISOR, q, s) for q in LISTS for s in SORTS] + [
    (a, "open", None) for a in (OPERATOR, AGENT)
]


def test_lists_follow_an_index_on_sqlite(sqlite: Centre) -> None:
    for actor, query, sort in ALL_LISTS:
        for statement, parameters in statements(sqlite, read(sqlite, actor, query, sort)):
            with sqlite.database.reading() as connection:
                steps = sqlite_plan(connection, statement, parameters)
            told = (query, sort, steps)
            assert not [s for _, s in steps if s.startswith("SCAN appeal") and "INDEX" not in s], told
            assert not [s for parent, s in steps if parent and "TEMP B-TREE" in s], told


def test_lists_can_follow_an_index_on_postgresql(postgres: Centre) -> None:
    for actor, query, sort in ALL_LISTS:
        for statement, parameters in statements(postgres, read(postgres, actor, query, sort)):
            with postgres.database.snapshot() as connection:
                plan = postgres_plan(connection, statement, parameters)
            for node, limited in nodes(plan):
                assert node["Node Type"] != "Seq Scan", (query, sort, plan)
                assert not (limited and "Sort" in node["Node Type"]), (query, sort, plan)


def test_searches_start_from_the_words_on_sqlite(sqlite: Centre) -> None:
    for query in SEARCHES:
        for actor in (SUPERVISOR, OPERATOR, AGENT):
            first, *_ = statements(sqlite, read(sqlite, actor, query, None))
            with sqlite.database.reading() as connection:
                steps = [step for _, step in sqlite_plan(connection, *first)]
            assert any(s.startswith("SCAN search_index VIRTUAL TABLE INDEX") for s in steps), steps
            assert any(s.startswith("SEARCH appeal USING INTEGER PRIMARY KEY") for s in steps), steps
            assert not any("TEMP B-TREE" in s for s in steps), steps


def test_searches_start_from_the_words_on_postgresql(postgres: Centre) -> None:
    for query in SEARCHES:
        for actor in (SUPERVISOR, OPERATOR, AGENT):
            first, *_ = statements(postgres, read(postgres, actor, query, None))
            scope = Caller(actor, postgres.region).scope
            with postgres.database.snapshot() as connection:
                plan = postgres_plan(connection, *first)
                wanted = wanted_of(read_query(query, postgres.vocabulary), scope, sqlite=False)
                finds = search_within(scope, sqlite=False).compile(postgres.database.engine)
                expanded = finds.construct_expanded_state({"wanted": wanted})
                rare = postgres_plan(connection, expanded.statement, expanded.parameters, bitmaps=True)
            used = {node.get("Index Name") for node, _ in nodes(plan)}
            # Common words are met walking backwards, rare ones are looked up: both ways are open.
            assert "search_index_pkey" in used, plan
            assert "search_index_tokens" in {node.get("Index Name") for node, _ in nodes(rare)}, rare
            assert not [node for node, _ in nodes(plan) if node["Node Type"] == "Seq Scan"], plan


def test_statistics_read_the_narrow_index(sqlite: Centre) -> None:
    caller = Caller(SUPERVISOR, sqlite.region)
    for query in ("", "open", "registered:2026-05", "-block:roads rating:5"):
        request = StatisticsRequest("topic", "month", query)
        found = statements(sqlite, partial(read_statistics, sqlite, Counted(), caller, request, NOW))
        grouped = [one for one in found if "GROUP BY" in one[0]]
        assert len(grouped) >= 2
        for statement, parameters in grouped:
            with sqlite.database.reading() as connection:
                steps = [step for _, step in sqlite_plan(connection, statement, parameters)]
            assert "INDEX appeal_" in steps[0], steps
            if "control_due_at <" not in statement:
                index = "appeal_open_registered" if query == "open" else "appeal_registered"
                assert f"COVERING INDEX {index} " in steps[0], steps


def test_the_ends_of_what_is_counted_are_found_and_not_looked_for(sqlite: Centre) -> None:
    caller = Caller(SUPERVISOR, sqlite.region)
    for query, index in (
        ("", "appeal_registered"),
        ("open", "appeal_open_registered"),
        ("done:2026", "appeal_done"),
    ):
        request = StatisticsRequest("topic", "month", query)
        found = statements(sqlite, partial(read_statistics, sqlite, Counted(), caller, request, NOW))
        ends = [one for one in found if one[0].startswith(("SELECT min(", "SELECT max("))]
        assert len(ends) == 3
        for statement, parameters in ends:
            with sqlite.database.reading() as connection:
                (_, step), *_ = sqlite_plan(connection, statement, parameters)
            assert step.startswith("SEARCH appeal"), (statement, step)
            assert "pk" in statement or f"COVERING INDEX {index}" in step, (statement, step)


def test_what_a_server_reads_at_its_start_is_what_its_tables_are_counted_from(
    sqlite: Centre, postgres: Centre
) -> None:
    """All appeals with their registration and those that are done, along the two indexes and nothing else."""
    for centre in (sqlite, postgres):
        with centre.database.reading() as connection:
            known = "SELECT count(registered_at) + count(done_at) FROM appeal"
            amount = connection.exec_driver_sql(known).scalar_one()
        read = partial(warm, centre.database, threading.Event(), 20)
        walked = [one for one in statements(centre, read) if "count(appeal.spent)" in one[0]]
        assert len(walked) > 4
        assert read() == amount
        for statement, parameters in walked:
            index = "appeal_done" if "done_at >=" in statement else "appeal_registered"
            with centre.database.snapshot() as connection:
                if centre.database.is_sqlite:
                    told = str(sqlite_plan(connection, statement, parameters))
                    assert f"COVERING INDEX {index}" in told, told
                else:
                    plan = postgres_plan(connection, statement, parameters)
                    used = {node.get("Index Name") for node, _ in nodes(plan)}
                    assert index in used, plan
                    assert "Index Only Scan" in str(plan), plan
        leaving = threading.Event()
        leaving.set()
        assert warm(centre.database, leaving, 20) == 0
        assert warm(centre.database, threading.Event()) == 0, "a small region is read in no time"


def test_what_changed_since_is_found_by_its_number(sqlite: Centre, postgres: Centre) -> None:
    for centre in (sqlite, postgres):
        with centre.database.snapshot() as connection:
            for table in ("appeal", "former"):
                statement = f"SELECT count(*) FROM {table} WHERE seq > 1000000"
                if centre.database.is_sqlite:
                    plan = str(sqlite_plan(connection, statement, ()))
                else:
                    plan = str(postgres_plan(connection, statement, ()))
                assert f"{'appeal' if table == 'appeal' else 'ix_former'}_seq" in plan, plan
