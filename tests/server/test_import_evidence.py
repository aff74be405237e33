"""Evidence of an imported appeal: the line of its batch vouches for its message and tells of no other."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update

from cur_tui.contract.packing import pack, unpack
from cur_tui.domain.vocabulary import Regime, Source
from regional_api.appeals.intake import IMPORT
from regional_api.centre import open_centre
from regional_api.cli.main import main as command
from regional_api.database.connections import Database
from regional_api.database.tables import APPEAL, JOURNAL, JOURNAL_HEAD, JOURNAL_PAYLOAD, ORIGINAL
from regional_api.record import journal
from regional_api.record.erasing import erase, find
from regional_api.record.evidence.batch import IMPORTS
from regional_api.record.evidence.export import export
from regional_api.record.evidence.verify import MANIFEST, main, verify
from regional_api.unit_of_work import unit_of_work
from tests.server.exports import INCIDENT, row_of, write_xlsx
from tests.server.import_office import imported, stored
from tests.server.office import on_both_engines, register
from tests.server.test_evidence import files_of, found, made, packed


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    opened = Database(address)
    yield opened
    opened.close()


def bring(database: Database, folder: Path, *ids: int, **given: object) -> None:
    """Import a file with a message for each of ``ids``."""
    fields: dict[str, object] = {
        "Отдел": "", "Дата_создания": "2025-12-01 10:00:00", "Группа_тем": "Дороги", "Тема": "",
        "Текущий": "В работе", **given,
    }  # fmt: skip
    rows = [row_of(INCIDENT, ID=n, Номер=n, Текст_инцидента=f"Сообщение {n}", **fields) for n in ids]
    report = imported(database, write_xlsx(folder / "export.xlsx", ("Лист1", [INCIDENT, *rows])))
    assert report.new + report.changed == len(ids)


def retold(database: Database, number: str, text: str) -> None:
    """Change the text in the database, past everything."""
    with database.writing() as connection:
        doc = connection.execute(select(APPEAL.c.doc).where(APPEAL.c.number == number)).scalar_one()
        changed = json.dumps({**json.loads(unpack(bytes(doc))), "text": text}).encode()
        connection.execute(update(APPEAL).where(APPEAL.c.number == number).values(doc=pack(changed)))


@on_both_engines
def test_the_line_of_the_batch_vouches_for_the_message(
    address: str, database: Database, tmp_path: Path
) -> None:
    path, other = tmp_path / "e.zip", tmp_path / "other.zip"
    bring(database, tmp_path, 1, 2)
    (single,) = register(address, 1, regime=Regime.OPEN_SOURCE, source=Source.SOCIAL)
    bring(database, tmp_path, 3, 4)
    bring(database, tmp_path, 1, Итог="Решено", Тема="Ямы")
    bring(database, tmp_path, 5)
    one, _, three, four, five = (appeal for appeal in stored(database) if appeal.number != single)
    with database.reading() as connection:
        lines = connection.execute(select(JOURNAL.c.n, JOURNAL.c.number).where(JOURNAL.c.type == IMPORT))
        batches = dict(reversed([(number, n) for n, number in lines]))
    assert list(batches) == [five.number, None, three.number, one.number], "a change alone adds no message"
    for appeal, first in ((one, one), (three, three), (four, three), (five, five)):
        facts = verify(str(path), made(address, appeal.number, path))
        assert facts["remarks"] == [], appeal.number
        assert facts["first"] == batches[first.number] - 1
    assert UUID(one.timeline[0].command).version == 4, "drawn: an imprint can be tried out by nobody else"
    made(address, four.number, path)
    assert "Сообщение 3".encode() not in b"".join(files_of(path).values())

    for data in (b"{}", None):
        kept = files_of(path)["original/message.bin"]
        of_four = ORIGINAL.c.appeal == four.id
        with database.writing() as connection:
            change = delete(ORIGINAL) if data is None else update(ORIGINAL).values(data=data)
            connection.execute(change.where(of_four))
        made(address, four.number, other)
        assert found(other) == "imprint", data
        with database.writing() as connection:
            connection.execute(delete(ORIGINAL).where(of_four))
            connection.execute(insert(ORIGINAL).values(appeal=four.id, media_type="", sha256="", data=kept))
    made(address, four.number, other)
    verify(str(other))
    retold(database, four.number, "Спасибо, всё хорошо.")
    made(address, four.number, other)
    assert found(other) == "imprint"
    # Whoever mends the imprint as well is betrayed by the line's digest of it.
    with database.writing() as connection:
        of_line = JOURNAL_PAYLOAD.c.n == batches[three.number]
        told = json.loads(connection.execute(select(JOURNAL_PAYLOAD.c.data).where(of_line)).scalar_one())
        told["imprints"].pop()
        connection.execute(update(JOURNAL_PAYLOAD).where(of_line).values(data=json.dumps(told).encode()))
    with other.open("wb") as file:
        export(open_centre(database), four.number, file)
    assert found(other) == "payload"


def test_the_line_is_found_by_an_index(database: Database) -> None:
    with database.reading() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN " + str(IMPORTS.compile(connection, compile_kwargs={"literal_binds": True}))
        ).all()
    assert "USING INDEX ix_journal_appeal" in str(plan)


def test_an_archive_without_the_line_proves_less_and_says_so(
    address: str, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "e.zip"
    bring(database, tmp_path, 1)
    (appeal,) = stored(database)
    head = made(address, appeal.number, path)
    line = json.loads(files_of(path)[MANIFEST])["import"]
    for name in (f"journal/{line}.json", f"journal/{line}.payload"):
        files = files_of(path)
        del files[name]
        assert found(packed(tmp_path / "other.zip", files)) == "missing"
    # As the program wrote them before: a line that tells of the batch, and of no message in it.
    centre = open_centre(database)
    with unit_of_work(database, centre.rulebook) as work:
        connection = work.connection
        for table in (JOURNAL, JOURNAL_PAYLOAD):
            connection.execute(delete(table).where(table.c.n >= line))
        kept = connection.execute(select(JOURNAL.c.hash).where(JOURNAL.c.n == line - 1)).scalar_one()
        connection.execute(update(JOURNAL_HEAD).values(n=line - 1, hash=kept))
        told = {"count": 1, "first": appeal.number, "last": appeal.number, "documents_sha256": "0" * 64}
        work.record(journal.entry_of(work.now, IMPORT, told))
    head = made(address, appeal.number, path)
    assert verify(str(path), head)["remarks"] == ["original", "message"]
    capsys.readouterr()
    assert main([str(path), "--head", head]) == 0
    assert "is not proven" in capsys.readouterr().out
    assert command(["evidence", "verify", str(path), "--head", head]) == 0
    assert "Замечание: " in capsys.readouterr().err


def test_an_erased_message_is_told_as_such(address: str, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    bring(database, tmp_path, 1, Текущий="Готово", Итог="Решено", Общий_текст="Исправлено.",
          Общее_время_первого="2025-12-01 12:00:00", Дата_окончания="2025-12-02 12:00:00")  # fmt: skip
    (appeal,) = stored(database)
    centre = open_centre(database)
    assert erase(centre, [one.id for one in find(centre, appeal.number)], "решение 7") == 1
    facts = verify(str(path), made(address, appeal.number, path))
    assert facts["remarks"] == ["erased"]
    assert "Сообщение 1".encode() not in b"".join(files_of(path).values())
    with database.writing() as connection:
        row = {"appeal": appeal.id, "media_type": "text/plain", "sha256": "", "data": b"anything"}
        connection.execute(insert(ORIGINAL).values(**row))
    made(address, appeal.number, path)
    assert found(path) == "original"


def test_the_text_and_the_message_of_a_single_registration_are_held_against_its_line(
    address: str, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "e.zip"
    (number,) = register(address, 1, regime=Regime.OPEN_SOURCE, source=Source.SOCIAL)
    assert verify(str(path), made(address, number, path))["remarks"] == []
    retold(database, number, "Спасибо, всё хорошо.")
    made(address, number, path)
    assert found(path) == "message"
    with database.writing() as connection:
        connection.execute(delete(ORIGINAL))
    made(address, number, path)
    assert found(path) == "gone"
