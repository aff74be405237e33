"""Files that come and go in pieces: what breaks off goes on, and ends as the same file or not at all."""

import hashlib
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import func, select, update

from cur_tui.contract import MAX_ATTACHMENT
from regional_api.attachments.uploads import MOST_UNFINISHED
from regional_api.database.connections import Database
from regional_api.database.tables import BLOB, BLOB_PART
from tests.server.office import Seat, code, on_both_engines, register

Take = Callable[..., Seat]
DATA = b"%PDF-1.4\n" + bytes(range(256)) * 40
HASH = hashlib.sha256(DATA).hexdigest()
PATH = f"/v1/blobs/{HASH}"


def piece(person: Seat, start: int, end: int, data: bytes = DATA, sha256: str = HASH) -> httpx.Response:
    said = {"Content-Range": f"bytes {start}-{end - 1}/{len(data)}"}
    return person.http.put(f"/v1/blobs/{sha256}", content=data[start:end], headers=said)


def ask(person: Seat) -> dict[str, object]:
    answer = person.http.put(PATH, headers={"Content-Range": f"bytes */{len(DATA)}"})
    state: dict[str, object] = answer.json()
    return state


@on_both_engines
def test_pieces_become_the_file(address: str, seat: Take) -> None:
    operator, colleague = seat(), seat("op.roshchin")
    assert ask(operator) == {"sha256": HASH, "size": len(DATA), "received": 0}
    assert piece(operator, 0, 4_000).json()["received"] == 4_000
    # Repeated, out of turn, by somebody else: nothing happens but that it is told.
    assert piece(operator, 0, 4_000).json()["received"] == 4_000
    assert piece(operator, 9_000, 10_000).json()["received"] == 4_000
    assert piece(colleague, 4_000, 5_000).json()["received"] == 0
    assert code(operator.http.get(PATH)) == (404, "not_found")
    whole = {"sha256": HASH, "size": len(DATA), "media_type": "application/pdf"}
    assert piece(operator, 4_000, len(DATA)).json() == whole
    assert ask(operator) == whole
    assert piece(operator, 0, 10).json() == whole
    assert ask(colleague) == {"sha256": HASH, "size": len(DATA), "received": 0}
    assert operator.http.get(PATH).content == DATA
    with Database(address).reading() as connection:
        assert connection.execute(select(func.count()).select_from(BLOB_PART)).scalar() == 0
    register(address)
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    assert operator.do("attach", appeal, 1, name="акт.pdf", **whole)["status"] == "applied"


def test_what_is_not_the_file_that_was_announced_leaves_nothing(address: str, seat: Take) -> None:
    operator = seat()
    piece(operator, 0, 4_000)
    damaged = DATA[:-1] + b"?"
    assert code(piece(operator, 4_000, len(DATA), damaged)) == (422, "hash_mismatch")
    assert ask(operator)["received"] == 0
    page = b"<html>" + b" " * 100
    its_hash = hashlib.sha256(page).hexdigest()
    piece(operator, 0, 50, page, its_hash)
    assert code(piece(operator, 50, len(page), page, its_hash)) == (415, "type_not_allowed")
    with Database(address).reading() as connection:
        assert connection.execute(select(func.count()).select_from(BLOB)).scalar() == 0
        assert connection.execute(select(func.count()).select_from(BLOB_PART)).scalar() == 0


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("bytes 0-9/5", (400, "malformed")),
        ("bytes 5-4/9", (400, "malformed")),
        ("bytes 0-4/9", (400, "malformed")),
        ("lines 0-8/9", (400, "malformed")),
        ("bytes 0-8/*", (400, "malformed")),
        (f"bytes 0-8/{MAX_ATTACHMENT + 1}", (413, "too_large")),
    ],
)
def test_ranges_that_make_no_sense_are_refused(seat: Take, said: str, problem: tuple[int, str]) -> None:
    answer = seat().http.put(PATH, content=b"123456789", headers={"Content-Range": said})
    assert code(answer) == problem


def test_nobody_fills_the_disk_with_beginnings(address: str, seat: Take) -> None:
    operator = seat()
    hashes = [hashlib.sha256(bytes([n])).hexdigest() for n in range(MOST_UNFINISHED + 3)]
    for n, sha256 in enumerate(hashes):
        piece(operator, 0, 100, DATA, sha256)
        with Database(address).writing() as connection:
            connection.execute(update(BLOB_PART).where(BLOB_PART.c.sha256 == sha256).values(at=2**31 + n))
    with Database(address).reading() as connection:
        kept = set(connection.execute(select(BLOB_PART.c.sha256)).scalars())
    assert kept == set(hashes[-MOST_UNFINISHED:])
    with Database(address).writing() as connection:
        connection.execute(update(BLOB_PART).values(at=1))
    piece(operator, 0, 100)
    with Database(address).reading() as connection:
        assert connection.execute(select(BLOB_PART.c.sha256)).scalars().all() == [HASH]
    assert code(piece(seat("ad.krylov"), 0, 100)) == (403, "not_permitted")


def test_a_download_goes_on_where_it_broke_off(seat: Take) -> None:
    operator = seat()
    operator.http.put(PATH, content=DATA)
    rest = operator.http.get(PATH, headers={"Range": "bytes=5000-"})
    assert (rest.status_code, rest.content) == (206, DATA[5_000:])
    assert rest.headers["content-range"] == f"bytes 5000-{len(DATA) - 1}/{len(DATA)}"
    for other in ("bytes=99999999-", "bytes=1-2", "bytes=-5", "bytes=0-,5-", "x"):
        answer = operator.http.get(PATH, headers={"Range": other})
        assert (answer.status_code, answer.content) == (200, DATA), other
