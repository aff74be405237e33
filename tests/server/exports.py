"""Files as the systems around a centre export them, with invented content in the exact shape of each."""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Moscow")

POS = (
    "Номер", "Номер ЕПГУ", "Источник", "Верхнеуровневый ЛКО", "Категория", "Подкатегория", "Факт",
    "Организация, в которую поступило", "Организация, в которой находится", "Дата поступления",
    "Дата планируемого завершения работ", "Дата фактического завершения работ", "Стадия", "Статус",
    "Просрочено", "Фаст-трек", "ФЗ", "Заявитель выбрал подачу по 59-ФЗ", "Тип решения",
    "Направлено по email в ФОИВ, не подключенный к ПОС", "Оценка ответа заявителем", "Повторное рассмотрение",
    "ФИО координатора", "ФИО исполнителя", "ФИО руководителя",
)  # fmt: skip
INCIDENT = (
    "Кабинет", "ID", "Номер инцидента", "Отдел", "Исполнитель", "Общее время первого ответа",
    "Общий текст первого ответа", "Время с даты создания инцидента до времени первого ответа",
    "Время с даты создания инцидента до времени первого ответа (рабочее время)",
    "Время назначения последнего исполнителя", "Время 1го ответа ПИ", "Первая реакция с момента назн. ПИ",
    "Уложились или нет после назн. ПИ", "Время с начала создания инцидента до окончания",
    "Время отправки первого ответа ПИ на согласование", "Время на согласовании", "Текущий шаг инцидента",
    "Дата создания", "Дата окончания", "Группа тем", "Тема", "Регион", "Муниципалитет", "Населенный пункт",
    "Улица", "Дом", "Объект старый", "Объект", "Тип инцидента", "Итог", "Есть медиафайл в ответе",
    "Есть медиафайл в сообщении", "Урл поста", "Урл блога", "Текст инцидента", "1ый ответ ПИ", "2ой ответ ПИ",
    "3ий ответ ПИ", "Причина закрытия", "Аудитория", "Вовлеченность", "URL автора",
    "Аккаунт публикации ответа", "Теги", "Примечание",
    "Время попадания на шаг оценка удовлетворенности", "Опрос отправлен",
)  # fmt: skip
HEATMAP = (
    "Направление", "Синт. группа", "Подтема", "Статус", "Исполнитель", "Источник", "Тип сообщения", "Спам",
    "Дата (первого взятия в работу)", "Адрес (формат)",
)  # fmt: skip
SED = (
    "№ РК", "Дата РК", "Корреспондент", "Корреспондент", "Содержание", "Рубрика", "Исполнитель",
    "Исполнитель", "План (РК)", "Факт (РК)", "Состояние", "Сообщение ПОС №",
)  # fmt: skip
EDS = (
    "№ заявки", "Дата и время заявки", "Описание заявки", "Вид работ", "Тип заявки", "Аварийная", "Адрес",
    "Заявитель", "Телефон", "Исполнитель", "Статус", "Плановый срок", "Дата выполнения", "Результат",
)  # fmt: skip

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def row_of(header: Sequence[str], **given: object) -> list[object]:
    """A row with ``given`` values, named by the beginning of the column's name with ``_`` for a blank."""
    row: list[object] = ["-"] * len(header)
    for name, value in given.items():
        places = [n for n, column in enumerate(header) if column.startswith(name.replace("_", " "))]
        assert places, name
        row[places[0]] = value
    return row


def write_xlsx(
    path: Path,
    *sheets: tuple[str, Iterable[Sequence[object]]],
    shared: bool = True,
    parts: dict[str, bytes] | None = None,
    workbook: str = "",
) -> Path:
    """A workbook with these sheets: texts as shared strings (or in place), numbers as numbers.

    A cell that is a tuple is raw XML of a ``c`` element after its reference. ``parts`` are more files in the
    archive, ``workbook`` more elements in the workbook's description.
    """
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        listed, related = [], []
        for n, (name, rows) in enumerate(sheets, 1):
            with archive.open(f"xl/worksheets/sheet{n}.xml", "w", force_zip64=True) as part:
                part.write(f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>'.encode())
                for r, row in enumerate(rows, 1):
                    part.write(_row(r, row, strings if shared else None).encode())
                part.write(b"</sheetData></worksheet>")
            listed.append(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>')
            target = f"worksheets/sheet{n}.xml"
            related.append(f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="{target}"/>')
        items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
        archive.writestr("xl/sharedStrings.xml", f'<?xml version="1.0"?><sst xmlns="{_MAIN}">{items}</sst>')
        archive.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{workbook}'
            f"<sheets>{''.join(listed)}</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<?xml version="1.0"?><Relationships '
            'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{''.join(related)}</Relationships>",
        )
        for name, data in (parts or {}).items():
            archive.writestr(name, data)
    return path


def _row(n: int, row: Sequence[object], strings: dict[str, int] | None) -> str:
    cells = "".join(_cell(f"{_letters(i)}{n}", value, strings) for i, value in enumerate(row) if value != "")
    return f'<row r="{n}">{cells}</row>'


def _cell(reference: str, value: object, strings: dict[str, int] | None) -> str:
    if isinstance(value, tuple):
        return f'<c r="{reference}"{value[0]}</c>'
    if isinstance(value, int | float):
        return f'<c r="{reference}"><v>{value}</v></c>'
    if strings is None:
        return f'<c r="{reference}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
    return f'<c r="{reference}" t="s"><v>{strings.setdefault(str(value), len(strings))}</v></c>'


def _letters(n: int) -> str:
    name = ""
    n += 1
    while n:
        n, rest = divmod(n - 1, 26)
        name = chr(65 + rest) + name
    return name
