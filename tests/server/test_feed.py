"""The feed: nothing missed, exits told, and every bad cursor answered alike."""

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from cur_tui.contract.packing import CURRENT, KNOWN, stored_form, unpack
from cur_tui.domain.model import Appeal
from cur_tui.domain.vocabulary import Role
from regional_api.centre import Centre, open_centre
from regional_api.clock import now, seconds
from regional_api.database.connections import Database
from regional_api.database.store import load
from regional_api.database.tables import ACCOUNT, APPEAL
from regional_api.feed.cursor import write_cursor
from regional_api.feed.pages import forget_exits
from regional_api.identity import account_changes
from regional_api.identity.accounts import NewAccount, add_account
from regional_api.unit_of_work import unit_of_work
from tests.server.office import PASSWORD, Mirror, Seat, code, on_both_engines, read_lines, register

Take = Callable[..., Seat]


@pytest.fixture
def centre(address: str) -> Centre:
    """The database, worked on beside the server as another process would."""
    return open_centre(Database(address))


def the_only_appeal(centre: Centre) -> str:
    with centre.database.reading() as connection:
        return str(connection.execute(select(APPEAL.c.id)).scalar_one())


def change(centre: Centre, id: str, **fields: object) -> None:
    """Give an appeal new field values and the next version."""
    with unit_of_work(centre.database, centre.rulebook) as work:
        stored = load(work.connection, [id], lock=True)[id]
        after: Appeal = replace(stored.appeal, version=stored.appeal.version + 1, **fields)  # type: ignore[arg-type]
        work.change(stored, after)


def all_lines(reader: Seat, cursor: str, limit: int) -> list[dict[str, Any]]:
    """What changed since a cursor, over as many pages as it takes."""
    found: list[dict[str, Any]] = []
    while True:
        *lines, end = read_lines(reader.changes(cursor, limit=limit))
        found += lines
        cursor = end["cursor"]
        if not end["more"]:
            return found


@pytest.mark.failure(23)
@on_both_engines
def test_reader_misses_nothing_while_many_write(address: str, seat: Take, centre: Centre) -> None:
    register(address, 40)
    reader = seat("su.polev")
    mirror = Mirror()
    cursor = mirror.follow(reader, reader.hello()["cursor"])
    with centre.database.reading() as connection:
        ids = list(connection.execute(select(APPEAL.c.id).order_by(APPEAL.c.id)).scalars())
    writers_done = threading.Event()

    def write(worker: int) -> None:
        for n in range(12):
            with unit_of_work(centre.database, centre.rulebook) as work:
                id = ids[(worker * 5 + n) % len(ids)]
                stored = load(work.connection, [id], lock=True)[id]
                work.change(stored, replace(stored.appeal, version=stored.appeal.version + 1))
                # Transactions of different lengths are what makes naive numbers appear out of order.
                time.sleep((worker * 7 + n * 3) % 11 / 1000)

    def write_all() -> None:
        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        writers_done.set()

    writers = threading.Thread(target=write_all)
    writers.start()
    while not writers_done.is_set():
        cursor = mirror.follow(reader, cursor, limit=7)
    writers.join()
    mirror.follow(reader, cursor, limit=7)
    with centre.database.reading() as connection:
        rows = connection.execute(select(APPEAL.c.id, APPEAL.c.version).where(APPEAL.c.version > 1))
        truth = {row.id: row.version for row in rows}
    assert truth
    assert mirror.versions == truth


@on_both_engines
def test_snapshot_taken_while_others_write_converges_with_the_feed(
    address: str, seat: Take, centre: Centre
) -> None:
    register(address, 60)
    reader = seat("op.zarechnaya")
    cursor = reader.hello()["cursor"]
    with centre.database.reading() as connection:
        ids = list(connection.execute(select(APPEAL.c.id)).scalars())
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            block = "roads" if n % 3 == 0 else "utilities"
            change(centre, ids[n * 17 % len(ids)], block=block)
            n += 1

    writer = threading.Thread(target=write)
    writer.start()
    mirror = Mirror()
    mirror.apply(reader.snapshot(limit=6, cursor=cursor))
    stop.set()
    writer.join()
    mirror.follow(reader, cursor, limit=5)
    with centre.database.reading() as connection:
        rows = connection.execute(select(APPEAL.c.id, APPEAL.c.version).where(APPEAL.c.block == "utilities"))
        assert mirror.versions == {row.id: row.version for row in rows}


