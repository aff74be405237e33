"""A region restored to a point in time, from a base backup and the archived log of its PostgreSQL cluster."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.record import journal
from tests.memory import memory
from tests.postgres import TEMPORARY, Cluster, cluster_folder, make_cluster, run, started
from tests.server.office import Seat, code, found_office, register, running_server

pytestmark = pytest.mark.skipif(not os.environ.get("CUR_SOAK"), reason="a soak test: make soak runs it")


@pytest.fixture
def folder() -> Iterator[Path]:
    try:
        with cluster_folder(memory() or TEMPORARY) as folder:
            yield folder
    except FileNotFoundError as error:
        pytest.skip(f"PostgreSQL is not installed ({error} was not found)")


def note(url: str, text: str) -> str:
    """Give a note; returns the cursor behind it."""
    seat = Seat.take(url, "su.polev")
    seat.hello()
    appeal = next(line for line in seat.snapshot() if line["_"] == "put")["row"]
    assert seat.do("note", appeal[0], appeal[2], text=text)["status"] == "applied"
    cursor: str = seat.hello()["cursor"]
    seat.http.close()
    return cursor


def moment(cluster: Cluster, database: str) -> str:
    with psycopg.connect(cluster.url(database)) as connection:
        row = connection.execute("SELECT clock_timestamp()::text").fetchone()
        assert row is not None
        return str(row[0])


@pytest.mark.failure(21)
def test_what_was_committed_by_then_is_there_and_an_epoch_begins(folder: Path) -> None:
    original, copy, archive = folder / "original", folder / "copy", folder / "archive"
    archive.mkdir(mode=0o777)
    archive.chmod(0o777)
    make_cluster(original)
    archiving = f"-c archive_mode=on -c wal_level=replica -c 'archive_command=cp %p {archive}/%f'"
    with started(original, archiving, leave="fast") as cluster:  # the archiver finishes its work
        name = cluster.create()
        address = cluster.url(name)
        found_office(address)
        register(address)
        with running_server(address) as url:
            note(url, "до копии")
            run(
                "pg_basebackup",
                "-h",
                str(folder),
                "-U",
                "postgres",
                "-D",
                str(copy),
                "-X",
                "none",
                "-c",
                "fast",
            )
            note(url, "после копии")
            instant = moment(cluster, name)
            cursor = note(url, "после сбоя")
        before = open_centre(Database(address)).epoch
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_switch_wal()")
    (copy / "recovery.signal").touch()
    recovery = (
        f"-c 'restore_command=cp {archive}/%f %p' -c 'recovery_target_time={instant}' "
        "-c recovery_target_action=promote"
    )
    with started(copy, recovery):
        centre = open_centre(Database(address))
        assert centre.epoch != before
        assert journal.verify(centre.database, centre.shard).ok
        with running_server(address) as url:
            seat = Seat.take(url, "su.polev")
            assert code(seat.changes(cursor)) == (410, "resync")
            texts = [line for line in seat.snapshot() if line["_"] == "put"]
            shown = str(texts)
            seat.http.close()
        centre.database.close()
    assert "до копии" in shown
    assert "после копии" in shown
    assert "после сбоя" not in shown
