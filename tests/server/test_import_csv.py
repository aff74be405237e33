"""Importing CSV files: any charset and header, each message once, bad rows told and passed over."""

import csv
import json
import tracemalloc
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.importing import ImportOptions
from cur_tui.contract.packing import unpack
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import Regime, Source
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.database.tables import APPEAL, ORIGINAL
from regional_api.importers.columns import ColumnError, Columns
from regional_api.importers.files.opening import opened
from regional_api.importers.finding import find_reader
from regional_api.importers.form import load_forms
from regional_api.importers.matching import Matcher
from regional_api.importers.reading import MAX_TEXT
from regional_api.importers.run import Report
from regional_api.importing.by_command import import_path

ZONE = ZoneInfo("Europe/Moscow")
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "appeals.csv"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(str(tmp_path / "region.db"))
    create_region(opened, load_region("kursk"))
    return opened


def imported(database: Database, path: Path) -> Report:
    with opened(path) as sheets:
        reader = find_reader(sheets, [load_forms()["csv"]], ZONE, {})
        return import_path(database, path, reader, ImportOptions(dry_run=False))


def bad_rows(report: Report) -> list[tuple[int, str]]:
    return [(bad.row, bad.reason) for bad in report.bad]


def stored(database: Database) -> list[Appeal]:
    with database.reading() as connection:
        documents = connection.execute(select(APPEAL.c.doc).order_by(APPEAL.c.pk)).scalars()
        return [decode_appeal(unpack(bytes(document))) for document in documents]


def write(tmp_path: Path, text: str, charset: str = "utf-8") -> Path:
    path = tmp_path / "messages.csv"
    path.write_bytes(text.encode(charset))
    return path


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp1251", "koi8-r", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_charset_and_delimiter_are_found(
    database: Database, tmp_path: Path, charset: str, delimiter: str
) -> None:
    rows = [
        ("Номер", "Текст сообщения", "Тема"),
        (
            "7",
            f'"Не вывозят мусор{delimiter} баки переполнены, запах стоит на весь двор"',
            "Не вывозят мусор",
        ),
        ("8", "Автобус опять не приехал по расписанию и мы стоим на морозе", "что-то своё"),
    ]
    path = write(tmp_path, "\r\n".join(delimiter.join(row) for row in rows) + "\r\n", charset)
    report = imported(database, path)
    assert (report.new, report.bad) == (2, [])
    waste, bus = stored(database)
    assert waste.text == f"Не вывозят мусор{delimiter} баки переполнены, запах стоит на весь двор"
    assert (waste.topic, waste.block) == ("waste.not_removed", "waste")
    assert (bus.topic, bus.block) == (None, None)
    assert bus.external_ids == {"csv": "8", "theme": "что-то своё"}
    assert (bus.source, bus.regime) == (Source.CSV, Regime.OPEN_SOURCE)


def test_html_becomes_text_and_the_bytes_stay(database: Database, tmp_path: Path) -> None:
    raw = "<p>Нет воды&nbsp;третий день</p><p>\x1b[31mПомогите [/b]</p>"
    path = write(tmp_path, f'id,text\n1,"{raw}"\n')
    assert imported(database, path).new == 1
    (appeal,) = stored(database)
    assert "<p>" not in appeal.text
    assert "\x1b" not in appeal.text
    assert "[/b]" in appeal.text
    with database.reading() as connection:
        original = connection.execute(select(ORIGINAL.c.data, ORIGINAL.c.media_type)).one()
    assert bytes(original.data) == raw.encode()
    assert original.media_type == "text/html; charset=utf-8"


def test_a_second_import_adds_nothing(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "id,text\nа-1,Первое сообщение\nа-2,Второе сообщение\n")
    assert imported(database, path).new == 2
    again = imported(database, path)
    assert (again.new, again.same, again.changed) == (0, 2, 0)
    write(tmp_path, "id,text\nа-1,Первое сообщение\nа-2,Второе изменилось\nа-3,Третье\n")
    third = imported(database, path)
    assert (third.new, third.same, third.changed, third.text_kept) == (1, 2, 0, 1)
    assert [appeal.text for appeal in stored(database)] == ["Первое сообщение", "Второе сообщение", "Третье"]


def test_the_last_row_of_a_key_wins(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "id,text\n1,старый текст\n2,другой\n1,новый текст\n")
    report = imported(database, path)
    assert (report.rows, report.new, report.repeated) == (3, 2, 1)
    assert [appeal.text for appeal in stored(database)] == ["другой", "новый текст"]


