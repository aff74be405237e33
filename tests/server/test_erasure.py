"""Erasure and retention: nothing of a person is left, and everything that is counted stays."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
import pytest
import zstandard
from sqlalchemy import delete, func, insert, select, text

from cur_tui.contract.packing import unpack
from cur_tui.domain.model import Appeal, Applicant, Link, Place
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import LinkKind, Role
from regional_api.appeals.commands import ERASED, fingerprint
from regional_api.appeals.intake import Intake, Original
from regional_api.centre import Centre, open_centre
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.tables import BLOB, JOURNAL, JOURNAL_PAYLOAD, METADATA, ORIGINAL, SETTLED
from regional_api.figures.dimensions import DIMENSIONS
from regional_api.figures.statistics import Counted, StatisticsRequest, read_statistics
from regional_api.generate import generate
from regional_api.identity.callers import Caller
from regional_api.importing.tables import QUARANTINE
from regional_api.lists.listing import ListRequest, read_page
from regional_api.record import erasing, journal
from regional_api.record.erasing import erase, find, forget_traces
from regional_api.record.retaining import find_expired
from tests.lazily import Lazily
from tests.server.office import Mirror, Seat, code, on_both_engines, read_lines

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
WHO = Applicant(name="Ветрова Алла Кузьминична", phone="+7 000 111-22-33", email="vetrova@example.org")
TRACES = ("Ветров", "111-22-33", "vetrova@", "крокодил")
RULEBOOK = Rulebook(load_region("amur"))
MADE = Lazily(lambda: [made.appeal for made in generate(RULEBOOK, count=60, seed=5, now=NOW)])
CLOSED = Lazily(lambda: [appeal for appeal in MADE if not appeal.state.is_open])
OPEN = Lazily(lambda: [appeal for appeal in MADE if appeal.state.is_open])


def _marked(appeal: Appeal, **changes: Any) -> Appeal:
    """``appeal`` with the traces in every place that has a text, so that all of it can be looked for."""
    told = "Ветрова +7 000 111-22-33 vetrova@example.org крокодил"
    return replace(
        appeal,
        text=told,
        essence=told,
        place=replace(appeal.place, address=told),
        answers=tuple(replace(answer, text=told) for answer in appeal.answers),
        notes=tuple(replace(note, text=told) for note in appeal.notes),
        applicant=WHO,
        **changes,
    )


@cache
def marked() -> Appeal:
    """The one whose author is to be forgotten."""
    return _marked(next(a for a in CLOSED if a.answers))


@pytest.fixture(scope="module")
def content() -> Callable[[str], None]:
    """Sixty appeals, one of which is full of traces of its author."""

    def fill(address: str) -> None:
        database = Database(address)
        appeals = [marked() if appeal.id == marked().id else appeal for appeal in MADE]
        original = Original("крокодил Ветрова".encode())
        for _ in Intake(database).store_prepared(
            (appeal, original if appeal.id == marked().id else None) for appeal in appeals
        ):
            pass
        database.close()

    return fill


@pytest.fixture
def centre(filled: str) -> Iterator[Centre]:
    database = Database(filled)
    yield open_centre(database)
    database.close()


def _everything(database: Database) -> str:
    """All that the database says when asked, documents unpacked."""
    said = []
    with database.reading() as connection:
        for table in METADATA.sorted_tables:
            for row in connection.execute(select(table)):
                for value in row:
                    data = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    said.append(unpack(data) if data.startswith(zstandard.FRAME_HEADER) else data)
        index = "SELECT tokens FROM search_index" if not database.is_sqlite else None
        said += [str(row).encode() for row in connection.execute(text(index))] if index else []
    return b"\n".join(said).decode(errors="replace")


def _statistics(centre: Centre) -> list[object]:
    supervisor = Caller(Actor("su.polev", "", Role.SUPERVISOR, frozenset(), None), centre.region)
    asked = [StatisticsRequest(rows, columns, "") for rows in DIMENSIONS for columns in (None, "block")]
    carried = Counted()
    return [
        read_statistics(centre, counted, supervisor, request, NOW)
        for request in asked
        if request.rows != request.columns
        for counted in (carried, Counted())
    ]


def _found(centre: Centre, query: str) -> list[str]:
    supervisor = Caller(Actor("su.polev", "", Role.SUPERVISOR, frozenset(), None), centre.region)
    page = msgspec.json.encode(read_page(centre, supervisor, ListRequest(query, limit=200), NOW))
    return [row[1] for row in json.loads(page)["items"]]


@on_both_engines
def test_erased_appeal_leaves_nothing_but_what_is_counted(centre: Centre) -> None:
    assert all(trace in _everything(centre.database) for trace in TRACES)
    assert _found(centre, "крокодил") == [marked().number]
    before = _statistics(centre)
    (found,) = find(centre, marked().number)
    assert erase(centre, [found.id], "Решение 12-р") == 1
    forget_traces(centre.database, compact=False)
    left = _everything(centre.database)
    assert [trace for trace in TRACES if trace in left] == []
    assert _found(centre, "крокодил") == []
    assert marked().number in _found(centre, "")
    assert _statistics(centre) == before
    assert journal.verify(centre.database, centre.shard).ok
    assert [one.refused for one in find(centre, marked().number)] == ["appeal_erased"]
    assert erase(centre, [found.id], "ещё раз") == 0


@on_both_engines
def test_rows_of_an_erased_appeal_leave_the_quarantine(address: str) -> None:
    keyed = replace(marked(), external_ids={"eds": "К-17"})
    centre = open_centre(Database(address))
    for _ in Intake(centre.database).store_prepared([(keyed, None)]):
        pass
    row = {"job": "j", "form": "eds", "row": 2, "column_name": "", "reason": "bad_date", "state": "open"}
    row |= {"cells": json.dumps(["К-17", *TRACES], ensure_ascii=False).encode(), "number": "", "at": 1}
    with centre.database.writing() as connection:
        for n, (form, key) in enumerate([("eds", "К-17"), ("eds", "К-18"), ("pos", "К-17")]):
            connection.execute(insert(QUARANTINE).values(**row | {"mark": str(n), "form": form, "key": key}))
    assert erase(centre, [keyed.id], "Решение 12-р") == 1
    forget_traces(centre.database, compact=True)
    with centre.database.reading() as connection:
        left = connection.execute(select(QUARANTINE.c.state, QUARANTINE.c.cells).order_by(QUARANTINE.c.n))
        assert [(state, "крокодил" in bytes(cells).decode()) for state, cells in left] == [
            ("set_aside", False),
            ("open", True),
            ("open", True),
        ]
    centre.database.close()


def test_erased_bytes_are_gone_from_the_file_and_its_log(centre: Centre) -> None:
    path = centre.database.path
    assert path is not None
    traces = [trace.encode() for trace in TRACES]

    def held() -> list[bytes]:
        files = [path, path.with_name(path.name + "-wal")]
        bytes_ = b"".join(file.read_bytes() for file in files if file.exists())
        return [trace for trace in traces if trace in bytes_]

    assert held(), "the check would see nothing"
    erase(centre, [marked().id], "Решение 12-р")
    forget_traces(centre.database, compact=True)
    assert held() == []


def test_log_that_cannot_be_emptied_is_told(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "_PATIENCE", 10)
    with centre.database.reading() as reader:
        reader.execute(select(JOURNAL.c.n)).all()
        erase(centre, [marked().id], "Решение 12-р")
        assert not forget_traces(centre.database, compact=False)
    assert forget_traces(centre.database, compact=False)


@on_both_engines
def test_readers_hear_of_an_erasure_through_the_feed(centre: Centre, seat: Callable[..., Seat]) -> None:
    supervisor = seat("su.polev")
    mirror = Mirror()
    cursor = mirror.follow(supervisor, supervisor.hello()["cursor"])
    erase(centre, [marked().id], "Решение 12-р")
    (line,) = [line for line in read_lines(supervisor.changes(cursor)) if line["_"] == "put"]
    assert line["row"][0] == marked().id
    assert line["doc"]["erased_at"]
    assert not any(line["applicant"].values())
    assert code(supervisor.http.get(f"/v1/appeals/{marked().id}/original")) == (404, "not_found")
    result = supervisor.do("note", marked().id, line["row"][2], text="Дописать")
    assert result["problem"]["code"] == "appeal_erased"
    told = supervisor.http.get("/v1/journal?limit=500").json()["items"]
    (erasure,) = [entry for entry in told if entry["type"] == "erase"]
    assert erasure["payload"] == {"act": "erase", "reason": "Решение 12-р"}


def test_texts_that_people_typed_leave_the_journal_and_the_chain_stays_whole(
    address: str, centre: Centre, seat: Callable[..., Seat]
) -> None:
    supervisor = seat("su.polev")
    file = "крокодил".encode()
    sha256 = hashlib.sha256(file).hexdigest()
    supervisor.http.put(f"/v1/blobs/{sha256}", content=file)
    for id in (marked().id, CLOSED[-1].id):
        attached = {"sha256": sha256, "name": "крокодил.txt", "size": len(file), "media_type": "text/plain"}
        assert supervisor.do("attach", id, 99, **attached)["status"] == "applied"
    assert supervisor.do("note", marked().id, 99, text="крокодил")["status"] == "applied"
    refused = supervisor.do("flag", marked().id, 99, flag="крокодил")
    assert refused["problem"]["params"]["value"] == "крокодил"
    assert "крокодил" in _everything(centre.database)
    erase(centre, [marked().id], "Решение 12-р")
    database = centre.database
    with database.reading() as connection:
        assert connection.execute(select(BLOB.c.sha256)).scalars().all() == [sha256], "another appeal has it"
    erase(centre, [CLOSED[-1].id], "Решение 13-р")
    assert "крокодил" not in _everything(database)
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(BLOB)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(ORIGINAL)).scalar_one() == 0
    assert journal.verify(database, centre.shard).ok


def test_no_guess_of_an_erased_text_can_be_confirmed_and_its_command_may_still_come_again(
    centre: Centre, seat: Callable[..., Seat]
) -> None:
    supervisor = seat("su.polev")
    note = supervisor.envelope("note", marked().id, 99, text="крокодил")
    assert supervisor.send(note).json()["results"][0]["status"] == "applied"
    marks = [fingerprint("note", marked().id, 99, {"text": "крокодил"})]
    with centre.database.reading() as connection:
        query = select(SETTLED.c.fingerprint).where(SETTLED.c.appeal == marked().id)
        assert connection.execute(query).scalars().all() == marks
    erase(centre, [marked().id], "Решение 12-р")
    with centre.database.reading() as connection:
        assert connection.execute(query).scalars().all() == [ERASED]
    # A workstation that never got the answer sends the same again.
    assert supervisor.send(note).json()["results"][0]["status"] == "duplicate"


def test_payload_that_is_gone_without_an_erasure_is_noticed(
    centre: Centre, seat: Callable[..., Seat]
) -> None:
    supervisor = seat("su.polev")
    for appeal in (marked(), CLOSED[-1]):
        assert supervisor.do("note", appeal.id, 99, text="Проверить")["status"] == "applied"
    erase(centre, [marked().id], "Решение 12-р")
    assert journal.verify(centre.database, centre.shard).ok
    of_another = select(JOURNAL.c.n).where(JOURNAL.c.appeal == CLOSED[-1].id)
    with centre.database.writing() as connection:
        n = connection.execute(of_another).scalar_one()
        connection.execute(delete(JOURNAL_PAYLOAD).where(JOURNAL_PAYLOAD.c.n == n))
    verdict = journal.verify(centre.database, centre.shard)
    assert (verdict.bad, verdict.reason) == (n, "payload")


def test_reason_of_an_erasure_that_is_gone_is_noticed(centre: Centre) -> None:
    erase(centre, [marked().id], "Решение 12-р")
    with centre.database.writing() as connection:
        n = connection.execute(select(JOURNAL.c.n).where(JOURNAL.c.type == "erase")).scalar_one()
        connection.execute(delete(JOURNAL_PAYLOAD).where(JOURNAL_PAYLOAD.c.n == n))
    verdict = journal.verify(centre.database, centre.shard)
    assert (verdict.bad, verdict.reason) == (n, "payload")


def test_open_appeal_is_kept_and_so_are_those_of_other_people(centre: Centre) -> None:
    assert [one.refused for one in find(centre, OPEN[0].number)] == ["appeal_open"]
    assert erase(centre, [OPEN[0].id], "Решение 12-р") == 0
    assert {one.number for one in find(centre, marked().number, same_applicant=True)} == {marked().number}


def test_all_appeals_of_an_applicant_are_found_by_contacts(address: str) -> None:
    database = Database(address)
    phone = replace(CLOSED[1], applicant=Applicant(phone="8 000 1112233"), place=Place())
    other = replace(CLOSED[2], applicant=Applicant(name=WHO.name))
    stored = [marked(), phone, other, _marked(OPEN[1])]
    for _ in Intake(database).store_prepared((appeal, None) for appeal in stored):
        pass
    centre = open_centre(database)
    found = {one.number: one.refused for one in find(centre, marked().number, same_applicant=True)}
    assert found == {marked().number: None, phone.number: None, OPEN[1].number: "appeal_open"}
    database.close()


def test_retention_erases_what_is_over_and_holds_what_a_later_letter_repeats(address: str) -> None:
    database = Database(address)
    old, repeated, kept = CLOSED[0], CLOSED[1], CLOSED[2]
    later = datetime(2045, 5, 1, tzinfo=UTC)
    link = Link(LinkKind.REPEAT, repeated.id, repeated.number)
    event = replace(kept.timeline[-1], type="reject", at=datetime(2044, 5, 1, tzinfo=UTC))
    kept = replace(kept, links=(link,), is_repeat=True, timeline=(*kept.timeline, event))
    for _ in Intake(database).store_prepared((appeal, None) for appeal in (old, repeated, kept, OPEN[0])):
        pass
    centre = open_centre(database)
    assert find_expired(centre, NOW).ids == []
    expired = find_expired(centre, later)
    assert (expired.ids, expired.held) == ([old.id], 1)
    assert dict(expired.regimes) == {old.regime.value: 1}
    assert erase(centre, expired.ids, "fz59: 5", "retention") == 1
    assert find_expired(centre, later).ids == []
    after = find_expired(centre, datetime(2060, 1, 2, tzinfo=UTC))
    assert set(after.ids) == {repeated.id, kept.id}
    database.close()


def test_commands_tell_before_they_erase(
    address: str, centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["erase", marked().number, "--reason", "Решение 12-р", "--database", address]
    assert main(wanted) == 0
    assert capsys.readouterr().out.split() == [marked().number]
    assert "крокодил" in _everything(centre.database)
    assert main([*wanted, "--yes"]) == 0
    assert "крокодил" not in _everything(centre.database)
    assert main([*wanted, "--yes"]) == 1, "it was erased before"
    capsys.readouterr()
    assert main(["retention", "run", "--dry-run", "--database", address]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts == {"expired": 0, "held": 0, "regimes": {}, "quarantine": 0}
    assert main(["erase", "INC-20200101-0001", "--reason", "x", "--database", address]) == 1
