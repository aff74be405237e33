"""Hostile files through the importers: what is stored is harmless, what is refused is told."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest

from cur_tui.contract.codec import encode_appeal
from cur_tui.domain.profile.load import load_region
from regional_api.cli.main import main as regional_api
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.importers.files.opening import opened
from regional_api.importers.files.table import FileError
from tests.hostile.corpus import ENCODABLE, SOAK
from tests.hostile.files import CHARSETS, JSON, archives
from tests.hostile.harmless import unsafe
from tests.hostile.lures import FORMULAS
from tests.server.exports import INCIDENT, row_of, write_xlsx
from tests.server.import_office import imported, stored

TEXTS = [case.text for case in ENCODABLE if case.text.strip() and (SOAK or len(case.text) < 10_000)]
FIELDS = {"Дата_создания": "2025-12-01 10:00:00"}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened_ = Database(str(tmp_path / "region.db"))
    create_region(opened_, load_region("kursk"))
    return opened_


def as_csv(path: Path, texts: Sequence[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(INCIDENT)
        for n, text in enumerate(texts):
            writer.writerow(incident(n, text))
    return path


def as_json(path: Path, texts: Sequence[str]) -> Path:
    items = ({"id": text[:60] + str(n), "text": text, "theme": text[:80]} for n, text in enumerate(texts))
    path.write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
    return path


def as_workbook(path: Path, texts: Sequence[str]) -> Path:
    # XML itself holds no control characters; they come as their escapes or not at all.
    rows = (incident(n, "".join(filter(_in_xml, text))) for n, text in enumerate(texts))
    return write_xlsx(path, ("Л", [INCIDENT, *rows]))


def as_mail(path: Path, texts: Sequence[str]) -> Path:
    with path.open("wb") as file:
        for n, text in enumerate(texts):
            letter = EmailMessage()
            letter["From"], letter["Message-ID"] = "a@example.org", f"<{n}@example.org>"
            letter["Date"] = "Mon, 01 Dec 2025 10:00:00 +0300"
            letter["Subject"] = " ".join(text.split())[:200] or "x"
            letter.set_content(text)
            file.write(b"From a@example.org Mon Dec  1 10:00:00 2025\n" + letter.as_bytes() + b"\n\n")
    return path


def incident(n: int, text: str) -> list[object]:
    named = {
        "ID": n,
        "Номер": n,
        "Текст_инцидента": text,
        "Улица": text[:200],
        "Тема": text[:200],
        "Теги": text,
    }
    return row_of(INCIDENT, **{**FIELDS, **named})


def _in_xml(letter: str) -> bool:
    return letter in "\t\n" or (letter >= " " and letter not in "\ufffe\uffff")


MAKERS = (as_csv, as_json, as_workbook, as_mail)


@pytest.mark.parametrize("nth", range(len(MAKERS)), ids=[make.__name__ for make in MAKERS])
def test_what_is_stored_is_harmless(database: Database, tmp_path: Path, nth: int) -> None:
    """Each text through one form of file; a soak sends each through all of them."""
    texts = TEXTS if SOAK else TEXTS[nth :: len(MAKERS)]
    report = imported(database, MAKERS[nth](tmp_path / "messages", texts))
    appeals = stored(database)
    assert report.new == len(appeals) > len(texts) * 0.8, [(bad.row, bad.reason) for bad in report.bad[:20]]
    for appeal in appeals:
        texts = every_text(msgspec.json.decode(encode_appeal(appeal)))
        assert not set().union(*(unsafe(text, "\n\t") for text in texts)), appeal.number
    if report.quarantine is not None:
        assert not acting_cells(report.quarantine)


def every_text(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    items: list[object] = value if isinstance(value, list) else []
    if isinstance(value, dict):
        items = [*value.keys(), *value.values()]
    return [text for item in items for text in every_text(item)]


def acting_cells(path: Path) -> Sequence[str]:
    """Cells that a spreadsheet program would take for a formula."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file, delimiter=";") for cell in row]
    acting = re.compile(r"[ \n\ufeff\u200b]*(?:[=+@＝＋＠\t\r]|[-－]\D)")
    return [cell for cell in cells if acting.match(cell)]


def test_no_cell_of_the_quarantine_is_a_formula(database: Database, tmp_path: Path) -> None:
    """A row without its date is put back into a file that people open in a spreadsheet program."""
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(INCIDENT)
        for n, text in enumerate(FORMULAS):
            writer.writerow(
                row_of(INCIDENT, ID=n, Номер=n, Текст_инцидента=text, Тема=text, Дата_создания="вчера")
            )
    report = imported(database, path)
    assert report.quarantine is not None
    assert report.quarantined == len(FORMULAS)
    assert not acting_cells(report.quarantine)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["charsets", "json", "archives"])
def test_files_that_lie_are_read_or_told(tmp_path: Path, kind: str) -> None:
    if kind == "archives":
        made = archives(tmp_path)
    else:
        head, files = (
            (b"\xd0\x90;\xd0\x91\n1;", CHARSETS) if kind == "charsets" else (b'{"id":1,"text":"x"}\n', JSON)
        )
        made = as_files(tmp_path, {name: head + data for name, data in files.items()})
    read = told = 0
    for name, path in made:
        try:
            with opened(path) as sheets:
                cells = [cell for sheet in sheets for line in sheet.lines() for cell in line.cells]
        except FileError:
            told += 1
            continue
        read += 1
        assert all(len(cell) <= 1_100_000 for cell in cells), name
    assert read
    assert told or kind != "archives"
    assert not Path("/tmp/climbed").exists()


def as_files(folder: Path, files: Mapping[str, bytes]) -> Iterator[tuple[str, Path]]:
    for n, (name, data) in enumerate(files.items()):
        path = folder / f"{n}.txt"
        path.write_bytes(data)
        yield name, path


def test_the_command_says_nothing_raw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not the labels of a file that no code was found for, and not its name."""
    region = str(tmp_path / "region.db")
    assert regional_api(["init", "--region", "kursk", "--database", region]) == 0
    path = as_json(tmp_path / "\x1b]0;name\x9b2J\u202e.jsonl", TEXTS[::4])
    assert regional_api(["import", str(path), "--database", region, "--json"]) == 0
    assert regional_api(["import", str(path) + "\x1b[2J", "--database", region]) == 1
    shown = capsys.readouterr()
    assert not unsafe(shown.out)
    assert not unsafe(shown.err)
    assert json.loads(shown.out.splitlines()[-1])["new"] > 100
