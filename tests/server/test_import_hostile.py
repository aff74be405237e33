"""Rows made to end an import, or merely odd: each is refused or taken, and the rows beside it are stored."""

import json
from pathlib import Path

import pytest

from cur_tui.domain.profile.load import load_region
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from tests.server.exports import INCIDENT, row_of, write_xlsx
from tests.server.import_office import imported, stored


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(str(tmp_path / "region.db"))
    create_region(opened, load_region("kursk"))
    return opened


def letter(headers: str, body: str) -> str:
    return f"From a@example.ru Mon Dec  1 10:00:00 2025\nFrom: a@example.ru\n{headers}\n\n{body}\n\n"


def test_a_letter_nested_without_end_is_refused_alone(database: Database, tmp_path: Path) -> None:
    nested = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\nContent-Type: message/rfc822\n\n'
        for n in range(1_500)
    )
    box = tmp_path / "box"
    box.write_text(
        letter("Message-ID: <1@x>", "Снег")
        + f"From a@example.ru Mon Dec  1 10:00:00 2025\nMessage-ID: <2@x>\n{nested}\n\n"
        + letter("Message-ID: <3@x>", "Вода"),
        encoding="utf-8",
    )
    report = imported(database, box)
    assert (report.new, [(bad.row, bad.reason) for bad in report.bad]) == (2, [(2, "broken_row")])


def test_a_letter_made_to_keep_its_reader_busy_is_refused_alone(database: Database, tmp_path: Path) -> None:
    parts = "".join(f'Content-Type: multipart/mixed; Boundary*="b{n}"\n\n--b{n}\n' for n in range(400))
    box = tmp_path / "box"
    tangled = letter("Message-ID: <1@x>", "Снег").rstrip() + "\n" + parts + "a\n" * 50_000
    box.write_text(tangled + "\n" + letter("Message-ID: <2@x>", "Вода"), encoding="utf-8")
    report = imported(database, box)
    assert (report.new, [(bad.row, bad.reason) for bad in report.bad]) == (1, [(1, "broken_row")])


def test_a_letter_of_an_impossible_date_is_taken(database: Database, tmp_path: Path) -> None:
    one = letter("Message-ID: <1@x>\nDate: Mon, 01 Dec 99999999999 10:00:00 +0300", "Снег")
    two = letter("Message-ID: <2@x>\nDate: Mon, 01 Dec 2025 10:00:00 +99999999999", "Вода")
    box = tmp_path / "box"
    box.write_text(one + two, encoding="utf-8")
    assert imported(database, box).new == 2


def test_halves_of_letters_in_json_become_question_marks(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    items = [
        {"id": "7\ud800", "text": "Одно", "тема\udc00": "x"},
        {"id": "8", "text": "Д\ud800ва"},
        {"id": "9", "text": {"a": "\ud800"}, "date": "вчера\ud800"},
    ]
    path.write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
    report = imported(database, path)
    assert (report.new, [(bad.row, bad.reason) for bad in report.bad]) == (2, [(3, "bad_date")])
    first, second = stored(database)
    assert (first.external_ids["csv"], second.text) == ("7?", "Д?ва")
    assert report.quarantine is not None
    assert "вчера?" in report.quarantine.read_text(encoding="utf-8-sig")


def test_moments_that_no_calendar_here_has_are_refused(database: Database, tmp_path: Path) -> None:
    def row(id: int, **given: object) -> list[object]:
        fields: dict[str, object] = {"ID": id, "Номер": id, "Дата_создания": "2025-12-01 10:00:00",
                                     "Текст_инцидента": "Свет"}  # fmt: skip
        return row_of(INCIDENT, **{**fields, **given})

    rows = [INCIDENT, row(1, Дата_создания="01.01.1753"), row(2, Дата_создания="02.01.0001"), row(3)]
    rows.append(row(4, Дата_создания="31.12.9999 12:00", Дата_окончания="31.12.9999"))
    report = imported(database, write_xlsx(tmp_path / "a.xlsx", ("Л", rows)))
    reasons = [(bad.row, bad.reason) for bad in report.bad]
    assert (report.new, reasons) == (1, [(2, "bad_date"), (3, "bad_date"), (5, "date_in_the_future")])
