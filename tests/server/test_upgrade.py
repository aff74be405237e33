"""A database of a released schema becomes one of the present schema, wherever the way was cut off."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Index, Row, delete, insert, inspect, select, text, update

from cur_tui.contract.wire import AppealPage
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Role
from regional_api.appeals.intake import Intake
from regional_api.centre import open_centre
from regional_api.database import connections as database_module
from regional_api.database import upgrade
from regional_api.database.connections import Database
from regional_api.database.indexes import INDEXES
from regional_api.database.schema import SCHEMA_VERSION, read_meta
from regional_api.database.tables import APPEAL, META, METADATA
from regional_api.generate import generate
from regional_api.identity.callers import Caller
from regional_api.lists import search_index
from regional_api.lists.listing import ListRequest, read_page
from regional_api.setup_error import SetupError
from tests.lazily import Lazily
from tests.postgres import Cluster
from tests.server.office import on_both_engines

SCHEMAS = Path(__file__).with_name("schemas")
NOW = datetime(2026, 11, 18, 3, 20, tzinfo=UTC)
RULEBOOK = Rulebook(load_region("amur"))
RELEASED = [str(version) for version in range(1, SCHEMA_VERSION)]
APPEALS = Lazily(lambda: (m.appeal for m in generate(RULEBOOK, count=40, seed=3, now=NOW)))


@pytest.fixture
def fresh(address: str) -> Iterator[Database]:
    """A database of the present schema."""
    database = Database(address)
    for _ in Intake(database).store_prepared((appeal, None) for appeal in APPEALS):
        pass
    yield database
    database.close()


@pytest.fixture(params=["1"])
def released(fresh: Database, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The same content in the schema of a release, the first one unless a test asks for others."""
    version: str = request.param
    cluster: Cluster | None = None if fresh.is_sqlite else request.getfixturevalue("cluster")
    name = cluster.create() if cluster else ""
    old = Database(cluster.url(name) if cluster else str(tmp_path / "released.db"))
    engine = "sqlite" if fresh.is_sqlite else "postgresql"
    with old.writing() as connection:
        for statement in (SCHEMAS / f"{engine}-{version}.sql").read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
        with fresh.reading() as source:
            for table in METADATA.sorted_tables:
                if not inspect(connection).has_table(table.name):
                    continue
                kept = {column["name"] for column in inspect(connection).get_columns(table.name)}
                rows = [
                    {name: value for name, value in row._mapping.items() if name in kept}
                    for row in source.execute(select(table))
                ]
                if rows:
                    columns = [table.c[name] for name in rows[0]]
                    connection.execute(insert(table).values(dict.fromkeys(columns)), rows)
        connection.execute(update(META).where(META.c.key == "schema").values(value=version))
        if version == "1":
            connection.execute(delete(META).where(META.c.key == "word_rules"))
        else:
            put_into_search(connection, APPEALS)
        if not old.is_sqlite:
            connection.execute(text("SELECT setval('appeal_pk_seq', (SELECT max(pk) FROM appeal))"))
    yield old
    old.close()
    if cluster:
        cluster.drop(name)


def put_into_search(connection: Connection, appeals: Sequence[Appeal]) -> None:
    entries = {appeal.id: search_index.entry_of(appeal, RULEBOOK) for appeal in appeals}
    rows = connection.execute(select(APPEAL.c.id, APPEAL.c.pk, APPEAL.c.registered_at))
    known = [(search_index.docid_of(row.registered_at, row.pk), row.id) for row in rows if row.id in entries]
    search_index.put(connection, [(docid, entries[id]) for docid, id in known])


def facts(database: Database) -> list[Row[tuple[object, ...]]]:
    with database.reading() as connection:
        names = ("id", "registered_day", "registered_month", "in_time", "title_masked", "erased_at")
        columns = [APPEAL.c[name] for name in names]
        return list(connection.execute(select(*columns).order_by(APPEAL.c.id)))


def structure(database: Database) -> dict[str, object]:
    with database.reading() as connection:
        found = inspect(connection)
        shape: dict[str, object] = {}
        for table in METADATA.tables:
            shape[table] = {
                (c["name"], str(c["type"]), c["nullable"], str(c["default"]).partition("::")[0].strip("'"))
                for c in found.get_columns(table)
            }
            shape[f"{table} key"] = tuple(found.get_pk_constraint(table)["constrained_columns"])
            shape[f"{table} unique"] = {tuple(u["column_names"]) for u in found.get_unique_constraints(table)}
            shape[f"{table} indexes"] = {
                (i["name"], tuple(i["column_names"]), bool(i["unique"])) for i in found.get_indexes(table)
            }
        return shape


