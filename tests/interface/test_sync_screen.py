"""The exchange on its screen: what waits, what was refused and why, and the ways on from there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec.structs import replace as replace_state
from textual.pilot import Pilot
from textual.widgets import TextArea

from cur_tui.app import Workstation
from cur_tui.domain.vocabulary import Outcome, State
from cur_tui.services.answers.answering import AnswerDesk
from cur_tui.services.exchange.exchange import Exchange, Phase, Progress, SyncState
from screens.answer import AnswerScreen
from screens.appeal import AppealScreen
from screens.sync import SyncScreen
from tests.factories import make_region
from tests.interface.appeals import (
    AGENT,
    ANSWER,
    HOSTILE,
    KEY,
    LITERAL,
    assert_harmless,
    assigned,
    drawn,
    refuse,
    told,
    until,
    until_drawn,
)
from tests.interface.office import COLLEAGUE, NOW, OPERATOR, Office, act, profile

Make = Callable[..., Workstation]
SIZE = (112, 30)


async def opened(pilot: Pilot[None]) -> SyncScreen:
    await pilot.press("f6")
    await until(pilot, lambda: isinstance(pilot.app.screen, SyncScreen))
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, SyncScreen)
    return screen


async def test_what_waits_stands_in_its_order(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk()
    desk.do("note", KEY, text="Первое")
    desk.do("claim", KEY)
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        shown = drawn(pilot)
        assert "Ждут отправки, в этом порядке: 2" in shown
        assert shown.index("Первое") < shown.index("взять в работу")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AppealScreen))


async def test_an_empty_outbox_says_that_all_is_well(workstation: Make) -> None:
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        await until_drawn(pilot, "Всё отправлено и принято")


async def test_one_act_of_several_is_taken_back(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk()
    desk.do("note", KEY, text="Первое")
    desk.do("note", KEY, text="Второе")
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("г")
        await until(pilot, lambda: len(desk.outbox()) == 1)
        assert desk.outbox()[0].arguments["text"] == "Второе"
        assert [note.text for note in desk.appeal(KEY).notes] == ["Второе"]


async def test_a_refused_act_says_why_and_is_given_again(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk()
    desk.do("classify", KEY, essence="Холодно в квартире, дети")
    refuse(office, "version_conflict", number="INC-20261118-0777", by="Юдин П. С.", what="classify")
    assert desk.outbox() == []
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        shown = drawn(pilot)
        for words in (
            "Не принято сервером: 1",
            "Юдин П. С.",
            "Холодно в квартире, дети",
            "R: отправить снова",
        ):
            assert words in shown, words
        await pilot.press("к")
        await until(pilot, lambda: len(desk.outbox()) == 1)
        assert desk.unsent() == []
        assert desk.appeal(KEY).essence == "Холодно в квартире, дети"


async def test_what_is_still_forbidden_stays_with_its_reason(workstation: Make, office: Office) -> None:
    appeal = assigned()
    office.server_says(appeal)
    desk = office.desk()
    desk.do("classify", KEY, essence="Холодно")
    refuse(office, "claimed_by_other", number="INC-20261118-0777", holder="Юдин П. С.")
    office.server_says(act(appeal, "claim", COLLEAGUE))
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "Юдин П. С." in told(pilot))
        assert len(desk.unsent()) == 1
        assert desk.outbox() == []


async def test_a_refused_answer_goes_back_to_the_sheet(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk(AGENT)
    answers = AnswerDesk(desk)
    appeal = desk.appeal(KEY)
    answers.submit(
        appeal, replace(answers.begin(appeal), text=ANSWER, outcome=Outcome.SOLVED, evidence="акт 17")
    )
    refuse(office, "version_conflict", number="INC-20261118-0777", by="Юдин П. С.", what="assign")
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert "перерасчёт" in drawn(pilot)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(pilot.app.screen, AnswerScreen))
        await until(pilot, lambda: bool(pilot.app.screen.query(TextArea)))
        assert pilot.app.screen.query_one(TextArea).text == ANSWER
        assert desk.unsent() == []
        await pilot.press("ctrl+s")
        await until(pilot, lambda: desk.appeal(KEY).state is State.IN_REVIEW)
        assert [entry.type for entry in desk.outbox()] == ["submit"]


async def test_discarding_keeps_the_text_as_a_draft(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk()
    desk.do("note", KEY, text="Длинная важная заметка")
    refuse(office, "not_permitted", command="note")
    async with workstation().run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("d")
        await until(pilot, lambda: desk.unsent() == [])
        kept = desk.draft(KEY, "note")
        assert kept is not None
        assert kept.text == "Длинная важная заметка"
        await until(pilot, lambda: pilot.app.clipboard == "Длинная важная заметка")


class Standing(Exchange):
    """An exchange that has come to rest in one state."""

    def __init__(self, state: SyncState) -> None:
        super().__init__()
        self._state = state

    def state(self) -> SyncState:
        return self._state


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (Phase.OFFLINE, "Связи нет. Работайте дальше"),
        (Phase.IDLE, "На связи."),
        (Phase.SIGN_IN_NEEDED, "войдите снова"),
    ],
)
async def test_the_connection_is_told_in_words(office: Office, phase: Phase, words: str) -> None:
    state = SyncState(phase=phase, last_contact=NOW - timedelta(minutes=42), clock_skewed=True)
    async with Workstation(office.desk(OPERATOR), Standing(state)).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await until_drawn(pilot, words)
        assert "Последняя связь 20.11.2026 11:48: данным 42 мин." in drawn(pilot)
        assert "Часы устройства" in drawn(pilot)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_hostile_text_is_only_text(workstation: Make, office: Office, size: tuple[int, int]) -> None:
    office.server_says(assigned())
    desk = office.desk()
    desk.do("note", KEY, text=HOSTILE)
    refuse(office, "mystery", reason=HOSTILE)
    desk.do("classify", KEY, essence=HOSTILE)
    async with workstation().run_test(size=size) as pilot:
        await opened(pilot)
        for key in ("down", "up", "tab", "pagedown"):
            assert_harmless(pilot)
            await pilot.press(key)
        if size[0] == 160:
            for literal in LITERAL:
                assert literal in drawn(pilot)
        assert isinstance(pilot.app.screen, SyncScreen)


class LongReading(Exchange):
    """An exchange in the middle of the first reading, which can be put off."""

    def __init__(self) -> None:
        super().__init__()
        self._state = SyncState(
            Phase.BOOTSTRAPPING,
            progress=Progress(12_000, 1_000_000, 4_000.0),
            indexing=Progress(500, 2_000, 250.0),
        )

    def state(self) -> SyncState:
        return self._state

    @property
    def is_paused(self) -> bool:
        return self._state.phase is Phase.PAUSED

    def pause_or_resume(self) -> None:
        phase = Phase.BOOTSTRAPPING if self.is_paused else Phase.PAUSED
        self._state = replace_state(self._state, phase=phase)


async def test_a_long_reading_says_how_long_it_takes_and_can_be_put_off(office: Office) -> None:
    exchange = LongReading()
    async with Workstation(office.desk(OPERATOR), exchange).run_test(size=SIZE) as pilot:
        await opened(pilot)
        shown = " ".join(drawn(pilot).split())
        assert "12 000 из 1 000 000 обращений · 4 000 в секунду · осталось 4 мин" in shown.replace(
            "\xa0", " "
        )
        assert "Архив вносится в поиск и срезы: 500 из 2 000" in shown.replace("\xa0", " ")
        await pilot.press("з")
        await until_drawn(pilot, "Первая загрузка приостановлена")
        assert exchange.is_paused
        await pilot.press("p")
        await until(pilot, lambda: not exchange.is_paused)


@pytest.mark.failure(34)
async def test_rules_that_cannot_be_read_are_told_until_they_can(workstation: Make, office: Office) -> None:
    office.region_changes(replace(make_region(), time_zone="Mars/Olympus"))
    async with workstation().run_test(size=SIZE) as pilot:
        await until_drawn(pilot, "новые правила не прочитаны")
        screen = await opened(pilot)
        await until_drawn(pilot, "не может прочитать редакцию 2 правил региона")
        assert "Обновите" in drawn(pilot)
        office.cache.writer.apply_page([profile(make_region(), 3)], "later")
        await until(pilot, lambda: "не прочитаны" not in drawn(pilot))
        assert "не может прочитать" not in drawn(pilot)
        assert screen is pilot.app.screen
