"""Files imported again: nothing twice, the source's news taken over, people's work kept, bad rows mended."""

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from cur_tui.domain.commands import AddNote, Arguments, Assign, ClaimAppeal, Classify, Command, Tag
from cur_tui.domain.decisions import decide
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import ItemKind, Outcome, Role, State
from regional_api.centre import open_centre
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.schema import create_region, write_meta
from regional_api.database.store import load
from regional_api.database.tables import JOURNAL
from regional_api.importers.aliases import Aliases
from regional_api.importers.form import Meaning, Rule, load_forms
from regional_api.importers.matching import Matcher
from regional_api.importing.tables import QUARANTINE
from regional_api.record import journal
from regional_api.unit_of_work import unit_of_work
from tests.server.exports import EDS, INCIDENT, row_of, write_xlsx
from tests.server.import_office import imported, stored
from tests.server.office import on_both_engines

RULES = Rulebook(load_region("kursk"))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(str(tmp_path / "region.db"))
    create_region(opened, load_region("kursk"))
    return opened


def row(id: int, **given: object) -> list[object]:
    fields: dict[str, object] = {
        "ID": id, "Номер": id, "Отдел": "Администрация города Курска", "Дата_создания": "2025-12-01 10:00:00",
        "Группа_тем": "Дороги", "Тема": "Дорожные знаки", "Текст_инцидента": f"Сообщение {id}",
        "Текущий": "В работе",
    }  # fmt: skip
    return row_of(INCIDENT, **{**fields, **given})


ANSWERED = {
    "Общее_время_первого": "2025-12-01 12:00:00",
    "Общий_текст": "Исправлено.",
    "Дата_окончания": "2025-12-02 12:00:00",
    "Итог": "Решено",
    "Текущий": "Готово",
}


def export(tmp_path: Path, *rows: list[object]) -> Path:
    return write_xlsx(tmp_path / "export.xlsx", ("Лист1", [INCIDENT, *rows]))


def act(database: Database, appeal: Appeal, *acts: Arguments) -> Appeal:
    """A supervisor works on the appeal through the rules that everybody is under."""
    actor = Actor("boss", "Придуманный С. В.", Role.SUPERVISOR, frozenset({"*"}), None)
    with unit_of_work(database, RULES) as work:
        (kept,) = load(work.connection, [appeal.id]).values()
        after = kept.appeal
        for n, arguments in enumerate(acts):
            id = f"0190f5fe-7c1e-7000-8000-{n:012d}"
            command = Command(id, after.id, arguments, after.version, work.now)
            after = decide(after, command, actor, RULES, work.now)
        work.change(kept, after)
    return after


def test_the_same_file_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    path = export(tmp_path, row(1), row(2, **ANSWERED))
    assert imported(database, path).new == 2
    before = stored(database)
    again = imported(database, path)
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    assert stored(database) == before


def test_columns_may_come_in_any_order_and_the_key_decides(database: Database, tmp_path: Path) -> None:
    imported(database, export(tmp_path, row(1), row(2)))
    turned = [[*reversed(cells)] for cells in ([*INCIDENT], row(2, **ANSWERED))]
    report = imported(database, write_xlsx(tmp_path / "turned.xlsx", ("Лист1", turned)))
    assert (report.new, report.changed) == (0, 1)
    first, second = stored(database)
    assert first.state is State.IN_PROGRESS, "a row that a newer file lacks stays as it was"
    assert (second.state, second.outcome) == (State.RESOLVED, Outcome.SOLVED)
    assert [event.type for event in second.timeline][-2:] == ["confirm_delivery", "source_update"]
    assert second.version == len(second.timeline)


def test_notes_and_classification_of_people_stay_while_the_source_goes_on(
    database: Database, tmp_path: Path
) -> None:
    imported(database, export(tmp_path, row(1)))
    (appeal,) = stored(database)
    act(
        database,
        appeal,
        ClaimAppeal(),
        Classify(topic="waste.not_removed", item_kind=ItemKind.COMPLAINT),
        AddNote("Звонили заявителю"),
    )
    report = imported(database, export(tmp_path, row(1, **ANSWERED, Тема="Нечто")))
    assert report.changed == 1
    (after,) = stored(database)
    assert (after.topic, after.block, after.item_kind) == ("waste.not_removed", "waste", ItemKind.COMPLAINT)
    assert after.notes[0].text == "Звонили заявителю"
    assert (after.state, after.answers[0].text) == (State.RESOLVED, "Исправлено.")


