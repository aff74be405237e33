"""The schema as released: a change without a migration is noticed here."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import asdict

from cur_tui.domain.query.query import Query
from storage.cache import Cache
from storage.changes import Area
from storage.database.connection import Connection, connect, prepare_file, user_version
from storage.database.migrations import migrate
from storage.database.schema import APPEAL_COLUMNS, LOCAL_COLUMNS, SCHEMA, due_rank, is_open, urgency
from storage.database.tables import AppealTable
from storage.errors import CacheError
from storage.lists.filters import compile_view
from tests.storage.conftest import KEY
from tests.storage.registers import check_registers
from tests.storage.test_filters import NOW, make_rows

RELEASED = Path(__file__).parent / "schemas"


def dump(path: Path) -> str:
    connection = connect(path, KEY, writer=True)
    rows = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_stat%' "
        # In the order in which they can be made.
        "ORDER BY type='trigger', type DESC, name"
    ).fetchall()
    connection.close()
    return "\n\n".join(sql.strip() + ";" for (sql,) in rows) + "\n"


def test_a_fresh_cache_has_the_released_schema(path: Path) -> None:
    Cache.open(path, KEY).close()
    assert dump(path) == (RELEASED / f"{SCHEMA}.sql").read_text(encoding="utf-8")


def released(path: Path, version: int) -> Connection:
    """An empty file as an earlier version made it."""
    prepare_file(path, create=True)
    connection = connect(path, KEY, writer=True)
    for statement in (RELEASED / f"{version}.sql").read_text(encoding="utf-8").split(";\n\n"):
        # The tables inside a search index come with it.
        if statement.strip() and not statement.startswith("CREATE TABLE '"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={version}")
    return connection


@pytest.mark.parametrize("version", range(1, SCHEMA + 1))
def test_every_released_version_leads_to_the_present_one(path: Path, version: int) -> None:
    connection = released(path, version)
    connection.execute(
        "INSERT INTO outbox (cid, type, appeal, number, base, document, state, device_at)"
        " VALUES ('c', 'note', 'a', 'INC-1', 1, '{\"text\":\"ждёт\"}', 'pending', '2026-03-18T00:00:00Z')"
    )
    connection.execute(
        "INSERT INTO draft (appeal, kind, number, answer, text, evidence, saved_at)"
        " VALUES ('a', 'final', 'n', 'b', 'черновик', '', 1)"
    )
    connection.execute(
        "INSERT INTO unsent (cid, type, appeal, number, code, params, detail, document, at)"
        " VALUES ('u', 'note', 'a', 'INC-1', 'stale', '{}', '', '{\"text\":\"отказано\"}', 1)"
    )
    connection.execute("INSERT INTO saved_view (code, title, query, position) VALUES ('s', 'Мои', 'mine', 1)")
    connection.execute(
        f"INSERT INTO settled ({'dseq' if version < 5 else 'n'}, cid, type, appeal, number, base, document,"
        " device_at, refused, at)"
        " VALUES (1, 'd', 'note', 'a', 'INC-1', 1, '{\"text\":\"ушло\"}', '2026-03-18T00:00:00Z', 0, 1)"
    )
    connection.execute("INSERT INTO sync_state VALUES ('cursor', '17')")
    connection.close()
    cache = Cache.open(path, KEY)
    assert [entry.arguments for entry in cache.reader.outbox()] == [{"text": "ждёт"}]
    assert [draft.text for draft in cache.reader.drafts()] == ["черновик"]
    assert [entry.text for entry in cache.reader.unsent()] == ["отказано"]
    assert [view.query for view in cache.reader.saved_views()] == ["mine"]
    assert cache.reader.state("cursor") == "17"
    assert cache.writer.reoffer(0, restored=True) == 1
    assert next(entry.id for entry in cache.reader.outbox()) == "d"
    cache.close()
    assert dump(path) == (RELEASED / f"{SCHEMA}.sql").read_text(encoding="utf-8")


def test_appeals_come_over_into_lists_and_counts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if there were more of them than one step takes.
    monkeypatch.setattr("storage.writing.registers._STEP", 7)
    connection = released(path, 1)
    for pk, (row, text, pending, conflict) in enumerate(make_rows(3, 50)):
        values = dict(zip(APPEAL_COLUMNS, [0] * len(LOCAL_COLUMNS), strict=False)) | asdict(row)
        values |= {"pk": pk, "generation": 1, "is_open": int(is_open(row)), "due_rank": due_rank(row)}
        values |= {"pending": pending, "conflict": conflict, "urgency": urgency(row)}
        values = {name: values[name] for name in APPEAL_COLUMNS}
        marks = ",".join("?" * len(values))
        connection.execute(
            f"INSERT INTO appeal ({', '.join(values)}) VALUES ({marks})", tuple(values.values())
        )
        doc = msgspec.json.encode({"text": text})
        connection.execute("INSERT INTO appeal_doc (pk, doc) VALUES (?,?)", (pk, doc))
    connection.close()
    cache = Cache.open(path, KEY)
    everything = compile_view(Query(), now=NOW, me=None)
    assert sorted(cache.reader.ids(everything)) == list(range(50))
    assert cache.reader.count(everything).number == 50
    assert (cache.reader.unmeasured(), cache.writer.measure_archive(20)) == (50, 20)
    cache.close()
    cache = Cache.open(path, KEY)  # goes on where it was
    assert cache.reader.unmeasured() == 30
    told: list[frozenset[Area]] = []
    cache.changes.subscribe(lambda change: told.append(change.areas))
    assert (cache.writer.measure_archive(20), told) == (20, [])
    assert [cache.writer.measure_archive(20) for _ in range(2)] == [10, 0]
    assert told == [{Area.APPEALS}], "whoever shows figures hears once that they are whole"
    assert (cache.reader.unmeasured(), cache.writer.measure_archive(20)) == (0, 0)
    cache.close()
    check_registers(path)
    connection = connect(path, KEY, writer=False)
    assert connection.execute("SELECT count(*) FROM fact").fetchone() == (50,)
    connection.close()


def test_who_only_reads_is_told_that_the_cache_is_of_an_earlier_version(path: Path) -> None:
    released(path, SCHEMA - 1).close()
    with pytest.raises(CacheError) as caught:
        Cache.open(path, KEY, read_only=True)
    assert caught.value.code == "cache_older"
    Cache.open(path, KEY).close()
    Cache.open(path, KEY, read_only=True).close()


def test_a_broken_migration_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import storage.database.migrations as migrations

    def half(connection: object) -> None:
        connection.execute("CREATE TABLE half (x)")  # type: ignore[attr-defined]
        raise RuntimeError

    prepare_file(path, create=True)
    connection = connect(path, KEY, writer=True)
    monkeypatch.setattr(migrations, "STEPS", {0: half})
    with pytest.raises(RuntimeError):
        migrate(connection)
    assert user_version(connection) == 0
    assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    connection.close()


def test_columns_of_the_table_are_those_that_are_written() -> None:
    assert tuple(column.name for column in AppealTable.__table__.columns) == APPEAL_COLUMNS  # type: ignore[attr-defined]
