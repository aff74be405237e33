"""How the first screens look, at the smallest and at a comfortable size. Renew with --snapshot-update."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from cur_tui.app import Workstation
from cur_tui.paths import Home
from cur_tui.services.access.entrance import Entrance
from tests.interface.office import Office

Make = Callable[..., Workstation]
Compare = Callable[..., bool]


def then(*keys: str) -> Callable[[Pilot[None]], object]:
    """Press keys and let everything come to rest."""

    async def run(pilot: Pilot[None]) -> None:
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.2)

    return run


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
def test_queues(snap_compare: Compare, workstation: Make, size: tuple[int, int]) -> None:
    assert snap_compare(workstation(), terminal_size=size, run_before=then("9", "down", "space"))


def test_queues_in_light_colours(snap_compare: Compare, office: Office) -> None:
    app = Workstation(office.desk(), theme="cur-light")
    assert snap_compare(app, terminal_size=(110, 30), run_before=then("4"))


def test_the_filter_tells_what_is_wrong(snap_compare: Compare, workstation: Make) -> None:
    keys = ("9", "slash", *"блк:жкх", "enter")
    assert snap_compare(workstation(), terminal_size=(80, 24), run_before=then(*keys))


def test_help(snap_compare: Compare, workstation: Make) -> None:
    assert snap_compare(workstation(), terminal_size=(80, 24), run_before=then("f1", "tab"))


def test_sign_in(snap_compare: Compare, tmp_path: Path) -> None:
    app = Workstation(entrance=Entrance(Home.at(tmp_path)))
    app.animation_level = "none"

    async def rest(pilot: Pilot[None]) -> None:
        await pilot.pause(0.5)

    assert snap_compare(app, terminal_size=(80, 24), run_before=rest)
