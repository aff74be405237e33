"""What belongs together, at the workstation: duplicates side by side, mass incidents, calls taken down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from cur_tui.app import Workstation
from cur_tui.domain.model import Place
from cur_tui.domain.vocabulary import HEAD_FLAG, LinkKind
from cur_tui.services.desk import Desk
from cur_tui.services.exchange.exchange import Exchange
from cur_tui.sync.engine import SyncEngine
from cur_tui.sync.person import actor_of, remembered_account
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.related.follower import Follower
from screens.appeal import AppealScreen
from screens.form import FormScreen
from screens.incidents import IncidentsScreen
from screens.lookalikes import LookalikesScreen
from screens.picker import Picker
from screens.reception import AcceptedScreen
from storage.cache import Cache
from tests.interface.contact import Contact, engine_at, read_all
from tests.interface.office import KEY
from tests.server.office import found_office, register, running_server

LETTER = "На улице Садовой, дом 1, третий день нет горячей воды, диспетчер не отвечает, помогите, пожалуйста."


@dataclass
class Machine:
    """A supervisor's machine beside a region with a burst of equal letters."""

    cache: Cache
    desk: Desk
    engine: SyncEngine

    def station(self) -> Workstation:
        """The workstation in contact."""
        return Workstation(self.desk, Exchange(Contact(self.engine)))  # type: ignore[arg-type]

    def exchange(self) -> None:
        """Send and read everything."""
        while self.engine.push_once().more:
            pass
        read_all(self.engine)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A region with six letters on one topic and place, two of them equal."""
    address = str(tmp_path_factory.mktemp("region") / "region.db")
    found_office(address)
    where = {"topic": "utilities.no_hot_water", "place": Place(municipality="blagoveshchensk")}
    register(address, 2, text=LETTER, **where)
    register(address, 5, **where)
    database = Database(address)
    Follower(database, open_centre(database).rulebook).catch_up(wait=True)
    database.close()
    return address


@pytest.fixture
def machine(address: str, tmp_path: Path) -> Iterator[Machine]:
    with running_server(address) as url:
        cache = Cache.open(tmp_path / "cache" / "office.db", KEY)
        with engine_at(url, "su.polev", cache) as engine:
            read_all(engine)
            account = remembered_account(cache)
            assert account is not None
            yield Machine(cache, Desk(cache, actor_of(account)), engine)
        cache.close()


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(300):
        await pilot.pause(0.05)
        if condition():
            return
    raise AssertionError(f"it never came to that: {shown(pilot)}")


def duplicates(pilot: Pilot[None]) -> LookalikesScreen:
    """The screen of the candidates."""
    assert isinstance(pilot.app.screen, LookalikesScreen)
    return pilot.app.screen


def shown(pilot: Pilot[None]) -> str:
    """Everything that the screen says."""
    return "\n".join(
        "".join(segment.text for segment in strip) for strip in pilot.app.screen._compositor.render_strips()
    )


async def test_duplicates_stand_side_by_side_and_one_key_decides(machine: Machine) -> None:
    async with machine.station().run_test(size=(160, 45)) as pilot:
        letter = next(row.row for row in machine.desk.lists.page(machine.desk.lists.parse("диспетчер"), 9)[0])
        pilot.app.open_appeal(letter.id)  # type: ignore[attr-defined]
        await until(pilot, lambda: isinstance(pilot.app.screen, AppealScreen))
        await until(pilot, lambda: "Вероятно, о том же: 1  P: решить" in shown(pilot))
        assert "те же слова" in shown(pilot), "the appeal itself tells what is alike"
        await pilot.press("з")
        await until(pilot, lambda: isinstance(pilot.app.screen, LookalikesScreen))
        assert shown(pilot).count("третий день") >= 2, "both texts are there"
        count = len(duplicates(pilot)._found)
        other = duplicates(pilot)._chosen
        assert other is not None
        await pilot.press("l")
        await until(pilot, lambda: len(machine.desk.appeal(letter.id).links) == 1)
        assert machine.desk.appeal(letter.id).links[0].number == other.row.number
        await until(pilot, lambda: len(duplicates(pilot)._found) == count - 1)
        await pilot.press("u")
        await until(pilot, lambda: machine.desk.appeal(letter.id).links == ())
        await until(pilot, lambda: len(duplicates(pilot)._found) == count)
        await pilot.press("d")
        await until(pilot, lambda: [entry.type for entry in machine.desk.outbox()] == ["keep_apart"])
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, AppealScreen))


async def test_without_contact_the_duplicates_say_that_they_need_it(machine: Machine) -> None:
    async with Workstation(machine.desk).run_test(notifications=True) as pilot:
        row = machine.desk.lists.page(machine.desk.lists.parse("open"), 1)[0][0].row
        pilot.app.open_appeal(row.id)  # type: ignore[attr-defined]
        await until(pilot, lambda: isinstance(pilot.app.screen, AppealScreen))
        await pilot.press("p")
        await until(pilot, lambda: "знает сервер" in shown(pilot))
        assert isinstance(pilot.app.screen, AppealScreen)


async def test_a_proposed_incident_is_accepted_and_its_head_is_told_by_its_sign(machine: Machine) -> None:
    async with machine.station().run_test(size=(80, 24)) as pilot:
        await pilot.press("ш")
        await until(pilot, lambda: isinstance(pilot.app.screen, IncidentsScreen) and "можно" in shown(pilot))
        assert "предложен" in shown(pilot)
        incidents = pilot.app.screen
        assert isinstance(incidents, IncidentsScreen)
        summary = incidents._chosen
        assert summary is not None
        head_row = summary.head
        assert head_row is not None
        await pilot.press("ф")
        await until(pilot, lambda: HEAD_FLAG in machine.desk.appeal(head_row.id).flags)
        machine.exchange()
        head = machine.desk.appeal(head_row.id)
        assert machine.cache.reader.members_of(head.number) == summary.count - 1
        member = machine.cache.reader.mass_incident(head.number)[0].row
        assert machine.desk.appeal(member.id).links[-1].kind is LinkKind.MASS_INCIDENT
        await pilot.press("r")
        await until(pilot, lambda: "ждёт ответа" in shown(pilot))
        await pilot.press("f2")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press(*head.number.removeprefix("INC-"), "enter")
        await until(pilot, lambda: "≣" in shown(pilot))
        assert f"≣ ведёт {summary.count - 1} обращени" in shown(pilot), "also where the line is short"


async def test_a_call_is_taken_down_without_contact_and_gets_its_number_later(machine: Machine) -> None:
    async with machine.station().run_test(size=(80, 24)) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        form = pilot.app.screen
        form.query_one("#field-name", Input).value = "Ветрова Алла Кузьминична"
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, FormScreen))
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        form = pilot.app.screen
        assert form.query_one("#field-name", Input).value == "Ветрова Алла Кузьминична", "it was kept"
        form.query_one("#field-text", TextArea).text = "Во дворе третий день не вывозят мусор"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, AcceptedScreen))
        assert "Номер появится" in shown(pilot)
        assert [(entry.type, entry.number) for entry in machine.desk.outbox()] == [("register", "")]
        machine.exchange()
        await until(pilot, lambda: "Зарегистрировано под номером INC-" in shown(pilot))
        await pilot.press("enter")
        found = machine.desk.lists.page(machine.desk.lists.parse("вывозят"), 5)[0]
        assert [row.row.source for row in found] == ["hotline"]
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Picker))