def test_exit_carries_the_current_version(address: str, seat: Take, centre: Centre) -> None:
    register(address)
    reader = seat("op.zarechnaya")
    cursor = reader.hello()["cursor"]
    id = the_only_appeal(centre)
    change(centre, id, block="roads")
    change(centre, id)
    change(centre, id)
    lines = read_lines(reader.changes(cursor))
    assert [(line["_"], line.get("id"), line.get("version")) for line in lines[:-1]] == [("out", id, 4)]


def test_record_that_left_and_came_back_is_a_put_only(address: str, seat: Take, centre: Centre) -> None:
    register(address)
    reader = seat("op.zarechnaya")
    cursor = reader.hello()["cursor"]
    id = the_only_appeal(centre)
    change(centre, id, block="roads")
    change(centre, id, block="utilities")
    lines = read_lines(reader.changes(cursor))
    assert [line["_"] for line in lines] == ["put", "cur"]


@on_both_engines
def test_deletion_reaches_those_who_held_the_record_before_it_moved(
    address: str, seat: Take, centre: Centre
) -> None:
    register(address)
    utilities, roads, outsider = seat("op.zarechnaya"), seat("op.dorogin"), seat("ag.lugovoy")
    cursors = {reader.account: reader.hello()["cursor"] for reader in (utilities, roads, outsider)}
    id = the_only_appeal(centre)
    change(centre, id, block="roads")
    with unit_of_work(centre.database, centre.rulebook) as work:
        work.delete(load(work.connection, [id], lock=True)[id])
    # With a limit of one, the move and the deletion lie on two pages.
    for limit in (1, 2_000):
        for reader, kind in ((utilities, "out"), (roads, "del")):
            lines = all_lines(reader, cursors[reader.account], limit)
            assert [(line["_"], line["id"], line["version"]) for line in lines] == [(kind, id, 3)]
        assert all_lines(outsider, cursors["ag.lugovoy"], limit) == []


def test_page_never_splits_a_transaction(address: str, seat: Take) -> None:
    reader = seat("su.polev")
    cursor = reader.hello()["cursor"]
    register(address, 10)
    page = read_lines(reader.changes(cursor, limit=3))
    assert len([line for line in page if line["_"] == "put"]) == 10
    assert page[-1]["more"] is False


@on_both_engines
def test_changed_rights_are_named_with_the_records_to_drop(address: str, seat: Take, centre: Centre) -> None:
    register(address)
    reader = seat("op.zarechnaya")
    set_blocks(centre, "op.zarechnaya", "utilities roads")
    cursor = reader.hello()["cursor"]
    id = the_only_appeal(centre)
    # The reader's copy says «utilities»; the truth moved on to a block that is about to be taken away.
    change(centre, id, block="roads")
    set_blocks(centre, "op.zarechnaya", "utilities transport")
    answer = reader.changes(cursor)
    assert code(answer) == (409, "scope_changed")
    problem = answer.json()
    assert problem["added"] == ["block:transport"]
    assert problem["removed"] == ["block:roads"]
    assert problem["out"] == [id]
    assert code(reader.http.get("/v1/snapshot", params={"cursor": cursor})) == (409, "scope_changed")
    lines = read_lines(reader.changes(problem["cursor"]))
    assert lines[-1]["_"] == "cur"


