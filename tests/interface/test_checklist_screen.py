"""The fast track on its screen: started, ticked with evidence, skipped with a reason, reopened, timed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from cur_tui.app import Workstation
from cur_tui.domain.vocabulary import StepStatus
from cur_tui.services.desk import Desk
from screens.answer import AnswerScreen
from screens.checklist import ChecklistScreen
from screens.form import FormScreen
from storage.errors import CacheError
from tests.interface.appeals import (
    HOSTILE,
    KEY,
    LITERAL,
    assert_harmless,
    assigned,
    drawn,
    told,
    until,
    until_drawn,
    with_fast_track,
)
from tests.interface.office import OPERATOR, Office, act

Make = Callable[..., Workstation]
SIZE = (112, 45)


async def opened(pilot: Pilot[None]) -> ChecklistScreen:
    pilot.app.open_checklist(KEY)
    await until_drawn(pilot, "INC-20261118-0777")
    screen = pilot.app.screen
    assert isinstance(screen, ChecklistScreen)
    return screen


def status(desk: Desk, n: int) -> StepStatus:
    return desk.appeal(KEY).checklists[-1].status(n)


async def fill(pilot: Pilot[None], words: str) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
    await pilot.press(*words, "ctrl+s")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChecklistScreen))


async def test_the_scheme_of_the_topic_comes_first_and_starts(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        first = drawn(pilot).index("Нет отопления или в доме холодно")
        assert first < drawn(pilot).index("Нет воды")
        assert "★" in drawn(pilot)
        await pilot.press("enter")
        await until_drawn(pilot, "0 из 8 шагов")
        assert [entry.type for entry in office.desk().outbox()] == ["start_checklist"]


async def test_a_step_is_closed_with_its_evidence(workstation: Make, office: Office) -> None:
    office.server_says(with_fast_track())
    desk = office.desk()
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert "Нужно: в двух словах" in drawn(pilot)
        await pilot.press("space")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        await pilot.press("ctrl+s")
        await until_drawn(pilot, "Заполните")
        await fill(pilot, "+14 с утра")
        await until_drawn(pilot, "+14 с утра")
        assert status(desk, 1) is StepStatus.DONE
        assert pilot.app.screen.query_one(OptionList).highlighted == 1
        assert "1 из 8 шагов" in drawn(pilot)
        # The second step asks for nothing, so its key closes it at once.
        await pilot.press("enter")
        await until(pilot, lambda: status(desk, 2) is StepStatus.DONE)


@pytest.mark.parametrize("keys", ["sru", "ыкг"])
async def test_a_step_is_left_out_with_a_reason_and_reopened(
    workstation: Make, office: Office, keys: str
) -> None:
    office.server_says(with_fast_track())
    desk = office.desk()
    skip, reopen, undo = keys
    async with workstation().run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        await pilot.press(skip)
        await fill(pilot, "Жилец сам измерил")
        await until_drawn(pilot, "Жилец сам измерил")
        assert status(desk, 1) is StepStatus.SKIPPED
        screen.query_one(OptionList).highlighted = 0
        await pilot.press(reopen)
        await until(pilot, lambda: status(desk, 1) is StepStatus.OPEN)
        await pilot.press(undo)
        await until(pilot, lambda: status(desk, 1) is StepStatus.SKIPPED)


@pytest.mark.failure(11)
async def test_what_was_entered_stands_in_the_form_again_when_it_cannot_be_kept(
    workstation: Make, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.server_says(with_fast_track())
    app = workstation()

    def full(*given: object, **values: object) -> NoReturn:
        raise CacheError("cache_full")

    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        first = app.screen
        with monkeypatch.context() as patched:
            patched.setattr(app.desk, "do", full)
            await pilot.press(*"Измерил", "ctrl+s")
            await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen is not first)
            await until_drawn(pilot, "Измерил")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: status(office.desk(), 1) is StepStatus.SKIPPED)
        assert office.desk().outbox()[-1].arguments["reason"] == "Измерил"


async def test_says_when_the_answer_may_be_given(workstation: Make, office: Office) -> None:
    appeal = with_fast_track()
    for step in appeal.checklists[-1].steps[:-2]:
        appeal = act(appeal, "tick", OPERATOR, step=step.n, evidence="сделано")
    office.server_says(appeal)
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert "можно отвечать" not in drawn(pilot)
        await pilot.press("space")
        await fill(pilot, "акт 17")
        await until_drawn(pilot, "можно отвечать (E)")
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, AnswerScreen))


async def test_terms_norms_and_both_times_are_shown(workstation: Make, office: Office) -> None:
    appeal = act(with_fast_track(), "tick", OPERATOR, step=1, evidence="+14")
    checklist = appeal.checklists[-1]
    record = replace(checklist.records[-1], device_at=checklist.records[-1].at - timedelta(minutes=25))
    appeal = replace(appeal, checklists=(replace(checklist, records=(record,)),))
    office.server_says(appeal)
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        shown = drawn(pilot)
    for words in (
        "на устройстве: 20.11.2026 12:05",
        "▲ 2.",
        "просрочено на",
        "(1 час)",
        "Постановление Правительства РФ № 354",
        "оператор блока",
        "закроется само",
        "▲ просрочено: ",
    ):
        assert words in shown, words


async def test_a_refused_act_is_told_and_changes_nothing(workstation: Make, office: Office) -> None:
    office.server_says(with_fast_track())
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "открыт" in told(pilot))
        assert office.desk().outbox() == []


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_hostile_evidence_is_only_text(
    workstation: Make, office: Office, size: tuple[int, int]
) -> None:
    appeal = act(with_fast_track(), "tick", OPERATOR, step=1, evidence=HOSTILE)
    office.server_says(act(appeal, "skip", OPERATOR, step=2, reason=HOSTILE))
    async with workstation().run_test(size=size) as pilot:
        await opened(pilot)
        await pilot.press("home")
        await pilot.pause()
        assert_harmless(pilot)
        for literal in LITERAL:
            assert literal in drawn(pilot)