def test_work_of_people_stays_and_the_answer_of_the_source_is_added(
    database: Database, tmp_path: Path
) -> None:
    imported(database, export(tmp_path, row(1, Отдел="Неизвестный отдел")))
    (appeal,) = stored(database)
    assert appeal.state is State.DISTRIBUTION
    worked = act(database, appeal, Assign("kursk_transport"))
    imported(database, export(tmp_path, row(1, **ANSWERED)))
    (after,) = stored(database)
    assert (after.state, after.authority, after.clocks) == (State.ASSIGNED, "kursk_transport", worked.clocks)
    assert [answer.text for answer in after.answers] == ["Исправлено."]
    assert after.external_ids["outcome"] == "Решено"


def test_a_stored_text_is_evidence(database: Database, tmp_path: Path) -> None:
    imported(database, export(tmp_path, row(1)))
    report = imported(database, export(tmp_path, row(1, Текст_инцидента="Другой текст")))
    assert (report.same, report.text_kept) == (1, 1)
    assert stored(database)[0].text == "Сообщение 1"


def test_the_last_of_several_rows_wins(database: Database, tmp_path: Path) -> None:
    report = imported(database, export(tmp_path, row(1), row(2), row(1, **ANSWERED)))
    assert (report.rows, report.new, report.repeated) == (3, 2, 1)
    assert {a.external_ids["incident"]: a.state for a in stored(database)}["1"] is State.RESOLVED


def test_a_dry_run_tells_and_stores_nothing(database: Database, tmp_path: Path) -> None:
    imported(database, export(tmp_path, row(1)))
    before = stored(database)
    rows = (row(1, **ANSWERED), row(2), row(3, Дата_создания="вчера"))
    report = imported(database, export(tmp_path, *rows), dry_run=True)
    assert (report.new, report.changed, report.quarantined, report.quarantine) == (1, 1, 1, None)
    assert {"state", "outcome", "answers"} <= set(report.fields)
    assert stored(database) == before
    assert not list(tmp_path.glob("*.csv"))


def test_rows_in_quarantine_are_mended_and_imported(database: Database, tmp_path: Path) -> None:
    bad = row(2, Дата_создания="вчера", Текст_инцидента="=cmd|'x'!A1")
    report = imported(database, export(tmp_path, row(1), bad, row(3, Тема=("><f>1+1</f><v>2</v>",))))
    assert (report.new, report.quarantined) == (1, 2)
    assert report.quarantine == tmp_path / "export.quarantine.csv"
    with report.quarantine.open(encoding="utf-8-sig", newline="") as file:
        held = list(csv.reader(file, delimiter=";"))
    assert [cells[-3:-1] for cells in held[1:]] == [["3", "Дата создания"], ["4", "Тема"]]
    assert held[1][INCIDENT.index("Текст инцидента")].startswith("'="), "no formula for whoever opens it"
    held[1][INCIDENT.index("Дата создания")] = "01.12.2025 10:00"
    with report.quarantine.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(held)
    again = imported(database, report.quarantine)
    assert (again.form, again.new, again.quarantined) == ("incident", 2, 0)
    assert {a.external_ids["incident"] for a in stored(database)} == {"1", "2", "3"}


def test_a_quarantine_is_neither_overwritten_nor_written_twice(database: Database, tmp_path: Path) -> None:
    bad, worse = row(2, Дата_создания="вчера"), row(3, Дата_создания="намедни")
    first = imported(database, export(tmp_path, bad)).quarantine
    assert first == tmp_path / "export.quarantine.csv"
    mending = first.read_text(encoding="utf-8-sig").replace("вчера", "31.12.2025 10:00")
    # As a spreadsheet program of a Russian desk saves it.
    first.write_text(mending, encoding="cp1251")
    assert imported(database, export(tmp_path, bad)).quarantine == first, "it is being mended there"
    assert first.read_text(encoding="cp1251") == mending
    both = imported(database, export(tmp_path, bad, worse))
    assert both.quarantines == (first, tmp_path / "export.quarantine-2.csv")
    assert "намедни" in both.quarantines[1].read_text(encoding="utf-8-sig")
    assert "вчера" not in both.quarantines[1].read_text(encoding="utf-8-sig")
    assert len(list(tmp_path.glob("*.csv"))) == 2


