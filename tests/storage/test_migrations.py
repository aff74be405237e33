"""The schema as released: a change without a migration is noticed here."""

from pathlib import Path

import pytest

from storage.cache import Cache
from storage.connection import connect, prepare_file, user_version
from storage.migrations import migrate
from storage.schema import APPEAL_COLUMNS, SCHEMA
from storage.tables import AppealTable
from tests.storage.conftest import KEY

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


@pytest.mark.parametrize("version", range(1, SCHEMA + 1))
def test_every_released_version_leads_to_the_present_one(path: Path, version: int) -> None:
    prepare_file(path, create=True)
    connection = connect(path, KEY, writer=True)
    for statement in (RELEASED / f"{version}.sql").read_text(encoding="utf-8").split(";\n\n"):
        # The tables inside a search index come with it.
        if statement.strip() and not statement.startswith("CREATE TABLE '"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={version}")
    connection.execute(
        "INSERT INTO outbox (cid, type, appeal, number, base, document, state, device_at)"
        " VALUES ('c', 'note', 'a', 'INC-1', 1, '{\"text\":\"ждёт\"}', 'pending', '2026-03-18T00:00:00Z')"
    )
    connection.execute(
        "INSERT INTO draft (appeal, kind, number, answer, text, evidence, saved_at)"
        " VALUES ('a', 'final', 'n', 'b', 'черновик', '', 1)"
    )
    connection.close()
    cache = Cache.open(path, KEY)
    assert [entry.arguments for entry in cache.reader.outbox()] == [{"text": "ждёт"}]
    assert [draft.text for draft in cache.reader.drafts()] == ["черновик"]
    cache.close()
    assert dump(path) == (RELEASED / f"{SCHEMA}.sql").read_text(encoding="utf-8")


def test_a_broken_migration_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import storage.migrations as migrations

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
