"""Imports asked for over HTTP: pieces, dry run, job, restart, quarantine."""

import csv
import hashlib
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update
from uuid6 import uuid7

from cur_tui.contract.importing import ImportOptions
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.database.tables import APPEAL, JOURNAL, JOURNAL_PAYLOAD
from regional_api.importers.run import Report
from regional_api.importing import runner
from regional_api.importing.opening import reader_of_file
from regional_api.importing.runner import Runner
from regional_api.importing.tables import IMPORT_JOB, IMPORT_PIECE, QUARANTINE
from tests.server.exports import EDS
from tests.server.office import Seat, code, on_both_engines, running_server

OFFICE = "su.polev"


def call(number: str, text: str = "Течёт труба в подвале", at: str = "06.11.2026 09:10") -> list[str]:
    """A row of the dispatch service."""
    row = dict.fromkeys(EDS, "")
    row |= {"№ заявки": number, "Дата и время заявки": at, "Описание заявки": text, "Адрес": "ул. Садовая, 3"}
    row |= {"Исполнитель": "Комитет ливней", "Статус": "Принята"}
    return list(row.values())


def table(*rows: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([EDS, *rows])
    return text.getvalue().encode()


def announce(seat: Seat, data: bytes, **changed: object) -> httpx.Response:
    file = {"id": str(uuid7()), "name": "заявки.csv", "size": len(data)}
    return seat.http.post("/v1/imports", json={**file, "sha256": hashlib.sha256(data).hexdigest(), **changed})


def send(seat: Seat, id: str, data: bytes, start: int, end: int) -> httpx.Response:
    headers = {"Content-Range": f"bytes {start}-{end - 1}/{len(data)}"}
    return seat.http.put(f"/v1/imports/{id}/file", content=data[start:end], headers=headers)


def settled(seat: Seat, id: str) -> dict[str, Any]:
    """The job once it stands still."""
    while True:
        job: dict[str, Any] = seat.http.get(f"/v1/imports/{id}").json()
        if job["state"] not in ("queued", "running"):
            return job
        time.sleep(0.01)


def imported(seat: Seat, data: bytes, **options: object) -> dict[str, Any]:
    """What came of a file that is sent whole."""
    id = announce(seat, data).json()["id"]
    if announce(seat, data).json()["state"] == "receiving":
        assert send(seat, id, data, 0, len(data)).json()["state"] == "ready"
    assert seat.http.post(f"/v1/imports/{id}/run", json={"dry_run": False, **options}).status_code == 200
    return settled(seat, id)


def open_rows(seat: Seat) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = seat.http.get("/v1/quarantine").json()["items"]
    return items


def count(address: str, table: Any) -> int:
    database = Database(address)
    with database.reading() as connection:
        found = int(connection.execute(select(func.count()).select_from(table)).scalar_one())
    database.close()
    return found


@on_both_engines
def test_a_file_comes_in_pieces_is_looked_at_and_imported_once(
    address: str, seat: Callable[..., Seat]
) -> None:
    office = seat(OFFICE)
    data = table(*(call(str(n)) for n in range(1, 30)), call("31", at="завтра"))
    job = announce(office, data).json()
    id = job["id"]
    assert (job["state"], job["received"]) == ("receiving", 0)
    assert send(office, id, data, 0, 100).json()["received"] == 100
    assert send(office, id, data, 0, 100).json()["received"] == 100, "a piece counts once"
    assert send(office, id, data, 300, 400).json()["received"] == 100, "a gap is not taken"
    assert code(office.http.post(f"/v1/imports/{id}/run", json={})) == (409, "import_incomplete")
    again = announce(office, data).json()
    assert (again["id"], again["received"]) == (id, 100), "announced again it goes on where it was"
    assert send(office, id, data, 100, len(data)).json()["state"] == "ready"

    office.http.post(f"/v1/imports/{id}/run", json={"dry_run": True})
    looked = settled(office, id)
    report = looked["report"]
    assert looked["state"] == "checked"
    assert (report["new"], report["quarantined"], report["total"]) == (29, 1, 30)
    assert report["rows"][0]["reason"] == "bad_date"
    assert "Дата" in report["rows"][0]["column"]
    assert report["rows"][0]["advice"].startswith("Это не дата")
    assert report["unmatched"][0]["label"] == "Комитет ливней"
    assert report["preview"][0]["text"] == "Течёт труба в подвале"
    assert (count(address, APPEAL), count(address, QUARANTINE)) == (0, 0), "a dry run stores nothing"

    aliases = {"authority": {"Комитет ливней": "amur_utilities"}}
    for _ in range(2):
        office.http.post(f"/v1/imports/{id}/run", json={"dry_run": False, "aliases": aliases})
    done = settled(office, id)
    assert (done["state"], done["report"]["new"], done["report"]["unmatched"]) == ("done", 29, [])
    assert done["report"]["preview"] == [], "texts are in the appeals now, and nowhere else"
    assert (count(address, APPEAL), count(address, QUARANTINE), count(address, IMPORT_PIECE)) == (29, 1, 0)
    assert settled(office, id)["report"] == done["report"], "asked again it says the same"

    once_more = imported(office, data, aliases=aliases)
    assert once_more["id"] != id
    assert (once_more["report"]["same"], once_more["report"]["new"]) == (29, 0)
    assert count(address, QUARANTINE) == 1, "the same bad row is the same row"
    assert [one["state"] for one in office.http.get("/v1/imports").json()["items"]] == ["done", "done"]


def journaled(address: str, type: str) -> list[tuple[str, dict[str, Any]]]:
    """Who did something of this type, and what the journal says of it."""
    lines = select(JOURNAL.c.account, JOURNAL_PAYLOAD.c.data).join(
        JOURNAL_PAYLOAD, JOURNAL_PAYLOAD.c.n == JOURNAL.c.n
    )
    database = Database(address)
    with database.reading() as connection:
        found = connection.execute(lines.where(JOURNAL.c.type == type)).all()
    database.close()
    return [(account, json.loads(bytes(data))) for account, data in found]


@on_both_engines
def test_rows_are_mended_set_aside_and_mended_by_a_file(address: str, seat: Callable[..., Seat]) -> None:
    office = seat(OFFICE)
    data = table(call("1", at="31.02.2026"), call("2", text=""), call("3", at="вчера"), call("4", text=""))
    job = imported(office, data)
    rows = open_rows(office)
    assert [(row["row"], row["reason"]) for row in rows] == [
        (2, "bad_date"), (3, "no_text"), (4, "bad_date"), (5, "no_text"),
    ]  # fmt: skip
    first, second, third, fourth = (row["n"] for row in rows)

    whole = office.http.get(f"/v1/quarantine/{first}").json()
    cells = dict(zip(whole["header"], whole["cells"], strict=True))
    assert cells["Дата и время заявки"] == "31.02.2026"

    def mend(n: int, **changed: str) -> dict[str, Any]:
        mended = {**cells, **changed}
        answer = office.http.post(f"/v1/quarantine/{n}", json={"cells": list(mended.values())})
        assert answer.status_code == 200, answer.text
        outcome: dict[str, Any] = answer.json()
        return outcome

    still = mend(first, **{"Дата и время заявки": "07.11.2026 10:00", "Описание заявки": ""})
    assert (still["became"], still["row"]["line"]["reason"]) == ("open", "no_text")
    assert "07.11.2026 10:00" in still["row"]["cells"], "what was mended stays"
    taken = mend(first, **{"Дата и время заявки": "07.11.2026 10:00"})
    assert taken["became"] == "new"
    assert taken["number"].startswith("INC-20261107")
    repeated = mend(first, **{"Дата и время заявки": "08.11.2026 10:00"})
    assert (repeated["became"], repeated["number"]) == ("same", taken["number"])

    nothing = office.http.post(f"/v1/quarantine/{second}", json={"set_aside": " "})
    assert code(nothing) == (422, "empty_field")
    assert (
        office.http.post(f"/v1/quarantine/{second}", json={"set_aside": "Пустая строка"}).status_code == 200
    )
    assert code(office.http.post(f"/v1/quarantine/{second}", json={"set_aside": "x"})) == (409, "row_settled")
    database = Database(address)
    with database.reading() as connection:
        lines = connection.execute(select(JOURNAL.c.account, JOURNAL.c.type)).all()
        bare = connection.execute(select(QUARANTINE.c.cells).where(QUARANTINE.c.n == first)).scalar_one()
    database.close()
    assert (OFFICE, "set_aside") in [tuple(line) for line in lines]
    assert bytes(bare) == b"[]", "the appeal holds the row from now on"

    written = office.http.get(f"/v1/imports/{job['id']}/quarantine").content
    assert journaled(address, "save_rows") == [
        (OFFICE, {"file_sha256": hashlib.sha256(data).hexdigest(), "rows": 2})
    ]
    left = list(csv.reader(io.StringIO(written.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in left[1:]] == ["3", "4"]
    left[1][1] = "05.11.2026 12:00"
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(left)
    assert imported(office, text.getvalue().encode())["report"]["new"] == 1
    assert [row["n"] for row in open_rows(office) if row["n"] in (first, second, third, fourth)] == [fourth]
    kept = {
        state: office.http.get("/v1/quarantine", params={"state": state}).json()
        for state in ("mended", "set_aside")
    }
    assert [row["n"] for row in kept["set_aside"]["items"]] == [second], "nothing vanishes"

    report = imported(office, data)["report"]
    assert (report["quarantined"], report["mended"], report["set_aside"]) == (1, 2, 1)
    assert [row["n"] for row in open_rows(office) if row["row"] < 5] == [], "what was settled stays settled"


def test_what_a_process_left_is_finished_by_the_next(address: str) -> None:
    data = table(*(call(str(n)) for n in range(1, 9)))
    with running_server(address) as url:
        office = Seat.take(url, OFFICE)
        id = announce(office, data).json()["id"]
        send(office, id, data, 0, len(data))
        office.http.close()
    database = Database(address)
    with database.writing() as connection:
        values = {"state": "running", "runner": "another", "beat": 0, "options": b'{"dry_run":false}'}
        connection.execute(update(IMPORT_JOB).values(**values))
    database.close()
    with running_server(address) as url:
        office = Seat.take(url, OFFICE)
        assert settled(office, id)["report"]["new"] == 8
        office.http.close()


def test_a_process_that_slept_takes_nothing_from_the_one_that_took_over(address: str) -> None:
    data = table(call("1"))
    with running_server(address) as url:
        office = Seat.take(url, OFFICE)
        id = announce(office, data).json()["id"]
        send(office, id, data, 0, len(data))
        office.http.close()
    centre = open_centre(Database(address))
    with centre.database.writing() as connection:
        connection.execute(update(IMPORT_JOB).values(state="running", runner="another", beat=2**40))
    slept = Runner(centre)
    slept._finish(id, ImportOptions(dry_run=False), Report("eds", rows=1))
    with centre.database.reading() as connection:
        assert connection.execute(select(IMPORT_JOB.c.state)).scalar_one() == "running"
    slept.close()
    centre.database.close()
    assert count(address, IMPORT_PIECE) == 1


def test_a_process_is_heard_of_while_it_opens_a_file(
    address: str, seat: Callable[..., Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PULSE_SECONDS", 0.01)
    beats = []

    @contextmanager
    def slowly(*arguments: Any) -> Iterator[Any]:
        database = Database(address)
        with database.writing() as connection:
            connection.execute(update(IMPORT_JOB).values(beat=0))
        for _ in range(500):
            with database.reading() as connection:
                beats.append(connection.execute(select(IMPORT_JOB.c.beat)).scalar_one())
            if beats[-1]:
                break
            time.sleep(0.01)
        database.close()
        with reader_of_file(*arguments) as reader:
            yield reader

    monkeypatch.setattr(runner, "reader_of_file", slowly)
    assert imported(seat(OFFICE), table(call("1")))["state"] == "done"
    assert beats[-1] > 0


def test_what_cannot_be_imported_says_why_and_can_be_dropped(seat: Callable[..., Seat]) -> None:
    office = seat(OFFICE)
    data = b"%PDF-1.7 not a table"
    job = imported(office, data)
    assert (job["state"], job["problem"]) == (
        "failed", "Это не таблица. Нужен файл .xlsx, CSV, JSON Lines или письма."
    )  # fmt: skip
    assert office.http.delete(f"/v1/imports/{job['id']}").json()["state"] == "dropped"
    assert code(office.http.get(f"/v1/imports/{uuid7()}")) == (404, "import_not_found")
    assert code(announce(office, data, size=0)) == (422, "file_empty")
    assert code(announce(office, data, size=2**40)) == (413, "too_large")
    wrong = announce(office, data, sha256="0" * 64).json()["id"]
    send(office, wrong, data, 0, len(data))
    office.http.post(f"/v1/imports/{wrong}/run", json={})
    assert settled(office, wrong)["state"] == "receiving", (
        "a file that is not what was announced is asked for again"
    )
    bad = {"aliases": {"authority": {"Комитет": "no_such_body"}}}
    assert code(office.http.post(f"/v1/imports/{wrong}/run", json=bad)) == (422, "invalid_value")


def test_a_job_is_its_owners_alone(seat: Callable[..., Seat]) -> None:
    data = table(call("1"))
    id = announce(seat(OFFICE), data).json()["id"]
    assert code(seat("op.zarechnaya").http.get(f"/v1/imports/{id}")) == (403, "not_permitted")
    assert code(announce(seat("cu.gordeev"), data)) == (403, "not_permitted")
