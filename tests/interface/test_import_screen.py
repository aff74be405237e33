"""Importing at the workstation: choose, look, confirm, import, mend; against a real server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from cur_tui.app import Workstation
from screens.form import FormScreen
from screens.imports import ImportScreen
from screens.quarantine import QuarantineScreen
from tests.interface.contact import contact
from tests.interface.office import OPERATOR, SUPERVISOR, Office
from tests.server.office import found_office, running_server

HEADER = "№ заявки;Дата и время заявки;Описание заявки;Исполнитель;Статус"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A region for the tests of this module."""
    address = str(tmp_path_factory.mktemp("region") / "region.db")
    found_office(address)
    with running_server(address) as url:
        yield url


def table(folder: Path, *rows: str) -> Path:
    path = folder / "заявки.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return path


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(500):
        await pilot.pause(0.05)
        if condition():
            return
    raise AssertionError(f"it never came to that: {shown(pilot)}")


def shown(pilot: Pilot[None]) -> str:
    """Everything that the screen says."""
    return "\n".join(
        "".join(segment.text for segment in strip) for strip in pilot.app.screen._compositor.render_strips()
    )


async def choose(pilot: Pilot[None], key: str, path: Path) -> None:
    await pilot.press("f8")
    await until(pilot, lambda: isinstance(pilot.app.screen, ImportScreen))
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
    pilot.app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, ImportScreen))


async def test_a_file_is_looked_at_confirmed_imported_and_its_bad_row_mended(
    server: str, tmp_path: Path
) -> None:
    office = Office.open(tmp_path, 3)
    path = table(
        tmp_path,
        "811;01.11.2026 10:00;Течёт труба;Комитет ливней;Принята",
        "812;вчера;\x1b[31mТемно во дворе [/b];Комитет ливней;Принята",
    )
    with contact(server, "su.polev", office.cache) as exchange:
        app = Workstation(office.desk(SUPERVISOR), exchange)
        async with app.run_test(size=(80, 24)) as pilot:
            await choose(pilot, "f", path)
            await until(pilot, lambda: "новых обращений: 1" in shown(pilot) or "1 новое" in shown(pilot))
            told = shown(pilot)
            assert "Комитет ливней" in told
            assert "Это не дата" in told
            assert "Течёт труба" in told
            assert "\x1b[31m" not in told
            await pilot.press("enter")
            await pilot.press(*"жилищно-ком", "enter")
            await until(pilot, lambda: isinstance(app.screen, ImportScreen))
            assert "✓" in shown(pilot)
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "загружено" in str(app.screen.query_one("#state", Static).render()))
            assert "Комитет ливней" not in str(app.screen.query_one("#lines").render_line(1).text)
            assert "Названия, которые регион помнит: 1" in shown(pilot)
            assert "как назвал источник" not in shown(pilot)
            await pilot.press("и")
            await until(pilot, lambda: "Темно во дворе" in shown(pilot))
            assert isinstance(pilot.app.screen, QuarantineScreen)
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, FormScreen))
            field = app.screen.query(Input).first()
            assert field.value == "вчера", "the blamed cell comes first"
            field.value = "позавчера"
            await pilot.press("ctrl+s")
            await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen._begun != {})
            assert app.screen.query(Input).first().value == "позавчера", "nothing typed goes with a refusal"
            app.screen.query(Input).first().value = "02.11.2026 11:00"
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "Карантин пуст" in shown(pilot))
            await pilot.press("escape")
            assert pilot.app.screen.query("#first"), "back on the import"


async def test_an_import_goes_on_without_the_screen_and_is_come_back_to(server: str, tmp_path: Path) -> None:
    office = Office.open(tmp_path, 3)
    path = table(tmp_path, "991;01.11.2026 10:00;Гудит трансформатор;;Принята")
    for again in (False, True):
        with contact(server, "su.polev", office.cache) as exchange:
            async with Workstation(office.desk(SUPERVISOR), exchange).run_test(size=(160, 45)) as pilot:
                if not again:
                    await choose(pilot, "а", path)
                    await until(pilot, lambda: "Гудит трансформатор" in shown(pilot))
                    continue
                await pilot.press("f8")
                await until(pilot, lambda: "заявки.csv" in shown(pilot))
                await pilot.press("enter")
                await until(pilot, lambda: "Гудит трансформатор" in shown(pilot))
                await pilot.press("ctrl+s")
                await until(
                    pilot, lambda: "загружено" in str(pilot.app.screen.query_one("#state", Static).render())
                )


async def test_who_may_not_import_is_told(tmp_path: Path) -> None:
    async with Workstation(Office.open(tmp_path, 3).desk(OPERATOR)).run_test(notifications=True) as pilot:
        await pilot.press("f8")
        await until(pilot, lambda: isinstance(pilot.app.screen, ImportScreen))
        await pilot.press("f")
        await until(pilot, lambda: "Ваша роль не загружает файлы" in shown(pilot))
        assert isinstance(pilot.app.screen, ImportScreen)


async def test_a_table_that_nobody_knows_is_read_by_the_columns_that_a_person_names(
    server: str, tmp_path: Path
) -> None:
    office = Office.open(tmp_path, 3)
    path = tmp_path / "прочее.csv"
    path.write_text("а;б;в\n1;Во дворе упало дерево;3\n", encoding="utf-8")
    with contact(server, "su.polev", office.cache) as exchange:
        async with Workstation(office.desk(SUPERVISOR), exchange).run_test(size=(80, 24)) as pilot:
            await choose(pilot, "f", path)
            await until(pilot, lambda: "Ни один столбец не похож на текст" in shown(pilot))
            assert "Загрузить" not in shown(pilot).splitlines()[-1], "first it has to be readable"
            await pilot.press("е")
            await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
            pilot.app.screen.query_one("#field-text", Input).value = "б"
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "Во дворе упало дерево" in shown(pilot))
            assert "Загрузить" in shown(pilot).splitlines()[-1]
