"""The lock: everything is hidden and closed, nothing typed is lost, and only its person comes back in."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from keyring.errors import KeyringError
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from cur_tui.app import Workstation
from cur_tui.paths import Home
from cur_tui.services.access.entrance import Entrance
from cur_tui.services.exchange.exchange import Phase
from cur_tui.services.form_texts import NOTE
from cur_tui.services.secrets.vault_keyring import KeyringVault
from cur_tui.services.secrets.vault_problems import VaultError
from screens.appeal import AppealScreen
from screens.form import FormScreen
from screens.lock import LockScreen
from screens.queues import QueuesScreen
from screens.secret import SecretScreen
from screens.sso import SsoScreen
from storage.errors import CacheError
from tests.services.test_vault import Keeping
from tests.sync.office import PASSWORD, Region, region_in

PASSPHRASE = "пароль от данных"
WRITTEN = "Позвонить в управляющую компанию завтра"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds that a person would have to wait go by faster."""
    monkeypatch.setattr("screens.locking.CALM", 0.1)
    monkeypatch.setattr("screens.lock.SECOND", 0.1)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with region_in(tmp_path_factory.mktemp("region")) as running:
        running.register(12, "utilities")
        yield running


@pytest.fixture
def home(tmp_path: Path, region: Region, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home of an operator whose secrets are under a passphrase."""
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE)
    file.chmod(0o600)
    monkeypatch.setenv("CUR_PASSPHRASE_FILE", str(file))
    return signed_in(Home.at(tmp_path / "home"), region)


@pytest.fixture
def keyring_home(tmp_path: Path, region: Region, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home of an operator whose secrets are in the system's keyring."""
    keyring = KeyringVault(Keeping())
    monkeypatch.setattr("cur_tui.services.secrets.vault._find_keyring", lambda: keyring)
    return signed_in(Home.at(tmp_path / "home"), region)


def signed_in(home: Home, region: Region) -> Home:
    entrance = Entrance(home)
    place = entrance.sign_in(entrance.add(region.address), "operator", PASSWORD)
    engine = place.engine()
    engine.hello()
    while engine.needs_bootstrap:
        engine.bootstrap_step()
    place.close()
    return home


def station(home: Home, lock_after: float | None = None) -> Workstation:
    entrance = Entrance(home)
    return Workstation(seat=entrance.seat(), entrance=entrance, lock_after=lock_after)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(1500):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"it never came to that; the screen is {pilot.app.screen}")


def on(pilot: Pilot[None], kind: type) -> Callable[[], bool]:
    return lambda: isinstance(pilot.app.screen, kind) and pilot.app.screen.is_mounted


async def begun(pilot: Pilot[None]) -> Workstation:
    app = pilot.app
    assert isinstance(app, Workstation)
    await until(pilot, lambda: app.has_painted)
    return app


async def closed(pilot: Pilot[None]) -> None:
    """The lock has come to its end: the cache is closed."""
    app = pilot.app
    assert isinstance(app, Workstation)
    await until(pilot, on(pilot, LockScreen))
    await until(pilot, lambda: app._lock is not None and app._lock._closed.is_set())


async def try_with(pilot: Pilot[None], secret: str, key: str = "enter") -> None:
    """Give a secret, and wait until it was checked."""
    lock = pilot.app.screen
    assert isinstance(lock, LockScreen)
    lock._tell("")
    lock.query_one(Input).value = secret
    told = lock.query_one("#problem").render
    await pilot.press(key)
    await until(pilot, lambda: pilot.app.screen is not lock or (not lock._busy and bool(str(told()))))


def problem(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one("#problem").render())


def painted(app: Workstation) -> str:
    return "\n".join(
        "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()
    )