def test_bad_rows_are_told_and_stop_nothing(database: Database, tmp_path: Path) -> None:
    rows = [
        "id,text",
        "1,хорошая строка",
        "2,",
        "3,   ",
        f"4,{'я' * (MAX_TEXT + 1)}",
        "5,лишние,поля,здесь",
        '6,"кавычка не закрыта',
        "7,после неё всё читается",
        '8,"а эта ""закрыта"", и в ней\nдве строки"',
        "9,<p></p>",
        "",
        "10,",
        "11,последняя",
    ]
    report = imported(database, write(tmp_path, "\n".join(rows) + "\n"))
    assert [appeal.external_ids["csv"] for appeal in stored(database)][-1] == "11"
    assert bad_rows(report)[:5] == [
        (3, "no_text"),
        (4, "no_text"),
        (5, "too_long"),
        (6, "broken_row"),
        (7, "broken_row"),
    ]
    assert (12, "no_text") in bad_rows(report), "rows are counted as a spreadsheet shows them"
    assert "после неё всё читается" in {appeal.text for appeal in stored(database)}


def test_dates_are_read_in_region_time(database: Database, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "id;текст;дата\n1;раз;05.11.2026 12:30\n2;два;2026-11-05T09:30:00+00:00\n"
        "3;три;01.01.2090\n4;четыре;давно\n",
    )
    report = imported(database, path)
    first, second = stored(database)
    assert first.received_at == second.received_at
    assert sorted(bad_rows(report)) == [(4, "date_in_the_future"), (5, "bad_date")]


def test_columns_are_guessed_named_or_refused() -> None:
    form = load_forms()["csv"]
    columns = Columns(form, ["Группа тем", "Тема", "Текст  инцидента", "Исполнитель"])
    assert columns.values(["Дороги", "-", "'текст", "Администрация"]) == {
        "category": "Дороги", "text": "текст", "authority": "Администрация",
    }  # fmt: skip
    assert Columns(form, ["a", "b"], {"text": "B"}).values(["1", "2"]) == {"text": "2"}
    with pytest.raises(ColumnError):
        Columns(form, ["a", "b"])
    with pytest.raises(ColumnError):
        Columns(form, ["text"], {"theme": "нет такой"})


def test_labels_match_by_name_only() -> None:
    matcher = Matcher(Rulebook(load_region("kursk")))
    assert matcher.match("Дороги", "Дорожные знаки") == ("roads", "roads.signs")
    assert matcher.match("дороги", "нечто") == ("roads", None)
    assert matcher.match("", "") == (None, None)
    assert matcher.match("Дороги и мосты", "Знаки какие-то") == (None, None)


def test_the_command_reports_in_json(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database.close()
    path = write(tmp_path, "номер,сообщение\n1,Одно\n2,\n")
    assert main(["import", str(path), "--source", "csv", "--database", str(database.path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["new"] == 1
    assert report["rows"] == [{"row": 3, "column": "сообщение", "reason": "no_text"}]
    write(tmp_path, "a,b\n1,2\n")
    assert main(["import", str(path), "--database", str(database.path)]) == 1
    assert "--text-column" in capsys.readouterr().err
    write(tmp_path, "номер,сообщение\n")
    assert main(["import", str(path), "--source", "csv", "--database", str(database.path)]) == 0
    assert "нет ни одной строки" in capsys.readouterr().err
    assert [file.name for file in tmp_path.glob("*.quarantine*")] == ["messages.quarantine.csv"]


@pytest.mark.skipif(not REAL.exists(), reason=f"no real messages at {REAL.parent}")
def test_real_messages_flow_in_once(database: Database, tmp_path: Path) -> None:
    rows = islice(csv.reader(REAL.open(encoding="utf-8", newline="")), 601)
    with (tmp_path / "part.csv").open("w", encoding="utf-8", newline="") as part:
        csv.writer(part).writerows(rows)
    report = imported(database, tmp_path / "part.csv")
    assert report.new > 550
    assert report.rows == 600
    again = imported(database, tmp_path / "part.csv")
    assert (again.new, again.same) == (0, report.new)


def test_a_line_without_an_end_is_refused_in_bounded_memory(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "id,text\n1," + "а" * 20_000_000 + "\n2,Нет света\n")
    tracemalloc.start()
    try:
        report = imported(database, path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (report.new, bad_rows(report)) == (1, [(2, "broken_row")])
    assert peak < 24 << 20, "the line is forty million bytes"
