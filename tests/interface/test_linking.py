"""Linking to any chosen number from the menu of an appeal; and what a caller is told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from cur_tui.app import Workstation
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import LinkKind
from cur_tui.services.explain import explain_refusal
from cur_tui.services.forms import Form, form_for
from cur_tui.services.receiving import acceptance, take_down
from cur_tui.services.related import name_appeals
from screens.command_menu import choose_command
from screens.form import FormScreen
from screens.picker import Picker
from tests.interface.office import NOW, SUPERVISOR, Office


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(300):
        await pilot.pause(0.02)
        if condition():
            return
    raise AssertionError(f"it never came to that: {pilot.app.screen}")


async def test_an_appeal_is_linked_to_a_number_typed_in_the_other_layout(tmp_path: Path) -> None:
    desk = Office.open(tmp_path, 6).desk(SUPERVISOR)
    one, other = (row.row for row in desk.lists.page(desk.lists.parse(""), 2)[0])
    app = Workstation(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        app.start(choose_command(app, [one.id]))
        await until(pilot, lambda: isinstance(app.screen, Picker))
        await pilot.press(*"связать с", "enter")
        await until(pilot, lambda: isinstance(app.screen, Picker) and app.screen.is_current)
        await pilot.press(*"повтор", "enter")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        field = app.screen.query_one("#field-target", Input)
        field.value = "штс-19000101-0001"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen._begun != {})
        field = app.screen.query_one("#field-target", Input)
        assert field.value == "штс-19000101-0001", "a number that is nobody's can be mended"
        field.value = other.number.replace("INC", "штс")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(desk.appeal(one.id).links))
    (link,) = desk.appeal(one.id).links
    assert (link.kind, link.appeal, link.number) == (LinkKind.REPEAT, other.id, other.number)


def test_what_leads_nothing_gets_no_members(tmp_path: Path) -> None:
    desk = Office.open(tmp_path, 3).desk(SUPERVISOR)
    one, other = (row.row for row in desk.lists.page(desk.lists.parse(""), 2)[0])
    form = form_for("link", desk.appeal(one.id), desk.rulebook)
    assert isinstance(form, Form)
    values = {"kind": LinkKind.MASS_INCIDENT.value, "target": other.number.lower()}
    with pytest.raises(Refused, match="leads_nothing") as refused:
        name_appeals(desk, form, values)
    assert other.number in explain_refusal(refused.value)
    desk.do("lead_incident", other.id, leads=True)
    named = name_appeals(desk, form, values)
    assert (named["target"], named["target_number"]) == (other.id, other.number)


@pytest.mark.parametrize(
    ("source", "told", "never"),
    [
        ("hotline", "телефонный звонок не считается", "письмо 20"),
        ("in_person", "Письменный ответ мы направим не позднее", "Госуслуги"),
    ],
)
def test_nobody_hears_of_gaps_or_of_another_channel(
    tmp_path: Path, source: str, told: str, never: str
) -> None:
    desk = Office.open(tmp_path, 1).desk(SUPERVISOR)
    typed = {"source": source, "name": "Кедров Илья Ильич", "text": "Не горит фонарь во дворе дома 7."}
    done = take_down(desk, typed, NOW - timedelta(minutes=2))
    text = acceptance(desk, done.appeal, "INC-20261120-0099")
    assert "INC-20261120-0099" in text
    assert told in text
    assert never not in text
    assert "⟦" not in text
