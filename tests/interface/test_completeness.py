"""After an update older appeals are measured in quiet moments: until then every figure says what it lacks."""

import argparse
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from cur_tui.app import Workstation
from cur_tui.cli import cut, list_command, problems, ranking, report, satisfaction, workload
from cur_tui.domain.figures.cuts import Cut
from cur_tui.reports.order import FORMATS, Format, Order, ReportKind
from cur_tui.services.figures.reports import make_report
from screens.figures import FiguresScreen
from screens.queues import QueuesScreen
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


def told(content: bytes, format: Format) -> str:
    """What a file says, without the marks of its format."""
    if format == "xlsx":
        return zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    return content.decode()


async def test_a_queue_that_asks_for_what_is_measured_says_what_it_lacks(
    workstation: Make, updated: Office
) -> None:
    async with workstation(SUPERVISOR).run_test(size=(160, 45)) as pilot:
        queues = pilot.app.screen
        assert isinstance(queues, QueuesScreen)
        await until(pilot, lambda: queues.uncounted == 60)
        asked = {"done:2026": True, "open sort:number": False, "-late open": True, "-done:none": True}
        for line, is_short in asked.items():
            queues.show_query(line, f"behind {line}")
            await until_drawn(pilot, f"behind {line}")
            assert ("▲ числа неполные: ещё не учтено 60 старых обращений" in drawn(pilot)) is is_short, line
        while updated.cache.writer.measure_archive():
            pass
        pilot.app.publish_changes()  # type: ignore[attr-defined]
        await until(pilot, lambda: "числа неполные" not in drawn(pilot))


def test_a_list_by_command_says_what_it_lacks_where_it_asks_for_what_is_measured(
    updated: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = SimpleNamespace(desk=updated.desk(SUPERVISOR))
    monkeypatch.setattr(list_command, "open_to_read", lambda _: nullcontext(place))
    parser = argparse.ArgumentParser()
    list_command.add_arguments(parser)

    def said(query: str, *more: str) -> tuple[str, str]:
        list_command.run(parser.parse_args(["--query", query, *more]))
        return capsys.readouterr()

    assert "не учтено 60" in said("late")[1]
    assert json.loads(said("done:2026", "--json")[0])["uncounted"] == 60
    assert "не учтено" not in said("open")[1]
    assert "uncounted" not in json.loads(said("open", "--json")[0])


@pytest.mark.parametrize("format", FORMATS)
def test_files_say_what_their_sums_lack_and_lists_lack_nothing(updated: Office, format: Format) -> None:
    desk = updated.desk(SUPERVISOR)
    warning = "▲ числа неполные: ещё не учтено 60 старых обращений"

    def says(order: Order) -> bool:
        return warning in told(make_report(desk, order, format)[1], format)

    blocks = Order(ReportKind.CUT, cut=Cut("block"))
    for order in (Order(ReportKind.DAILY), Order(ReportKind.WEEKLY), Order(ReportKind.RANKING), blocks):
        assert says(order), order
    for order in (Order(ReportKind.OVERDUE), Order(ReportKind.CYCLES)):
        assert not says(order), order
    while updated.cache.writer.measure_archive():
        pass
    assert not says(Order(ReportKind.DAILY))


def test_a_report_by_command_says_what_it_lacks(
    updated: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place = SimpleNamespace(desk=updated.desk(SUPERVISOR))
    monkeypatch.setattr(report, "open_to_read", lambda _: nullcontext(place))
    parser = argparse.ArgumentParser()
    report.add_arguments(parser)

    def said(*words: str) -> str:
        report.run(parser.parse_args(words))
        return capsys.readouterr()[1]

    assert "ещё не учтено 60 старых обращений" in said("daily")
    assert "ещё не учтено 60 старых обращений" in said("weekly", "--format", "html", "--out", str(tmp_path))
    assert "не учтено" not in said("overdue")


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
