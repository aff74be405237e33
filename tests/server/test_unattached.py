"""Uploaded files that belong to nothing go after their term, and never one that is about to be attached."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy import insert, select, update

from cur_tui.contract.wire import BlobState
from cur_tui.domain.commands import Attach
from regional_api.attachments import uploads
from regional_api.attachments.blobs import attachable, own_blob, store_blob
from regional_api.attachments.unattached import KEPT_SECONDS, Unattached, count_unattached, sweep_unattached
from regional_api.centre import Centre, open_centre
from regional_api.cli.main import main
from regional_api.clock import now, seconds
from regional_api.database.connections import Database
from regional_api.database.tables import APPEAL_FILE, BLOB, BLOB_OWNER, BLOB_PART, JOURNAL, JOURNAL_PAYLOAD
from regional_api.identity.callers import Caller, find_actor
from regional_api.record.journal import verify
from tests.server.office import Seat, on_both_engines, register

Take = Callable[..., Seat]
LATER = 2**31
"""A moment before which everything was sent."""


@pytest.fixture
def centre(address: str) -> Iterator[Centre]:
    centre = open_centre(Database(address))
    yield centre
    centre.database.close()


def caller_of(centre: Centre, account: str = "op.zarechnaya") -> Caller:
    with centre.database.reading() as connection:
        actor = find_actor(connection, account, centre.region)
    assert actor is not None
    return Caller(actor, centre.region)


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def send(centre: Centre, data: bytes, account: str = "op.zarechnaya") -> str:
    store_blob(centre, caller_of(centre, account), digest_of(data), data)
    return digest_of(data)


def age(centre: Centre, sha256: str) -> None:
    with centre.database.writing() as connection:
        sent = seconds(now()) - KEPT_SECONDS - 1
        connection.execute(update(BLOB_OWNER).where(BLOB_OWNER.c.sha256 == sha256).values(at=sent))


def kept(centre: Centre) -> set[str]:
    with centre.database.reading() as connection:
        return set(connection.execute(select(BLOB.c.sha256)).scalars())


@on_both_engines
def test_what_nobody_attached_goes_after_its_term(address: str, seat: Take, centre: Centre) -> None:
    register(address)
    operator = seat()
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    attached, old, asked, again, fresh = (send(centre, f"Файл {n}\n".encode()) for n in range(5))
    size = len("Файл 0\n".encode())
    described = {"sha256": attached, "size": size, "media_type": "text/plain"}
    assert operator.do("attach", appeal, 1, name="а.txt", **described)["status"] == "applied"
    for sha256 in (attached, old, asked, again):
        age(centre, sha256)
    # A workstation that asks for its file, and a colleague who sends the same one, are about to attach it.
    headers = {"Content-Range": f"bytes */{size}"}
    assert operator.http.put(f"/v1/blobs/{asked}", content=b"", headers=headers).json()["media_type"]
    send(centre, "Файл 3\n".encode(), "op.roshchin")
    before = seconds(now()) - KEPT_SECONDS
    assert count_unattached(centre, before) == Unattached(1, size)
    assert sweep_unattached(centre, before) == Unattached(1, size)
    assert kept(centre) == {attached, asked, again, fresh}
    assert sweep_unattached(centre, before) == Unattached(0, 0)
    with centre.database.reading() as connection:
        [line] = connection.execute(
            select(JOURNAL_PAYLOAD.c.data)
            .join(JOURNAL, JOURNAL.c.n == JOURNAL_PAYLOAD.c.n)
            .where(JOURNAL.c.type == "files_swept")
        ).scalars()
    assert json.loads(line) == {"files": 1, "bytes": size}
    assert verify(centre.database, centre.shard).ok
    # Who comes with the command after all is told, and may send the file again.
    assert own_blob(centre, caller_of(centre), old) is None
    assert send(centre, "Файл 1\n".encode()) in kept(centre)


def test_all_of_them_go_however_many_there_are(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regional_api.attachments.unattached._CHUNK", 3)
    for n in range(10):
        send(centre, f"Файл {n}\n".encode())
    assert sweep_unattached(centre, LATER).files == 10
    assert kept(centre) == set()


def test_the_command_counts_and_removes(
    address: str, centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    age(centre, send(centre, b"old\n"))
    recent = send(centre, b"recent\n")
    assert main(["files", "sweep", "--dry-run", "--database", address]) == 0
    assert json.loads(capsys.readouterr().out) == {"files": 1, "bytes": 4}
    assert len(kept(centre)) == 2
    assert main(["files", "sweep", "--days", "7", "--database", address]) == 0
    assert json.loads(capsys.readouterr().out) == {"files": 1, "bytes": 4}
    assert kept(centre) == {recent}
    with pytest.raises(SystemExit):
        main(["files", "sweep", "--days", "0", "--database", address])


def test_pieces_that_nobody_goes_on_with_are_forgotten(centre: Centre) -> None:
    data = b"a piece of a file"
    sha256 = digest_of(data)
    state = uploads.take_piece(centre, caller_of(centre), sha256, uploads.Piece(0, 4, len(data)), data[:4])
    assert state == BlobState(sha256, len(data), 4)
    uploads.forget_unfinished(centre)
    with centre.database.writing() as connection:
        assert connection.execute(select(BLOB_PART.c.start)).scalars().all() == [0]
        connection.execute(update(BLOB_PART).values(at=1))
    uploads.forget_unfinished(centre)
    with centre.database.reading() as connection:
        assert not connection.execute(select(BLOB_PART.c.start)).scalars().all()


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_a_file_that_is_being_attached_is_left_alone(address: str, centre: Centre) -> None:
    """Where many write at once: between the look at the file and the end of the transaction that ties it."""
    sha256 = send(centre, b"an act\n")
    caller = caller_of(centre)
    with centre.database.writing() as connection:
        assert attachable(connection, caller, Attach(sha256, "a.txt", 7, "text/plain"))
        assert sweep_unattached(centre, LATER) == Unattached(0, 0)
        connection.execute(insert(APPEAL_FILE).values(sha256=sha256, appeal="a"))
    assert sweep_unattached(centre, LATER) == Unattached(0, 0)
    assert kept(centre) == {sha256}


@on_both_engines
def test_nobody_loses_a_file_to_a_sweep(address: str, seat: Take, centre: Centre) -> None:
    """Files are sent and attached while everything unattached is swept: what the record has, can be read."""
    register(address)
    operator = seat()
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    done = threading.Event()
    swept = 0

    def sweep() -> None:
        nonlocal swept
        while not done.is_set():
            swept += sweep_unattached(centre, LATER).files

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    attached = []
    try:
        for n in range(40):
            data = f"Файл {n % 5}\n".encode()
            described = operator.http.put(f"/v1/blobs/{digest_of(data)}", content=data)
            assert described.status_code == 200
            result = operator.do("attach", appeal, n + 1, name=f"{n}.txt", **described.json())
            if result["status"] == "applied":
                attached.append(described.json()["sha256"])
            else:
                assert result["problem"]["code"] == "file_missing"
    finally:
        done.set()
        sweeper.join()
    for sha256 in attached:
        answer: httpx.Response = operator.http.get(f"/v1/blobs/{sha256}")
        assert digest_of(answer.content) == sha256
    assert set(attached) <= kept(centre)
