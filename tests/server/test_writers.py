"""Writers on SQLite: they take turns, share commits, and whoever fails takes back its own work only."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from regional_api.database import writers
from regional_api.database.connections import Database
from regional_api.database.tables import META


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(writers, "LONGEST", 60)
    opened = Database(str(tmp_path / "writers.db"))
    with opened.writing() as connection:
        META.create(connection)
    yield opened
    opened.close()


def put(connection: Connection, key: str) -> None:
    connection.execute(insert(META).values(key=key, value=key))


def kept(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(select(META.c.key)).scalars())


def commits(database: Database) -> list[Connection]:
    """Those of writers from now on."""
    seen: list[Connection] = []

    def look(connection: Connection) -> None:
        if connection.get_execution_options().get("writing"):
            seen.append(connection)

    event.listen(database.engine, "commit", look)
    return seen


class Crowd:
    """Writers that come while the first one is at work."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._threads: list[threading.Thread] = []
        self.failed: dict[str, Exception] = {}
        self.answered: set[str] = set()

    def come(self, key: str, fault: Exception | str | None = None) -> None:
        """A writer of ``key`` that ends with ``fault``: an exception, or a statement before it."""
        began = threading.Event()
        thread = threading.Thread(target=self._write, args=(key, fault, began))
        thread.start()
        self._threads.append(thread)
        began.wait(5)
        while len(self._database._writers._queue) < len(self._threads):  # type: ignore[union-attr]
            threading.Event().wait(0.001)

    def _write(self, key: str, fault: Exception | str | None, began: threading.Event) -> None:
        began.set()
        try:
            with self._database.writing() as connection:
                put(connection, key)
                if isinstance(fault, str):
                    connection.execute(text(fault))
                elif fault is not None:
                    raise fault
            self.answered.add(key)
        except Exception as error:
            self.failed[key] = error

    def go(self) -> None:
        """Wait for all of them."""
        for thread in self._threads:
            thread.join(10)


def test_writers_that_follow_each_other_share_a_commit(database: Database) -> None:
    seen = commits(database)
    crowd = Crowd(database)
    with database.writing() as connection:
        put(connection, "first")
        for key in "abc":
            crowd.come(key)
    # The first is answered when everybody's work is on the disk, not before.
    assert kept(database) == {"first", "a", "b", "c"}
    crowd.go()
    assert crowd.answered == set("abc")
    assert len(seen) == 1


def test_writer_that_fails_takes_back_its_own_work_only(database: Database) -> None:
    crowd = Crowd(database)
    with database.writing() as connection:
        put(connection, "first")
        crowd.come("a")
        crowd.come("b", ValueError("b"))
        crowd.come("first")
        crowd.come("d")
    crowd.go()
    assert kept(database) == {"first", "a", "d"}
    assert set(crowd.failed) == {"b", "first"}


def test_first_writer_that_fails_leaves_the_others_to_begin_anew(database: Database) -> None:
    crowd = Crowd(database)

    def lead() -> None:
        with database.writing() as connection:
            put(connection, "first")
            crowd.come("a")
            raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        lead()
    crowd.go()
    assert kept(database) == {"a"}


def test_transaction_that_breaks_is_told_to_all_its_writers(database: Database) -> None:
    crowd = Crowd(database)

    def lead() -> None:
        with database.writing() as connection:
            put(connection, "first")
            crowd.come("a", "ROLLBACK")  # as SQLite does by itself when the disk is full
            crowd.come("b")

    with pytest.raises(OperationalError):
        lead()
    crowd.go()
    assert "first" not in kept(database)
    assert "a" in crowd.failed
    assert crowd.answered == {"b"} == kept(database)


def test_fault_that_takes_everything_back_is_told_to_all_as_what_it_is(database: Database) -> None:
    crowd = Crowd(database)
    with database.writing() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON meta WHEN NEW.key = 'b' "
                "BEGIN SELECT RAISE(ROLLBACK, 'disk is full'); END"
            )
        )

    def lead() -> None:
        with database.writing() as connection:
            put(connection, "first")
            crowd.come("a")
            crowd.come("b")

    with pytest.raises(IntegrityError, match="disk is full"):
        lead()
    crowd.go()
    assert kept(database) == set()
    assert [str(error.__cause__) for error in crowd.failed.values()] == ["disk is full"] * 2


def test_commit_that_fails_is_told_to_all_its_writers(database: Database) -> None:
    crowd = Crowd(database)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        connection.execute(
            text("CREATE TABLE child (p INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
        )

    def lead() -> None:
        with database.writing() as connection:
            connection.execute(text("INSERT INTO child VALUES (1)"))
            crowd.come("a")

    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        lead()
    crowd.go()
    assert kept(database) == set()
    assert set(crowd.failed) == {"a"}


def test_refusal_by_what_is_not_committed_is_not_told(database: Database) -> None:
    """Who is refused because of another's row hears of the broken transaction, if that takes the row back."""
    crowd = Crowd(database)

    def lead() -> None:
        with database.writing() as connection:
            put(connection, "first")
            crowd.come("first")
            crowd.come("b", "ROLLBACK")

    with pytest.raises(OperationalError):
        lead()
    crowd.go()
    assert kept(database) == set()
    assert {key: type(error) for key, error in crowd.failed.items()} == {
        "first": OperationalError,
        "b": OperationalError,
    }


class _Leaving:
    """A guard behind which the next one to leave stands still for a while."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.stays = 0.0

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        stays, self.stays = self.stays, 0.0
        self._lock.release()
        threading.Event().wait(stays)


def test_turn_that_comes_as_patience_ends_is_taken(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction that is handed on has one who ends it, or everybody in it waits for ever."""
    monkeypatch.setattr(writers, "WRITE_WAIT", 0.2)
    guard = _Leaving()
    monkeypatch.setattr(database._writers, "_guard", guard)
    crowd = Crowd(database)
    over = threading.Event()

    def lead() -> None:
        with database.writing() as connection:
            put(connection, "first")
            crowd.come("a")
            guard.stays = 0.5
        over.set()

    threading.Thread(target=lead, daemon=True).start()
    assert over.wait(10)
    crowd.go()
    assert crowd.answered == {"a"}
    assert kept(database) == {"first", "a"}
