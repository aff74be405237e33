"""A scene: one person at one address on one day, and what the slots of fragments say about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from cur_tui.domain.profile.profile import Topic
from regional_api.generate.people import Person, invent_phone
from regional_api.generate.places import Spot

_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_SINCE = (
    "со вчерашнего дня", "третий день", "пятые сутки", "с понедельника", "с прошлой недели", "вторую неделю",
    "уже месяц", "с начала месяца", "полгода", "второй год", "с прошлой зимы", "который день",
)  # fmt: skip
_WHOM = (
    ("в управляющую компанию", "Управляющая компания"), ("в администрацию", "Администрация"),
    ("в единую диспетчерскую", "Диспетчерская"), ("на горячую линию", "Горячая линия"),
    ("депутату", "Депутат"), ("в прокуратуру", "Прокуратура"), ("старшему по дому", "Старший по дому"),
)  # fmt: skip
_BUSES = ("№ 2", "№ 5", "№ 11", "№ 24", "№ 38", "107-й", "3к", "№ 44")


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a message is about. ``day`` is the region's date of writing."""

    person: Person
    spot: Spot
    topic: Topic
    day: date


def day_words(day: date) -> str:
    """«14 ноября»."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


class SlotFiller:
    """Fills slots for one scene; what a text says twice, it says alike where it matters (house, street)."""

    def __init__(self, scene: Scene, rng: Random) -> None:
        self.scene = scene
        self._rng = rng
        self._said: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The text of the slot ``name``; KeyError for an unknown one."""
        if name not in _STEADY:
            return SLOTS[name](self.scene, self._rng)
        if name not in self._said:
            self._said[name] = SLOTS[name](self.scene, self._rng)
        return self._said[name]


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _earlier(scene: Scene, rng: Random) -> date:
    return scene.day - timedelta(days=1 + int(rng.expovariate(0.15)))


def _number(first: int, last: int) -> Callable[[Scene, Random], str]:
    width = last - first + 1
    return lambda scene, rng: str(first + int(rng.random() * width))


SLOTS: dict[str, Callable[[Scene, Random], str]] = {
    "a": lambda scene, rng: "а" if scene.person.female else "",
    "age": lambda scene, rng: rng.choice(("2 года", "3 года", "4 года", "пять лет", "7 лет", "полтора")),
    "bus": lambda scene, rng: rng.choice(_BUSES),
    "date": lambda scene, rng: day_words(_earlier(scene, rng)),
    "date_soon": lambda scene, rng: day_words(scene.day + timedelta(days=rng.randrange(2, 9))),
    "entrance": _number(1, 6),
    "first_name": lambda scene, rng: scene.person.first,
    "flat": lambda scene, rng: str(scene.spot.flat),
    "floor": _number(2, 9),
    "handle": lambda scene, rng: scene.person.handle,
    "house": lambda scene, rng: scene.spot.house,
    "n": _number(2, 9),
    "n_fifty": _number(58, 64),
    "n_hour": lambda scene, rng: rng.choice(("20", "30", "40", "50")),
    "n_small": _number(1, 4),
    "old_number": lambda scene, rng: f"INC-{_earlier(scene, rng):%Y%m%d}-{rng.randrange(1, 200):04}",
    "on_street": lambda scene, rng: scene.spot.on_street,
    "on_street_cap": lambda scene, rng: _capitalised(scene.spot.on_street),
    "phone": lambda scene, rng: invent_phone(rng),
    "place": lambda scene, rng: f"{scene.spot.settlement}, {scene.spot.address}, кв. {scene.spot.flat}",
    "settlement": lambda scene, rng: scene.spot.settlement,
    "since": lambda scene, rng: rng.choice(_SINCE),
    "street": lambda scene, rng: scene.spot.street,
    "sum": lambda scene, rng: f"{rng.randrange(1, 90)}{rng.choice((' 000', '00', '50'))}",
    "temp": _number(11, 16),
    "ticket": lambda scene, rng: str(rng.randrange(10_000, 99_999)),
    "time": lambda scene, rng: f"{rng.randrange(6, 23)}:{rng.choice(('00', '10', '25', '40', '55'))}",
    "topic": lambda scene, rng: scene.topic.name,
    "topic_lower": lambda scene, rng: scene.topic.name[:1].lower() + scene.topic.name[1:],
    "whom": lambda scene, rng: rng.choice(_WHOM)[0],
    "whom_nom": lambda scene, rng: rng.choice(_WHOM)[1],
}
"""Every slot that a fragment may have."""

_STEADY = frozenset({"age", "bus", "since", "entrance", "floor", "temp"})