@on_both_engines
def test_exit_behind_an_outdated_copy_is_named_too(address: str, seat: Take, centre: Centre) -> None:
    register(address)
    reader = seat("op.zarechnaya")
    set_blocks(centre, "op.zarechnaya", "utilities roads")
    cursor = reader.hello()["cursor"]
    id = the_only_appeal(centre)
    change(centre, id, block="roads")
    change(centre, id, block="energy")
    set_blocks(centre, "op.zarechnaya", "utilities")
    assert reader.changes(cursor).json()["out"] == [id]


def test_added_scope_can_be_fetched_by_itself(address: str, seat: Take, centre: Centre) -> None:
    register(address, 3)
    register(address, 2, block="roads")
    set_blocks(centre, "op.zarechnaya", "utilities roads")
    reader = seat("op.zarechnaya")
    blocks = [line["row"][7] for line in reader.snapshot(scope="block:roads") if line["_"] == "put"]
    assert blocks == ["roads", "roads"]
    assert [line for line in reader.snapshot(scope="block:energy") if line["_"] == "put"] == []


def set_blocks(centre: Centre, account: str, blocks: str) -> None:
    with centre.database.writing() as connection:
        connection.execute(update(ACCOUNT).where(ACCOUNT.c.account == account).values(blocks=blocks))


@pytest.mark.parametrize("cursor", ["", "x", "дрянь", "A" * 5000, "\x00", "e30", "!!!!"])
def test_any_bad_cursor_means_resync(seat: Take, cursor: str) -> None:
    assert code(seat().changes(cursor)) == (410, "resync")


def test_altered_foreign_and_future_cursors_mean_resync(address: str, seat: Take, centre: Centre) -> None:
    reader = seat()
    cursor = reader.hello()["cursor"]
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    body = json.loads(raw[16:])
    forged = bytes(raw[:16]) + json.dumps({**body, "q": 0}).encode()
    assert code(reader.changes(base64.urlsafe_b64encode(forged).decode())) == (410, "resync")
    future = write_cursor(centre, tuple(body["s"]), body["q"] + 50)
    assert code(reader.changes(future)) == (410, "resync")
    answer = reader.http.get("/v1/snapshot", params={"after": "bad token"})
    assert code(answer) == (410, "resync")


@pytest.mark.failure(24)
@on_both_engines
def test_forgotten_exits_expire_the_cursors_before_them(address: str, seat: Take, centre: Centre) -> None:
    register(address)
    reader = seat()
    old = reader.hello()["cursor"]
    change(centre, the_only_appeal(centre), block="roads")
    change(centre, the_only_appeal(centre), block="utilities")
    current = reader.hello()["cursor"]
    forget_exits(centre, seconds(now()) + 10)
    assert code(reader.changes(old)) == (410, "resync")
    assert read_lines(reader.changes(current))[-1]["_"] == "cur"


def test_long_poll_wakes_up_for_what_concerns_the_reader(address: str, seat: Take) -> None:
    register(address)
    register(address, block="roads")
    reader, operator, stranger = seat("op.zarechnaya"), seat("op.roshchin"), seat("op.dorogin")
    cursor = reader.hello()["cursor"]
    foreign = next(line for line in stranger.snapshot() if line["_"] == "put")["row"][0]
    own = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    pages: list[list[dict[str, object]]] = []
    poll = threading.Thread(target=lambda: pages.append(read_lines(reader.changes(cursor, wait=20))))
    poll.start()
    stranger.do("note", foreign, 1, text="Чужое")
    poll.join(0.7)
    assert poll.is_alive(), "a change outside the scope must not wake the reader"
    operator.do("note", own, 1, text="Своё")
    poll.join(10)
    assert [line["_"] for line in pages[0]] == ["put", "cur"]


def test_long_poll_without_news_answers_with_a_cursor(seat: Take) -> None:
    reader = seat()
    cursor = reader.hello()["cursor"]
    lines = read_lines(reader.changes(cursor, wait=0.1))
    assert [line["_"] for line in lines] == ["cur"]