def found_by(database: Database, query: str) -> list[str]:
    centre = open_centre(database)
    supervisor = Caller(Actor("su", "su", Role.SUPERVISOR, frozenset(), None), centre.region)
    page = read_page(centre, supervisor, ListRequest(query, limit=200), NOW)
    return [row.number for row in msgspec.json.decode(msgspec.json.encode(page), type=AppealPage).items]


WORDS = Lazily(
    lambda: sorted({word for appeal in APPEALS[:9] for word in appeal.text.split() if word.isalpha()})[:25]
)


@on_both_engines
@pytest.mark.parametrize("released", RELEASED, indirect=True)
def test_released_database_becomes_what_a_fresh_one_is(fresh: Database, released: Database) -> None:
    open_centre(released)
    assert structure(released) == structure(fresh)
    assert facts(released) == facts(fresh)
    assert any(row.title_masked for row in facts(fresh))
    for query in ("", "open sort:due", *WORDS):
        assert found_by(released, query) == found_by(fresh, query), query
    with released.reading() as connection:
        assert read_meta(connection, "schema") == str(SCHEMA_VERSION)


@on_both_engines
def test_upgrade_goes_on_where_it_was_cut_off(
    fresh: Database, released: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "_CHUNK", 7)
    write, chunks = search_index.put, []

    def dies(*arguments: object) -> None:
        chunks.append(arguments)
        if len(chunks) == 4:
            raise KeyboardInterrupt
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(search_index, "put", dies)
    with pytest.raises(KeyboardInterrupt):
        open_centre(released)
    monkeypatch.setattr(search_index, "put", write)
    assert found_by(released, WORDS[0]) == found_by(fresh, WORDS[0])
    assert facts(released) == facts(fresh)
    assert structure(released) == structure(fresh)


@on_both_engines
def test_index_of_other_rules_is_made_anew(fresh: Database) -> None:
    before = {word: found_by(fresh, word) for word in WORDS}
    with fresh.writing() as connection:
        connection.execute(update(META).where(META.c.key == "word_rules").values(value="0"))
        search_index.recreate(connection)
    assert {word: found_by(fresh, word) for word in WORDS} == before


@on_both_engines
def test_upgrade_beside_another_process_writes_no_entry_twice(
    fresh: Database, released: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(upgrade, "_fill", lambda *_: None)
        upgrade.bring_up_to_date(released, RULEBOOK)
    with released.writing() as connection:
        put_into_search(connection, APPEALS[:5])
    assert [found_by(released, word) for word in WORDS] == [found_by(fresh, word) for word in WORDS]


def test_upgrade_waits_for_another_process_and_says_so(
    released: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pragmas = ("PRAGMA journal_mode=WAL", "PRAGMA busy_timeout=1")
    monkeypatch.setattr(database_module, "_SQLITE_PRAGMAS", pragmas)
    other = Database(released.url)
    told: list[str] = []
    mine = Database(released.url)
    with other.engine.connect().execution_options(writing=True) as holder:
        held = holder.begin()

        def tell(event: str, **_: object) -> None:
            told.append(event)
            if held.is_active:
                held.rollback()

        monkeypatch.setattr(upgrade, "log_event", tell)
        upgrade.bring_up_to_date(mine, RULEBOOK)
    assert told == ["upgrade_waits", "upgrade", "upgraded"]
    mine.close()
    other.close()


@on_both_engines
def test_indexes_that_were_made_stay_when_the_next_is_cut_off(
    released: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Index.create
    made: list[str | None] = []

    def dies(index: Index, *arguments: Any, **settings: Any) -> None:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(index.name)
        make(index, *arguments, **settings)

    with monkeypatch.context() as patched:
        patched.setattr(upgrade, "INDEXES", [index for index in INDEXES if index.name not in names(released)])
        patched.setattr(Index, "create", dies)
        with pytest.raises(KeyboardInterrupt):
            upgrade.bring_up_to_date(released, RULEBOOK)
    assert set(made) <= names(released)
    assert made


def names(database: Database) -> set[str | None]:
    with database.reading() as connection:
        return {index["name"] for index in inspect(connection).get_indexes("appeal")}


def test_database_of_a_later_version_is_left_alone(fresh: Database) -> None:
    with fresh.writing() as connection:
        connection.execute(update(META).where(META.c.key == "schema").values(value="77"))
    with pytest.raises(SetupError):
        open_centre(fresh)
