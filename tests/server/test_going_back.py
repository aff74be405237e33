"""A region whose PostgreSQL cluster goes back in time: restored to a point, or taken over by a replica."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.record import journal
from tests.memory import memory
from tests.postgres import TEMPORARY, Cluster, cluster_folder, give_to_postgres, make_cluster, run, started
from tests.server.office import Seat, code, found_office, register, running_server
from tests.server.test_workers import served

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


def base_backup(socket: Path, copy: Path, *how: str) -> None:
    run("pg_basebackup", "-h", str(socket), "-U", "postgres", "-D", str(copy), "-c", "fast", *how)


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
            base_backup(folder, copy, "-X", "none")
            note(url, "после копии")
            instant = moment(cluster, name)
            cursor = note(url, "после сбоя")
        before = epoch_of(address)
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_switch_wal()")
    (copy / "recovery.signal").touch()
    recovery = (
        f"-c 'restore_command=cp {archive}/%f %p' -c 'recovery_target_time={instant}' "
        "-c recovery_target_action=promote"
    )
    with started(copy, recovery):
        assert epoch_of(address) != before
        texts = read_anew(address, cursor)
    assert "до копии" in texts
    assert "после копии" in texts
    assert "после сбоя" not in texts


def read_anew(address: str, cursor: str) -> str:
    """What a reader finds who comes with a ``cursor`` from before, and has to begin anew."""
    with running_server(address) as url:
        seat = Seat.take(url, "su.polev")
        assert code(seat.changes(cursor)) == (410, "resync")
        texts = str([line for line in seat.snapshot() if line["_"] == "put"])
        seat.http.close()
    return texts


@pytest.mark.failure(22)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_ends_when_a_replica_takes_over_and_its_next_start_begins_an_epoch(
    folder: Path, workers: str
) -> None:
    original, copy = folder / "original" / "data", folder / "copy" / "data"
    for place in (original.parent, copy.parent):
        place.mkdir()
        give_to_postgres(place)
    make_cluster(original)
    with ExitStack() as stack:
        with started(original, "-c wal_level=replica") as cluster:
            # One address names both, as an operator gives it to the server.
            address = f"{cluster.url(cluster.create())},{copy.parent}"
            found_office(address)
            register(address)
            base_backup(original.parent, copy, "-R", "-X", "stream")
            before = epoch_of(address)
            process, url = stack.enter_context(served(address, "--workers", workers))
            with started(copy) as replica:
                note(url, "до разрыва")
                catch_up(cluster, replica)
            cursor = note(url, "после разрыва")
        with started(copy):
            assert httpx.get(f"{url}/v1/health", trust_env=False).status_code == 503, "it only follows yet"
            run("pg_ctl", "-D", str(copy), "-w", "promote")
            with suppress(httpx.TransportError):  # with the server goes what it was asked
                assert httpx.get(f"{url}/v1/health", trust_env=False).status_code == 503
            assert process.wait(30) == 1
            assert epoch_of(address) != before
            texts = read_anew(address, cursor)
    assert "до разрыва" in texts
    assert "после разрыва" not in texts


def epoch_of(address: str) -> str:
    """The epoch that a start finds, or begins."""
    database = Database(address)
    centre = open_centre(database)
    assert journal.verify(database, centre.shard).ok
    database.close()
    return centre.epoch


def catch_up(cluster: Cluster, replica: Cluster) -> None:
    """Wait until the replica has all that is written."""
    with psycopg.connect(cluster.url("postgres")) as connection:
        row = connection.execute("SELECT pg_current_wal_lsn()::text").fetchone()
    assert row is not None
    with psycopg.connect(replica.url("postgres"), autocommit=True) as connection:
        for _ in range(300):
            there = connection.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", row).fetchone()
            if there == (True,):
                return
            time.sleep(0.1)
    raise AssertionError("the replica does not follow")
