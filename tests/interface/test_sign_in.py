"""Coming in: the first steps on a new machine, a wrong password, and a start without a network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from cur_tui.app import Workstation
from cur_tui.paths import Home
from cur_tui.services.access.entrance import Entrance
from cur_tui.services.exchange.exchange import Phase
from screens.queues import QueuesScreen
from screens.secret import SecretScreen
from screens.sign_in import SignInScreen
from storage.changes import Area, Change
from tests.sync.office import PASSWORD, Region, region_in

PASSPHRASE = "пароль от данных"


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    folder = tmp_path / "region"
    folder.mkdir()
    with region_in(folder) as running:
        running.register(12, "utilities")
        yield running


def station(home: Path) -> Workstation:
    return Workstation(entrance=Entrance(Home.at(home)))


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(1500):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"it never came to that; the screen is {pilot.app.screen}")


def on(pilot: Pilot[None], kind: type) -> Callable[[], bool]:
    return lambda: isinstance(pilot.app.screen, kind) and pilot.app.screen.is_mounted


def fill(pilot: Pilot[None], **values: str) -> None:
    for name, value in values.items():
        pilot.app.screen.query_one(f"#{name.replace('_', '-')}", Input).value = value


async def first_steps(pilot: Pilot[None], region: Region) -> None:
    await until(pilot, on(pilot, SignInScreen))
    fill(pilot, address=region.address, user="operator", password=PASSWORD)
    await pilot.press("ctrl+s")
    await until(pilot, on(pilot, SecretScreen))
    fill(pilot, first=PASSPHRASE, second=PASSPHRASE)
    await pilot.press("ctrl+s")
    await until(pilot, on(pilot, QueuesScreen))


async def test_first_steps_then_a_start_without_a_network(region: Region, tmp_path: Path) -> None:
    app = station(tmp_path / "home")
    async with app.run_test(size=(120, 30)) as pilot:
        await first_steps(pilot, region)
        await until(pilot, lambda: app.exchange.state().phase is Phase.IDLE)
        screen = app.screen
        assert isinstance(screen, QueuesScreen)
        await until(pilot, lambda: screen._counts.get("distribution", None) is not None)
        await pilot.press("2")
        await until(pilot, lambda: screen.table.count == 12)
    region.stop()

    again = station(tmp_path / "home")
    async with again.run_test(size=(120, 30)) as pilot:
        await until(pilot, on(pilot, SecretScreen))
        fill(pilot, first=PASSPHRASE)
        await pilot.press("enter")
        await until(pilot, on(pilot, QueuesScreen))
        screen = again.screen
        assert isinstance(screen, QueuesScreen)
        await pilot.press("2", "c")
        await until(pilot, lambda: len(again.desk.outbox()) == 1)
        await until(pilot, lambda: again.exchange.state().phase is Phase.OFFLINE)
        assert screen.table.count == 12
        again._cache_changed(Change(1, frozenset({Area.STATE})))
    again.publish_changes()  # what was on its way at the end finds a closed cache, and does not ask it


async def test_a_wrong_password_is_one_sentence_and_the_right_one_leads_in(
    region: Region, tmp_path: Path
) -> None:
    app = station(tmp_path / "home")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, on(pilot, SignInScreen))
        screen = app.screen
        fill(pilot, address=region.address)
        # Each key goes to the field that is reached by the one before it, however fast they come.
        for key in ("tab", "tab", *"operator", "enter", *"wrong"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: screen.query_one("#password", Input).value == "wrong")
        assert screen.query_one("#user", Input).value == "operator"
        await pilot.press("enter")
        await until(pilot, on(pilot, SecretScreen))
        fill(pilot, first=PASSPHRASE, second=PASSPHRASE)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "неверн" in str(screen.query_one("#problem").render()).lower())
        assert app.screen is screen
        assert screen.query_one("#password", Input).value == ""
        await pilot.press(*PASSWORD, "enter")
        await until(pilot, on(pilot, QueuesScreen))


async def test_an_address_that_is_not_encrypted_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    app = station(tmp_path / "home")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, on(pilot, SignInScreen))
        fill(pilot, address="http://api.region.example", user="operator", password="x")
        await pilot.press("ctrl+s")
        screen = app.screen
        await until(pilot, lambda: "https" in str(screen.query_one("#problem").render()))
        await pilot.press("escape")
        await until(pilot, lambda: app.return_code is not None)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [("коротк", "коротк", "8"), ("достаточно длинный", "другой длинный", "не совпадают")],
)
async def test_a_new_passphrase_must_be_long_and_typed_twice(first: str, second: str, sentence: str) -> None:
    from screens.secret import passphrase_screen
    from widgets.layout import RussianLayout

    app = RussianLayout()
    async with app.run_test() as pilot:
        screen = passphrase_screen("new")
        app.push_screen(screen)
        await pilot.pause()
        fill(pilot, first=first, second=second)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert sentence in str(screen.query_one("#problem").render())
        assert app.screen is screen
