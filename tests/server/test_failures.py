"""What the failures of a database are called outside, where no server is needed to make them."""

import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as QueueTimeout

from regional_api.database import writers
from regional_api.database.connections import Database
from regional_api.problems import refusal_of


def test_writers_wait_for_their_turn_for_a_bounded_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else those behind a locked file would take every thread, and reading would stop as well."""
    monkeypatch.setattr(writers, "WRITE_WAIT", 0.05)
    blocked = Database(str(tmp_path / "region.db"))
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with blocked.writing():
            entered.set()
            leave.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert entered.wait(30)
        with pytest.raises(QueueTimeout) as waited, blocked.writing():
            raise AssertionError("it was not this one's turn")
    finally:
        leave.set()
        holder.join()
        blocked.close()
    assert refusal_of(waited.value).code == "busy"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (psycopg.errors.LockNotAvailable("выполнение оператора отменено из-за тайм-аута блокировки"), "busy"),
        (psycopg.errors.DeadlockDetected("обнаружена взаимоблокировка"), "busy"),
        (psycopg.errors.TooManyConnections("извините, уже слишком много клиентов"), "busy"),
        (psycopg.errors.CannotConnectNow("система баз данных запускается"), "busy"),
        (psycopg.errors.AdminShutdown("закрытие подключения по команде администратора"), "busy"),
        (psycopg.OperationalError("connection failed: Connection refused"), "busy"),
        (psycopg.errors.DiskFull("не удалось увеличить файл: на устройстве нет места"), "storage_full"),
        (psycopg.errors.UndefinedTable("отношение «locked» не существует"), "internal"),
        (psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"), "internal"),
    ],
)
def test_postgresql_is_understood_whatever_language_it_speaks(error: psycopg.Error, expected: str) -> None:
    wrapper = OperationalError if isinstance(error, psycopg.OperationalError) else ProgrammingError
    assert refusal_of(wrapper("SELECT", {}, error)).code == expected
