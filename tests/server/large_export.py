"""An export of «Инцидент» as large as a region's whole past: invented rows of three years, always the same.

``python -m tests.server.large_export FILE ROWS`` writes one.
"""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from tests.server.exports import INCIDENT, ZONE, row_of, write_xlsx

REPEATED_EVERY = 500
"""One of so many rows has the key of the one before it, which it replaces."""
UNDATED_EVERY = 1_000
"""One of so many rows has no date that could be read, and goes to the quarantine."""
ALIKE_EVERY = 40
"""One of so many rows is the message of one of the last rows with a word more, but from another house: alike,
and no double.
"""
_BEGIN = datetime(2022, 12, 1, 7, tzinfo=ZONE)
_SPAN = timedelta(days=3 * 365)
_SYLLABLES = ("во", "да", "до", "ро", "га", "сне", "го", "ли", "му", "со", "ра", "ки", "пе", "ту", "ме", "но")
_GROUPS = (
    ("Дороги", "Дорожные знаки"), ("Дороги", "Ямы"), ("Транспорт", "Расписание"), ("Энергетика", "Нет света"),
    ("Здравоохранение", "Запись к врачу"), ("Образование", "Школы"), ("Экология", "Свалки"),
    ("Туризм", "Нечто"),
)  # fmt: skip
_BODIES = ("Администрация города Курска", "Комитет здравоохранения Курской области", "Комитет транспорта")
_TOWNS = ("Курск", "г. Железногорск", "Курчатов", "Льгов", "Обоянский район", "Тимский р-н")
_STREETS = ("Выдуманная", "Придуманная", "Небывалая", "Сказочная")


def rows_of(amount: int) -> Iterator[Sequence[object]]:
    """The header and ``amount`` rows: nine of ten answered and closed, the last tenth at work."""
    rng = Random(11)
    words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(4_000)]
    sentences = [" ".join(rng.choices(words, k=rng.randint(6, 14))).capitalize() for _ in range(2_000)]
    lately: list[str] = []
    yield INCIDENT
    for n in range(1, amount + 1):
        text = ". ".join(rng.choices(sentences, k=4))
        if n % ALIKE_EVERY == 0:
            text = f"{rng.choice(lately)} снова"
        lately = [*lately[-39:], text]
        at = _BEGIN + _SPAN * n / amount
        group, theme = rng.choice(_GROUPS)
        fields: dict[str, object] = {
            "Кабинет": "Курская область",
            "ID": n - 1 if n % REPEATED_EVERY == 0 else n,
            "Номер_инцидента": n + 5_000_000,
            "Отдел": rng.choice(_BODIES),
            "Дата_создания": "вчера" if n % UNDATED_EVERY == 1 else _local(at),
            "Группа_тем": group,
            "Тема": theme,
            "Муниципалитет": rng.choice(_TOWNS),
            "Улица": rng.choice(_STREETS),
            "Дом": rng.randint(1, 150),
            "Тип_инцидента": "Решаемый",
            "Урл_поста": f"https://social.example/wall-{n}",
            "Текст_инцидента": text,
            "URL_автора": f"https://social.example/id{rng.randrange(amount)}",
            "Текущий": "В работе",
        }
        if n <= amount * 0.9:
            fields |= _answered(at, ". ".join(rng.choices(sentences, k=4)), rng)
        yield row_of(INCIDENT, **fields)


def _answered(at: datetime, answer: str, rng: Random) -> dict[str, object]:
    first = at + timedelta(minutes=rng.randint(20, 600))
    return {
        "Общее_время_первого": _local(first),
        "Общий_текст": answer,
        "Время_назначения": _local(at + timedelta(minutes=10)),
        "Дата_окончания": _local(first + timedelta(days=1)),
        "Итог": rng.choice(("Решено", "Решено", "Разъяснено", "Не решено")),
        "Текущий": "Готово",
        "Причина_закрытия": rng.choice(("-", "-", "-", "5", "4", "1")),
        "Теги": rng.choice(("-", "-", "двор", "знак, двор")),
    }


def _local(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


if __name__ == "__main__":
    write_xlsx(Path(sys.argv[1]), ("Лист1", rows_of(int(sys.argv[2]))))
