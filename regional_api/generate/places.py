"""Where things happen: municipalities of the profile by their weight, invented streets, houses."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from cur_tui.domain.model import Place
from cur_tui.domain.profile.profile import Municipality, Region

# Nominative and prepositional.
_STREETS = (
    ("ул. Луговая", "улице Луговой"), ("ул. Кедровая", "улице Кедровой"), ("ул. Заречная", "Заречной"),
    ("ул. Строителей", "улице Строителей"), ("ул. Школьная", "Школьной"), ("ул. Полевая", "улице Полевой"),
    ("ул. Вокзальная", "Вокзальной"), ("пер. Тихий", "переулке Тихом"), ("ул. Мостовая", "улице Мостовой"),
    ("ул. Родниковая", "Родниковой"), ("пр. Рассветный", "проспекте Рассветном"), ("ул. Ягодная", "Ягодной"),
    ("ул. Дальняя", "улице Дальней"), ("ул. Набережная", "Набережной"), ("ул. Зелёная", "улице Зелёной"),
    ("мкр. Северный", "Северном"), ("ул. Магистральная", "Магистральной"), ("ул. Энергетиков", "Энергетиков"),
    ("ул. Ольховая", "улице Ольховой"), ("пер. Овражный", "Овражном"), ("ул. Театральная", "Театральной"),
    ("ул. Садовая", "улице Садовой"), ("ул. Почтовая", "улице Почтовой"), ("ул. Солнечная", "Солнечной"),
    ("ул. Геологов", "улице Геологов"), ("ул. Паромная", "Паромной"), ("пер. Кузнечный", "Кузнечном"),
    ("ул. Мирная", "улице Мирной"), ("ул. Летняя", "улице Летней"), ("ул. Озёрная", "Озёрной"),
    ("б-р Сиреневый", "Сиреневом бульваре"), ("ул. Звёздная", "Звёздной"), ("ул. Новая", "улице Новой"),
)  # fmt: skip
_CAPITAL = 0.42
"""The share of the first municipality of a profile, the region's centre."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One address. ``on_street`` reads behind a verb: «на улице Луговой»."""

    municipality: Municipality
    settlement: str
    street: str
    on_street: str
    house: str
    flat: int

    @property
    def address(self) -> str:
        """The address as people write it into a form."""
        return f"{self.street}, д. {self.house}"

    @property
    def place(self) -> Place:
        """The address as the appeal keeps it."""
        return Place(self.municipality.code, self.settlement, self.address)


class Map:
    """Picks addresses of one region."""

    def __init__(self, region: Region) -> None:
        self._municipalities = region.municipalities
        rest = [1 / (n + 2) for n in range(len(region.municipalities) - 1)]
        scale = (1 - _CAPITAL) / sum(rest) if rest else 0
        self._weights = list(accumulate([_CAPITAL, *(weight * scale for weight in rest)]))

    def pick(self, rng: Random) -> Spot:
        """A random address, in big municipalities more often."""
        (municipality,) = rng.choices(self._municipalities, cum_weights=self._weights)
        settlements = municipality.settlements or (municipality.name,)
        settlement = settlements[min(int(rng.expovariate(1.2)), len(settlements) - 1)]
        street, on_street = rng.choice(_STREETS)
        suffix = rng.choice(("", "", "", "", "", "а", "/2", " корп. 1"))
        return Spot(
            municipality=municipality,
            settlement=settlement,
            street=street,
            on_street=f"в {on_street}" if street.startswith(("мкр.", "пер.")) else f"на {on_street}",
            house=f"{rng.randrange(1, 120)}{suffix}",
            flat=rng.randrange(1, 160),
        )
