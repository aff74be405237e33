"""A small office for interface tests: a real cache of invented appeals, at a moment that stands still."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from cur_tui.contract.codec import encode_appeal, encode_applicant, parse_arguments
from cur_tui.contract.row import row_of
from cur_tui.contract.wire import Put, Reference
from cur_tui.domain.commands import Command
from cur_tui.domain.decisions import decide
from cur_tui.domain.intake import Incoming, card_number, register
from cur_tui.domain.model import Appeal, Applicant, Place
from cur_tui.domain.profile.load import load_region, region_to_document
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Priority, Regime, Role, Source
from cur_tui.services.desk import Desk
from storage.cache import Cache

NOW = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
"""Friday, 12:30 in Amur: inside the working hours."""

KEY = bytes(range(32))
AMUR = Rulebook(load_region("amur"))

OPERATOR = Actor(
    "o.larina", "Ларина О. В.", Role.BLOCK_OPERATOR, frozenset({"utilities", "roads", "general"}), None
)
COLLEAGUE = Actor("p.yudin", "Юдин П. С.", Role.BLOCK_OPERATOR, frozenset({"utilities", "general"}), None)
APPROVER = Actor("v.mishina", "Мишина В. А.", Role.APPROVER, frozenset({"utilities", "roads"}), None)
SUPERVISOR = Actor("s.rogov", "Рогов С. И.", Role.SUPERVISOR, frozenset(), None)
PEOPLE = (OPERATOR, COLLEAGUE, APPROVER, SUPERVISOR)

TOPICS = (
    "roads.potholes",
    "utilities.heating",
    "utilities.no_cold_water",
    "roads.lighting",
    "utilities.lifts",
)
TEXTS = (
    "На улице Театральной яма во всю полосу, машины выезжают на встречную. Просим заделать до снегопада.",
    "Третий день в квартире +14, батареи чуть тёплые, в доме дети. Управляющая компания не отвечает.",
    "С утра нет холодной воды во всём подъезде, объявления никакого не было. Когда дадут воду?",
    "Не горят фонари от школы до остановки, дети возвращаются домой в полной темноте.",
    "Лифт стоит вторую неделю, на девятый этаж поднимаются пожилые люди. Примите меры.",
)
TOWNS = ("blagoveshchensk", "belogorsk", "svobodny", "tynda")


def appeals(count: int, *, texts: Sequence[str] = ()) -> Iterator[Appeal]:
    """Appeals of several states, the same ones every time."""
    for n in range(1, count + 1):
        registered = NOW - timedelta(hours=5 * (n % 12) + 1, minutes=7 * n)
        appeal = register(
            Incoming(
                regime=(Regime.POS_MESSAGE, Regime.FZ59, Regime.OPEN_SOURCE)[n % 3],
                source=(Source.POS, Source.POST, Source.SOCIAL)[n % 3],
                text=texts[n - 1] if texts else f"{TEXTS[n % 5]} Обращение {n}.",
                received_at=registered,
                registered_at=registered,
                applicant=Applicant(name=f"Зимин Павел Кириллович {n}", phone="+7 900 000-00-00"),
                place=Place(municipality=TOWNS[n % 4], address=f"ул. Театральная, {n}"),
                block=TOPICS[n % 5].partition(".")[0],
                topic=TOPICS[n % 5],
                priority=Priority.ELEVATED if n % 11 == 0 else Priority.NORMAL,
            ),
            id=f"0197-{n:08d}",
            number=card_number(registered.date(), n),
            command=f"register-{n}",
            rulebook=AMUR,
        )
        if n % 4 == 1:
            appeal = act(
                appeal, "assign", OPERATOR, authority="amur_utilities", at=registered + timedelta(minutes=30)
            )
        if n % 8 == 1:
            appeal = act(appeal, "claim", COLLEAGUE, at=NOW - timedelta(minutes=3))
        yield appeal


def act(appeal: Appeal, name: str, actor: Actor, *, at: datetime = NOW, **values: object) -> Appeal:
    """The appeal after a command that the rules allow."""
    command = Command(
        id=f"{name}-{appeal.number}-{appeal.version}",
        appeal=appeal.id,
        arguments=parse_arguments(name, values, strict=False),
        base=appeal.version,
        device_at=at,
    )
    return decide(appeal, command, actor, AMUR, at)


def put(appeal: Appeal, seq: int = 1) -> Put:
    """The appeal as the server sends it."""
    return Put(
        seq,
        row_of(appeal),
        msgspec.Raw(encode_appeal(appeal)),
        msgspec.Raw(encode_applicant(appeal.applicant)),
    )


def profile(region: Region, version: int = 1) -> Reference:
    """A region profile as the server sends it."""
    document = msgspec.json.encode(region_to_document(region))
    return Reference(0, "profile", region.code, version, msgspec.Raw(document))


def references() -> list[Reference]:
    """The region profile and the colleagues."""
    accounts = [
        Reference(
            0, "account", person.account, 1,
            msgspec.Raw(msgspec.json.encode({
                "account": person.account, "name": person.name, "role": person.role.value,
                "blocks": sorted(person.blocks), "authority": person.authority,
            })),
        )
        for person in PEOPLE
    ]  # fmt: skip
    return [profile(AMUR.region), *accounts]


@cache
def _filled(count: int, texts: tuple[str, ...]) -> bytes:
    """The file of a cache that was filled and closed: to fill one costs more than most tests do."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cache" / "office.db"
        filled = Cache.open(path, KEY)
        puts = [put(appeal, seq) for seq, appeal in enumerate(appeals(count, texts=texts), 1)]
        filled.writer.apply_snapshot_page([*references(), *puts], "")
        filled.close()
        assert not path.with_name(path.name + "-wal").exists()
        return path.read_bytes()


@dataclass
class Office:
    """A cache with what the server would have sent, and desks over it."""

    cache: Cache

    @classmethod
    def open(cls, folder: Path, count: int = 60, *, texts: Sequence[str] = ()) -> "Office":
        """A new office with ``count`` appeals."""
        path = folder / "cache" / "office.db"
        path.parent.mkdir(mode=0o700, parents=True)
        path.touch(0o600)
        path.write_bytes(_filled(count, tuple(texts)))
        return cls(Cache.open(path, KEY))

    def desk(self, actor: Actor = OPERATOR) -> Desk:
        """A person's desk; its clock stands still."""
        return Desk(self.cache, actor, clock=lambda: NOW)

    def region_changes(self, region: Region) -> None:
        """A page of the change feed with another profile; desks that are open have to be told."""
        self.cache.writer.apply_page([profile(region, 2)], "later")

    def server_says(self, *changed: Appeal) -> None:
        """A page of the change feed."""
        self.cache.writer.apply_page([put(appeal, 1_000 + n) for n, appeal in enumerate(changed)], "later")