def test_what_was_mended_does_not_come_back_as_bad(database: Database, tmp_path: Path) -> None:
    """Mended in the quarantine, in a copy of the export or in a newer one: the first one changes nothing."""
    bad = [row(n, Дата_создания="вчера") for n in (1, 2, 3)]
    original = export(tmp_path, *bad)
    first = imported(database, original)
    assert first.quarantine is not None
    header, mended, *_ = list(csv.reader(first.quarantine.open(encoding="utf-8-sig"), delimiter=";"))
    mended[INCIDENT.index("Дата создания")] = "01.12.2025 10:00"
    with first.quarantine.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, mended])
    assert imported(database, first.quarantine).new == 1
    (tmp_path / "copy").mkdir()
    again = row(3, Дата_создания="третьего дня", Тема="Ямы")
    copy = imported(database, export(tmp_path / "copy", bad[0], row(2), again))
    assert (copy.new, copy.mended, copy.quarantined) == (1, 1, 1), "the third is another bad row now"
    assert imported(database, export(tmp_path / "copy", row(3))).new == 1
    first.quarantine.unlink()

    told = imported(database, original, dry_run=True)
    assert (told.mended, told.quarantined) == (3, 0)
    second = imported(database, original)
    assert (second.mended, second.quarantined, second.bad, second.quarantine) == (3, 0, [], None)
    assert second.done == second.rows == 3
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".csv"] == []
    third = imported(database, export(tmp_path, again))
    assert (third.mended, third.quarantined) == (1, 0), (
        "mended in its newest form, it is in its others as well"
    )
    with database.reading() as connection:
        states = connection.execute(select(QUARANTINE.c.state, QUARANTINE.c.number != "")).all()
    assert sorted(map(tuple, states)) == [("mended", False), *[("mended", True)] * 3]


def test_names_are_proposed_and_taken_once_confirmed(database: Database, tmp_path: Path) -> None:
    label = "Комитет транспорта и автодорог Курской обл."
    given = {"Муниципалитет": "Курчатовский р-н", "Группа_тем": "Небывалое", "Тема": "-"}
    path = export(tmp_path, row(1, Отдел=label, **given))
    report = imported(database, path)
    found = {item.kind: item for item in report.unmatched}
    assert (found["authority"].label, found["authority"].code) == (label, "kursk_transport")
    assert found["block"].code is None
    assert stored(database)[0].authority is None, "a likeness alone is never taken"
    aliases = Aliases(authority={label.upper(): "kursk_transport"}, block={"Небывалое": "roads"})
    matcher = Matcher(RULES, aliases)
    assert matcher.authority(label) == "kursk_transport"
    assert matcher.match("небывалое", "") == ("roads", None)
    assert Matcher(RULES).municipality("г. Курчатов") == "kurchatov"
    assert Matcher(RULES).municipality("с. Беседино") == "kursky"


def test_names_confirmed_later_reach_the_rows_already_here(database: Database, tmp_path: Path) -> None:
    path = export(tmp_path, row(1, Отдел="Горкомхоз"), row(2))
    imported(database, path)
    assert stored(database)[0].authority is None
    aliases = Aliases(authority={"Горкомхоз": "kursk_utilities"})
    confirmed = imported(database, path, aliases=aliases)
    assert (confirmed.changed, confirmed.same) == (1, 1)
    after = stored(database)
    assert (after[0].authority, after[0].state) == ("kursk_utilities", State.IN_PROGRESS)
    assert imported(database, path, aliases=aliases).same == 2
    assert stored(database) == after


