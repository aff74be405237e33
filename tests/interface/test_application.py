"""What works everywhere: palette, help, going to a number, themes, the status line, mistakes in workers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from cur_tui.app import Workstation
from cur_tui.domain.model import Appeal
from cur_tui.domain.query.fields import QUERY_HELP
from cur_tui.services.actions import actions_of
from cur_tui.services.exchange.exchange import Exchange, Phase, Progress, SyncState
from cur_tui.services.lists.query_help import MARKED
from screens.help import HelpScreen
from screens.picker import Picker
from screens.queues import QueuesScreen
from tests.interface.office import NOW, Office
from widgets.key_line import KeyLine, key_name
from widgets.status_line import StatusLine

Make = Callable[..., Workstation]


class StandingRunner:
    """An exchange that stands still in a state of the test's choice."""

    def __init__(self, state: SyncState) -> None:
        self.state = state
        self.poked = 0

    def poke(self) -> None:
        self.poked += 1

    def next(self, query: str) -> Appeal | None:
        raise AssertionError(query)

    def stop(self) -> None:
        self.state = replace(self.state, phase=Phase.STOPPED)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came to that")


def shown(pilot: Pilot[None], selector: str) -> str:
    return str(pilot.app.screen.query_one(selector).render())


async def test_the_palette_runs_what_was_found(workstation: Make) -> None:
    async with workstation().run_test(size=(100, 40)) as pilot:
        await pilot.press("9", "ctrl+p")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press(*"последняя стр", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        screen = pilot.app.screen
        assert isinstance(screen, QueuesScreen)
        await until(pilot, lambda: screen.table.cursor == 59)


async def test_the_palette_opens_in_the_russian_layout_and_leaves_by_escape(workstation: Make) -> None:
    async with workstation().run_test(size=(100, 40)) as pilot:
        await pilot.press("ctrl+з")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))


async def test_goes_to_a_number_without_its_usual_beginning(workstation: Make, office: Office) -> None:
    async with workstation().run_test(size=(100, 40)) as pilot:
        number = office.cache.reader.rows([next(iter(office_keys(office)))])[0].row.number  # type: ignore[union-attr]
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press(*number.removeprefix("INC-"), "enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "AppealScreen")


def office_keys(office: Office) -> list[int]:
    desk = office.desk()
    return list(desk.lists.open(desk.lists.parse("open")).keys)


async def test_an_unknown_number_is_told(workstation: Make) -> None:
    async with workstation().run_test(size=(100, 40)) as pilot:
        await pilot.press("ctrl+g", *"20250101-0001", "enter")
        await until(pilot, lambda: bool(pilot.app._notifications))
        assert isinstance(pilot.app.screen, QueuesScreen)


async def test_help_lists_every_key_of_the_place_and_can_be_searched(workstation: Make) -> None:
    async with workstation().run_test(size=(100, 60)) as pilot:
        await pilot.pause()
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        listed = shown(pilot, "#lines")
        for action in (*actions_of("queue"), *actions_of("app")):
            assert key_name(action.keys.partition(",")[0]) in listed
        await pilot.press(*"фильтр")
        assert len(shown(pilot, "#lines").splitlines()) < len(listed.splitlines())
        pilot.app.screen.query_one(Input).value = ""
        await pilot.press("tab")
        words = shown(pilot, "#lines")
        assert all(line.russian in words for line in QUERY_HELP)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, QueuesScreen)


def test_every_word_of_the_query_language_is_marked_for_translation() -> None:
    assert tuple(line.meaning for line in QUERY_HELP) == MARKED


async def test_themes_go_round_and_are_remembered(office: Office) -> None:
    kept: list[str] = []
    app = Workstation(office.desk(), remember_theme=kept.append)
    async with app.run_test() as pilot:
        assert app.theme == "cur-dark"
        await pilot.press("f9", "f9", "f9")
        await app.workers.wait_for_complete()
        assert app.theme == "cur-dark"
        assert kept == ["cur-light", "cur-contrast", "cur-dark"]


