"""A region's database: made once, opened safely, told from a restored one, filled by intake."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from cur_tui.domain.profile.load import load_region
from regional_api.appeals.intake import Intake, Original
from regional_api.centre import open_centre
from regional_api.database.connections import Database, UnknownAddressError
from regional_api.database.schema import create_region
from regional_api.database.tables import APPEAL, META, ORIGINAL
from regional_api.record import journal
from regional_api.setup_error import SetupError
from tests.factories import make_appeal
from tests.server.office import Seat, code, on_both_engines, register, running_server

Take = Callable[..., Seat]


@on_both_engines
def test_region_is_made_once(address: str) -> None:
    with pytest.raises(SetupError) as refused:
        create_region(Database(address), load_region("kursk"))
    assert refused.value.code == "exists"
    assert open_centre(Database(address)).region.code == "amur"


def test_database_of_another_version_or_maker_is_not_opened(address: str, tmp_path: Path) -> None:
    database = Database(address)
    with database.writing() as connection:
        connection.execute(update(META).where(META.c.key == "schema").values(value="99"))
    with pytest.raises(SetupError) as newer:
        open_centre(database)
    assert newer.value.code == "too_new"
    with pytest.raises(SetupError) as missing:
        open_centre(Database(str(tmp_path / "nothing.db")))
    assert missing.value.code == "missing"
    (tmp_path / "text.db").write_text("это не база данных " * 100)
    with pytest.raises(SetupError) as foreign:
        open_centre(Database(str(tmp_path / "text.db")))
    assert foreign.value.code in ("foreign", "unreachable")


@pytest.mark.parametrize("wrong", ["", "mysql://u:secret@h/d", "sqlite://", "postgresql://", "http://x"])
def test_unknown_addresses_are_refused_without_echoing_a_password(wrong: str) -> None:
    with pytest.raises(UnknownAddressError) as refused:
        Database(wrong)
    assert "secret" not in str(refused.value)


@pytest.mark.failure(21)
def test_restored_backup_begins_a_new_epoch(tmp_path: Path, office_file: Path) -> None:
    path = tmp_path / "region.db"
    shutil.copy(office_file, path)
    with running_server(str(path)) as url:
        shutil.copy(path, tmp_path / "backup.db")
        register(str(path), 2)
        reader = Seat.take(url, "op.zarechnaya")
        before = reader.hello()
        reader.http.close()
    # Whoever closes a database last takes its log away: the server has closed every connection.
    assert not list(tmp_path.glob("region.db-*"))
    shutil.copy(tmp_path / "backup.db", path)
    with running_server(str(path)) as url:
        reader = Seat.take(url, "op.zarechnaya")
        after = reader.hello()
        assert after["epoch"] != before["epoch"]
        assert code(reader.changes(before["cursor"])) == (410, "resync")
        reader.http.close()
    with running_server(str(path)) as url:
        reader = Seat.take(url, "op.zarechnaya")
        assert reader.hello()["epoch"] == after["epoch"], "an ordinary restart keeps the epoch"
        reader.http.close()


@on_both_engines
def test_numbers_follow_the_regions_date_and_never_repeat(address: str) -> None:
    # 15:30 UTC is already tomorrow in Blagoveshchensk.
    late = datetime(2026, 3, 18, 15, 30, tzinfo=UTC)
    early = datetime(2026, 3, 18, 14, 30, tzinfo=UTC)
    numbers = register(address, 2, registered_at=late) + register(address, registered_at=early)
    numbers += register(address, registered_at=late)
    assert numbers == ["INC-20260319-0001", "INC-20260319-0002", "INC-20260318-0001", "INC-20260319-0003"]


@on_both_engines
def test_prepared_appeals_are_stored_with_their_history_and_numbers_go_on(address: str) -> None:
    intake = Intake(Database(address))
    prepared = [
        (replace(make_appeal(), number=f"INC-20260318-{n:04d}"), Original(f"сообщение {n}".encode()))
        for n in range(1, 26)
    ]
    assert list(intake.store_prepared(iter(prepared), chunk=10)) == [10, 20, 25]
    database = Database(address)
    with database.reading() as connection:
        rows = {row.number: row for row in connection.execute(select(APPEAL.c.number, APPEAL.c.seq))}
        data = connection.execute(select(ORIGINAL.c.data, ORIGINAL.c.sha256)).all()
    assert len(rows) == 25
    assert len({row.seq for row in rows.values()}) == 3
    assert all(hashlib.sha256(bytes(row.data)).hexdigest() == row.sha256 for row in data)
    registered = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
    assert register(address, registered_at=registered) == ["INC-20260318-0026"]
    assert journal.verify(database, "amur").ok


@on_both_engines
def test_failed_import_leaves_what_was_committed_and_nothing_else(address: str) -> None:
    intake = Intake(Database(address))
    twice = make_appeal()
    items = [(make_appeal(), None), (make_appeal(), None), (twice, None), (twice, None)]
    counts = intake.store_prepared(items, chunk=2)
    assert next(counts) == 2
    with pytest.raises(IntegrityError):
        next(counts)
    database = Database(address)
    with database.reading() as connection:
        assert len(connection.execute(select(APPEAL.c.id)).all()) == 2
    assert journal.verify(database, "amur").ok
