"""The screen of single sign-on, and a workstation whose access the office ends while it is open."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from cur_tui.app import Workstation
from cur_tui.opening import open_workstation
from cur_tui.paths import Home
from cur_tui.services.access.entrance import Entrance
from cur_tui.services.access.revocation import GivenUp
from cur_tui.services.exchange.exchange import Phase
from regional_api.identity import account_changes
from regional_api.identity.account_changes import Post
from regional_api.identity.oidc.settings import OidcSettings, write_settings
from screens.queues import QueuesScreen
from screens.secret import SecretScreen
from screens.sign_in import SignInScreen
from screens.sso import SsoScreen
from tests.interface.test_sign_in import fill, first_steps, on, until
from tests.server.oidc_provider import Person, running_provider
from tests.sync.office import Region, region_in


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    folder = tmp_path / "region"
    folder.mkdir()
    with region_in(folder) as running:
        running.register(3, "utilities")
        yield running


def words(app: Workstation, identity: str) -> str:
    return str(app.screen.query_one(identity, Static).visual)


async def test_code_is_shown_and_agreeing_to_it_opens_the_desk(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cur_tui.services.access.sso.MAX_INTERVAL", 0.05)
    with running_provider() as issuer:
        write_settings(region.centre, OidcSettings(issuer, "regional-api"))
        account_changes.change_post(region.centre, "operator", Post(sso="op-1"))
        app = Workstation(entrance=Entrance(Home.at(tmp_path / "home")))
        async with app.run_test(size=(100, 30)) as pilot:
            await until(pilot, on(pilot, SignInScreen))
            await pilot.press("f2")
            assert app.screen.query_one("#address", Input).has_focus
            fill(pilot, address=region.address)
            await pilot.press("f2")
            await until(pilot, on(pilot, SecretScreen))
            fill(pilot, first="фраза для данных", second="фраза для данных")
            await pilot.press("ctrl+s")
            await until(pilot, lambda: on(pilot, SsoScreen)() and "/device" in words(app, "#address"))
            address, code = words(app, "#address"), words(app, "#code")
            # Giving up leads back; what was asked for is simply never used.
            await pilot.press("escape")
            await until(pilot, on(pilot, SignInScreen))
            await pilot.press("f2")
            await until(pilot, lambda: on(pilot, SsoScreen)() and words(app, "#code") not in ("", code))
            Person("op-1").agree(f"{address}?user_code={words(app, '#code')}")
            await until(pilot, on(pilot, QueuesScreen))
            await until(pilot, lambda: app.exchange.state().phase is Phase.IDLE)


async def test_server_without_a_provider_says_so_on_the_screen(region: Region, tmp_path: Path) -> None:
    app = Workstation(entrance=Entrance(Home.at(tmp_path / "home")))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, on(pilot, SignInScreen))
        fill(pilot, address=region.address)
        await pilot.press("f2")
        await until(pilot, on(pilot, SecretScreen))
        fill(pilot, first="фраза для данных", second="фраза для данных")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: on(pilot, SignInScreen)() and words(app, "#problem") != "")


@pytest.mark.failure(19)
async def test_closed_account_is_told_and_the_desk_stays(region: Region, tmp_path: Path) -> None:
    app = Workstation(entrance=Entrance(Home.at(tmp_path / "home")))
    async with app.run_test(size=(120, 30)) as pilot:
        await first_steps(pilot, region)
        await until(pilot, lambda: app.exchange.state().phase is Phase.IDLE)
        account_changes.close(region.centre, "operator", wipe=False)
        await until(pilot, lambda: app.exchange.state().phase is Phase.ACCESS_ENDED)
        await pilot.pause(0.6)
        assert app.is_running
        assert app.ended_access is None
        assert isinstance(app.screen, QueuesScreen)


@pytest.mark.failure(19)
async def test_order_to_wipe_ends_the_workstation(region: Region, tmp_path: Path) -> None:
    app = Workstation(entrance=Entrance(Home.at(tmp_path / "home")))
    async with app.run_test(size=(120, 30)) as pilot:
        await first_steps(pilot, region)
        await until(pilot, lambda: app.exchange.state().phase is Phase.IDLE)
        account_changes.close(region.centre, "operator", wipe=True)
        await until(pilot, lambda: app.ended_access is not None)
    assert app.return_code == 3
    access, office = app.ended_access or (None, b"")
    assert access is not None
    assert len(office) == 32


@pytest.mark.failure(19)
def test_opening_obeys_what_the_workstation_was_told(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workstation's own loop is left out; what follows its end is real."""
    from cur_tui.cli.main import main
    from tests.sync.office import PASSWORD

    passphrase, password = tmp_path / "passphrase", tmp_path / "password"
    passphrase.write_text("a passphrase")
    passphrase.chmod(0o600)
    password.write_text(PASSWORD)
    monkeypatch.setenv("CUR_PASSPHRASE_FILE", str(passphrase))
    home = tmp_path / "home"
    with password.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        command = ["login", "--server", region.address, "--user", "operator", "--password-stdin"]
        assert main(["--home", str(home), *command]) == 0
    account_changes.close(region.centre, "operator", wipe=True)

    def run(app: Workstation) -> None:
        seat = app._place
        assert seat is not None
        app.ended_access = seat.access, b"\x09" + b"\0" * 31
        seat.close()

    monkeypatch.setattr(Workstation, "run", run)
    with pytest.raises(GivenUp):
        open_workstation(Home.at(home))
    assert not list(home.rglob("*.db"))