async def test_what_is_typed_is_kept_and_found_again_behind_the_lock(home: Home) -> None:
    app = station(home)
    async with app.run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        await pilot.press("2", "enter")
        await until(pilot, on(pilot, AppealScreen))
        await pilot.press("m")
        await until(pilot, on(pilot, FormScreen))
        form = app.screen
        form.query_one(TextArea).text = WRITTEN
        await pilot.press("f12")
        await closed(pilot)
        with pytest.raises(CacheError) as caught:
            app.desk.outbox()
        assert caught.value.code == "cache_sealed"
        assert app.exchange.state().phase is Phase.STOPPED
        await try_with(pilot, "не та фраза")
        assert "неверн" in problem(pilot)
        lock = app.screen
        assert isinstance(lock, LockScreen)
        lock._left = 1000
        await try_with(pilot, PASSPHRASE)
        assert app.screen is lock, "the next attempt did not have to wait"
        assert "попытка" in problem(pilot)
        lock._left = 0
        await try_with(pilot, PASSPHRASE)
        await until(pilot, lambda: app.screen is form)
        assert form.query_one(TextArea).text == WRITTEN
        assert [draft.text for draft in app.desk.cache.reader.drafts() if draft.kind == NOTE] == [WRITTEN]
        await until(pilot, lambda: app.exchange.state().phase is Phase.IDLE)
        await pilot.press("ctrl+s")
        await until(pilot, on(pilot, AppealScreen))
        await until(pilot, lambda: [entry.arguments["text"] for entry in app.desk.outbox()] == [WRITTEN])


async def test_nothing_of_the_cache_is_painted_and_no_key_leads_behind(home: Home) -> None:
    app = station(home)
    async with app.run_test(size=(160, 45)) as pilot:
        await begun(pilot)
        await pilot.press("2")
        await until(pilot, lambda: "нет воды" in painted(app))
        app.say("Взято: Сообщение 3")
        await pilot.press("f12")
        await closed(pilot)
        app.say("ещё одно")
        for key in (
            "f1",
            "f2",
            "f3",
            "f5",
            "f6",
            "f9",
            "f10",
            "f12",
            "ctrl+p",
            "ctrl+g",
            "escape",
            "tab",
            "ctrl+c",
        ):
            await pilot.press(key)
            assert isinstance(app.screen, LockScreen), key
        await pilot.pause(0.3)
        assert isinstance(app.screen, LockScreen)
        shown = painted(app)
        assert "нет воды" not in shown
        assert "INC-" not in shown
        assert not app._notifications
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.return_code == 0)


async def test_it_locks_itself_when_nobody_presses_a_key(home: Home) -> None:
    app = station(home, lock_after=0.0)
    async with app.run_test() as pilot:
        await begun(pilot)
        await closed(pilot)
        app._lock_after = None
        await try_with(pilot, PASSPHRASE)
        await until(pilot, lambda: app.exchange.state().phase is Phase.IDLE)


async def test_whoever_is_there_is_not_locked_out(home: Home) -> None:
    app = station(home)
    async with app.run_test() as pilot:
        await begun(pilot)
        app._is_touched, app._touched_at = False, app._touched_at - 7200.0
        await pilot.press("down")
        app._lock_after = 3600.0
        app._look_at_idleness()
        assert not app.is_locked
        app._touched_at -= 7200.0
        app._look_at_idleness()
        assert app.is_locked
        await closed(pilot)


async def test_with_a_keyring_the_password_of_the_last_sign_in_unlocks_without_a_network(
    keyring_home: Home,
) -> None:
    app = station(keyring_home)
    async with app.run_test() as pilot:
        await begun(pilot)
        await pilot.press("f12")
        await closed(pilot)
        await try_with(pilot, "не тот пароль")
        assert "не тот пароль" in problem(pilot)
        await until(pilot, lambda: app.screen._left == 0)  # type: ignore[attr-defined]
        await try_with(pilot, PASSWORD)
        await until(pilot, on(pilot, QueuesScreen))


async def test_a_keyring_that_goes_away_is_told_and_nothing_goes_on_checking(
    keyring_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> NoReturn:
        raise KeyringError("the desktop's session has ended")

    app = station(keyring_home)
    async with app.run_test() as pilot:
        await begun(pilot)
        await pilot.press("f12")
        await closed(pilot)
        with monkeypatch.context() as patch:
            patch.setattr(Keeping, "get_password", away)
            await try_with(pilot, PASSWORD)
            assert "ключей" in problem(pilot)
        await try_with(pilot, PASSWORD)
        await until(pilot, on(pilot, QueuesScreen))


async def test_a_locked_workstation_that_was_closed_asks_at_its_next_start(keyring_home: Home) -> None:
    app = station(keyring_home)
    async with app.run_test() as pilot:
        await begun(pilot)
        await pilot.press("f12")
        await closed(pilot)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.return_code == 0)
    assert Entrance(keyring_home).seat() is None
    again = station(keyring_home)
    async with again.run_test() as pilot:
        await until(pilot, on(pilot, SecretScreen))
        again.screen.query_one("#first", Input).value = PASSWORD
        await pilot.press("enter")
        await until(pilot, on(pilot, QueuesScreen))
    third = Entrance(keyring_home).seat()
    assert third is not None, "what was unlocked is asked for again"
    third.place.close()


