"""What the quarantine keeps: every cell, unreadable lines and letters, dates, and whose row it was."""

import csv
import json
from pathlib import Path

import pytest

from cur_tui.domain.profile.load import load_region
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.importers.run import Report
from tests.server.exports import HEATMAP, INCIDENT, row_of, write_xlsx
from tests.server.import_office import imported, stored


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(str(tmp_path / "region.db"))
    create_region(opened, load_region("kursk"))
    return opened


def held(report: Report) -> list[list[str]]:
    assert report.quarantine is not None
    with report.quarantine.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def rewrite(report: Report, rows: list[list[str]]) -> Path:
    assert report.quarantine is not None
    with report.quarantine.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return report.quarantine


def heat(**given: object) -> list[object]:
    fields: dict[str, object] = {
        "Направление": "Дороги", "Подтема": "Ямы", "Статус": "В работе", "Источник": "ПОС", "Тип": 0,
        "Дата": "01.12.2025", "Адрес": "Курск",
    }  # fmt: skip
    return row_of(HEATMAP, **{**fields, **given})


@pytest.mark.parametrize("beyond", [1, 5])
def test_cells_beyond_the_header_are_kept(database: Database, tmp_path: Path, beyond: int) -> None:
    path = tmp_path / "a.csv"
    more = ";".join(f"часть {n}" for n in range(beyond))
    path.write_text(f"id;text\n1;Нет света;{more}\n", encoding="utf-8")
    (_, row) = held(imported(database, path))
    assert (row[:2], row[7:]) == (["1", "Нет света"], [f"часть {n}" for n in range(beyond)])


def test_a_line_and_a_letter_that_cannot_be_read_are_kept(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "Одно"}) + '\n{"text": "Нет св\n', encoding="utf-8")
    assert held(imported(database, path))[1][0] == '{"text": "Нет св'
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(1_500))
    box = tmp_path / "box"
    box.write_text(f"From a@x Mon Dec  1 10:00:00 2025\nSubject: Ямы\n{nested}", encoding="utf-8")
    header, row = held(imported(database, box))
    assert row[header.index("Text")].startswith("Subject: Ямы")


def test_dates_of_a_workbook_that_counts_from_1904_stay_what_they_were(
    database: Database, tmp_path: Path
) -> None:
    fields: dict[str, object] = {"ID": 1, "Номер": 1, "Дата_создания": 44_530.5, "Текст_инцидента": "Свет",
                                 "Тема": ("><f>1+1</f><v>2</v>",)}  # fmt: skip
    rows = [INCIDENT, row_of(INCIDENT, **fields)]
    path = write_xlsx(tmp_path / "a.xlsx", ("Л", rows), workbook='<workbookPr date1904="1"/>')
    report = imported(database, path)
    assert held(report)[1][INCIDENT.index("Дата создания")] == "2025-12-01 12:00:00"
    assert report.quarantine is not None
    assert imported(database, report.quarantine).new == 1
    assert stored(database)[0].received_at.date().isoformat() == "2025-12-01"


def test_a_quarantine_that_cannot_be_made_is_told_before_anything_is_stored(
    database: Database, tmp_path: Path
) -> None:
    # Longer than a name may be once «.quarantine» is added; a forbidden folder does not stop every account.
    path = tmp_path / ("a" * 245 + ".csv")
    path.write_text(
        "id,text\n" + "".join(f"{n},Сообщение {n}\n" for n in range(600)) + "600,\n", encoding="utf-8"
    )
    with pytest.raises(OSError, match="too long"):
        imported(database, path)
    assert stored(database) == []


def test_an_import_without_bad_rows_leaves_no_quarantine(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,Сообщение\n", encoding="utf-8")
    assert imported(database, path).quarantine is None
    assert [file.name for file in tmp_path.glob("*.csv")] == ["a.csv"]


def test_a_mended_row_among_equal_ones_becomes_an_appeal_of_its_own(
    database: Database, tmp_path: Path
) -> None:
    bad = heat(Статус=("><f>1+1</f><v>В работе</v>",))
    path = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEATMAP, heat(), bad, heat(), heat(Дата="вчера")]))
    report = imported(database, path)
    assert (report.new, report.quarantined) == (2, 2)
    rows = held(report)
    rows[1][HEATMAP.index("Статус")] = "Закрыт"
    rows[2][HEATMAP.index("Дата (первого взятия в работу)")] = "01.12.2025"
    again = imported(database, rewrite(report, rows))
    assert (again.new, again.changed, again.quarantined) == (2, 0, 0)
    keys = [appeal.external_ids["heatmap"] for appeal in stored(database)]
    assert len(set(keys)) == 4
    mended = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEATMAP, heat(), heat(Статус="Закрыт"), heat()]))
    assert imported(database, mended).new == 0, "the source's own mended export finds the same appeals"
