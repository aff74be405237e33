"""After an update older appeals are measured in quiet moments: until then every figure says what it lacks."""

import argparse
import json
from collections.abc import Callable
from contextlib import nullcontext
from types import ModuleType, SimpleNamespace

import pytest

from cur_tui.app import Workstation
from cur_tui.cli import cut, problems, ranking, satisfaction, workload
from screens.figures import FiguresScreen
from storage.figures.measuring import UNMEASURED
from storage.lists.legs import PAST_THE_END
from tests.interface.appeals import drawn, until, until_drawn
from tests.interface.office import SUPERVISOR, Office

Make = Callable[..., Workstation]


@pytest.fixture
def updated(office: Office) -> Office:
    """The office after an update of the program: no appeal is measured."""
    office.cache.writer.set_state(UNMEASURED, str(PAST_THE_END))
    return office


async def test_screens_say_what_they_lack_until_nothing_is_missing(
    workstation: Make, updated: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with workstation(SUPERVISOR).run_test(size=(160, 45)) as pilot:
        for place in ("workload", "cuts", "ranking", "satisfaction", "problems", "supervisor"):
            pilot.app.switch_mode(place)
            await until_drawn(pilot, "▲ числа неполные: ещё не учтено 60 старых обращений")
        pilot.app.switch_mode("alerts")
        await until_drawn(pilot, "Все оповещения")
        assert "числа неполные" not in drawn(pilot), "alerts are not added up"
        pilot.app.switch_mode("supervisor")
        await until_drawn(pilot, "числа неполные")
        screen = pilot.app.screen
        assert isinstance(screen, FiguresScreen)
        monkeypatch.setattr(type(screen), "CALM", 0.01)
        while updated.cache.writer.measure_archive():
            pass
        pilot.app.publish_changes()  # type: ignore[attr-defined]
        await until(pilot, lambda: "числа неполные" not in drawn(pilot))


@pytest.mark.parametrize(
    ("command", "words"),
    [(cut, ["block"]), (ranking, []), (workload, []), (satisfaction, []), (problems, [])],
    ids=["cut", "ranking", "workload", "satisfaction", "problems"],
)
def test_commands_say_what_they_lack(
    command: ModuleType,
    words: list[str],
    updated: Office,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = SimpleNamespace(desk=updated.desk(SUPERVISOR))
    monkeypatch.setattr(command, "open_to_read", lambda _: nullcontext(place))
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)

    def said(*more: str) -> tuple[str, str]:
        command.run(parser.parse_args([*words, *more]))
        return capsys.readouterr()

    assert "▲ числа неполные: ещё не учтено 60 старых обращений" in said()[1]
    assert json.loads(said("--json")[0])["uncounted"] == 60
    while updated.cache.writer.measure_archive():
        pass
    assert "числа неполные" not in said()[1]
    assert json.loads(said("--json")[0])["uncounted"] == 0