def test_a_name_confirmed_once_is_kept_until_it_is_taken_back(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = export(tmp_path, row(1, Отдел="Горкомхоз"), row(2, Группа_тем="Дворы", Тема="-"), row(3))
    told = Aliases(authority={"Горкомхоз": "kursk_utilities"}, block={"Дворы": "utilities"})
    dry = imported(database, path, aliases=told, dry_run=True)
    assert [(one.label, one.rows) for one in dry.confirmed] == [("Горкомхоз", 1), ("Дворы", 1)]
    assert imported(database, path, dry_run=True).confirmed == [], "a dry run keeps nothing"
    imported(database, path, aliases=told)
    first = stored(database)
    assert (first[0].authority, first[1].block) == ("kursk_utilities", "utilities")

    newer = export(tmp_path, row(1, Отдел="Горкомхоз"), row(4, Отдел="ГОРКОМХОЗ"), row(5))
    again = imported(database, newer)
    assert (again.new, again.same, again.changed) == (2, 1, 0), "no row is looked at twice for kept names"
    assert {"Горкомхоз", "ГОРКОМХОЗ"} == {one.label for one in again.confirmed}
    assert "authority" not in {one.kind for one in again.unmatched}
    assert {one.authority for one in stored(database) if one.external_ids["incident"] in "14"} == {
        "kursk_utilities"
    }

    where = ["--database", str(database.path)]
    assert main(["names", "show", *where, "--json"]) == 0
    kept = json.loads(capsys.readouterr().out)["names"]
    assert [(one["kind"], one["name"], one["code"], one["is_used"]) for one in kept] == [
        ("authority", "Горкомхоз", "kursk_utilities", True), ("block", "Дворы", "utilities", True),
    ]  # fmt: skip
    assert main(["names", "forget", "authority:горкомхоз", *where]) == 0
    assert [one.label for one in imported(database, newer, dry_run=True).unmatched if one.rows == 1] == [
        "Горкомхоз", "ГОРКОМХОЗ",
    ]  # fmt: skip
    (tmp_path / "names.toml").write_text('[authority]\n"Горкомхоз" = "nobody"\n', encoding="utf-8")
    assert main(["names", "confirm", str(tmp_path / "names.toml"), *where]) == 1
    with database.reading() as connection:
        types = list(connection.execute(select(JOURNAL.c.type).where(JOURNAL.c.type == "confirm_names")))
    assert len(types) == 2, "what was confirmed and what was taken back"


def test_a_kept_name_whose_code_is_gone_stops_no_import(database: Database, tmp_path: Path) -> None:
    with database.writing() as connection:
        write_meta(connection, "import_names", '{"authority":{"Горкомхоз":"closed_body"}}')
    report = imported(database, export(tmp_path, row(1, Отдел="Горкомхоз")))
    assert (report.new, [one.label for one in report.unmatched]) == (1, ["Горкомхоз"])


def test_a_mended_form_reaches_the_rows_already_here(database: Database, tmp_path: Path) -> None:
    path = export(tmp_path, row(1, Текущий="Небывало"))
    form = load_forms()["incident"]
    imported(database, path, forms=[form])
    rule = Rule({"stage": ("небывало",)}, Meaning(state=State.DEFERRED, outcome=Outcome.DEFERRED))
    mended = msgspec.structs.replace(form, rules=(rule, *form.rules))
    assert imported(database, path, forms=[mended]).changed == 1
    assert stored(database)[0].state is State.DEFERRED


def test_the_journal_tells_of_every_import(database: Database, tmp_path: Path) -> None:
    imported(database, export(tmp_path, *map(row, range(1, 8))))
    imported(database, export(tmp_path, row(2, **ANSWERED)))
    verdict = journal.verify(database, open_centre(database).shard)
    assert (verdict.ok, verdict.entries) == (True, 3)


def test_numbers_follow_the_day_of_registration(database: Database, tmp_path: Path) -> None:
    next_day = row(2, Дата_создания="2025-12-02 00:01:00")
    imported(database, export(tmp_path, row(1), next_day, row(3, Дата_создания="2025-12-01 23:59:00")))
    assert [a.number for a in stored(database)] == [
        "INC-20251201-0001", "INC-20251202-0001", "INC-20251201-0002",
    ]  # fmt: skip


def test_confirmed_names_come_from_a_file(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database.close()
    path = export(tmp_path, row(1, Отдел="Горкомхоз"))
    names = tmp_path / "names.toml"
    names.write_text('[authority]\n"горкомхоз" = "kursk_utilities"\n', encoding="utf-8")
    assert main(["import", str(path), "--database", str(database.path), "--aliases", str(names)]) == 0
    assert stored(database)[0].authority == "kursk_utilities"
    names.write_text('[authority]\n"горкомхоз" = "nobody"\n', encoding="utf-8")
    capsys.readouterr()
    assert main(["import", str(path), "--database", str(database.path), "--aliases", str(names)]) == 1
    assert "nobody" in capsys.readouterr().err


def test_tags_that_a_person_removed_do_not_return(database: Database, tmp_path: Path) -> None:
    imported(database, export(tmp_path, row(1, Теги="двор")))
    (appeal,) = stored(database)
    assert appeal.tags == ("двор",)
    act(database, appeal, Tag(remove=("двор",)))
    assert imported(database, export(tmp_path, row(1, Теги="двор, зима"))).changed == 1
    assert stored(database)[0].tags == ("зима",)


@on_both_engines
def test_one_file_imported_twice_at_once_makes_each_appeal_once(address: str, tmp_path: Path) -> None:
    paths = [write_xlsx(tmp_path / f"{n}.xlsx", ("Л", [INCIDENT, *map(row, range(900))])) for n in range(2)]
    regions = [Database(address) for _ in paths]
    try:
        with ThreadPoolExecutor(len(paths)) as pool:
            reports = list(pool.map(imported, regions, paths))
        assert (sum(report.new for report in reports), sum(report.same for report in reports)) == (900, 900)
        assert len({appeal.number for appeal in stored(regions[0])}) == 900
    finally:
        for region in regions:
            region.close()


@on_both_engines
def test_both_engines_settle_alike(address: str, tmp_path: Path) -> None:
    region = Database(address)
    try:
        assert imported(region, export(tmp_path, row(1), row(2), row(3))).new == 3
        report = imported(region, export(tmp_path, row(2, **ANSWERED), row(4), row(1)))
        assert (report.new, report.changed, report.same) == (1, 1, 1)
        found = stored(region)
        assert [appeal.number[-4:] for appeal in found] == ["0001", "0002", "0003", "0004"]
        assert found[1].state is State.RESOLVED
        assert journal.verify(region, open_centre(region).shard).ok
    finally:
        region.close()


def test_a_broken_file_changes_nothing(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database.close()
    whole = export(tmp_path, *map(row, range(1, 900)))
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(whole.read_bytes()[:-2_000])
    assert main(["import", str(cut), "--database", str(database.path)]) == 1
    other = write_xlsx(tmp_path / "other.xlsx", ("Итоги", [["Показатель", "Значение"], ["a", "b"]]))
    assert main(["import", str(other), "--database", str(database.path)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert "«Итоги»" in told[1]
    assert "Показатель" in told[1]
    assert stored(database) == []


def test_the_command_tells_programs_everything(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database.close()
    rows = [EDS, *(["-"] * len(EDS) for _ in range(2))]
    rows[1] = row_of(EDS, **{"№": "1"}, Дата="01.12.2025", Описание="Нет света", Статус="Неведомо")
    rows[2] = row_of(EDS, **{"№": "2"}, Дата="01.12.2025")
    path = write_xlsx(tmp_path / "a.xlsx", ("Л", rows))
    assert main(["import", str(path), "--database", str(database.path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {name: report[name] for name in ("source", "new", "changed", "same", "quarantined")} == {
        "source": "eds", "new": 1, "changed": 0, "same": 0, "quarantined": 1,
    }  # fmt: skip
    assert report["rows"] == [{"row": 3, "column": "Описание заявки", "reason": "no_text"}]
    assert report["unknown"] == [{"column": "Статус", "word": "Неведомо", "rows": 1}]
    assert Path(report["quarantine"]).exists()