def test_streams_are_compressed_as_the_client_can_read_them(address: str, seat: Take) -> None:
    register(address, 5)
    reader = seat()
    for accepted, used in (
        ("zstd, gzip", "zstd"),
        ("gzip", "gzip"),
        ("zstd;q=0, gzip", "gzip"),
        ("br", None),
    ):
        answer = reader.http.get("/v1/snapshot", headers={"Accept-Encoding": accepted})
        assert answer.headers.get("content-encoding") == used
        assert len(read_lines(answer)) > 5


@on_both_engines
def test_snapshot_pages_resume_and_end_with_a_checkpoint(address: str, seat: Take) -> None:
    register(address, 7)
    reader = seat()
    first = read_lines(reader.http.get("/v1/snapshot", params={"limit": 3}))
    kinds = [line["_"] for line in first]
    assert kinds[0] == "ref"
    assert kinds[-4:] == ["put", "put", "put", "ck"]
    assert (first[-1]["n"], first[-1]["total"]) == (3, 7)
    everything = reader.snapshot(limit=3)
    numbers = [line["row"][1] for line in everything if line["_"] == "put"]
    assert len(numbers) == len(set(numbers)) == 7
    assert numbers == sorted(numbers, reverse=True)
    assert [line["_"] for line in everything[-2:]] == ["ck", "end"]


def test_reference_data_comes_with_the_snapshot_and_the_feed(address: str, seat: Take) -> None:
    reader = seat()
    cursor = reader.hello()["cursor"]
    documents = [line for line in reader.snapshot() if line["_"] == "ref"]
    assert {line["kind"] for line in documents} == {"profile", "account"}
    account = next(line["doc"] for line in documents if line["id"] == "op.zarechnaya")
    assert account == {
        "account": "op.zarechnaya",
        "name": "Заречная Вера Ильинична",
        "role": "block_operator",
        "blocks": ["utilities"],
        "authority": None,
    }
    centre = open_centre(Database(address))
    with unit_of_work(centre.database, centre.rulebook) as work:
        add_account(work, NewAccount("op.novaya", "Новая Ия", Role.BLOCK_OPERATOR, PASSWORD, ("roads",)))
    lines = read_lines(reader.changes(cursor))
    assert [(line["_"], line.get("id")) for line in lines] == [("ref", "op.novaya"), ("cur", None)]


def test_events_carry_a_number_and_nothing_else(address: str, seat: Take) -> None:
    register(address)
    reader, operator = seat(), seat("op.roshchin")
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    pokes: list[int] = []
    with reader.http.stream("GET", "/v1/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                poke = json.loads(line.removeprefix("data: "))
                assert set(poke) == {"seq"}
                pokes.append(poke["seq"])
                if len(pokes) == 2:
                    break
                operator.do("note", appeal, 1, text="Новость")
    assert pokes[1] == pokes[0] + 1


def test_events_end_with_the_session(address: str, seat: Take) -> None:
    register(address)
    reader, operator = seat(), seat("op.roshchin")
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    pokes = 0
    with reader.http.stream("GET", "/v1/events") as stream:
        for line in stream.iter_lines():
            pokes += line.startswith("data: ")
            if pokes == 2:
                break
            if line.startswith("data: "):
                account_changes.end_sessions(open_centre(Database(address)), reader.account)
                operator.do("note", appeal, 1, text="Новость")
    assert pokes == 1


@on_both_engines
def test_a_reader_with_the_dictionary_gets_documents_as_they_are_stored(address: str, seat: Take) -> None:
    register(address, 3)
    reader = seat()
    plain = read_lines(reader.http.get("/v1/snapshot"))
    packed = read_lines(reader.http.get("/v1/snapshot", params={"packed": KNOWN}))
    foreign = read_lines(reader.http.get("/v1/snapshot", params={"packed": [CURRENT + 1]}))
    documents = [line["doc"] for line in plain if line["_"] == "put"]
    assert foreign == plain
    assert all(isinstance(line["doc"], str) for line in packed if line["_"] == "put")
    sent = [msgspec.json.encode(line["doc"]) for line in packed if line["_"] == "put"]
    assert [msgspec.json.decode(unpack(stored_form(value))) for value in sent] == documents
