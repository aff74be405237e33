"""The problems at the desk: each number is what counting by hand gives, and its query finds as many."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cur_tui.domain.evolve import replace
from cur_tui.domain.intake import Incoming, card_number, register
from cur_tui.domain.model import Appeal, Applicant, Place
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Regime, Source, State
from cur_tui.services.desk import Desk
from cur_tui.services.figures import problems
from cur_tui.services.figures.problem_pictures import Figure
from cur_tui.services.figures.problems import LISTED, ProblemDesk
from storage.errors import ReadStopped
from storage.lists.filters import compile_view
from tests.interface.office import AMUR, NOW, OPERATOR, SUPERVISOR, Office

Meets = Callable[[Appeal], object]
PLACES = ("zeya", "tynda", "belogorsk", None)
TOPICS = ("utilities.heating", "utilities.lifts", "utilities.no_cold_water", "utilities.no_hot_water")
ROADS = ("roads.potholes", "roads.lighting", "roads.other")
STORIES = (
    "Кошки живут в подвале. Почта cat{n}@example.org.",
    "По двору бегают бродячие собаки, их {n}.",
    "\x1b[31m Бродячие собаки\x07 [/bold] у школы",
    "Совсем другое дело под номером {n}",
)
FLAGS: tuple[tuple[str, ...], ...] = ((), (), ("conflict",), ("communication_error", "on_control"))
NOVEMBER = date(2026, 11, 1)
OCTOBER = date(2026, 10, 1), date(2026, 10, NOW.day)


def made(n: int, rng: random.Random) -> Appeal:
    at = NOW - timedelta(hours=rng.choice([2, 5, 20, 100, 400, 600, 900, 1200]), minutes=n)
    topic = rng.choice([*TOPICS, *ROADS, "utilities.other", "utilities.other", None])
    block = topic.partition(".")[0] if topic else rng.choice(["roads", None])
    address = rng.choice([None, "ул. Мира, 1, кв. 7", "Мира 1", f"Лесная, {n}"])
    appeal = register(
        Incoming(
            regime=Regime.POS_MESSAGE,
            source=Source.POS,
            text=rng.choice(STORIES).format(n=n),
            received_at=at,
            registered_at=at,
            applicant=Applicant(name="Зимин Павел Кириллович"),
            place=Place(municipality=rng.choice(PLACES), address=address),
            block=block,
            topic=topic,
        ),
        id=f"0198-{n:08d}",
        number=card_number(at.date(), n),
        command=f"register-{n}",
        rulebook=AMUR,
    )
    # Each block of the region keeps what has none: here it has none. Every fifth is done with.
    state = State.RESOLVED if n % 5 == 0 else appeal.state
    return replace(
        appeal, state=state, block=block, topic=topic, flags=rng.choice(FLAGS), is_repeat=rng.random() < 0.2
    )


APPEALS = [made(n, random.Random(n)) for n in range(1, 241)]
RESIDUAL = {topic.code for topic in AMUR.region.topics if topic.is_residual}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("problems")
    office = Office.open(folder, 0)
    office.server_says(*APPEALS)
    while office.cache.writer.index_archive(500):
        pass
    yield office.desk(SUPERVISOR)
    office.cache.close()


def day_of(appeal: Appeal) -> date:
    return appeal.registered_at.astimezone(ZoneInfo(AMUR.region.time_zone)).date()


def count(meets: Meets, among: list[Appeal] = APPEALS) -> int:
    return sum(bool(meets(appeal)) for appeal in among)


def of(**wanted: object) -> Meets:
    return lambda appeal: all(getattr(appeal, name) == value for name, value in wanted.items())


def at(municipality: str | None) -> Meets:
    return lambda appeal: appeal.place.municipality == municipality


def now_and_before(*meets: Meets) -> tuple[int, int]:
    """In November as far as it has come, and in as many days of October."""
    days = [day_of(appeal) for appeal in APPEALS if all(one(appeal) for one in meets)]
    return sum(day >= NOVEMBER for day in days), sum(OCTOBER[0] <= day <= OCTOBER[1] for day in days)


def figures(found: object) -> Iterator[Figure]:
    if isinstance(found, Figure):
        yield found
    elif isinstance(found, msgspec.Struct):
        for name in found.__struct_fields__:
            yield from figures(getattr(found, name))
    elif isinstance(found, tuple):
        for one in found:
            yield from figures(one)


def listed(desk: Desk, query: str) -> int:
    view = compile_view(desk.lists.parse(query), now=desk.local_now(), me=desk.actor.account)
    return len(desk.cache.reader.ids(view))


def pair(figure: Figure) -> tuple[int, int | None]:
    return figure.value, figure.before


def test_every_block_is_what_counting_by_hand_gives(desk: Desk) -> None:
    picture = ProblemDesk(desk).picture()
    assert (picture.against_first, picture.against_last) == OCTOBER, "half a month beside half a month"
    assert any(OCTOBER[1] < day_of(appeal) < NOVEMBER for appeal in APPEALS), "of the other half, too"
    assert (picture.first, picture.last) == (NOVEMBER, date(2026, 11, 30))
    for one in picture.blocks:
        assert pair(one.all) == now_and_before(of(block=one.block))
        assert pair(one.residual) == now_and_before(of(block=one.block), lambda a: a.topic in RESIDUAL)
        assert pair(one.unsorted) == now_and_before(of(block=one.block, topic=None))
        tops = Counter(
            a.topic for a in APPEALS if a.block == one.block and day_of(a) >= NOVEMBER
            and a.topic is not None and a.topic not in RESIDUAL
        )  # fmt: skip
        assert [top.all.value for top in one.top] == [n for _, n in tops.most_common(3)]
        for top in one.top:
            assert pair(top.all) == now_and_before(of(topic=top.topic))
            assert pair(top.repeats) == now_and_before(of(topic=top.topic, is_repeat=True))
            assert top.share == top.all.value / one.all.value
    assert {one.block for one in picture.blocks} == {"utilities", "roads", None}


def test_places_and_signals_are_what_counting_by_hand_gives(desk: Desk) -> None:
    picture = ProblemDesk(desk).picture()
    assert {place.municipality for place in picture.places} == set(PLACES)
    for place in picture.places:
        assert pair(place.all) == now_and_before(at(place.municipality))
        assert place.heat > 0
    assert picture.places[0].heat == 4
    assert {signal.code: pair(signal.all) for signal in picture.signals} == {
        "repeats": now_and_before(lambda a: a.is_repeat),
        "conflicts": now_and_before(lambda a: "conflict" in a.flags),
        "communication_errors": now_and_before(lambda a: "communication_error" in a.flags),
    }


def test_bursts_are_told_by_the_last_hours_against_the_weeks_before(desk: Desk) -> None:
    rule = AMUR.region.bursts
    begin = NOW - timedelta(hours=rule.window_hours)
    first = max(begin - timedelta(days=rule.baseline_days), min(a.registered_at for a in APPEALS))
    windows = (begin - first) / timedelta(hours=rule.window_hours)
    late = Counter(
        (a.topic, a.place.municipality) for a in APPEALS if a.registered_at > begin and a.state.is_open
    )
    early = Counter((a.topic, a.place.municipality) for a in APPEALS if first <= a.registered_at <= begin)
    wanted = {}
    for cell, n in late.items():
        usual = early[cell] / windows
        if None not in cell and n >= rule.least and n >= max(rule.factor * usual, usual + 3 * usual**0.5):
            wanted[cell] = (n, round(usual, 2))
    found = {(b.topic, b.municipality): (b.all.value, b.usual) for b in ProblemDesk(desk).picture().bursts}
    assert found == wanted
    assert wanted, "the data must have one"


@pytest.mark.parametrize(
    ("period", "block", "language"),
    [
        ("month", None, "en"),
        ("all", "utilities", "ru"),
        ("last:month", None, "ru"),
        ("cur_week", "none", "en"),
    ],
)
def test_behind_each_number_is_a_list_of_so_many(
    desk: Desk, period: str, block: str | None, language: str
) -> None:
    found = ProblemDesk(desk, language)
    asked = period, block
    residual = found.residual(*asked)
    every = [*figures(found.picture(*asked)), residual.all, *figures(found.addresses(*asked))]
    assert len(every) > 10
    for figure in every:
        assert listed(desk, figure.query) == figure.value, figure.query
    for group in residual.groups:
        assert group.exact
        assert listed(desk, group.query) == group.found >= group.in_sample


def test_the_residual_is_taken_apart_and_its_examples_are_harmless(desk: Desk) -> None:
    found = ProblemDesk(desk).residual()
    wanted = [a for a in APPEALS if a.topic in RESIDUAL and day_of(a) >= NOVEMBER]
    assert pair(found.all) == now_and_before(lambda a: a.topic in RESIDUAL)
    assert found.read == len(wanted) == sum(group.in_sample for group in found.groups) + found.rest
    groups = {group.phrase: group for group in found.groups}
    dogs = groups["бродячие собаки"]
    assert dogs.in_sample == dogs.found == count(lambda a: "родячие собаки" in a.text, wanted)
    texts = [example.text for group in found.groups for example in group.examples]
    assert any("•••@•••" in text for text in texts)
    assert all(text.isprintable() and "example.org" not in text for text in texts)


def test_only_a_bounded_part_is_read_and_said_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "TEXTS", 10)
    monkeypatch.setattr(problems, "ADDRESSES", 30)
    found = ProblemDesk(desk)
    residual, addresses = found.residual("all"), found.addresses("all")
    assert (residual.read, residual.all.value) == (10, count(lambda a: a.topic in RESIDUAL))
    assert (addresses.read, addresses.total) == (30, len(APPEALS))
    latest = sorted(APPEALS, key=lambda a: a.registered_at)[-30:]
    mira = Counter(a.place.municipality for a in latest if a.place.address and "Мира" in a.place.address)
    assert {spot.municipality: spot.all.value for spot in addresses.spots} == {
        place: n for place, n in mira.items() if n > 1
    }
    assert not any("кв" in spot.address for spot in addresses.spots)


def test_a_line_of_numbers_fits_into_a_query(desk: Desk) -> None:
    numbers = ",".join(card_number(NOVEMBER, n) for n in range(LISTED))
    desk.lists.parse(f"номер:{numbers}")


def test_what_may_not_be_asked(desk: Desk) -> None:
    with pytest.raises(Refused, match="not_permitted"):
        ProblemDesk(Desk(desk.cache, OPERATOR, clock=lambda: NOW)).picture()
    with pytest.raises(Refused, match="invalid_value"):
        ProblemDesk(desk).picture("month", "aura")
    with pytest.raises(Refused, match="invalid_value"):
        ProblemDesk(desk).residual("aura")
    for ask in (ProblemDesk(desk).picture, ProblemDesk(desk).residual, ProblemDesk(desk).addresses):
        with pytest.raises(ReadStopped):
            ask(stop=lambda: True)
