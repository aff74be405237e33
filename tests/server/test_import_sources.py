"""One export of each source, with invented content in its exact shape: what becomes of its rows."""

import json
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from cur_tui.contract.row import row_of
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.vocabulary import (
    AnswerKind,
    ClockKind,
    ItemKind,
    Outcome,
    Priority,
    Regime,
    Source,
    State,
    Tone,
)
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.database.tables import ORIGINAL
from regional_api.importers.files.table import FileError
from regional_api.importers.form import load_mapping
from regional_api.importers.words import file_words
from tests.server.exports import EDS, HEATMAP, INCIDENT, POS, SED, ZONE, write_xlsx
from tests.server.exports import row_of as cells_of
from tests.server.import_office import imported, stored


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(str(tmp_path / "region.db"))
    create_region(opened, load_region("kursk"))
    return opened


def moscow(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def types(appeal: Appeal) -> list[str]:
    return [event.type for event in appeal.timeline]


def pos_row(number: int, **given: object) -> list[object]:
    fields: dict[str, object] = {
        "Номер": number,
        "Номер_ЕПГУ": "6600000001",
        "Источник": "MED_DOC_EPGU",
        "Категория": "Медицина",
        "Подкатегория": "Медицинская карта",
        "Организация,_в_которой": "Комитет  здравоохранения Курской области",
        "Дата_поступления": "06.01.2026",
        "Дата_планируемого": "16.01.2026",
        "Стадия": "Исполнение",
        "Статус": "На исполнении",
        "Просрочено": "Нет",
        "Фаст-трек": "Нет",
        "ФЗ": "Обычное сообщение",
        "Заявитель_выбрал": "Нет",
        "ФИО_координатора": "Придуманная Вера  Ильинична",
    }
    return cells_of(POS, **{**fields, **given})


def test_pos_export(database: Database, tmp_path: Path) -> None:
    done = {"Стадия": "Завершено", "Статус": "Отправлен ответ заявителю", "Дата_фактического": "15.01.2026"}
    rows = [
        POS,
        pos_row(327_000_001, **{"Фаст-трек": "Да", "Тип_решения": "Решено", "Оценка": "4", **done}),
        pos_row(327_000_002, Заявитель_выбрал="Да"),
        pos_row(327_000_003, ФЗ="Обращение по 59-ФЗ", Повторное="Да"),
        pos_row(
            327_000_004, Стадия="Модерация", Статус="На модерации", Категория="Новое", Подкатегория="Нечто"
        ),
    ]
    report = imported(database, write_xlsx(tmp_path / "выгрузка.xlsx", ("Лист1", rows)))
    assert (report.form, report.new, report.quarantined) == ("pos", 4, 0)
    fast, chosen, labelled, moderated = stored(database)

    assert (fast.source, fast.regime, fast.state, fast.outcome) == (
        Source.POS, Regime.POS_MESSAGE, State.RESOLVED, Outcome.SOLVED,
    )  # fmt: skip
    assert fast.received_at == fast.registered_at == moscow(2026, 1, 6)
    assert fast.number.startswith("INC-20260106-")
    assert (fast.block, fast.authority, fast.rating) == ("health", "kursk_health", 4)
    assert fast.external_ids["pos"] == "327000001"
    assert "Медицинская карта" in fast.text
    assert "Придуманная" not in repr(fast), "names of the platform's staff are not taken"
    assert types(fast) == ["register", "assign", "confirm_delivery", "rate"]
    final = fast.clock(ClockKind.FINAL)
    assert final is not None
    assert (final.amount, final.due_at) == (10, moscow(2026, 1, 16, 23, 59).replace(second=59))
    assert final.stopped_at == moscow(2026, 1, 15)
    assert row_of(fast).answered_at == int(moscow(2026, 1, 15).timestamp())

    assert [appeal.regime for appeal in (chosen, labelled)] == [Regime.FZ59, Regime.FZ59]
    assert labelled.is_reconsideration
    assert chosen.state is State.IN_PROGRESS
    assert (moderated.state, moderated.block, moderated.authority) == (State.DISTRIBUTION, None, None)


def incident_row(id: int, **given: object) -> list[object]:
    fields: dict[str, object] = {
        "Кабинет": "Курская область",
        "ID": id,
        "Номер_инцидента": id + 5,
        "Отдел": "Администрация города Курска",
        "Дата_создания": "2025-12-01 10:00:00",
        "Группа_тем": "Дороги",
        "Тема": "Дорожные знаки",
        "Муниципалитет": "г. Курск",
        "Населенный": "Курск",
        "Улица": "Выдуманная",
        "Дом": "5",
        "Тип_инцидента": "Решаемый",
        "Урл_поста": "https://vk.example/wall-1",
        "Текст_инцидента": "'Знак упал <b>третий</b> день\nлежит",
        "URL_автора": "https://vk.example/id1",
    }
    return cells_of(INCIDENT, **{**fields, **given})


def test_incident_export(database: Database, tmp_path: Path) -> None:
    first = {
        "Общее_время_первого": 45_992.5,
        "Общий_текст": "'Здравствуйте! Заявка передана.",
        "Время_назначения": "2025-12-01 10:30:00",
    }
    rows = [
        INCIDENT,
        incident_row(
            1,
            **first,
            Текущий="Готово",
            Дата_окончания="2025-12-09 12:00:00",
            Итог="Решено",
            Причина_закрытия="5",
            Теги="знак, двор",
        ),
        incident_row(2, **first, Текущий="В работе", **{"2ой": "'Ждём подрядчика."}),
        incident_row(3, Итог="Отклонено", Дата_окончания="2025-12-01 11:00:00", Причина_закрытия="Спам"),
        incident_row(4, Итог="Отложено", Группа_тем="Туризм", Тема="Нечто"),
    ]
    report = imported(database, write_xlsx(tmp_path / "a.xlsx", ("Лист1", rows)))
    assert (report.form, report.new, report.quarantined) == ("incident", 4, 0)
    solved, working, rejected, deferred = stored(database)

    assert (solved.regime, solved.state, solved.outcome, solved.rating) == (
        Regime.OPEN_SOURCE, State.RESOLVED, Outcome.SOLVED, 5,
    )  # fmt: skip
    assert solved.closing_reason is None, "a bare number there is the rating"
    assert solved.text == "Знак упал третий день\nлежит"
    assert (solved.block, solved.topic, solved.authority) == ("roads", "roads.signs", "kursk_city_admin")
    assert (solved.place.municipality, solved.place.address) == ("kursk_city", "Выдуманная, 5")
    assert solved.tags == ("знак", "двор")
    assert solved.applicant.profile_url == "https://vk.example/id1"
    (answer,) = solved.answers
    assert (answer.kind, answer.text) == (AnswerKind.FINAL, "Здравствуйте! Заявка передана.")
    assert answer.confirmed_at == moscow(2025, 12, 1, 12)
    response = solved.clock(ClockKind.FIRST_RESPONSE)
    assert response is not None
    assert response.stopped_at == moscow(2025, 12, 1, 12)
    assert [event.at for event in solved.timeline] == sorted(event.at for event in solved.timeline)
    assert [event.version for event in solved.timeline] == list(range(1, solved.version + 1))

    assert working.state is State.IN_PROGRESS
    assert [answer.kind for answer in working.answers] == [AnswerKind.INTERIM] * 2
    after_interim = working.clock(ClockKind.FINAL_AFTER_INTERIM)
    assert after_interim is not None
    assert after_interim.is_running
    assert (rejected.state, rejected.closing_reason) == (State.REJECTED, "Спам")
    assert not any(clock.is_running for clock in rejected.clocks)
    assert (deferred.state, deferred.block) == (State.DEFERRED, "general")


def test_heat_map(database: Database, tmp_path: Path) -> None:
    def row(**given: object) -> list[object]:
        fields: dict[str, object] = {
            "Направление": "Благоустройство", "Синт.": "Дворы", "Подтема": "Снег во дворе",
            "Статус": "В работе", "Исполнитель": "Администрация города Курска", "Источник": "ПОС",
            "Тип": 0, "Спам": "нет", "Дата": 45_992, "Адрес": "Курск, ул. Выдуманная, 7",
        }  # fmt: skip
        return cells_of(HEATMAP, **{**fields, **given})

    title = ["Тепловая карта за 01.12.2025"]
    rows = [
        title,
        HEATMAP,
        row(),
        row(),
        row(Статус="Закрыт", Источник="ОНФ", Тип=1),
        row(Спам="да", Подтема="x"),
    ]
    path = write_xlsx(tmp_path / "a.xlsx", ("Сводка", [["ничего"]]), ("Данные", rows))
    report = imported(database, path)
    assert (report.form, report.rows, report.new) == ("heatmap", 4, 4), "equal rows are two messages"
    first, second, closed, spam = stored(database)
    assert (first.regime, first.item_kind, first.tone) == (
        Regime.POS_MESSAGE, ItemKind.COMPLAINT, Tone.NEGATIVE,
    )  # fmt: skip
    assert first.external_ids["heatmap"] != second.external_ids["heatmap"]
    assert (closed.regime, closed.item_kind, closed.state) == (
        Regime.INFORMATION, ItemKind.PROPOSAL, State.RESOLVED,
    )  # fmt: skip
    assert closed.clocks == (), "closed at an unknown time: nobody can say whether a term was kept"
    assert (spam.state, spam.tags) == (State.REJECTED, ("спам",))
    rows[2] = row(Статус="Закрыт")
    again = imported(database, write_xlsx(tmp_path / "b.xlsx", ("Данные", rows)))
    assert (again.new, again.changed, again.same) == (0, 1, 3)


def test_document_system(database: Database, tmp_path: Path) -> None:
    rows = [
        SED,
        ["07/19-ОГ-10", "01.12.2025", "-", "Выдумкина А. Б.", "Прошу разъяснить порядок лечения",
         "(0002.0014.0143.0416) Качество  помощи", "-", "Комитет здравоохранения Курской области",
         "31.12.2025", "29.12.2025", "Дан ответ: разъяснено", "327000001"],
        ["07/19-ВХ-11", "02.12.2025", "", "", "Служебная записка", "", "", "", "", "", "Неведомо", ""],
        ["", "02.12.2025", "", "", "Без номера", "", "", "", "", "", "", ""],
    ]  # fmt: skip
    report = imported(database, write_xlsx(tmp_path / "a.xlsx", ("Печатная форма", rows)))
    assert (report.form, report.new) == ("sed", 2)
    assert [(bad.row, bad.reason, bad.column) for bad in report.bad] == [(4, "no_key", "№ РК")]
    assert report.unknown == [("Состояние", "Неведомо", 1)]
    card, other = stored(database)
    assert (card.regime, card.state, card.authority) == (Regime.FZ59, State.RESOLVED, "kursk_health")
    assert card.topic is not None
    assert card.topic.startswith("health.")
    assert card.applicant.name == "Выдумкина А. Б."
    assert card.external_ids["pos"] == "327000001"
    assert other.regime is Regime.INFORMATION


def test_dispatch_service(database: Database, tmp_path: Path) -> None:
    rows = [
        EDS,
        ["ЕДС-5", "01.12.2025 03:10", "Прорвало трубу", "Водоснабжение", "Авария", "Да",
         "Курск, Выдуманная, 3",
         "Выдумкин В. Г.", "8 000 000-00-00", "-", "В работе", "01.12.2025 11:10", "", ""],
        ["ЕДС-6", "01.12.2025 04:00", "Нет света", "Электроснабжение", "", "Нет", "", "", "", "", "Выполнено",
         "", "01.12.2025 05:00", "Заменён автомат"],
    ]  # fmt: skip
    report = imported(database, write_xlsx(tmp_path / "a.xlsx", ("Журнал", rows)))
    assert (report.form, report.new) == ("eds", 2)
    burst, light = stored(database)
    assert (burst.priority, burst.regime, burst.block) == (
        Priority.EMERGENCY,
        Regime.INFORMATION,
        "utilities",
    )
    assert burst.applicant.phone == "8 000 000-00-00"
    assert (light.state, light.block, light.closing_reason) == (State.RESOLVED, "energy", "Заменён автомат")


def test_json_lines(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    items = [
        {"id": 1, "text": "Одно", "theme": "Дорожные знаки"},
        {"id": 2, "text": "Два", "date": "01.12.2025"},
    ]
    path.write_text("\n".join([*map(json.dumps, items), "{broken", "[1]", ""]), encoding="utf-8")
    report = imported(database, path)
    assert (report.form, report.new) == ("csv", 2)
    assert [(bad.row, bad.reason) for bad in report.bad] == [(3, "broken_row"), (4, "broken_row")]
    assert stored(database)[0].topic == "roads.signs"


def letter(id: str, text: str, subtype: str = "plain") -> bytes:
    message = EmailMessage()
    message["From"] = "Выдумкина Анна <anna@example.ru>"
    message["Subject"] = "Жалоба на двор"
    message["Date"] = "Mon, 01 Dec 2025 10:00:00 +0300"
    if id:
        message["Message-ID"] = id
    message.set_content(text, subtype=subtype)
    message.add_attachment(b"x", maintype="image", subtype="png", filename="двор.png")
    return message.as_bytes()


def test_letters_are_information_with_the_lawful_channels_explained(
    database: Database, tmp_path: Path
) -> None:
    box = tmp_path / "box"
    letters = [
        letter("<1@example.ru>", "Снег не убран.\nFrom now on"),
        letter("", "<p>Нет&nbsp;воды</p>", "html"),
    ]
    box.write_bytes(
        b"".join(b"From a@example.ru Mon Dec  1 10:00:00 2025\n" + item + b"\n\n" for item in letters)
    )
    report = imported(database, box)
    assert (report.form, report.new, report.quarantined) == ("email", 2, 0)
    plain, markup = stored(database)
    assert (plain.regime, plain.source) == (Regime.INFORMATION, Source.EMAIL)
    assert (plain.applicant.name, plain.applicant.email) == ("Выдумкина Анна", "anna@example.ru")
    assert plain.received_at == moscow(2025, 12, 1, 10)
    assert plain.text.startswith("Снег не убран.")
    assert plain.external_ids["attachments"] == "двор.png"
    assert "Госуслуг" in plain.notes[0].text
    assert markup.text == "Нет\u00a0воды"
    single = tmp_path / "one.eml"
    single.write_bytes(letters[0])
    assert imported(database, single).same == 1


MAPPING = """
code = "own"
title = "Своя таблица"
source = "hotline"
regime = "information"
needs = [["Заявка"], ["Что случилось"]]
[columns]
key = ["Заявка"]
text = ["Что случилось"]
received = ["Когда"]
status = ["Итог"]
[[rule]]
when = { status = ["закрыт*"] }
set = { state = "resolved", outcome = "solved" }
"""


def test_a_form_of_ones_own(database: Database, tmp_path: Path) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    path = tmp_path / "a.csv"
    path.write_text("Когда;Заявка;Что случилось;Итог\n01.12.2025 10:00;7;Темно;Закрыта\n", encoding="cp1251")
    assert imported(database, path, forms=[load_mapping(mapping)]).new == 1
    (appeal,) = stored(database)
    assert (appeal.source, appeal.state, appeal.external_ids) == (
        Source.HOTLINE,
        State.RESOLVED,
        {"own": "7"},
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('state = "resolved"', 'state = "in_review"', "in_review cannot be imported"),
        ('state = "resolved"', 'state = "finished"', "finished"),
        ("status =", "stauts =", "stauts"),
        ('received = ["Когда"]', "", "received"),
        ('code = "own"', "code =", "own.toml"),
    ],
)
def test_a_wrong_form_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(MAPPING.replace(old, new), encoding="utf-8")
    with pytest.raises(FileError) as caught:
        load_mapping(mapping)
    assert told in file_words(caught.value)


def test_an_export_without_its_dates_is_told(database: Database, tmp_path: Path) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    path = tmp_path / "a.csv"
    path.write_text("Заявка;Что случилось\n7;Темно\n", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        imported(database, path, forms=[load_mapping(mapping)])
    assert "Когда" in file_words(caught.value)


def test_the_row_stays_as_evidence(database: Database, tmp_path: Path) -> None:
    imported(database, write_xlsx(tmp_path / "a.xlsx", ("Л", [POS, pos_row(5)])))
    with database.reading() as connection:
        original = connection.execute(select(ORIGINAL)).one()
    assert original.media_type == "application/json"
    assert ["Дата поступления", "06.01.2026"] in json.loads(bytes(original.data))


def test_dates_that_contradict_each_other_are_not_taken(database: Database, tmp_path: Path) -> None:
    future = f"{datetime.now(UTC) + timedelta(days=9):%d.%m.%Y}"
    done = {"Стадия": "Завершено", "Статус": "Отправлен ответ заявителю"}
    rows = [
        POS,
        pos_row(1, Дата_поступления="-"),
        pos_row(2, Дата_поступления="вчера"),
        pos_row(3, Дата_поступления=future),
        pos_row(4, **done, Дата_фактического="05.01.2026"),
        pos_row(5, **done, Дата_фактического=future),
        pos_row(6, **done, Дата_фактического="07.01.2026", Оценка="хорошо"),
    ]
    report = imported(database, write_xlsx(tmp_path / "a.xlsx", ("Л", rows)))
    assert sorted((bad.row, bad.reason, bad.column) for bad in report.bad) == [
        (2, "bad_date", "Дата поступления"),
        (3, "bad_date", "Дата поступления"),
        (4, "date_in_the_future", "Дата поступления"),
        (5, "date_out_of_order", "Дата фактического завершения работ"),
        (6, "date_in_the_future", "Дата фактического завершения работ"),
        (7, "bad_number", "Оценка ответа заявителем"),
    ]
    assert stored(database) == []
