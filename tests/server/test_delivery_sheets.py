"""The sheet for those who post by hand: what goes out, who was told what, and the sheet filled in."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from uuid6 import uuid7

from cur_tui.contract.delivering import DeliverySheet, ReceiptReport
from cur_tui.delivery_sheet import COLUMNS, begin_sheet, write_sheet
from cur_tui.domain.model import Applicant
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AnswerStatus, Regime, Source, State
from regional_api.centre import Centre, open_centre
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.tables import BLOB, JOURNAL
from regional_api.delivering import routing
from regional_api.delivering.exporting import export
from regional_api.delivering.receipts import take_receipts
from regional_api.identity.callers import Caller, find_actor
from regional_api.importers.files.opening import opened
from regional_api.record.journal import verify
from tests.server.delivery_office import PHOTO, Waiting, answer_of, appeal_of, approved, give, photo, store
from tests.server.office import Seat, on_both_engines

FILLED_IN = ("Результат", "Ссылка или номер", "Причина")
NOBODY = "0190f5fe-7c1e-7000-8000-00000000aaaa"
EVIL = '=HYPERLINK("http://evil.example","Жми")'


@pytest.fixture
def centre(address: str) -> Iterator[Centre]:
    """The region without a server."""
    database = Database(address)
    yield open_centre(database)
    database.close()


def caller(centre: Centre, account: str = "op.zarechnaya") -> Caller:
    with centre.database.reading() as connection:
        actor = find_actor(connection, account, centre.region)
    assert actor is not None
    return Caller(actor, centre.region)


def written(centre: Centre, folder: Path, sheet: DeliverySheet) -> list[dict[str, str]]:
    """The rows of the workbook as a spreadsheet program reads them."""

    def fetch(file: object) -> bytes:
        with centre.database.reading() as connection:
            return bytes(connection.execute(select(BLOB.c.data)).scalar_one())

    begin_sheet(folder)
    with opened(write_sheet(folder, sheet, fetch)) as (only,):
        header, *rows = [line.cells for line in only.lines()]
    return [dict(zip(header, row, strict=False)) for row in rows]


def filled_in(folder: Path, rows: list[dict[str, str]], **results: tuple[str, ...]) -> Path:
    """The sheet as it comes back, saved as a table of text by another program."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [*rows[0], "Ещё"], delimiter=";", restval="")
    writer.writerow({next(iter(rows[0])): "Отправка ответов"})
    writer.writeheader()
    for row in rows:
        words = results.get(row["Номер"].replace("-", "_"), ())
        writer.writerow({**row, **dict(zip(FILLED_IN, words, strict=False))})
    path = folder / "back.csv"
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return path


def key_of(one: Waiting) -> str:
    return one.number.replace("-", "_")


def told(centre: Centre) -> list[tuple[str, str]]:
    """Who was shown whose text, by the journal."""
    lines = select(JOURNAL.c.account, JOURNAL.c.appeal).where(JOURNAL.c.type == "disclose")
    with centre.database.reading() as connection:
        return [tuple(line) for line in connection.execute(lines.order_by(JOURNAL.c.n))]


@on_both_engines
def test_the_sheet_goes_out_and_comes_back(centre: Centre, tmp_path: Path) -> None:
    file = photo(centre)
    one, two, three = store(centre, approved(files=(file,), evidence=(file.name,)), approved(), approved())
    sheet = export(centre, caller(centre))
    rows = written(centre, tmp_path / "out", sheet)
    assert [row["Номер"] for row in rows] == [one.number, two.number, three.number]
    assert rows[0]["Куда"] == "https://vk.example/wall1_2"
    assert (tmp_path / "out" / rows[0]["Файлы"]).read_bytes() == PHOTO
    assert answer_of(centre, one).status is AnswerStatus.APPROVED

    back = filled_in(
        tmp_path,
        rows,
        **{
            key_of(one): ("Доставлено.", "https://vk.example/wall1_2?reply=3"),
            key_of(two): ("не доставлено", "", "Запись удалена"),
        },
    )
    report = take_receipts(centre, caller(centre), back, "ru")
    assert report == ReceiptReport(confirmed=1, sent=0, failed=1, same=0, empty=1, faults=())
    assert appeal_of(centre, one).state is State.RESOLVED
    assert answer_of(centre, one).external_ref == "https://vk.example/wall1_2?reply=3"
    assert appeal_of(centre, one).timeline[-1].account == "op.zarechnaya"
    assert answer_of(centre, two).failure == "Запись удалена"
    give(centre, two, "queue_delivery")
    again = take_receipts(centre, caller(centre), back, "ru")
    assert (again.same, again.failed, again.confirmed) == (2, 0, 0)
    assert answer_of(centre, two).status is AnswerStatus.QUEUED


