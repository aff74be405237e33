"""One appeal on its screen: everything is there, acts work, changes arrive, nothing hostile gets through."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from textual.widgets import TextArea

from cur_tui.app import Workstation
from cur_tui.domain.model import Applicant
from cur_tui.domain.query.parse import parse_query
from cur_tui.services.desk import Desk
from cur_tui.services.exchange.exchange import Exchange
from cur_tui.services.form_texts import Place, begun
from screens.acts import give
from screens.answer import AnswerScreen
from screens.appeal import AppealScreen
from screens.checklist import ChecklistScreen
from screens.form import FormScreen
from screens.picker import Picker
from screens.queues import QueuesScreen
from tests.interface.appeals import (
    HOSTILE,
    KEY,
    LITERAL,
    assert_harmless,
    assigned,
    drawn,
    in_review,
    returned,
    told,
    until,
    until_drawn,
    with_fast_track,
)
from tests.interface.office import NOW, OPERATOR, SUPERVISOR, Office, act

Make = Callable[..., Workstation]
TALL = (160, 100)


async def test_shows_everything_that_is_known(workstation: Make, office: Office) -> None:
    appeal = with_fast_track(act(returned(), "start", OPERATOR))
    appeal = act(appeal, "classify", OPERATOR, essence="Холодно в квартире, в доме дети.")
    appeal = act(appeal, "note", OPERATOR, text="Позвонить до обеда.")
    appeal = act(appeal, "flag", OPERATOR, flag="on_control")
    appeal = act(appeal, "link", OPERATOR, kind="duplicate", target="x", target_number="INC-20261101-0001")
    office.server_says(appeal)
    async with workstation().run_test(size=TALL) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "Холодно в квартире")
        await until_drawn(pilot, "зарегистрировано")
        shown = drawn(pilot)
    for words in (
        "INC-20261118-0777", "▸ в работе", "сообщение ПОС", "повышенная важность", "у вас, ещё",
        "Третий день в квартире", "Отопление", "Благовещенск", "ул. Театральная, 12", "Зимин Павел",
        "+7 900 000-00-00", "ПОС-123456", "#зима", "на контроле", "INC-20261101-0001", "Позвонить до обеда.",
        "↶ возвращён", "Назовите дату перерасчёта.", "Мишина В. А.", "0 из 8 шагов", "по норме до",
        "1. окончательный", "→ доработка",
    ):  # fmt: skip
        assert words in shown, words


async def test_a_clock_that_passed_says_so_with_sign_and_word(office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk()
    clock = desk.appeal(KEY).nearest_clock
    assert clock is not None
    late = clock.control_due_at + timedelta(hours=3)
    app = Workstation(Desk(office.cache, OPERATOR, clock=lambda: late), Exchange())
    async with app.run_test(size=TALL) as pilot:
        app.open_appeal(KEY)
        await until_drawn(pilot, "▲ просрочено на 3")


async def test_an_extended_term_shows_its_first_promise(workstation: Make, office: Office) -> None:
    from tests.interface.office import SUPERVISOR

    at = NOW - timedelta(hours=20)
    office.server_says(
        act(
            assigned(), "extend", SUPERVISOR, at=at, days=15, reason="Ждём экспертизу", notice="Срок продлён."
        )
    )
    async with workstation().run_test(size=TALL) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "продлено на 15 дн., сначала обещано")
        assert "19.12.2026: Ждём экспертизу" in drawn(pilot)
        assert "уведомление" in drawn(pilot)


async def test_the_device_time_stands_beside_when_it_differs(workstation: Make, office: Office) -> None:
    from dataclasses import replace

    appeal = assigned()
    last = replace(appeal.timeline[-1], device_at=appeal.timeline[-1].at - timedelta(minutes=40))
    office.server_says(replace(appeal, timeline=(*appeal.timeline[:-1], last)))
    async with workstation().run_test(size=TALL) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "на устройстве: 19.11.2026")


async def test_a_role_without_the_need_sees_no_applicant(workstation: Make, office: Office) -> None:
    office.server_says(assigned(applicant=Applicant()))
    async with workstation().run_test(size=TALL) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "Кто отвечает")
        assert "Заявитель" not in drawn(pilot)


@pytest.mark.parametrize("size", [(80, 24), TALL])
async def test_hostile_text_is_only_text(workstation: Make, office: Office, size: tuple[int, int]) -> None:
    appeal = assigned(
        HOSTILE, essence=HOSTILE, applicant=Applicant(name=HOSTILE, phone=HOSTILE), tags=(HOSTILE,)
    )
    appeal = in_review(HOSTILE + " подробно о том, что сделано и когда именно", appeal)
    office.server_says(act(appeal, "note", OPERATOR, text=HOSTILE))
    async with workstation().run_test(size=size) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "скрытые символы: ")
        for _ in range(12):
            for literal in LITERAL if size == TALL else ():
                assert literal in drawn(pilot)
            assert_harmless(pilot)
            await pilot.press("pagedown")
        assert isinstance(pilot.app.screen, AppealScreen)


@pytest.mark.parametrize(("key", "russian"), [("c", "с"), ("r", "к"), ("u", "г")])
async def test_claims_gives_back_and_takes_back(
    workstation: Make, office: Office, key: str, russian: str
) -> None:
    appeal = act(assigned(), "claim", OPERATOR, at=NOW - timedelta(minutes=1)) if key == "r" else assigned()
    office.server_says(appeal)
    for pressed in (key, russian):
        async with workstation().run_test(size=(80, 24)) as pilot:
            pilot.app.open_appeal(KEY)
            await until_drawn(pilot, "INC-20261118-0777")
            if key == "u":
                await pilot.press("c")
                await until_drawn(pilot, "у вас, ещё")
                await pilot.press(pressed)
                await until_drawn(pilot, "никем не взято")
                assert office.desk().outbox() == []
                continue
            await pilot.press(pressed)
            words = "у вас, ещё" if key == "c" else "никем не взято"
            await until_drawn(pilot, words)
            entries = office.desk().outbox()
            assert [entry.type for entry in entries] == ["claim" if key == "c" else "release"]
            office.cache.writer.undo(entries[0].id)


async def test_a_note_is_written_and_shown_at_once(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    async with workstation().run_test(size=TALL) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "INC-20261118-0777")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        await pilot.press(*"Перезвонить", "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, AppealScreen))
        await until_drawn(pilot, "Перезвонить")
        assert "не отправлено" in drawn(pilot)


async def test_keys_lead_to_the_other_screens(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    kinds = {"t": FormScreen, "x": Picker, "f": ChecklistScreen, "e": AnswerScreen}
    async with workstation().run_test(size=(80, 24)) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "INC-20261118-0777")
        for key, kind in kinds.items():
            await pilot.press(key)
            await until(pilot, lambda kind=kind: isinstance(pilot.app.screen, kind))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, AppealScreen))


async def test_what_is_refused_anyway_is_refused_before_anything_is_typed(
    workstation: Make, office: Office
) -> None:
    office.server_says(assigned())
    async with workstation().run_test(size=(80, 24)) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "INC-20261118-0777")
        await pilot.press("a")
        await until(pilot, lambda: any("не позволяет" in told.message for told in pilot.app._notifications))
        assert isinstance(pilot.app.screen, AppealScreen)


async def test_a_note_that_was_left_goes_on(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    async with workstation().run_test(size=(80, 24)) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "INC-20261118-0777")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        await pilot.press(*"звонил", "escape")
        await until(pilot, lambda: pilot.app.desk.draft(KEY, "note") is not None)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        await until_drawn(pilot, "звонил")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(pilot.app.desk.outbox()))
        assert pilot.app.desk.outbox()[0].arguments["text"] == "звонил"
        await until(pilot, lambda: pilot.app.desk.draft(KEY, "note") is None)


async def test_a_note_is_kept_while_it_is_written_and_not_after_it_was_given(
    workstation: Make, office: Office
) -> None:
    office.server_says(assigned())
    async with workstation().run_test(size=(80, 24)) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "INC-20261118-0777")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        form = pilot.app.screen
        await pilot.press(*"звонил")
        await until(pilot, lambda: (pilot.app.desk.draft(KEY, "note") or assigned()).text == "звонил")
        assert pilot.app.screen is form
        await pilot.press(*" дважды", "ctrl+s")
        await until(pilot, lambda: bool(pilot.app.desk.outbox()))
        await until(pilot, lambda: pilot.app.desk.draft(KEY, "note") is None)
        await form.keep_typed()
        assert pilot.app.desk.draft(KEY, "note") is None


async def test_changes_of_others_arrive_and_the_place_stays(workstation: Make, office: Office) -> None:
    appeal = assigned("Первая строка\n" + "очень длинный текст\n" * 80)
    office.server_says(appeal)
    async with workstation().run_test(size=(80, 24)) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "Первая строка")
        await pilot.press("pagedown", "pagedown")
        await pilot.pause(0.4)
        columns = pilot.app.screen.query_one("#columns")
        before = columns.scroll_offset.y
        assert before > 0
        office.server_says(act(appeal, "start", OPERATOR))
        await until_drawn(pilot, "▸ в работе")
        assert columns.scroll_offset.y == before


async def test_steps_through_the_list_it_was_opened_from(workstation: Make, office: Office) -> None:
    desk = office.desk()
    window = desk.lists.open(parse_query("open", desk.lists.vocabulary))
    numbers = [row.row.number for row in (window.row(0), window.row(1)) if row is not None]
    async with workstation().run_test(size=(80, 24)) as pilot:
        pilot.app.open_appeal(numbers[0], window)
        await until_drawn(pilot, numbers[0])
        await pilot.press("j")
        await until_drawn(pilot, numbers[1])
        await pilot.press("л")
        await until_drawn(pilot, numbers[0])
        await pilot.press("k")
        await until(pilot, lambda: "первое обращение" in told(pilot))


async def test_copies_the_number_and_nothing_else(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    async with workstation().run_test(size=(80, 24)) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "INC-20261118-0777")
        await pilot.press("w")
        await until(pilot, lambda: pilot.app.clipboard == "INC-20261118-0777")


async def test_goes_from_part_to_part(workstation: Make, office: Office) -> None:
    office.server_says(with_fast_track(assigned("Строка письма.\n" * 60)))
    async with workstation().run_test(size=(80, 24)) as pilot:
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "Что написал заявитель")
        seen = []
        for _ in range(4):
            await pilot.press("s")
            await pilot.pause()
            seen.append(pilot.app.screen.query_one("#columns").scroll_offset.y)
        assert seen == sorted(seen)
        assert seen[-1] > seen[0]


async def test_an_appeal_that_left_the_cache_is_told(workstation: Make) -> None:
    async with workstation().run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        pilot.app.open_appeal("INC-20200101-0001")
        await until(pilot, lambda: "такого нет" in told(pilot))
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))


async def test_an_appeal_that_leaves_while_it_is_open_is_told(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    async with workstation().run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        pilot.app.open_appeal(KEY)
        await until_drawn(pilot, "Третий день")
        pilot.app.open_answer(KEY)
        await until(pilot, lambda: isinstance(pilot.app.screen, AnswerScreen))
        office.cache.writer.drop_scope([KEY])
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        assert told(pilot).count("такого нет") >= 1


async def test_a_notice_is_kept_while_it_is_written_and_goes_with_its_command(
    workstation: Make, office: Office
) -> None:
    office.server_says(assigned())
    async with workstation(SUPERVISOR).run_test(size=(80, 24)) as pilot:
        app = pilot.app
        app.start(give(app, "extend", [KEY]))
        await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.focused is not None)
        app.screen.query_one(TextArea).focus()
        await pilot.press(*"Ждём акт")
        await until(pilot, lambda: "Ждём акт" in begun(app.desk, Place(KEY, "extend")))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, FormScreen))
        app.start(give(app, "extend", [KEY]))
        await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.focused is not None)
        assert "Ждём акт" in app.screen.query_one(TextArea).text
        app.screen.query_one("#field-reason").focus()
        await pilot.press(*"экспертиза", "ctrl+s")
        await until(pilot, lambda: bool(app.desk.outbox()))
        assert "Ждём акт" in str(app.desk.outbox()[0].arguments["notice"])
        assert app.desk.draft(KEY, "extend") is None
        undone = app.desk.undo()
        assert [entry.type for entry in undone] == ["extend"]
        assert "Ждём акт" in begun(app.desk, Place(KEY, "extend"))