async def test_the_server_unlocks_where_no_password_is_known(keyring_home: Home) -> None:
    app = station(keyring_home)
    async with app.run_test() as pilot:
        await begun(pilot)
        assert app._place is not None
        secrets = app._place.access.secrets
        secrets.vault.delete(secrets.name_of("unlocking"))
        await pilot.press("f12")
        await closed(pilot)
        await try_with(pilot, PASSWORD)
        assert "F10" in problem(pilot)
        await try_with(pilot, "не тот пароль", "f10")
        assert "неверн" in problem(pilot)
        await try_with(pilot, PASSWORD, "f10")
        await until(pilot, on(pilot, QueuesScreen))
        await pilot.press("f12")
        await closed(pilot)
        await try_with(pilot, PASSWORD)
        await until(pilot, on(pilot, QueuesScreen))


async def test_what_falls_due_behind_the_lock_waits_for_its_end(home: Home) -> None:
    app = station(home)
    async with app.run_test() as pilot:
        await begun(pilot)
        queues = app.screen
        assert isinstance(queues, QueuesScreen)
        await pilot.press("f12")
        await closed(pilot)
        counted: list[str] = []
        queues.count_soon()  # reads the cache, and would end the program that cannot
        queues.after(0, lambda: counted.extend(view.code for view in app.desk.lists.views()))
        for _ in range(5):
            await pilot.pause(0.05)
        assert not counted
        await try_with(pilot, PASSPHRASE)
        await until(pilot, on(pilot, QueuesScreen))
        await until(pilot, lambda: bool(counted))


@pytest.mark.failure(11)
async def test_what_cannot_be_kept_stays_on_its_screen_and_the_lock_closes_all_the_same(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = station(home)
    async with app.run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        await pilot.press("2", "enter")
        await until(pilot, on(pilot, AppealScreen))
        await pilot.press("m")
        await until(pilot, on(pilot, FormScreen))
        form = app.screen

        def full(*given: object) -> NoReturn:
            raise CacheError("cache_full")

        with monkeypatch.context() as patched:
            patched.setattr(app.desk, "save_draft", full)
            patched.setattr(app.desk, "outbox", full)
            form.query_one(TextArea).text = WRITTEN
            await pilot.press("f12")
            await closed(pilot)
        with pytest.raises(CacheError) as caught:
            app.desk.outbox()
        assert caught.value.code == "cache_sealed"
        await try_with(pilot, PASSPHRASE)
        await until(pilot, lambda: app.screen is form)
        assert form.query_one(TextArea).text == WRITTEN


async def test_sign_in_at_the_provider_does_not_end_behind_the_lock(home: Home) -> None:
    app = station(home)
    agreed = threading.Event()
    async with app.run_test() as pilot:
        await begun(pilot)
        answers: list[object] = []
        screen = SsoScreen(lambda show, rest: agreed.wait(10), discard=lambda late: answers.append("late"))
        app.push_screen(screen, answers.append)
        await until(pilot, on(pilot, SsoScreen))
        await pilot.press("f12")
        app.action_lock()  # by the clock: no key of the application reaches a dialog
        await closed(pilot)
        agreed.set()
        await until(pilot, lambda: answers == [None, "late"])
        await try_with(pilot, PASSPHRASE)
        await until(pilot, on(pilot, QueuesScreen))


async def test_a_keyring_that_fails_at_the_unlocking_leaves_nothing_open(
    keyring_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = station(keyring_home)
    async with app.run_test() as pilot:
        await begun(pilot)
        await pilot.press("f12")
        await closed(pilot)

        def failing(*given: object) -> NoReturn:
            raise VaultError("keyring_unavailable")

        with monkeypatch.context() as patched:
            patched.setattr("cur_tui.services.access.unlocking.end_lock", failing)
            await try_with(pilot, PASSWORD)
        with pytest.raises(CacheError) as caught:
            app.desk.outbox()
        assert caught.value.code == "cache_sealed"
        await try_with(pilot, PASSWORD)
        await until(pilot, on(pilot, QueuesScreen))
