"""Invented people: applicants and staff. Telephone numbers and addresses belong to nobody."""

from dataclasses import dataclass
from random import Random

from cur_tui.domain.model import Applicant

_FEMALE = (
    "Анна", "Вера", "Галина", "Дарья", "Елена", "Жанна", "Зоя", "Ирина", "Ксения", "Лидия", "Марина",
    "Нина", "Ольга", "Полина", "Раиса", "Светлана", "Тамара", "Ульяна", "Юлия", "Яна",
)  # fmt: skip
_MALE = (
    "Андрей", "Борис", "Виктор", "Геннадий", "Денис", "Евгений", "Захар", "Игорь", "Кирилл", "Леонид",
    "Максим", "Николай", "Олег", "Павел", "Руслан", "Сергей", "Тимофей", "Фёдор", "Юрий", "Яков",
)  # fmt: skip
_PATRONYMICS = (
    "Алексее", "Борисо", "Викторо", "Глебо", "Денисо", "Ефимо", "Захаро", "Ивано", "Льво", "Макаро",
    "Олего", "Петро", "Романо", "Семёно", "Тарасо", "Фёдоро",
)  # fmt: skip
_SURNAMES = (
    "Облепихин", "Подорожников", "Черемшанов", "Брусничкин", "Кедровкин", "Ветродуев", "Листопадов",
    "Снегирёвкин", "Громыхалов", "Тополёв", "Камышников", "Зарницын", "Переправин", "Лугохин",
    "Студёнкин", "Звонарёвский", "Полынин", "Колосковкин", "Рябинушкин", "Таёжников", "Багульников",
    "Смородинкин", "Верстовой", "Половодьев", "Хмурейкин", "Ясенкин", "Морошкин", "Дождевиков",
)  # fmt: skip
_TRANSLIT = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "sch",
            "_",
            "y",
            "_",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person. ``female`` chooses the endings of what they write."""

    first: str
    patronymic: str
    surname: str
    female: bool

    @property
    def full(self) -> str:
        """Surname, name and patronymic."""
        return f"{self.surname} {self.first} {self.patronymic}"

    @property
    def short(self) -> str:
        """Surname with initials, as colleagues are listed."""
        return f"{self.surname} {self.first[0]}. {self.patronymic[0]}."

    @property
    def handle(self) -> str:
        """A name in Latin letters for accounts and addresses."""
        return f"{latin(self.first)[0]}.{latin(self.surname)}"


def latin(text: str) -> str:
    """``text`` in Latin letters."""
    return "".join(_TRANSLIT.get(char, char) for char in text.lower()).replace("_", "")


def invent_person(rng: Random) -> Person:
    """A person with a made-up surname."""
    female = rng.random() < 0.62  # women write to authorities more often
    surname = rng.choice(_SURNAMES)
    if female:
        surname = surname[:-2] + "ая" if surname.endswith(("ий", "ой")) else surname + "а"
    patronymic = rng.choice(_PATRONYMICS) + ("вна" if female else "вич")
    return Person(rng.choice(_FEMALE if female else _MALE), patronymic, surname, female)


def invent_phone(rng: Random) -> str:
    """A number of a range that nobody uses."""
    return f"+7 900 000-{rng.randrange(100):02}-{rng.randrange(100):02}"


def applicant_for(person: Person, rng: Random, *, address: str | None, online: bool) -> Applicant:
    """What a channel tells of the author: ``online`` channels know a page, the others contacts."""
    tail = f"{person.handle}{rng.randrange(100)}"
    if online:
        name = person.first if rng.random() < 0.7 else person.full
        return Applicant(name=name, profile_url=f"https://social.example.org/{tail}")
    return Applicant(
        name=person.full,
        address=address,
        phone=invent_phone(rng) if rng.random() < 0.75 else None,
        email=f"{tail}@example.org" if rng.random() < 0.7 else None,
    )