def test_a_second_sheet_says_what_the_first_held(centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    assert export(centre, caller(centre)).before == 0
    (two,) = store(centre, approved())
    sheet = export(centre, caller(centre))
    assert (sheet.before, [row.exports for row in sheet.rows]) == (1, [1, 0])
    rows = written(centre, tmp_path / "out", sheet)
    assert rows[0]["Выгружено ранее"]
    assert not rows[1].get("Выгружено ранее")
    store(centre, approved())
    assert len(export(centre, caller(centre), only_new=True).rows) == 1
    assert one.number != two.number


@on_both_engines
def test_a_sheet_whose_answer_was_lost_is_the_same_again(centre: Centre) -> None:
    """Its texts count as handed out: no later sheet would bring them as new ones."""
    one, two = store(centre, approved(), approved())
    id, person = str(uuid7()), caller(centre)
    first = export(centre, person, only_new=True, sheet_id=id)
    lines = len(told(centre))
    store(centre, approved())
    again = export(centre, person, only_new=True, sheet_id=id)
    assert (again.rows, again.before, again.left) == (first.rows, 0, 1)
    assert len(told(centre)) == lines
    give(centre, one, "confirm_delivery")
    assert [row.number for row in export(centre, person, sheet_id=id).rows] == [two.number]
    assert len(export(centre, person, only_new=True, sheet_id=str(uuid7())).rows) == 1
    with pytest.raises(Refused, match="malformed"):
        export(centre, person, sheet_id="лист")


def test_a_sheet_that_was_broken_off_is_written_in_its_folder(centre: Centre, tmp_path: Path) -> None:
    file, out = photo(centre), tmp_path / "out"
    store(centre, approved(files=(file,), evidence=(file.name,)))
    id = begin_sheet(out)
    sheet = export(centre, caller(centre), sheet_id=id)

    def breaks(_: object) -> bytes:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        write_sheet(out, sheet, breaks)
    assert begin_sheet(out) == id
    assert write_sheet(out, sheet, lambda _: PHOTO).exists()
    with pytest.raises(FileExistsError):
        begin_sheet(out)


def test_ways_are_found_in_short_transactions_before_the_sheet(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(centre, *(approved() for _ in range(3)))
    monkeypatch.setattr(routing, "CHUNK", 1)
    route, transactions = routing.route_waiting, []

    def seen(connection: Connection, *arguments: Any) -> int:
        transactions.append(connection.get_transaction())
        return route(connection, *arguments)

    monkeypatch.setattr(routing, "route_waiting", seen)
    assert len(export(centre, None).rows) == 3
    assert len(set(map(id, transactions))) == len(transactions) == 4


def test_every_text_that_is_handed_out_is_a_line_of_the_journal(centre: Centre) -> None:
    waiting = store(centre, approved(), approved())
    export(centre, caller(centre))
    export(centre, None)
    assert told(centre) == [
        (account, one.appeal) for account in ("op.zarechnaya", "system") for one in waiting
    ]
    assert verify(centre.database, centre.shard).ok


def test_a_sheet_holds_what_its_reader_may_see(centre: Centre) -> None:
    store(centre, approved())
    assert len(export(centre, caller(centre)).rows) == 1
    assert export(centre, caller(centre, "op.dorogin")).rows == ()
    for account in ("ob.tikhaya", "ag.lugovoy", "cu.gordeev"):
        with pytest.raises(Refused, match="not_permitted"):
            export(centre, caller(centre, account))


def test_nothing_in_the_workbook_acts(centre: Centre, tmp_path: Path) -> None:
    author = Applicant(name=EVIL, address="+7 cmd|' /C calc'!A0")
    (one,) = store(
        centre,
        approved(
            Regime.FZ59,
            Source.POST,
            applicant=author,
            text="-1+1\x1b[2J <script>\n" + "Я" * 65_000,
            external_ids={},
        ),
    )
    (row,) = written(centre, tmp_path / "out", export(centre, caller(centre)))
    assert row["Кому"] == f"'{EVIL}"
    assert row["Куда"].startswith("'+7")
    whole = row["Текст"][1:] + row["Текст, продолжение"] + row["Текст, окончание"]
    assert whole == answer_of(centre, one).text.replace("\x1b", "\ufffd")
    with zipfile.ZipFile(tmp_path / "out" / "deliveries.xlsx") as package:
        part = package.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in part
    assert part.count("<c ") == part.count('t="inlineStr"')
    assert "\x1b" not in part
    assert all(len(cell) <= 32_767 for cell in row.values())


FAULTS: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "unknown_result": lambda row: {**row, "Результат": "может быть"},
    "no_reason": lambda row: {**row, "Результат": "нет"},
    "other_number": lambda row: {**row, "Результат": "да", "Номер": "INC-20261117-9999"},
    "unknown_delivery": lambda row: {
        **row,
        "Результат": "да",
        "Доставка": NOBODY,
    },
}


@pytest.mark.parametrize("code", FAULTS)
def test_a_row_that_cannot_be_meant_is_told_and_the_others_are_taken(
    code: str, centre: Centre, tmp_path: Path
) -> None:
    one, two = store(centre, approved(), approved())
    rows = written(centre, tmp_path / "out", export(centre, caller(centre)))
    mended = [FAULTS[code]({**rows[0]}), {**rows[1], "Результат": "отправлено"}]
    report = take_receipts(centre, caller(centre), filled_in(tmp_path, mended), "ru")
    assert [(fault.row, fault.code) for fault in report.faults] == [(3, code)]
    assert report.faults[0].sentence
    assert report.sent == 1
    assert answer_of(centre, one).status is AnswerStatus.APPROVED
    assert answer_of(centre, two).status is AnswerStatus.SENT


def test_what_is_no_sheet_is_refused_with_a_sentence(centre: Centre, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("Номер;Текст\n1;2\n")
    with pytest.raises(Refused, match="no_delivery_sheet"):
        take_receipts(centre, caller(centre), path, "ru")
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(Refused, match="file_unreadable"):
        take_receipts(centre, caller(centre), path, "ru")


def test_over_the_wire(centre: Centre, seat: Callable[..., Seat], tmp_path: Path) -> None:
    one, two = store(centre, approved(), approved())
    person = seat()
    listed = person.http.get("/v1/deliveries", params={"limit": 1}).json()
    assert (len(listed["items"]), listed["counts"]) == (1, {"waiting": 2})
    rest = person.http.get("/v1/deliveries", params={"after": listed["next"]}).json()
    assert {listed["items"][0]["number"], rest["items"][0]["number"]} == {one.number, two.number}
    assert person.http.get("/v1/deliveries", params={"state": "failed"}).json()["items"] == []
    assert person.http.get("/v1/deliveries", params={"state": "odd"}).status_code == 422
    sheet = person.http.post("/v1/deliveries/sheet", json={"only_new": True}).json()
    body = "Доставка;Результат\n" + "".join(f"{row['delivery']};да\n" for row in sheet["rows"])
    report = person.http.put(
        "/v1/deliveries/receipts", content=body.encode(), headers={"Content-Type": "application/octet-stream"}
    ).json()
    assert report["confirmed"] == 2
    assert appeal_of(centre, one).state is State.RESOLVED


def test_the_office_on_the_command_line(
    address: str, centre: Centre, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (one,) = store(centre, approved())
    out = tmp_path / "out"

    def said(*words: str) -> tuple[int, dict[str, object]]:
        code = main(["deliveries", *words, "--database", address])
        printed = capsys.readouterr().out
        return code, json.loads(printed) if printed else {}

    assert said("show") == (0, {"delivery": None})
    assert said("export", "--out", str(out))[1]["rows"] == 1
    assert said("export", "--out", str(out))[0] == 1
    with opened(out / "deliveries.xlsx") as (only,):
        header, row = [line.cells for line in only.lines()]
    assert len(header) == len(COLUMNS)
    back = tmp_path / "back.csv"
    back.write_text(f"Доставка;Результат\n{dict(zip(header, row, strict=False))['Доставка']};да\n")
    assert said("import", str(back), "--account", "nobody")[0] == 1
    assert said("import", str(back), "--account", "op.zarechnaya")[1]["confirmed"] == 1
    assert said("list", "--state", "confirmed")[1]["items"][0]["number"] == one.number  # type: ignore[index]
    assert said("run", "--once")[0] == 1