async def test_without_colours_signs_remain(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Workstation(office.desk())
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("4")
        await pilot.pause()
        assert app.no_color
        lines = [
            "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()
        ]
        assert any("▲ −" in line for line in lines)


LOADING = SyncState(Phase.BOOTSTRAPPING, progress=Progress(450, 1_000, 90.0))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SyncState(Phase.IDLE, last_contact=NOW - timedelta(minutes=4)), ("● на связи", "данные на 12:26")),
        (SyncState(Phase.OFFLINE, last_contact=NOW - timedelta(days=2)), ("○ нет связи", "18.11 12:30")),
        (LOADING, ("↓ загрузка 45",)),
        (SyncState(Phase.SIGN_IN_NEEDED), ("▲ войдите снова",)),
        (SyncState(Phase.UPDATE_NEEDED), ("▲ обновите программу",)),
        (SyncState(Phase.STOPPED), ("○ без обмена", "Ларина О. В.", "12:30")),
    ],
    ids=["idle", "offline", "loading", "sign-in", "update", "stopped"],
)
async def test_the_status_line_says_how_things_stand(
    office: Office, state: SyncState, words: tuple[str, ...]
) -> None:
    app = Workstation(office.desk(), Exchange(StandingRunner(state)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        line = str(app.screen.query_one(StatusLine).render())
        assert all(word in line for word in words)
        assert len(line) <= 80


async def test_what_waits_is_counted_on_the_status_line(office: Office) -> None:
    app = Workstation(office.desk())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "c")
        await until(pilot, lambda: "к отправке: 1" in str(app.screen.query_one(StatusLine).render()))


async def test_a_claim_is_sent_at_once_and_a_note_after_a_moment_of_grace(office: Office) -> None:
    runner = StandingRunner(SyncState(Phase.OFFLINE))
    app = Workstation(office.desk(), Exchange(runner))
    async with app.run_test() as pilot:
        desk, key = app.desk, "0197-00000002"
        await app.attempt(lambda: desk.do("note", key, text="позвонить"))
        await pilot.pause()
        assert runner.poked == 0
        await app.attempt(lambda: desk.do("claim", key))
        await until(pilot, lambda: runner.poked == 1)


async def test_a_mistake_in_a_worker_is_told_and_nothing_ends(workstation: Make) -> None:
    async def fails() -> None:
        raise ZeroDivisionError("Иванову позвонить")

    async with workstation().run_test() as pilot:
        app = pilot.app
        assert isinstance(app, Workstation)
        app.start(fails())
        await until(pilot, lambda: bool(app._notifications))
        told = [notification.message for notification in app._notifications]
        assert "ZeroDivisionError" in told[0]
        assert "Иванову" not in told[0]
        assert app.is_running


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
async def test_the_key_line_fits_and_always_offers_help(office: Office, width: int) -> None:
    app = Workstation(office.desk())
    async with app.run_test(size=(width, 24)) as pilot:
        await pilot.pause()
        line = str(app.screen.query_one(KeyLine).render())
        assert len(line.rstrip()) <= width
        assert line.endswith("F1 Справка")
        assert line.startswith(" N Срочное  C Взять")
        assert ("Enter Открыть" in line) == (width > 80)


async def test_a_click_on_a_key_presses_it(office: Office) -> None:
    app = Workstation(office.desk())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        line = str(app.screen.query_one(KeyLine).render())
        await pilot.click(KeyLine, offset=(line.index("F1"), 0))
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_a_mistake_of_the_program_shows_places_and_no_values(
    workstation: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    citizen = "Соседи с третьего этажа"

    def broken() -> None:
        text = citizen
        raise ValueError(text)

    async def at_work() -> None:
        station = workstation()
        async with station.run_test(size=(100, 40)) as pilot:
            station.call_later(broken)
            await pilot.pause(0.2)

    with pytest.raises(ValueError, match=citizen):
        await at_work()
    told = capsys.readouterr().err
    assert citizen not in told
    assert "ValueError" in told
    assert "test_application.py" in told
    assert "сохранено" in told
